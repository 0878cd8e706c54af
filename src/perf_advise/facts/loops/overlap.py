"""Different names that may be one object: what that would mean for the order of steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.graph import Graph, Touch
from perf_advise.facts.loops.iteration import Apply, Expr, Invariant
from perf_advise.facts.loops.nouns import Step
from perf_advise.model.facts import Answer, Truth

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_NUMBERS = frozenset({"int", "float", "complex", "bool", "str", "NoneType"})


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two names of which one is written, and what is known of their being different objects.

    With `same_index`, being one and the same object would do no harm, as long as `order` is kept: the same
    cells are touched in the same iteration only. Views that overlap in part would.
    """

    names: tuple[str, str]
    answer: Answer
    same_index: bool
    order: tuple[tuple[Step, Step], ...] = ()


class Overlaps:
    """The overlaps of a nest."""

    def __init__(self, graph: Graph, facts: "Facts") -> None:
        self._graph = graph
        self._facts = facts

    @cached_property
    def all(self) -> tuple[Overlap, ...]:
        """Every pair of names that the facts do not show to be different objects."""
        names = {*self._cells, *self._passed()} - self._graph.scalars.keys()
        pairs = (pair for pair in combinations(sorted(names), 2) if self._is_written(*pair))
        found = (self._overlap(one, other) for one, other in pairs)
        return tuple(overlap for overlap in found if not overlap.answer.holds)

    @cached_property
    def _cells(self) -> dict[str, list[Touch]]:
        found: dict[str, list[Touch]] = {}
        for touch in self._graph.all_touches:
            if touch.name and touch.name not in self._graph.scalars:
                found.setdefault(touch.name, []).append(touch)
        return found

    def _is_written(self, *names: str) -> bool:
        return any(touch.event.is_write for name in names for touch in self._cells.get(name, ()))

    def _passed(self) -> Iterator[str]:
        """Names that functions get as a whole, and may look into: not those known to be numbers."""
        parts = (part for step in self._graph.steps for e in step.expressions for part in e.walk())
        calls = (part for part in parts if isinstance(part, Apply) and _looks_inside(part))
        for operand in (operand for call in calls for operand in call.operands):
            if isinstance(operand, Invariant) and operand.text.isidentifier() and not self._is_number(operand):
                yield operand.text

    def _is_number(self, expression: Expr) -> bool:
        known = self._facts.type_of(expression.node).type
        return known is not None and known.name in _NUMBERS

    # -- one pair -------------------------------------------------------------------------------------

    def _overlap(self, one: str, other: str) -> Overlap:
        answer = self._different(one, other)
        if answer.holds:
            return Overlap((one, other), answer, False)
        order: list[tuple[Step, Step]] = []
        for first in self._cells.get(one, ()):
            for second in self._cells.get(other, ()):
                if first.event.is_write or second.event.is_write:
                    earlier, later = sorted((first, second), key=lambda touch: touch.order)
                    if not self._graph.meets_only_at_once(earlier, later):
                        return Overlap((one, other), answer, False)
                    order.append((earlier.step, later.step))
        return Overlap((one, other), answer, bool(order), tuple(order))

    def _different(self, one: str, other: str) -> Answer:
        """Whether two names are bound to different objects."""
        if self._is_flat(one) and self._is_flat(other) and self._are_made_apart(one, other):
            return Answer.yes("made on the spot")
        may = self._facts.may_alias(self._node(one), self._node(other))
        if may.truth is Truth.NO:
            return Answer.yes(may.why, may.evidence)
        return Answer.no(may.why, may.evidence) if may.truth is Truth.YES else Answer.unknown(may.why)

    def _is_flat(self, name: str) -> bool:
        """Whether only cells of the container itself are stored, not those of its rows."""
        stored = (touch.event.access for touch in self._cells.get(name, ()) if touch.event.is_write)
        return all(len(access.subscripts) <= 1 or access.strides for access in stored)

    def _are_made_apart(self, one: str, other: str) -> bool:
        """Whether one is only ever a list made on the spot, and the other one too, or a parameter."""
        origins = [self._origins(name) for name in (one, other)]
        return all(origins) and all(o <= {"made", "parameter"} for o in origins) and any(o == {"made"} for o in origins)

    def _origins(self, name: str) -> set[str]:
        return {_origin(node, self._facts) for node in self._facts.definitions(name)} if name.isidentifier() else set()

    def _node(self, name: str) -> cst.CSTNode | str:
        """Where the array stands in the source, else its name."""
        return self._cells[name][0].event.access.base if self._cells.get(name) else name


def _looks_inside(expression: Apply) -> bool:
    return expression.op.endswith(")") or expression.op == "in" or (expression.op[0].isalpha() and "." in expression.op)


def _origin(node: cst.CSTNode, facts: "Facts") -> str:
    """Where a binding gets its object from: "parameter", "made" (a new list), or "" for anything else."""
    if isinstance(node, cst.Param):
        return "parameter"
    holder = facts.slice.parent(node)
    if isinstance(holder, cst.AssignTarget):
        holder = facts.slice.parent(holder)
    value = holder.value if isinstance(holder, cst.Assign | cst.AnnAssign) else None
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply):
        return "made" if isinstance(value.left, cst.List) or isinstance(value.right, cst.List) else ""
    return "made" if isinstance(value, cst.List | cst.ListComp) else ""
