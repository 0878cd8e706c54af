"""A function that costs enough to look at."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perf_advise.model.profile import Frame, Unit
from perf_advise.model.pytypes import PyType

MODULE = "<module>"


class Hotness(enum.Enum):
    """Which cost makes a rule look at a function."""

    OWN = "own"
    CUMULATIVE = "cumulative"
    ALLOCATION = "allocation"


_PER_COUNT = 2.2e-7
"""Seconds that cProfile takes for a call of a C function; a Python function is counted for its caller and for itself
(measured as CPU time: 0.2 to 0.3 us, and 0.3 to 0.5 us)."""
_LEAST_BARE = 0.2


@dataclass(frozen=True, slots=True)
class HotFunction:
    """A function, or the top-level code of a module or notebook (`<module>`), with its shares of the profile.

    `line` is the line of `def` (1 for a module), `first_line` that of the first decorator, `end_line` the last.
    Shares lie in [0, 1]; seconds are None where the profile has none (samples without a rate, no profile).
    `lines` are shares of the whole by line number of the file as it is now; empty where the profile has none.
    `callees` are shares by qualified name of what this function called (inclusive). `stale` says that the text
    changed since the profile was made. `frames` are what the profile calls it, its comprehensions included.
    `counted` is how often a profiler that counts calls was called for it, `slowed` by what factor the profiler made
    bytecode slower.
    """

    path: Path
    qualname: str
    line: int
    first_line: int
    end_line: int
    own: float
    cumulative: float
    seconds: float | None = None
    cumulative_seconds: float | None = None
    calls: int | None = None
    lines: Mapping[int, float] = field(default_factory=dict)
    callers: Mapping[str, float] = field(default_factory=dict)
    callees: Mapping[str, float] = field(default_factory=dict)
    native: float = 0.0
    waiting: float = 0.0
    unit: Unit = Unit.SECONDS
    types: Mapping[str, PyType] = field(default_factory=dict)
    stale: bool = False
    frames: tuple[Frame, ...] = ()
    counted: int = 0
    slowed: float = 1.0

    @property
    def bare_seconds(self) -> float | None:
        """Seconds without the profiler: C code takes as long with it, bytecode and calls do not."""
        if self.seconds is None:
            return None
        compiled = min(self.native / self.own, 1.0) if self.own else 0.0
        bytecode = self.seconds * (1.0 - compiled)
        added = bytecode * (1.0 - 1.0 / self.slowed) + self.counted * _PER_COUNT
        return max(self.seconds - added, self.seconds * _LEAST_BARE)

    @property
    def is_module(self) -> bool:
        """Whether this is top-level code."""
        return self.qualname == MODULE
