"""What users type is what runs; only scripts and modules get an interpreter."""

import os
import sys
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.recording.command import interpreter, is_interpreter, resolve

PYTHON = Path("/some/python")


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "app.py").write_text("")


@pytest.mark.parametrize("command", [("app.py", "--n", "3"), ("-m", "pkg", "-x")])
def test_scripts_and_modules_get_an_interpreter(tmp_path, command) -> None:
    assert resolve(command, tmp_path, PYTHON) == (str(PYTHON), *command)


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "app.py", "-E"),
        (sys.executable, "-X", "Import", "-W", "error::Exception", "-c", "-I"),
        (sys.executable, "-Xdev", "-m", "mod", "-S"),
        (sys.executable, "-", "-E"),
        ("sh", "-e", "run.sh"),
    ],
)
def test_all_else_stays_as_typed(tmp_path, command) -> None:
    assert resolve(command, tmp_path) == command


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ((), "no command"),
        (("gone.py",), "gone.py: no such file"),
        (("no-such-command-anywhere",), "command not found"),
        ((sys.executable, "-I", "app.py"), "-I is isolated"),
        ((sys.executable, "-uE", "app.py"), "-E ignores"),
        ((sys.executable, "-S", "-m", "mod"), "-S skips site"),
    ],
)
def test_what_cannot_be_recorded_is_said(tmp_path, command, what) -> None:
    with pytest.raises(UserError, match=what):
        resolve(command, tmp_path)


def test_an_executable_script_runs_itself(tmp_path) -> None:
    (tmp_path / "app.py").chmod(0o755)
    assert resolve(("./app.py", "1"), tmp_path) == ("./app.py", "1")
    assert resolve(("app.py", "1"), tmp_path, PYTHON) == (str(PYTHON), "app.py", "1")


def test_the_interpreter_is_the_named_the_active_the_project_s_or_ours(tmp_path, monkeypatch) -> None:
    assert interpreter(tmp_path) == sys.executable
    own = tmp_path / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert interpreter(tmp_path) == str(own)
    active = tmp_path / "active"
    active.mkdir()
    (active / "python").write_text("#!/bin/sh\n")
    (active / "python").chmod(0o755)
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    monkeypatch.setenv("PATH", str(active), prepend=os.pathsep)
    assert interpreter(tmp_path) == str(active / "python")
    assert interpreter(tmp_path, PYTHON) == str(PYTHON)


@pytest.mark.parametrize("name", ["python", "/x/python3", "python3.12", "pypy3", "python3.13t", "python.exe"])
def test_interpreters_by_name(name) -> None:
    assert is_interpreter(name)
    assert not is_interpreter(name + "-config")
