"""What one call showed, and the comparison of two such outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .comparing import Comparison, Different, Tolerance, finish

_TEXTS = ("stdout", "stderr", "warned", "logged")


@dataclass
class Outcome:
    """How a call ended (`returned`, `raised`, `did not end`, `not replayed`) and everything it may have touched."""

    ending: str
    value: Any = None
    args: Any = ()
    kwargs: Any = field(default_factory=dict)
    space: dict[str, Any] = field(default_factory=dict)
    classes: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    left: dict[str, Any] = field(default_factory=dict)
    """What else it left behind: in other modules of the project, in settings, in random generators."""
    held: list[Any] = field(default_factory=list)
    """Mutable objects that the arguments and globals held before the call, and no longer after it."""
    noted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    drew: bool = False
    seconds: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether the call returned or raised."""
        return self.ending in ("returned", "raised")


def compare_outcomes(
    before: Outcome, after: Outcome, names: list[str], tolerance: Tolerance, leaves: dict[str, Any] | None = None
) -> Comparison:
    """Raise Different or CannotCompare unless both calls showed the same; the answer knows the rounding.

    `names` are parameter names, for the place of a difference.
    """
    comparison = Comparison(tolerance, leaves)
    if before.ending != after.ending:
        raise Different("", Ending(before), Ending(after), "ending")
    comparison.walk(before.value, after.value, "result" if before.ending == "returned" else "exception")
    if len(before.args) != len(after.args):
        raise Different("arguments", before.args, after.args, "length")
    for place, argument in enumerate(before.args):
        name = names[place] if place < len(names) else f"argument {place}"
        comparison.walk(argument, after.args[place], f"{name} after the call")
    comparison.walk(before.kwargs, after.kwargs, "keyword arguments after the call")
    _compare_spaces(comparison, before.space, after.space)
    comparison.walk(before.classes, after.classes, "class attributes after the call")
    comparison.walk(before.held, after.held, "what the arguments hold no longer")
    _compare_left(comparison, before.left, after.left)
    for text in _TEXTS:
        comparison.walk(before.shown.get(text), after.shown.get(text), text)
    finish(comparison)
    return comparison


def _compare_spaces(comparison: Comparison, before: dict[str, Any], after: dict[str, Any]) -> None:
    if set(before) != set(after):
        raise Different("globals", sorted(before), sorted(after), "names")
    for name in before:
        comparison.walk(before[name], after[name], f"global {name} after the call")


def _compare_left(comparison: Comparison, before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in sorted({*before, *after}):
        comparison.walk(before.get(name, UNCHANGED), after.get(name, UNCHANGED), f"{name} after the call")


class _Unchanged:
    """Stands for what a call left as it was."""

    def __repr__(self) -> str:
        return "unchanged"

    def __reduce__(self) -> str:
        return "UNCHANGED"


UNCHANGED = _Unchanged()


class Ending:
    """How a call ended, for people."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def __repr__(self) -> str:
        if self._outcome.ending == "raised":
            return f"raises {self._outcome.value!r}"
        if self._outcome.ending == "returned":
            return f"returns {self._outcome.value!r}"
        return self._outcome.ending
