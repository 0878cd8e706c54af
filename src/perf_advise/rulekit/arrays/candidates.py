"""Which loop nests can have an array form at all, by their statements alone: the model of a nest has its price."""

import libcst as cst

from perf_advise.facts.loops.counters import compares_a_name
from perf_advise.facts.loops.nests import LOOPS
from perf_advise.facts.loops.steps import grown
from perf_advise.facts.tree import COMPREHENSIONS, walk

_STORES = frozenset({cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.Expr})
_ENDS = frozenset({cst.Break, cst.Return, cst.Raise, cst.Assert, cst.Try, cst.TryStar, cst.With, cst.Match})
_OPAQUE = _ENDS | {cst.FunctionDef, cst.ClassDef, cst.Del, cst.Global, cst.Nonlocal, cst.Import, cst.ImportFrom}
_CLOSED = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})
_LOOPS = frozenset(LOOPS)


def may_have_form(nest: cst.For | cst.While) -> bool:
    """Whether some loop of the nest runs through and stores something; of the others the model of a loop says no more
    than that they stay as they are."""
    nodes = [*walk(nest, _is_open)]
    kinds = {type(node) for node in nodes}
    if not kinds & _STORES:
        return False
    if not kinds.isdisjoint(COMPREHENSIONS):
        return True
    return any(_runs_through(node) for node in nodes if isinstance(node, cst.For | cst.While))


def _runs_through(loop: cst.For | cst.While) -> bool:
    """Whether this is an innermost loop that may be counted and has no statement whose effects are not known.

    A loop around others is of no interest: what stops one of those stops it too.
    """
    if loop.orelse is not None or (isinstance(loop, cst.While) and not compares_a_name(loop)):
        return False
    return not any(type(node) in _LOOPS or _stops(node) for node in walk(loop.body, _is_open))


def _stops(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Expr):
        return not isinstance(node.value, cst.SimpleString | cst.Ellipsis) and grown(node.value) is None
    return type(node) in _OPAQUE


def _is_open(node: cst.CSTNode) -> bool:
    return type(node) not in _CLOSED
