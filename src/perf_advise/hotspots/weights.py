"""Sums over a profile's rows: what C code that a function calls directly costs, who called whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile


def native_weights(profile: Profile) -> Mapping[Frame, float]:
    """Own weight of the C code that each Python function called directly.

    A C function that calls back (`sorted` with a key, `sum` of a generator) gives only its own part; where
    the tool does not tell that part per caller, it is split in proportion to what flowed in from each.
    """
    own = {cost.frame: cost.own for cost in profile.functions if cost.frame.is_native}
    inflow: dict[Frame, float] = defaultdict(float)
    for edge in profile.edges:
        if edge.callee.is_native:
            inflow[edge.callee] += edge.cumulative
    spent: dict[Frame, float] = defaultdict(float)
    for edge in profile.edges:
        if edge.callee.is_native and not edge.caller.is_native:
            spent[edge.caller] += _own_part(edge, own.get(edge.callee, 0.0), inflow[edge.callee])
    return spent


def _own_part(edge: CallEdge, callee_own: float, inflow: float) -> float:
    if edge.own is not None:
        return max(edge.own, 0.0)
    return max(callee_own * edge.cumulative / inflow, 0.0) if inflow > 0 else 0.0


def callers_by_frame(edges: Iterable[CallEdge]) -> Mapping[Frame, Sequence[Frame]]:
    """Which frames of the same path called each frame."""
    found: dict[Frame, list[Frame]] = defaultdict(list)
    for edge in edges:
        if edge.caller.path == edge.callee.path and edge.caller != edge.callee:
            found[edge.callee].append(edge.caller)
    return found


def costs_by_path(costs: Iterable[FunctionCost]) -> Mapping[str, list[FunctionCost]]:
    """The rows of Python code, by the path that the profile has for it."""
    found: dict[str, list[FunctionCost]] = defaultdict(list)
    for cost in costs:
        if not cost.frame.is_native:
            found[cost.frame.path].append(cost)
    return found
