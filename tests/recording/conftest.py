"""What these tests share: running a program plain and recorded, and what its processes left."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from perf_advise.model.profile import FunctionCost, Profile
from perf_advise.recording.launch import environment
from perf_advise.recording.measured import Measured, read_measured


@dataclass
class Run:
    """A recorded run: how it ended, what it said, what was measured."""

    code: int
    out: str
    err: str
    measured: Measured
    scratch: Path

    @property
    def profile(self) -> Profile:
        assert self.measured.profile is not None, self.err
        return self.measured.profile

    def cost(self, name: str) -> FunctionCost:
        (found,) = [c for c in self.profile.functions if c.frame.name == name]
        return found

    def share(self, name: str, *among: str) -> float:
        """Own weight of a function relative to that of these functions together, or of everything."""
        total = sum(self.cost(n).own for n in among) if among else self.profile.total
        return self.cost(name).own / total


class Programs:
    """A folder with programs to run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(self, *command: str, agent: str = "ticking", **options: object) -> "subprocess.Popen[str]":
        """Start a command with an agent, in the environment that `launch` makes."""
        told = {"AGENTS": agent, "SCRATCH": str(self.scratch), "ROOT": str(self.folder)}
        options.setdefault("env", environment(told))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            command, cwd=self.folder, text=True, **pipes, **options
        )

    @property
    def scratch(self) -> Path:
        scratch = self.folder.parent / "scratch"
        scratch.mkdir(exist_ok=True)
        return scratch

    def result(self, process: "subprocess.Popen[str]", text: str = "") -> Run:
        out, err = process.communicate(text, timeout=200)
        return Run(process.returncode, out, err, read_measured(self.scratch, "test"), self.scratch)

    def record(self, *command: str, text: str = "", agent: str = "ticking", **options: object) -> Run:
        return self.result(self.start(*command, agent=agent, **options), text)

    def plain(self, *command: str, text: str = "", **options: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, cwd=self.folder, text=True, input=text, capture_output=True, timeout=200, **options
        )


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    folder = tmp_path / "project"
    folder.mkdir()
    return Programs(folder)


@pytest.fixture
def python() -> str:
    return sys.executable


@pytest.fixture
def recorded(programs: Programs, python: str) -> Callable[..., Run]:
    """Writes a program, records a run of it."""

    def run(text: str, *arguments: str, **options: object) -> Run:
        programs.write("app.py", text)
        return programs.record(python, "app.py", *arguments, **options)  # type: ignore[arg-type]

    return run
