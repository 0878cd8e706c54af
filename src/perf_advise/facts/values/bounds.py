"""Whether an index comes from the length of what it indexes: `for i in range(len(xs)): xs[i]`."""

import libcst as cst

from perf_advise.facts.effects.purity import Purity
from perf_advise.facts.intervals import Interval
from perf_advise.facts.tree import COMPREHENSIONS, comp_fors
from perf_advise.facts.values.known import KnownValues

_SEQUENCES = ("list", "tuple", "str", "bytes")


def within_length(purity: Purity, values: KnownValues, base: cst.CSTNode, index: cst.CSTNode) -> bool:
    """Whether `index` is the variable of a loop over the positions of `base`, which the loop does not resize."""
    if not isinstance(base, cst.Name) or not isinstance(index, cst.Name):
        return False
    loop = _loop_of(purity, index)
    if loop is None or not purity.types.value(base).only_types(*_SEQUENCES):
        return False
    node, source, target = loop
    if not _is_positions(purity, values, source, target, base.value, index.value):
        return False
    if isinstance(node, cst.For):
        bound = base.value in purity.events([node.body]).names_bound
        return not bound and not purity.may_resize([node.body], base.value)
    return True


def _loop_of(purity: Purity, index: cst.Name) -> tuple[cst.CSTNode, cst.BaseExpression, cst.CSTNode] | None:
    """The only loop that binds the index: its node, iterable and target."""
    code = purity.code
    binder = code.scopes.binder(index.value, index)
    if isinstance(binder, COMPREHENSIONS):
        clauses = [c for c in comp_fors(binder) if index.value in _names(c.target)]
        return (binder, clauses[0].iter, clauses[0].target) if len(clauses) == 1 else None
    found = code.reaching_definitions(index)
    if found is None or len(found) != 1:
        return None
    holder = code.scopes.holders.get(id(found[0]))
    while isinstance(holder, cst.Element | cst.Tuple):
        holder = code.scopes.holders.get(id(holder))
    if not isinstance(holder, cst.For):
        return None
    inside, step = code.flow.steps_of(holder.body), code.step_of(index)
    return (holder, holder.iter, holder.target) if inside is not None and step and step.index in inside else None


def _names(target: cst.CSTNode) -> set[str]:
    elements = target.elements if isinstance(target, cst.Tuple | cst.List) else ()
    names = [target, *(element.value for element in elements)]
    return {name.value for name in names if isinstance(name, cst.Name)}


def _is_positions(
    purity: Purity, values: KnownValues, source: cst.BaseExpression, target: cst.CSTNode, base: str, index: str
) -> bool:
    if not isinstance(source, cst.Call) or any(arg.keyword is not None or arg.star for arg in source.args):
        return False
    meaning = purity.types.world.meaning
    args = [arg.value for arg in source.args]
    if meaning(source.func) == "builtins.enumerate" and isinstance(target, cst.Tuple) and len(args) == 1:
        first = target.elements[0].value
        return _is_name(args[0], base) and _is_name(first, index)
    if meaning(source.func) != "builtins.range" or not _is_name(target, index) or not 0 < len(args) < 4:
        return False
    stop = args[0] if len(args) == 1 else args[1]
    start = values.interval(args[0]) if len(args) > 1 else Interval(0, 0)
    step = values.interval(args[2]) if len(args) > 2 else Interval(1, 1)
    sized = isinstance(stop, cst.Call) and meaning(stop.func) == "builtins.len" and len(stop.args) == 1
    rising = start is not None and start.low >= 0 and step is not None and step.low > 0
    return sized and rising and isinstance(stop, cst.Call) and _is_name(stop.args[0].value, base)


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name
