"""The lines that take the place of a nest, and the differences that array code may show."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.facts.loops.iteration import Access, Expr, Scalar
from perf_advise.facts.loops.nouns import Domain, Guard
from perf_advise.facts.loops.patterns import Pattern
from perf_advise.rulekit.arrays.axes import CannotLower, stays_inside
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes
from perf_advise.rulekit.arrays.wrapping import wrapped

ROUNDING = "float rounding order"
_WIDTH = 92
BOUNDS = "an index beyond the end, or a bound below zero, raises another exception, or none"
SKIPPED_BOUNDS = "an index beyond the end raises also where the condition leaves the element out"
BRANCHES = "both branches are computed everywhere, with a warning where one has no value"
NAN_RESULT = "the result where a value is NaN"


@dataclass(slots=True)
class Lowered:
    """The lines that take the place of a nest, and what they may show; `dropped` are lines before it that go too."""

    lines: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    uses_numpy: bool = False
    dropped: list[cst.CSTNode] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)
    _under: tuple[int, tuple[str, ...]] = (0, ())

    def add(self, text: str, depth: int, conditions: tuple[str, ...] = ()) -> None:
        """A line, indented by `depth` levels, under conditions; neighbours under the same ones share their `if`."""
        inner = depth + bool(conditions)
        if conditions and self._under != (depth, conditions):
            self.lines.append("    " * depth + f"if {' and '.join(conditions)}:")
        self._under = (depth, conditions)
        self.lines += ("    " * inner + line for line in wrapped(text, _WIDTH - 4 * inner))

    def begin(self, name: str, loops: Sequence[Domain], types: ArrayTypes, depth: int) -> str:
        """Take the assignment that starts a name before the nest into the nest's own; its value, or "" where it stays.

        Only the first that the nest does to the name can be its start.
        """
        is_used = name in self._begun or any(re.search(rf"\b{name}\b", line) for line in self.lines)
        entry = types.start_line(loops[0], name) if depth == 0 and not is_used else None
        self._begun.add(name)
        if entry is None:
            return ""
        self.dropped.append(entry[0])
        return entry[1]

    def note(self, printer: Printer, pattern: Pattern, types: ArrayTypes, stored: Access | None = None) -> None:
        """Take over what a printed pattern may show."""
        self.uses_numpy |= printer.uses_numpy
        self.differences += printer.differences
        accesses = [a for a in (*pattern.reads, *([stored] if stored is not None else [])) if a.subscripts]
        plain = [a for a in accesses if not any(s.is_computed_in(d) for s in a.subscripts for d in pattern.loops)]
        if len(plain) < len(accesses) or not all(stays_inside(a, pattern.loops, types.sizes(a)) for a in plain):
            self.differences.append(BOUNDS)
        if pattern.guards:
            self.differences.append(SKIPPED_BOUNDS)


def conditions_of(guards: Sequence[Guard], types: ArrayTypes) -> tuple[str, ...]:
    """Conditions that stay `if` statements, as texts."""
    return tuple(_condition(guard, types, len(guards)) for guard in guards)


def _condition(guard: Guard, types: ArrayTypes, count: int) -> str:
    for part in guard.condition.walk():
        if isinstance(part, Scalar) and (part.name.startswith("@") or part.name in types.private):
            raise CannotLower("a condition is computed in the loop")
    text = types.code(guard.condition.node)
    is_atom = text.replace(".", "").isidentifier()
    if guard.negated:
        return f"not {text}" if is_atom else f"not ({text})"
    return text if count == 1 or is_atom else f"({text})"


def make_private(
    name: str, text: str, loops: tuple[Domain, ...], types: ArrayTypes, out: Lowered, depth: int,
    conditions: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """A name with one value per iteration: read once, its text takes its place; else it becomes an array."""
    if types.reads(name) == 1 and not conditions:
        types.private[name] = (text, loops)
        return
    out.add(f"{name} = {text}", depth, conditions)
    types.private[name] = (name, loops)


def require_room(pattern: Pattern, types: ArrayTypes) -> None:
    """Some array of the nest is as large as the iteration space: else a temporary would outgrow them all."""
    if not has_room(pattern, types):
        raise CannotLower("a temporary would be larger than every array of the loops")


def has_room(pattern: Pattern, types: ArrayTypes) -> bool:
    """Whether some array that is read or stored, or a name made from one, is as large as all iterations."""
    target = getattr(pattern, "target", None)
    arrays = [*pattern.reads, *([target] if isinstance(target, Access) else [])]
    is_small = any(domain.trips.value is not None and domain.trips.value <= _FEW for domain in pattern.loops)
    is_covered = any(all(_varies(a, d) for d in pattern.loops) for a in arrays)
    names = {part.name for e in pattern.expressions for part in e.walk() if isinstance(part, Scalar)}
    roomy = [types.private[name][1] for name in names & types.private.keys() - types.outgrown]
    is_covered |= any(set(pattern.loops) <= set(axes) for axes in roomy)
    return len(pattern.loops) < 2 or is_small or is_covered


_FEW = 16


def _varies(access: Access, domain: Domain) -> bool:
    names = {name for s in access.subscripts for name in (s.affine.names if s.affine is not None else ())}
    inside = {name for s in access.subscripts if s.value is not None for name in _names(s.value)}
    return bool(domain.own_names & (names | inside))


def _names(expression: Expr) -> Iterator[str]:
    for part in expression.walk():
        access = getattr(part, "access", None)
        affines = (
            [s.affine for s in access.subscripts] if isinstance(access, Access) else [getattr(part, "affine", None)]
        )
        for affine in affines:
            yield from affine.names if affine is not None else ()
