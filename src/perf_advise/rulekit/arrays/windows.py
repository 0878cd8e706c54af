"""Loops over a window: both ends move with a loop around, so that each pass sees a few elements only."""

import libcst as cst

from perf_advise.facts.loop_nouns import Loop
from perf_advise.rulekit.view import View

_LEAST = 32
"""Elements from which on one operation on a window costs less than the loop, whatever it computes."""


def is_window(view: View, loop: Loop) -> bool:
    """Whether every loop of a nest runs from one bound to another that both change in a kept loop around the nest."""
    outer = [node for node in view.ancestors(loop.node) if isinstance(node, cst.For | cst.While)]
    return bool(outer) and _all_move(view, loop, outer[-1])


def _all_move(view: View, loop: Loop, outer: cst.CSTNode) -> bool:
    trips = loop.domain.trips.value
    ends = _ends(loop.node)
    known = trips is not None and trips >= _LEAST
    moves = bool(ends) and not known and all(_moves(view, end, outer, loop.node) for end in ends)
    return moves and all(_all_move(view, child, outer) for child in loop.children)


def _ends(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Start and stop of a loop over a range that names both."""
    called = node.iter if isinstance(node, cst.For) else None
    if not isinstance(called, cst.Call) or not isinstance(called.func, cst.Name) or called.func.value != "range":
        return []
    return [arg.value for arg in called.args[:2]] if len(called.args) > 1 else []


def _moves(view: View, end: cst.BaseExpression, outer: cst.CSTNode, loop: cst.CSTNode) -> bool:
    names = {n.value for n in view.walk(cst.Name) if n is end or view.inside(n, end)}
    bound = (d for name in names for d in view.facts.definitions(name))
    return any(view.inside(d, outer) and not view.inside(d, loop) for d in bound)
