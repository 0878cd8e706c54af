"""Functions whose only floats are infinities: a table of costs that are ints, and infinite where nothing is known yet.

As an array it holds floats, exact for ints up to 2**53; what is finite goes back into the list as ints.
"""

import ast
from functools import lru_cache

import libcst as cst

from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

_MAKES_FLOATS = (cst.Float, cst.Imaginary, cst.Divide, cst.DivideAssign, cst.Power, cst.PowerAssign)
_KEEPS_INTS = frozenset(f"builtins.{name}" for name in "abs enumerate len list max min print range zip".split())
_INTS = frozenset({"int", "bool"})
_WORDS = frozenset({"inf", "infinity"})


def is_unbounded(node: cst.CSTNode) -> bool:
    """Whether it is the text of an infinity, or of no number."""
    text = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return isinstance(text, str) and text.strip().lower().lstrip("+-") in {*_WORDS, "nan"}


@lru_cache(maxsize=8)
def only_infinities(view: View) -> bool:
    """Whether the function makes no float, and is given none, but infinities."""
    if not isinstance(view.slice.node, cst.FunctionDef) or any(view.walk(*_MAKES_FLOATS)):
        return False
    if any(node is not view.slice.node for node in view.walk(cst.Lambda, cst.Await, cst.Yield, cst.FunctionDef)):
        return False
    return all(_keeps_ints(view, call) for call in view.walk(cst.Call)) and _is_given_ints(view)


def _keeps_ints(view: View, call: cst.Call) -> bool:
    name = view.facts.qualified_name(call.func) or ""
    if name == "builtins.float":
        return len(call.args) == 1 and _is_infinite_text(call.args[0].value)
    return name in _KEEPS_INTS or (isinstance(call.func, cst.Attribute) and call.func.attr.value == "append")


def _is_infinite_text(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleString) and str(node.evaluated_value).strip().lower().lstrip("+-") in _WORDS


def _is_given_ints(view: View) -> bool:
    """Whether what comes from outside of the function are ints, lists of them, and infinities."""
    kinds = Kinds(view)
    body = cst.ensure_type(view.slice.node, cst.FunctionDef).body
    for node in (n for n in view.walk(cst.Name) if view.inside(n, body)):
        scope = view.facts.scope(node.value)
        if scope == "global" and not (_is_infinite_global(view, node.value) or kinds.names(node) <= _INTS):
            return False
        if scope == "parameter" and not _is_whole(kinds, node) and node.value != view.receiver:
            return False
    chains = [n for n in view.walk(cst.Attribute) if not isinstance(view.parent(n), cst.Call)]
    return all(view.facts.qualified_name(n) == "math.inf" or _is_whole(kinds, n) for n in chains)


def _is_whole(kinds: Kinds, node: cst.BaseExpression) -> bool:
    nested = kinds.nested(node)
    found = nested[1] if nested is not None else kinds.names(node)
    return bool(found) and found <= _INTS


def _is_infinite_global(view: View, name: str) -> bool:
    """`INF = float("inf")`, `from math import inf`."""
    if view.index.imports.get(name) == "math.inf":
        return True
    bound = view.index.globals.get(name)
    if bound is None or bound.bound != 1 or bound.value is None:
        return False
    text = ast.unparse(bound.value).replace('"', "'").lower()
    return text in ("float('inf')", "math.inf", "float('infinity')")
