"""Loops that store one value to every k-th element: what a sieve does."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Constant
from perf_advise.facts.loops.patterns import Map, Plan
from perf_advise.model.facts import Answer
from perf_advise.rulekit import needs
from perf_advise.rulekit.arrays.nests import array_nests
from perf_advise.rulekit.arrays.stated import assumption_need
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class StridedStore:
    """`for j in range(...): base[j] = value`, with what the slice rests on besides the type of the base."""

    node: cst.For
    base: cst.BaseExpression
    target: str
    value: str
    bounds: tuple[str, str, str]
    needs: tuple[Need, ...]

    def code(self, kind: str) -> str:
        """The assignment to the slice of a base of this type."""
        start, stop, step = self.bounds
        left = f"{self.target}[{start}:{stop}:{step}]"
        count = f"len(range({start}, {stop}, {step}))"
        if kind == "numpy.ndarray":
            return f"{left} = {self.value}"
        if kind == "bytearray":
            return f"{left} = bytes([{self.value}]) * {count}"
        return f"{left} = [{self.value}] * {count}"


def strided_stores(view: View) -> Iterator[StridedStore]:
    """The loops that only store one literal at their own index, by a step other than one."""
    for nest in array_nests(view, "strided store"):
        found = _store(view, nest.plan)
        if found is not None:
            yield found


def _store(view: View, plan: Plan) -> StridedStore | None:
    only = plan.parts[0] if len(plan.parts) == 1 else None
    node = plan.loop.node
    if not isinstance(only, Map) or len(only.loops) != 1 or only.guards or only.outer_guards or only.operator:
        return None
    (domain,), target, value = only.loops, only.target, only.value
    if not isinstance(target, Access) or not isinstance(node, cst.For) or domain.kind != "range":
        return None
    if target.affines != (Affine.symbol(domain.index),) or not isinstance(value, Constant) or plan.live_out:
        return None
    bounds = tuple(view.code(arg.value) for arg in node.iter.args) if isinstance(node.iter, cst.Call) else ()
    if domain.direction == -1 or len(bounds) != 3 or not isinstance(target.base, cst.BaseExpression):
        return None
    stated = [need for need in map(assumption_need, plan.assumptions) if need is not None]
    rising = needs.value(
        Answer.unknown("where they start, or their direction, is not known"),
        "the indices go upwards from zero",
        "an index below zero counts from the end",
    )
    known = domain.start.value is not None and domain.start.value >= 0 and domain.direction == 1
    rests_on = (*stated, *([] if known else [rising]))
    return StridedStore(node, target.base, target.array, view.code(value.node), bounds, rests_on)
