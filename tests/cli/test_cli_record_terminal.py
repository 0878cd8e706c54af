"""What `record` shows on a terminal and in a pipe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

APP = """\
import sys, time


def work(n):
    t = 0
    for i in range(n):
        t += i % 7
    return t


end = time.perf_counter() + 2.5
while time.perf_counter() < end:
    work(50_000)
print("done")
sys.exit(3)
"""
COMMAND = [sys.executable, "-m", "perf_advise", "record"]
PROGRAM = ["--", sys.executable, "app.py"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def on_terminal(command: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """The exit code and everything written, with all three streams a terminal of 60 columns and 20 rows."""
    pty = pytest.importorskip("pty")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (20, 60))
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **variables},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return process.wait(), b"".join(parts).decode()


def test_a_terminal_shows_progress_at_its_bottom_and_is_whole_again_at_the_end(project: Path) -> None:
    code, written = on_terminal([*COMMAND, *PROGRAM], project)
    assert code == 3
    shown = re.findall(r"\x1b\[20;1H\x1b\[2K([^\x1b]*)\x1b8", written)
    assert any(re.fullmatch(r"recording \d s, [\d,]+ samples, hottest: work \(app.py\) \d+ %", line) for line in shown)
    assert shown[-1] == ""
    assert written.rindex("\x1b[r") > written.rindex("recording ")
    after = written[written.rindex("\x1b8") :]
    assert re.search(r"\d+ samples", after) and "work" in after
    assert re.search(r"recorded \d.\d s", after)


@pytest.mark.parametrize(("options", "variables"), [(["-q"], {}), ([], {"TERM": "dumb"})])
def test_no_line_for_who_wants_none_or_cannot_show_it(
    project: Path, options: list[str], variables: dict[str, str]
) -> None:
    code, written = on_terminal([*COMMAND, *options, *PROGRAM], project, **variables)
    assert code == 3
    assert "recording" not in written and "\x1b[2K" not in written
    assert ("recorded" in written) == (not options)


def test_a_pipe_has_no_progress_and_standard_output_is_the_program_s(project: Path) -> None:
    done = subprocess.run([*COMMAND, *PROGRAM], cwd=project, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert "\x1b" not in done.stderr and "recording" not in done.stderr
    assert re.search(r"^ *\d+ % +\d+ %  work  app.py:4( .*)?$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pid", "1", "x"], "record --pid runs nothing; leave out the command"),
        (["--forget", "x"], "record --forget runs nothing; leave out the command"),
        (["--duration", "3", "x"], "record --duration goes with --pid"),
    ],
)
def test_options_that_do_not_go_together(project: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], cwd=project, capture_output=True, text=True)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr
