"""Whether two values are the same, strictly and by type: the walk, aliasing, and what counts as rounding."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

Path = Any  # a chain of (parent, step); steps are rendered only when a difference is shown
Handler = Callable[["Comparison", Any, Any, Path], None]

ROUNDING_ULPS = 512
"""Reordered float arithmetic stays far below this; anything above must be explained by the input's condition."""


class Different(Exception):
    """The two values differ: where, and both sides there."""

    def __init__(self, path: Path, before: Any, after: Any, why: str = "") -> None:
        super().__init__(why)
        self.path, self.before, self.after, self.why = path, before, after, why


class CannotCompare(Exception):
    """Nothing says whether the two are the same; the reason is the text."""


class Tolerance:
    """How far floats may lie apart and still count as rounded: in units in the last place, or relatively."""

    def __init__(self, ulps: float = ROUNDING_ULPS, relative: float = 0.0) -> None:
        self.ulps, self.relative = max(ulps, ROUNDING_ULPS), relative

    def allows(self, ulps: float, relative: float) -> bool:
        """Whether a difference of this size is rounding."""
        return ulps <= self.ulps or relative <= self.relative


class Comparison:
    """One walk over two values in step; float differences are gathered, all others raise Different."""

    def __init__(self, tolerance: Tolerance | None = None, leaves: dict[str, Any] | None = None) -> None:
        self.tolerance = tolerance or Tolerance()
        self.leaves = leaves
        self.max_ulp = 0.0
        self.max_relative = 0.0
        self.beyond: Different | None = None
        self.arrays: list[tuple[Any, Any, Path]] = []
        self._forward: dict[int, int] = {}
        self._backward: dict[int, int] = {}
        self._alive: list[Any] = []

    def walk(self, before: Any, after: Any, path: Path) -> None:
        """Raise Different or CannotCompare unless the two are the same, rounding apart."""
        kind = type(before)
        if kind is not type(after):
            _other_type(kind, type(after), Different(path, before, after, "type"))
        handler_of(kind)(self, before, after, path)

    def paired(self, before: Any, after: Any, path: Path) -> bool:
        """Whether these two were met as a pair already; Different when one of them was met with another object."""
        left, right = id(before), id(after)
        known = left in self._forward
        if known or right in self._backward:
            if self._forward.get(left) != right or self._backward.get(right) != left:
                raise Different(path, before, after, "aliasing")
            return True
        self._forward[left], self._backward[right] = right, left
        self._alive.append((before, after))
        return False

    def rounded(self, before: Any, after: Any, ulps: float, relative: float, path: Path, worth: float = 1.0) -> None:
        """Note a float difference; `worth` is how much of the tolerance one ulp takes (more for short floats)."""
        self.max_ulp = max(self.max_ulp, ulps)
        self.max_relative = max(self.max_relative, relative)
        if self.leaves is not None:
            self.leaves[render(path)] = abs(after - before)
        if not self.tolerance.allows(ulps * worth, relative) and self.beyond is None:
            self.beyond = Different(path, before, after, "value")

    def trial(self, before: Any, after: Any) -> bool:
        """Whether two values are exactly the same, without a trace in this comparison."""
        other = Comparison()
        try:
            other.walk(before, after, "")
        except Different:
            return False
        return other.max_ulp == 0


def _other_type(left: type, right: type, different: Different) -> None:
    if "<locals>" in left.__qualname__ and left.__qualname__ == right.__qualname__:
        raise CannotCompare("an object of a class that the function itself makes")
    raise different


def compare(before: Any, after: Any, tolerance: Tolerance | None = None, path: Path = "result") -> Comparison:
    """Compare two values wholly; `beyond` of the answer is set when floats differ by more than rounding."""
    comparison = Comparison(tolerance)
    comparison.walk(before, after, path)
    finish(comparison)
    return comparison


def finish(comparison: Comparison) -> None:
    """Checks over everything that was met: which arrays share memory."""
    for check in FINAL_CHECKS:
        check(comparison)


def is_same(before: Any, after: Any) -> bool:
    """Whether two values are the same to the last bit."""
    try:
        return compare(before, after).max_ulp == 0
    except Different:
        return False


def compare_float(c: Comparison, before: float, after: float, path: Path) -> None:
    """Sign of zero counts, NaN equals NaN, finite against infinite differs."""
    if before == after:
        if before == 0 and math.copysign(1, before) != math.copysign(1, after):
            raise Different(path, before, after, "sign of zero")
    elif before != before and after != after:
        return
    elif not (math.isfinite(before) and math.isfinite(after)):
        raise Different(path, before, after, "value")
    else:
        c.rounded(before, after, ulps_between(before, after), relative_between(before, after), path)


def ulps_between(before: float, after: float) -> float:
    """How many doubles lie between the two."""
    return float(abs(_ordered(before) - _ordered(after)))


def _ordered(value: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def relative_between(before: float, after: float) -> float:
    """The difference over the larger magnitude."""
    largest = max(abs(before), abs(after))
    return abs(before / largest - after / largest)


def render(path: Path) -> str:
    """`result[0].x` from a chain of steps."""
    steps: list[str] = []
    while isinstance(path, tuple):
        path, step = path
        steps.append(step if isinstance(step, str) and step[:1] in ". [" else f"[{step!r}]")
    return str(path) + "".join(reversed(steps))


def handler_of(kind: type) -> Handler:
    """The handler of a type: its own, that of its library, that of the builtin it derives from, or the general one."""
    found = HANDLERS.get(kind)
    if found is None:
        found = HANDLERS[kind] = _find_handler(kind)
    return found


def _find_handler(kind: type) -> Handler:
    for finder in FINDERS:
        found = finder(kind)
        if found is not None:
            return found
    raise CannotCompare(f"values of type {kind.__name__} cannot be compared")


HANDLERS: dict[type, Handler] = {}
FINDERS: list[Callable[[type], Handler | None]] = []
FINAL_CHECKS: list[Callable[[Comparison], None]] = []
