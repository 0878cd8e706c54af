"""A profile of coroutines that wait says so, for their functions are never hot in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from perf_advise.hotspots.event_loop import waiting_unseen
from perf_advise.profiles.loading import load

WAITS = """
import asyncio


async def f():
    for _ in range(5):
        await asyncio.sleep(0.05)


asyncio.run(f())
"""
WORKS = WAITS.replace("await asyncio.sleep(0.05)", "sum(range(1_000_000))")
WITHOUT = "import time\n\ntime.sleep(0.1)\n"


@pytest.mark.parametrize(("program", "said"), [(WAITS, True), (WORKS, False), (WITHOUT, False)])
def test_the_waiting_of_the_event_loop_is_said(tmp_path: Path, program: str, said: bool) -> None:
    (tmp_path / "app.py").write_text(program)
    file = tmp_path / "app.prof"
    # Importing asyncio costs more than the program.
    run = "import asyncio, cProfile, runpy; cProfile.run('runpy.run_path(\"app.py\")', 'app.prof')"
    subprocess.run([sys.executable, "-c", run], cwd=tmp_path, check=True)
    profile = load([file]).time
    assert profile is not None
    assert bool(waiting_unseen(profile)) is said
