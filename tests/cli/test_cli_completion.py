"""What the shell offers at Tab, asked as bash asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ex", ["explain"]),
        ("explain PA501", ["PA501"]),
        ("explain list-memb", ["list-membership-in-loop"]),
        ("ratchet --base", ["--base", "--base-profile"]),
        ("check --output-fo", ["--output-format"]),
        ("check --output-format gi", ["github", "gitlab"]),
        ("hotspots --sort c", ["cumulative", "calls"]),
        ("hotspots --cal", ["--callers", "--callees"]),
    ],
)
def test_completion(tmp_path: Path, words: str, offered: list[str]) -> None:
    asked = {
        "_PERF_ADVISE_COMPLETE": "complete_bash",
        "COMP_WORDS": f"perf-advise {words}",
        "COMP_CWORD": str(words.count(" ") + 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "perf_advise"],
        cwd=tmp_path, env=os.environ | asked, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == offered
    assert done.stderr == ""
