"""`record --calls` keeps real calls in the one run; `prove` then runs nothing again; `--forget` removes them."""

import sys
from pathlib import Path

import pytest

from perf_advise.gate import main

PROGRAM = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found


if __name__ == "__main__":
    open("runs.txt", "a").write("x")
    print(sum(common(list(range(n, n + 400)), list(range(400))) for n in range(40)))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "app.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "keys"))
    return tmp_path


def test_calls_are_kept_used_and_forgotten(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    record = ["record", "--profiler", "cprofile"]
    assert main([*record, "--", sys.executable, "app.py"]) == 0
    assert not (project / ".perf-advise" / "calls").exists()
    assert main([*record, "--calls", "--", sys.executable, "app.py"]) == 0
    assert "calls of 1 hot function" in capfd.readouterr().err
    assert main(["prove", "--select", "PA501"]) == 0
    out, err = capfd.readouterr()
    assert "same on" in out and "`record --calls` kept" in err
    assert (project / "runs.txt").read_text() == "xx"
    assert main(["record", "--forget"]) == 0
    assert "MB of kept calls" in capfd.readouterr().err and not (project / ".perf-advise" / "calls").exists()
    assert main(["record", "--forget"]) == 0 and "no kept calls" in capfd.readouterr().err


def test_calls_of_a_text_that_was_edited_are_not_used(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for flags in ([], ["--calls"]):
        assert main(["record", "--profiler", "cprofile", *flags, "--", sys.executable, "app.py"]) == 0
    (project / "app.py").write_text(PROGRAM.replace("found = 0", "found = int()"))
    assert main(["prove", "--select", "PA501"]) == 0
    assert "again, to keep calls" in capfd.readouterr().err
    assert (project / "runs.txt").read_text() == "xxx"


def test_which_are_hot_has_to_be_known(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--calls", "--", sys.executable, "app.py"]) == 2
    assert "record once without --calls" in capfd.readouterr().err and not (project / "runs.txt").exists()


def test_forget_runs_nothing(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--forget", "--", sys.executable, "app.py"]) == 2
    assert "runs nothing" in capfd.readouterr().err and not (project / "runs.txt").exists()
