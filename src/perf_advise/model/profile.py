"""What one or more runs of a profiler measured, whatever the tool."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from perf_advise.model.pytypes import PyType


class Unit(enum.Enum):
    """What a weight counts; only SECONDS and SAMPLES (and PERCENT) pass for time."""

    SECONDS = "seconds"
    SAMPLES = "samples"
    PERCENT = "percent"
    BYTES = "bytes"
    EXECUTIONS = "executions"

    @property
    def is_time(self) -> bool:
        """Whether shares of this unit are shares of time."""
        return self in (Unit.SECONDS, Unit.SAMPLES, Unit.PERCENT)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a profile calls a function: the path as it wrote it, the name (bare or qualified), a line.

    `path` is "" or "~" for code without a file (builtins). `name` is "" when the tool knows lines only
    (tracemalloc, trace), and `<module>` for top-level code. `line` is the first line of the function,
    decorators included, or None when the tool knows only lines that ran.
    """

    path: str
    name: str
    line: int | None = None

    @property
    def is_native(self) -> bool:
        """Whether this is C code, without a Python file of its own."""
        return self.path in ("", "~") or (self.path.startswith("<") and "built-in" in self.path)


@dataclass(frozen=True, slots=True)
class FunctionCost:
    """The cost of one frame: own and cumulative weight in the profile's unit, calls if the tool counts them.

    `lines` maps a line number of the file to the own weight spent there (may be empty);
    `cpu` is the part of `own` that was CPU time, where wall and CPU are kept apart.
    `native` is the part of `own` spent in C code called directly (already included in `own`).
    """

    frame: Frame
    own: float
    cumulative: float
    calls: int | None = None
    lines: Mapping[int, float] = field(default_factory=dict)
    cpu: float | None = None
    native: float = 0.0


@dataclass(frozen=True, slots=True)
class CallEdge:
    """Weight that flowed from caller to callee: cumulative time of the callee when called from there.

    `own` is the callee's own part of it, where the tool tells (pstats does): what a C function spent itself,
    without the Python code that it called back.
    """

    caller: Frame
    callee: Frame
    cumulative: float
    calls: int | None = None
    own: float | None = None


@dataclass(frozen=True, slots=True)
class SeenTypes:
    """The types of a function's names (parameters, locals, `self.x`) that a recording saw; never values."""

    path: str
    qualname: str
    names: Mapping[str, PyType]


@dataclass(frozen=True, slots=True)
class Profile:
    """One measured run, or several merged.

    `total` is the whole weight in `unit`: what shares are relative to. `seconds` is the wall time of the run
    if known. `clock` tells whether time is wall or CPU. `warnings` are one-liners for the user (a corrupt
    measurement that is known, what had to be left out). `sources` embeds text per path where the tool did.
    `threads` has the weight of each thread or process, by the tool's label, where the tool keeps them apart.
    """

    tool: str
    unit: Unit
    total: float
    functions: tuple[FunctionCost, ...]
    edges: tuple[CallEdge, ...] = ()
    seconds: float | None = None
    clock: Literal["wall", "cpu", ""] = ""
    command: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    types: tuple[SeenTypes, ...] = ()
    hashes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    threads: Mapping[str, float] = field(default_factory=dict)
