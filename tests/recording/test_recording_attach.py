"""A process that runs already is left to py-spy: a stand-in here, which writes what py-spy writes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.recording.attach import attach

APP = """\
def main():
    total = 0
    while True:
        total += 1


main()
"""
PYSPY = """\
#!{python}
import sys, time, signal
signal.signal(signal.SIGINT, lambda *a: None)
pid = sys.argv[sys.argv.index("--pid") + 1]
if pid == "999999":
    sys.exit("[INFO] hello\\nError: no such process\\n  stack backtrace")
if pid == "1":
    sys.exit("Error: Permission denied (os error 13)")
open("ready", "w").close()
time.sleep(0.2)
if "60" in sys.argv:
    signal.pause()
out = open(sys.argv[sys.argv.index("--output") + 1], "w")
out.write("<module> ({root}/app.py:7);main ({root}/app.py:4) 300\\n")
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text(APP)
    program = tmp_path / "bin/py-spy"
    program.parent.mkdir()
    program.write_text(PYSPY.format(python=sys.executable, root=root))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.chdir(root)
    return root


def test_its_profile_is_kept_like_any_other(root: Path) -> None:
    told: list[float] = []
    result = attach(os.getpid(), 2, root, while_running=told.append)
    assert {c.frame.name: c.own / result.profile.total for c in result.profile.functions} == {"main": 1, "<module>": 0}
    assert (result.measured.samples, result.exit_code, result.warnings) == (300, 0, ())
    data = json.loads((root / ".perf-advise/profile.json").read_text())
    assert data["seconds"] == 1.5  # of work: what waits is not counted
    assert Path(sys.executable).name in data["command"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_ctrl_c_ends_it_with_what_there_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To this process and, as a terminal would, to py-spy."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*args: object, **options: object) -> object:
        started.append(real(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)

    def stop() -> None:
        while not (root / "ready").exists():
            time.sleep(0.02)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)
        started[-1].send_signal(signal.SIGINT)

    thread = threading.Thread(target=stop)
    thread.start()
    result = attach(os.getpid(), 60, root)
    thread.join()
    assert result.measured.samples == 300
    assert result.seconds < 60


@pytest.mark.parametrize(
    ("pid", "said"), [(999999, r"\(no such process\); check the number"), (1, r"Permission denied.*sudo")]
)
def test_what_py_spy_refuses_is_one_line(root: Path, pid: int, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        attach(pid, 1, root)
    assert "\n" not in str(raised.value)


def test_without_py_spy_one_line_says_what_to_install(root, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UserError, match="pip install py-spy"):
        attach(1, 1, root)


PYTHON = """\
#!{python}
import sys
if sys.argv[1] == "-c":
    sys.exit({code})
out = open(sys.argv[sys.argv.index("--output") + 1], "w")
out.write("tid:1;{root}/app.py:<module>:7;{root}/app.py:main:4 300\\n")
"""


@pytest.mark.parametrize(("code", "samples_of"), [(0, "profiling.sampling"), (1, "py-spy")])
def test_an_interpreter_with_a_sampler_of_its_own_is_left_to_that(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: int, samples_of: str
) -> None:
    program = root / "python3.15"
    program.write_text(PYTHON.format(python=sys.executable, root=root, code=code))
    program.chmod(0o755)
    monkeypatch.setattr(Path, "readlink", lambda path: program)
    result = attach(os.getpid(), 2, root)
    assert result.profile.tool == samples_of
    assert {c.frame.name: c.own / result.profile.total for c in result.profile.functions} == {"main": 1, "<module>": 0}
