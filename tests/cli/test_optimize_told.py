"""What `optimize` and `undo` say: the summary with its diff, a bar on a terminal, lines elsewhere."""

import os
import pty
import subprocess
import sys
import textwrap

import pytest

SLOW = textwrap.dedent("""
    def unique(xs):
        out = []
        for x in xs:
            if x not in out:
                out.append(x)
        return out


    def main():
        print(len(unique([i * 7919 % 4001 for i in range(6000)])))


    main()
""")


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(SLOW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def perf_advise(*arguments, **more):
    command = [sys.executable, "-m", "perf_advise", *arguments]
    return subprocess.run(command, text=True, capture_output=True, **more)


def test_the_summary_says_seconds_what_each_fix_gave_and_shows_the_diff(project):
    done = perf_advise("optimize", "--select", "PA550", "--", sys.executable, "app.py")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert " -> " in lines[0] and lines[0].endswith("x faster, same output")
    assert "PA550" in lines[1] and "saves " in lines[1] and lines[1].endswith("x on its calls")
    assert "--- app.py" in lines and any(line.startswith("+    out_set") for line in lines)
    assert "round 1: recording" in done.stderr and "\x1b" not in done.stderr, "lines where there is no terminal"
    (project / "app.py").write_text(SLOW)
    (project / ".perf-advise" / "profile.json").write_text("{}")
    again = perf_advise("undo")
    assert again.stdout == "nothing to restore: the files are as they were before\n" and again.returncode == 0


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(project):
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "perf_advise", "optimize", "--select", "PA101", "--", sys.executable, "app.py"]
    child = subprocess.Popen(
        command, stdin=slave, stdout=subprocess.DEVNULL, stderr=slave, env=os.environ | {"TERM": "xterm"}
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    assert child.wait() == 0
    assert b"running the command as it is" in shown and b"round 1: recording" in shown
    assert shown.rstrip().endswith(b"\x1b[2K"), "the line of the bar is erased"


SUMS = textwrap.dedent("""
    import numpy as np


    def total(a, b):
        out = 0.0
        for i in range(len(a)):
            out += a[i] * b[i]
        return out


    def main():
        a = np.random.default_rng(3).random(200_000)
        for _ in range(3):
            print(format(total(a, a[::-1].copy()), "FORMAT"))


    main()
""")


@pytest.mark.parametrize(("shown", "stays"), [(".3f", True), (".17g", False)])
def test_what_rounds_is_tried_last_and_stays_if_the_output_does(project, shown, stays):
    before = SUMS.replace("FORMAT", shown)
    (project / "app.py").write_text(before)
    done = perf_advise("optimize", "--select", "PA1", "--", sys.executable, "app.py")
    assert done.returncode == 0, done.stderr
    assert "trying what holds up to rounding" in done.stderr
    assert ((project / "app.py").read_text() != before) is stays, done.stdout
    assert ("same up to" in done.stdout) is stays
    assert ("what rounds changes the output" in done.stdout) is not stays
    assert (project / ".perf-advise" / "undo" / "journal.json").exists() is stays
