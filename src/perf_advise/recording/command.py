"""What the user types today to run the program, as the arguments that run it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.source.text import read_source

_INTERPRETER = re.compile(r"(python|pypy)(\d+(\.\d+)?t?)?(\.exe)?$")
_NOTEBOOK_RUN = Path(__file__).with_name("notebook_run.py")
_TAKES_VALUE = frozenset("WXQ")
_DEAF = {"E": "ignores the environment", "I": "is isolated from the environment", "S": "skips site"}
_TOOL_ENVIRONMENTS = ("/pipx/", "/uv/tools/")


def resolve(command: Sequence[str], root: Path, python: Path | None = None) -> tuple[str, ...]:
    """The arguments to run: `app.py ...` and `-m pkg ...` get an interpreter, a notebook what runs it in its kernel.

    `python` is the interpreter that the user named, if any. Raises UserError for an empty command, a program
    that is not there, and an interpreter that is told to ignore its environment, which recording needs.
    """
    if not command:
        raise UserError("record: no command", "write it after --: perf-advise record -- python app.py")
    first = command[0]
    if first.endswith(".ipynb"):
        return _notebook(command, root, python)
    if first == "-m" or (first.endswith(".py") and not _is_executable(first)):
        if first != "-m" and not Path(first).is_file():
            raise UserError(f"{first}: no such file", "name the script as you run it")
        return (interpreter(root, python), *command)
    if shutil.which(first) is None:
        raise UserError(f"{first}: command not found", "write the command as you run it")
    if is_interpreter(first):
        _refuse_deaf(command)
    return tuple(command)


def _notebook(command: Sequence[str], root: Path, python: Path | None) -> tuple[str, ...]:
    """What runs a notebook in its kernel; the project's interpreter is the default one."""
    path = Path(command[0])
    if len(command) > 1:
        raise UserError(f"{path}: a notebook takes no arguments", f"leave out {command[1]}")
    read_source(path)
    missing = [name for name in ("nbclient", "nbformat", "ipykernel") if find_spec(name) is None]
    if missing:
        raise UserError(f"running a notebook takes {' and '.join(missing)}", "pip install 'perf-advise[notebook]'")
    kernel = interpreter(root, python)
    if kernel != sys.executable and not _has_kernel(kernel):
        if python is not None:
            raise UserError(f"{python} has no ipykernel, which runs notebooks", f"{python} -m pip install ipykernel")
        kernel = sys.executable
    return (sys.executable, "-I", str(_NOTEBOOK_RUN), str(path), *([kernel] if kernel != sys.executable else []))


def _has_kernel(executable: str) -> bool:
    try:
        return subprocess.run([executable, "-c", "import ipykernel"], capture_output=True).returncode == 0
    except OSError as error:
        raise UserError(f"{executable}: cannot be run ({error.strerror})", "name an interpreter") from None


def interpreter(root: Path, python: Path | None = None) -> str:
    """The Python that runs the project: named, activated, in the project's `.venv`, else the one that runs us."""
    if python is not None:
        return str(python)
    if os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX"):
        return _on_path() or sys.executable
    for folder in (".venv", "venv"):
        for name in ("bin/python", "Scripts/python.exe"):
            if (root / folder / name).exists():
                return str(root / folder / name)
    is_tool = any(mark in Path(sys.prefix).as_posix() + "/" for mark in _TOOL_ENVIRONMENTS)
    return (_on_path() if is_tool else None) or sys.executable


def is_interpreter(program: str) -> bool:
    """Whether the program is a Python interpreter, going by its name."""
    return _INTERPRETER.search(Path(program).name) is not None


def _on_path() -> str | None:
    return shutil.which("python") or shutil.which("python3")


def _is_executable(program: str) -> bool:
    return os.sep in program and os.access(program, os.X_OK)


def _refuse_deaf(command: Sequence[str]) -> None:
    for letter in _interpreter_flags(command[1:]):
        if letter in _DEAF:
            raise UserError(f"{command[0]} -{letter} {_DEAF[letter]}, which recording needs", f"leave out -{letter}")


def _interpreter_flags(arguments: Sequence[str]) -> Iterator[str]:
    """The single-letter flags of the interpreter itself, up to the script, `-m` or `-c`."""
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-") or argument in ("-", "--"):
            return
        if argument.startswith("--"):
            continue
        for position, letter in enumerate(argument[1:], start=1):
            yield letter
            if letter in "mc":
                return
            if letter in _TAKES_VALUE:
                if position == len(argument) - 1:
                    next(rest, None)
                break
