"""Loops over a window: both ends move with a loop around, so that each pass sees a few elements only."""

import libcst as cst

from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Pattern
from perf_advise.rulekit.view import View

_LEAST = 32
"""Elements from which on one operation on a window costs less than the loop, whatever it computes."""


def is_window(view: View, pattern: Pattern) -> bool:
    """Whether every loop that vanishes has bounds that both change in a loop that stays around it."""
    outer = [n for d in pattern.loops[:1] for n in view.ancestors(d.node) if isinstance(n, cst.For | cst.While)]
    return bool(outer) and all(_is_moved(view, domain, outer[-1]) for domain in pattern.loops)


def _is_moved(view: View, domain: Domain, outer: cst.CSTNode) -> bool:
    trips, ends = domain.trips.value, _ends(domain.node)
    if trips is not None and trips >= _LEAST:
        return False
    return bool(ends) and all(_moves(view, end, outer, domain.node) for end in ends)


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
