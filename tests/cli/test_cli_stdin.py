"""Standard input in place of a file: `perf-advise - --stdin-filename x.py`, as ruff has it."""

import io
import sys
from pathlib import Path

import pytest

from perf_advise.gate import main

OLD = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""
EDITED = "# a line that is not saved yet\n" + OLD
PROFILE = """{"version": 1, "command": "python main.py", "profiler": "cprofile", "python": "3.11.7", "packages": {},
"seconds": 12.0, "functions": [{"path": "hot.py", "qualname": "common", "line": 1, "own": 0.9, "cumulative": 0.9,
"calls": 100, "native": 0.0, "waiting": 0.0, "hash": "", "lines": {}, "callers": {}, "types": {}}]}"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "hot.py").write_text(OLD)
    (tmp_path / ".perf-advise").mkdir()
    (tmp_path / ".perf-advise" / "profile.json").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Piped:
    """Standard input as a pipe of bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def perf_advise(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], text: str | bytes, *arguments: str
) -> tuple[int, bytes, bytes]:
    data = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr(sys, "stdin", Piped(data))
    code = main(["-", *arguments])
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    return code, out, err


def test_findings_are_of_the_text_that_is_piped(project: Path, monkeypatch, capfdbinary) -> None:
    code, out, err = perf_advise(monkeypatch, capfdbinary, EDITED, "--stdin-filename", "hot.py")
    assert code == 1 and b"hot.py:5:12" in out and not err
    assert b"if x in ys:" in out


def test_fix_writes_the_fixed_text_to_stdout_and_nothing_to_disk(project: Path, monkeypatch, capfdbinary) -> None:
    data = EDITED.replace("\n", "\r\n").encode()
    code, out, err = perf_advise(monkeypatch, capfdbinary, data, "--stdin-filename", "hot.py", "--fix")
    assert code == 0 and b"fixed PA501" in err
    assert out.startswith(b"# a line that is not saved yet\r\n") and b"x in ys:\r\n" not in out
    assert out.count(b"\n") == out.count(b"\r\n")
    assert (project / "hot.py").read_text() == OLD and not (project / ".perf-advise" / "undo").exists()


def test_fix_without_a_finding_gives_the_text_back(project: Path, monkeypatch, capfdbinary) -> None:
    code, out, _ = perf_advise(monkeypatch, capfdbinary, b"\xef\xbb\xbfx = 1\r", "--stdin-filename", "hot.py", "--fix")
    assert (code, out) == (0, b"\xef\xbb\xbfx = 1\r")


def test_diff_goes_to_stdout(project: Path, monkeypatch, capfdbinary) -> None:
    code, out, _ = perf_advise(monkeypatch, capfdbinary, EDITED, "--stdin-filename", "hot.py", "--diff")
    assert code == 1 and out.startswith(b"--- hot.py") and b"\n-        if x in ys:" in out


def test_a_new_file_has_nothing_in_the_profile(project: Path, monkeypatch, capfdbinary) -> None:
    code, _out, err = perf_advise(monkeypatch, capfdbinary, EDITED, "--stdin-filename", "new.py")
    assert code == 0 and b"new.py: no such file" in err


def test_without_a_name_only_without_a_profile(project: Path, monkeypatch, capfdbinary) -> None:
    code, out, err = perf_advise(monkeypatch, capfdbinary, EDITED)
    assert code == 2 and not out and err.count(b"\n") == 1 and b"--stdin-filename" in err
    code, out, _ = perf_advise(monkeypatch, capfdbinary, EDITED, "--no-profile")
    assert code == 1 and b"PA501" in out


def test_a_syntax_error_is_one_line(project: Path, monkeypatch, capfdbinary) -> None:
    code, out, err = perf_advise(monkeypatch, capfdbinary, "def f(:\n", "--stdin-filename", "hot.py", "--fix")
    assert code == 2 and not out and err.count(b"\n") == 1 and b"hot.py" in err
