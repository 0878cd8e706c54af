"""Which packages the user's program has: a fix that needs another one is not applied, and says what to install."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

from perf_advise.model.finding import Finding
from perf_advise.source.dependencies import Declaration, declaration

_KNOWN = ("numpy", "numba", "pandas", "scipy", "dask", "distributed", "mpi4py", "aiohttp", "httpx")
_LASTS = 60
"""Seconds for which an answer counts."""
_ASK = "import importlib.util as u, json, sys; print(json.dumps([n for n in sys.argv[1:] if u.find_spec(n)]))"


class Environment:
    """The environment of the user's program: `packages` of the recorded run, else what its interpreter finds."""

    def __init__(self, root: Path, python: Path | None, packages: Mapping[str, str]) -> None:
        self.python = python or _project_python(root)
        self._recorded = frozenset(packages)
        self._root = root

    def has(self, package: str) -> bool:
        """Whether the program can import the package."""
        return package in self._recorded or package in self._found

    @cached_property
    def declaration(self) -> Declaration | None:
        """Where the project declares what it needs, if it does."""
        return declaration(self._root)

    @cached_property
    def _found(self) -> frozenset[str]:
        if self._recorded and self.python == Path(sys.executable):
            return frozenset()  # the run said what is there, and this interpreter need not be the program's
        return _importable(self.python, int(time.monotonic() // _LASTS))


@lru_cache(maxsize=8)
def _importable(python: Path, period: int) -> frozenset[str]:
    """What an interpreter finds; a server asks again in each `period`."""
    try:
        done = subprocess.run([str(python), "-c", _ASK, *_KNOWN], capture_output=True, timeout=20, check=True)
        return frozenset(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return frozenset()


def lacking(finding: Finding, environment: Environment) -> tuple[str, ...]:
    """The packages that the fix needs and the program does not have."""
    return tuple(p for p in finding.fix.packages if not environment.has(p)) if finding.fix else ()


def with_notes(findings: Iterable[Finding], environment: Environment) -> list[Finding]:
    """The findings, those that need a package which is not there, or not declared, with a note that says what to do."""
    return [_noted(finding, lacking(finding, environment), environment.declaration) for finding in findings]


def _noted(finding: Finding, missing: tuple[str, ...], declared: Declaration | None) -> Finding:
    packages = finding.fix.packages if finding.fix else ()
    lines = ", ".join(f'"{name}"' for name in (declared.lacks(packages) if declared else missing))
    if not lines and not missing:
        return finding
    where = f"the dependencies in {declared.path.name}" if declared else "your dependencies"
    names = " ".join(missing)
    first = f"needs {names}: pip install {names}" if missing else ""
    note = ", and ".join(part for part in (first, f"add {lines} to {where}" if lines else "") if part)
    return replace(finding, note=f"{finding.note}; {note}" if finding.note else note, missing=missing)


def _project_python(root: Path) -> Path:
    """The project's own virtual environment, the active one, or the interpreter that runs this."""
    active = os.environ.get("VIRTUAL_ENV")
    for folder in (root / ".venv", root / "venv", *([Path(active)] if active else [])):
        for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if python.is_file():
                return python
    return Path(sys.executable)
