"""The old and the new function side by side in one process: one function object, two code objects.

Exchanging `__code__` keeps everything else as it is: class identity, decorators, closures, references from other
modules, recursion through a decorated name.
"""

from __future__ import annotations

import ast
import time
from types import CodeType
from typing import Any

from .cases import Case
from .guard import Guard, Refused
from .loading import CannotLoad, Loaded, code_at, error_line
from .outcomes import Outcome
from .running import Runner
from .timing import Stopwatch

RAW = "raw:"
TARGET = "target"


class CannotSwap(Exception):
    """Old and new code cannot share a function object: two processes are needed."""


class Side:
    """One side of the comparison in this process."""

    def __init__(self, runner: Runner, stopwatch: Stopwatch, target: Any, codes: list[tuple[Any, CodeType]]) -> None:
        self._runner, self._stopwatch, self._target, self._codes = runner, stopwatch, target, codes
        self.prepare_seconds = 0.0

    def use(self) -> None:
        """Give the functions this side's code."""
        for function, code in self._codes:
            function.__code__ = code

    def renew(self) -> None:
        """Put the code at another place in memory: where it lies may cost some per cent, which is no gain."""
        self._codes = [(function, code.replace()) for function, code in self._codes]

    def run(self, case: Case, limit: float) -> Outcome:
        """Run one case."""
        self.use()
        return self._runner.run(self._target, case, limit)

    def run_in_turn(self, cases: list[Case], limit: float) -> list[Outcome]:
        """Run cases one after the other with what caches hold from the ones before."""
        self.use()
        return [
            self._runner.run(self._target, case, limit, keeps_caches=number > 0) for number, case in enumerate(cases)
        ]

    def time(self, cases: list[Case], repeat: int, fresh: bool, on_cpu: bool) -> float:
        """Seconds for one pass over all cases, measured over `repeat` passes."""
        self.use()
        return self._stopwatch.measure(self._target, cases, repeat, fresh, on_cpu)

    def is_alone(self, cases: list[Case], fresh: bool) -> bool:
        """Whether the calls neither wait nor use other threads or processes."""
        self.use()
        return self._stopwatch.is_alone(self._target, cases, fresh)

    def peak(self, cases: list[Case]) -> int:
        """Peak of traced memory of one pass, bytes."""
        self.use()
        return self._stopwatch.peak(self._target, cases)

    def close(self) -> None:
        """Nothing to end."""


def swapped_sides(
    job: dict[str, Any], loaded: Loaded, old: str, new: str, runner: Runner, stopwatch: Stopwatch, guard: Guard
) -> tuple[Side, Side]:
    """Both sides in this process; raises CannotSwap, or CannotLoad when what the fix adds fails."""
    before, after = [], []
    for change in job["swapped"]:
        function = loaded.noted[RAW + change["qualname"]]
        left, right = (code_at(text, job["path"], change["qualname"]) for text in (old, new))
        if left is None or right is None or left.co_freevars != right.co_freevars:
            raise CannotSwap
        before.append((function, left))
        after.append((function, right))
    target = loaded.noted[TARGET]
    sides = Side(runner, stopwatch, target, before), Side(runner, stopwatch, target, after)
    sides[1].prepare_seconds = _add_statements(job, loaded, new, guard)
    return sides


def _add_statements(job: dict[str, Any], loaded: Loaded, new: str, guard: Guard) -> float:
    """Run what the fix adds to the module (imports, kernels, constants); the seconds it took."""
    started = time.perf_counter()
    tree = ast.parse(new, job["path"])
    pieces = ast.Module([tree.body[place] for place in job["added"]], [])
    guard.watch()
    try:
        exec(compile(pieces, job["path"], "exec", dont_inherit=True), loaded.module.__dict__)
    except (Refused, Exception) as error:
        raise CannotLoad(f"what the fix adds cannot be imported ({error_line(error)})") from None
    finally:
        guard.rest()
    return time.perf_counter() - started
