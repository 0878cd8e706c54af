"""Parameters that stay unknown in all of a function, told without solving its types."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.names.code import Code
from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.tree import walk

_TESTS = cst.Comparison | cst.Match


def opaque_parameters(code: Code) -> frozenset[str]:
    """Parameters without annotation that are never bound again and that no test narrows."""
    node = code.slice.node
    if not isinstance(node, cst.FunctionDef):
        return frozenset()
    plain = [param.name.value for param in parameters(node.params) if param.annotation is None]
    spread = {p.name.value for p in (node.params.star_arg, node.params.star_kwarg) if isinstance(p, cst.Param)}
    bound = code.scopes.own.bound
    return frozenset(n for n in plain if len(bound.get(n, ())) == 1) - spread - set(_tested(node))


def _tested(node: cst.FunctionDef) -> Iterator[str]:
    """Names that stand in a comparison, an `isinstance` or a `match`."""
    for test in walk(node):
        is_call = isinstance(test, cst.Call) and isinstance(test.func, cst.Name) and test.func.value == "isinstance"
        if is_call or isinstance(test, _TESTS):
            yield from (part.value for part in walk(test) if isinstance(part, cst.Name))
