"""Sums of generators in statements that become a kernel: loops there, since Numba has no generator expressions."""

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

Renamed = dict[str | cst.CSTNode, str]
_CONDITIONAL = (cst.IfExp, cst.BooleanOperation, cst.Comparison, cst.Lambda, cst.BaseComp)


def generator_of(view: View, node: cst.CSTNode) -> cst.GeneratorExp | None:
    """The generator of `sum(... for k in range(n))`."""
    if not isinstance(node, cst.Call) or len(node.args) != 1 or not isinstance(node.args[0].value, cst.GeneratorExp):
        return None
    return node.args[0].value if view.facts.qualified_name(node.func) == "builtins.sum" else None


def obstacle(view: View, call: cst.Call, generator: cst.GeneratorExp) -> str:
    """Why the sum cannot be a loop before its statement; "" where it can."""
    loop = generator.for_in
    counted = isinstance(loop.iter, cst.Call) and view.facts.qualified_name(loop.iter.func) == "builtins.range"
    if not counted or loop.inner_for_in is not None or loop.asynchronous is not None:
        return "a sum over something else than a range"
    if not isinstance(loop.target, cst.Name) or loop.target.value in view.facts.code.scopes.own.bound:
        return "a sum over a name that the function binds too"
    statement = view.statement(call)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return "a sum in the header of a statement"
    above = list(view.ancestors(call))
    if any(isinstance(holder, _CONDITIONAL) for holder in above[: above.index(statement)]):
        return "a sum that is not always computed"
    if _kind(view, generator) not in ("int", "float", ""):
        return "a sum of something else than ints or floats"
    return ""


def is_of_floats(view: View, generator: cst.GeneratorExp) -> bool:
    """Whether floats are added up, rather than ints."""
    return _kind(view, generator) == "float"


def as_loops(view: View, roots: Sequence[cst.CSTNode], renamed: Mapping[str | cst.CSTNode, str]) -> Renamed:
    """The statements with sums of generators among `roots`, each as the loops that add up and what is left of it."""
    calls: dict[cst.CSTNode, list[cst.Call]] = {}
    for call in view.walk(cst.Call):
        if generator_of(view, call) is not None and any(view.inside(call, root) for root in roots):
            calls.setdefault(view.statement(call), []).append(call)
    taken: set[str] = set()
    return {statement: "\n".join(_lines(view, statement, of, renamed, taken)) for statement, of in calls.items()}


def _lines(
    view: View,
    statement: cst.CSTNode,
    calls: Sequence[cst.Call],
    renamed: Mapping[str | cst.CSTNode, str],
    taken: set[str],
) -> Iterator[str]:
    """Flush left, but for the lines after the first, which stand as deep as the statement."""
    span = view.slice.span(statement)
    indent = view.slice.file.text[view.slice.lines_span(statement).start : span.start].rsplit("\n", 1)[-1]
    whole = _assigned(view, statement, calls)
    names: Renamed = {}
    for call in calls:
        names[call] = whole or _name(view, taken)
        loop = _loop(view, call, names[call], renamed)
        yield f"\n{indent}".join(loop) if call is calls[0] else indent + f"\n{indent}".join(loop)
    if not whole:
        yield indent + view.swapped(statement, {**renamed, **names})


def _loop(view: View, call: cst.Call, name: str, renamed: Mapping[str | cst.CSTNode, str]) -> Iterator[str]:
    generator = cst.ensure_type(call.args[0].value, cst.GeneratorExp)
    source = generator.for_in
    yield f"{name} = {'0.0' if is_of_floats(view, generator) else '0'}"
    yield f"for {view.code(source.target)} in {view.swapped(source.iter, renamed)}:"
    indent = "    "
    for condition in source.ifs:
        yield f"{indent}if {view.swapped(condition.test, renamed)}:"
        indent += "    "
    item = view.swapped(generator.elt, renamed)
    yield f"{indent}{name} += ({item})" if "\n" in item else f"{indent}{name} += {item}"


def _assigned(view: View, statement: cst.CSTNode, calls: Sequence[cst.Call]) -> str:
    """The name that the statement binds to the sum, and to nothing else; "" where the sum is a part of it."""
    line = cst.ensure_type(statement, cst.SimpleStatementLine)
    small = line.body[0]
    if not isinstance(small, cst.Assign) or len(small.targets) != 1 or small.value is not calls[0]:
        return ""
    target = small.targets[0].target
    if not isinstance(target, cst.Name) or line.trailing_whitespace.comment is not None:
        return ""
    is_read = any(n.value == target.value for n in view.walk(cst.Name) if view.inside(n, calls[0]))
    return "" if is_read else target.value


def _name(view: View, taken: set[str]) -> str:
    name, number = "total", 1
    while name in taken or view.fresh(name) != name:
        number += 1
        name = f"total_{number}"
    taken.add(name)
    return name


def _kind(view: View, generator: cst.GeneratorExp) -> str:
    """What is added up; "" where that is not known."""
    return " or ".join(sorted(Kinds(view).names(generator.elt)))
