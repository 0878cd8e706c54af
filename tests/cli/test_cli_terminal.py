"""What a real terminal gets: width, colour, links, a bar while work is long; and what it does not where that is asked."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

import pytest

from perf_advise.cli import progress
from perf_advise.cli.progress import Bar

CODE = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""
PROFILE = """{"version": 1, "command": "python main.py", "profiler": "sampler", "python": "3.11.7", "packages": {},
"seconds": 12.0, "functions": [{"path": "hot.py", "qualname": "common", "line": 1, "own": 0.9, "cumulative": 0.9,
"calls": 100, "lines": {"2": 0.2, "3": 0.7}}]}"""
LINK = "\x1b]8;"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "hot.py").write_text(CODE)
    (tmp_path / ".perf-advise").mkdir()
    (tmp_path / ".perf-advise" / "profile.json").write_text(PROFILE)
    return tmp_path


def on_a_terminal(project: Path, columns: int, *arguments: str, **environment: str) -> str:
    """All that a terminal of this width gets from `perf-advise`."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(project)
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.execve(sys.executable, [sys.executable, "-m", "perf_advise", *arguments], kept | environment)
    shown = b""
    while chunk := _read(terminal):
        shown += chunk
    os.waitpid(child, 0)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def plain(shown: str) -> list[str]:
    return re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[\d;]*m", "", shown).splitlines()


def test_narrow_is_unified_and_wide_side_by_side(project: Path) -> None:
    narrow = on_a_terminal(project, 60, ".", TERM="xterm-kitty")
    assert max(map(len, plain(narrow))) <= 60
    assert any(re.match(r"\s+\+ +if x in", line) for line in plain(narrow))
    wide = plain(on_a_terminal(project, 160, ".", TERM="xterm-kitty"))
    assert any(re.match(r"\s+- +if x in ys: +\| \+ +if x in", line) for line in wide)
    assert LINK in narrow and f"{(project / 'hot.py').as_uri()}#4" in narrow


@pytest.mark.parametrize("asked", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_without_colour(project: Path, asked: dict[str, str]) -> None:
    arguments = ["."] if asked else [".", "--no-color"]
    assert "\x1b" not in on_a_terminal(project, 80, *arguments, **{"TERM": "xterm-kitty"} | asked)


def test_a_terminal_that_shows_no_links_gets_none(project: Path) -> None:
    shown = on_a_terminal(project, 80, ".", TERM="xterm-256color")
    assert "\x1b[" in shown and LINK not in shown


def test_quiet_and_verbose(project: Path) -> None:
    usual, quiet, verbose = (
        len(plain(on_a_terminal(project, 80, ".", *more, TERM="xterm"))) for more in ((), ("-q",), ("-v",))
    )
    assert quiet < usual < verbose


class Terminal:
    """Standard error as a terminal that keeps what it gets."""

    encoding = "utf-8"

    def __init__(self, is_terminal: bool = True) -> None:
        self.shown = ""
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        self.shown += text
        return len(text)

    def flush(self) -> None:
        pass


def look(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Bar(quiet) as bar:
        for done in range(4):
            bar(done, 3)
    return terminal.shown


def test_long_work_shows_a_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    assert "looking at hot functions" in look(Terminal(), monkeypatch)


def test_short_work_quiet_work_and_pipes_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(Terminal(), monkeypatch) == ""
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    assert look(Terminal(), monkeypatch, quiet=True) == look(Terminal(is_terminal=False), monkeypatch) == ""
