"""A fix that imports a package says which line declares it; `--interactive` offers to write it, and undo takes it back."""

import io
import sys
from pathlib import Path

import pytest

from perf_advise.engine.environment import Environment
from perf_advise.gate import main

CODE = """def digits(limit: int) -> int:
    total = 0
    for n in range(limit):
        while n > 0:
            total += n % 10
            n //= 10
    return total
"""
PROJECT = '[project]\nname = "app"\ndependencies = ["rich"]\n'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "app.py").write_text(CODE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Environment, "has", lambda self, package: True)
    return tmp_path


@pytest.mark.parametrize(("answers", "declared"), [("y\ny\n", True), ("y\nn\n", False), ("n\n", False)])
def test_the_line_is_offered_once_a_fix_is_taken(
    project: Path, answers: str, declared: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    main(["app.py", "--no-profile", "--select", "PA201", "--interactive"])
    out = capsys.readouterr().out
    assert ("@njit" in (project / "app.py").read_text()) == (answers[0] == "y")
    assert ('add "numba" to the dependencies in pyproject.toml? ' in out) == (answers[0] == "y")
    assert ('dependencies = ["rich", "numba"]' in (project / "pyproject.toml").read_text()) == declared
    if answers[0] == "y":
        assert main(["undo"]) == 0
        assert (project / "pyproject.toml").read_text() == PROJECT
        assert (project / "app.py").read_text() == CODE


def test_the_line_is_named_beside_the_fix(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["app.py", "--no-profile", "--select", "PA201"])
    assert 'add "numba" to the dependencies in pyproject.toml' in " ".join(capsys.readouterr().out.split())
    (project / "pyproject.toml").write_text(PROJECT.replace('"rich"', '"numba>=0.60"'), "utf-8")
    main(["app.py", "--no-profile", "--select", "PA201"])
    assert "to the dependencies" not in capsys.readouterr().out
