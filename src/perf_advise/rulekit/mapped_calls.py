"""Calls made once per item, in a comprehension or an append loop: the shape that pools and gathers take over."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.executors import Executor
from perf_advise.rulekit.matches import Replacement, Rewrite
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class MappedCall:
    """`[f(x, k) for x in xs]` or `for x in xs: out.append(f(x, k))`.

    `node` is the comprehension or the loop, `place` the statement to replace, `out` the list that is appended to.
    """

    call: cst.Call
    item: cst.Name
    items: cst.BaseExpression
    node: cst.CSTNode
    place: cst.CSTNode
    out: cst.Name | None

    @property
    def invariants(self) -> tuple[cst.BaseExpression, ...]:
        """The arguments that are not the item."""
        return tuple(a.value for a in self.call.args if not self.is_item(a.value))

    def is_item(self, value: cst.BaseExpression) -> bool:
        """Whether an argument is the item itself."""
        return isinstance(value, cst.Name) and value.value == self.item.value


def mapped_calls(view: View) -> Iterator[MappedCall]:
    """All of them, in source order within each kind: comprehensions that are a statement's whole value, then loops."""
    for comp in view.walk(cst.ListComp):
        loop = comp.for_in
        plain = loop.inner_for_in is None and not loop.ifs and loop.asynchronous is None
        if plain and isinstance(view.parent(comp), cst.Return | cst.Assign):
            yield from _mapped(view, comp.elt, loop.target, loop.iter, comp, None)
    for node in view.walk(cst.For):
        appended = _appended(node)
        if appended is not None and node.orelse is None and node.asynchronous is None:
            yield from _mapped(view, appended[1], node.target, node.iter, node, appended[0])


def over_pool(mapped: MappedCall, view: View, executor: Executor) -> Rewrite:
    """The calls mapped over the workers of an executor, in the same order."""
    name, items = view.fresh(executor.name), view.code(mapped.items)
    columns = [
        items if mapped.is_item(a.value) else _repeated(view, view.code(a.value), items, executor)
        for a in mapped.call.args
    ]
    results = f"{executor.mapping.format(name=name)}.map({view.code(mapped.call.func)}, {', '.join(columns)})"
    if mapped.out is not None:
        inside = f"{mapped.out.value}.extend({results})"
    else:
        inside = view.code(mapped.place).replace(view.code(mapped.node), f"list({results})")
    code = f"with {view.name_of(executor.target)}() as {name}:\n    {inside}"
    repeats = mapped.invariants and executor.takes_iterators
    return Rewrite(
        (Replacement.of(mapped.place, code),),
        imports=(executor.target, "itertools.repeat") if repeats else (executor.target,),
        packages=executor.packages,
        differences=(executor.note,) if executor.note else (),
    )


def _repeated(view: View, value: str, items: str, executor: Executor) -> str:
    """The same argument for each call."""
    if executor.takes_iterators:
        return f"{view.name_of('itertools.repeat')}({value})"
    return f"[{value}] * len({items})"


def _mapped(
    view: View, call: cst.CSTNode, item: cst.CSTNode, items: cst.BaseExpression, node: cst.CSTNode, out: cst.Name | None
) -> Iterator[MappedCall]:
    if not isinstance(call, cst.Call) or not isinstance(item, cst.Name):
        return
    found = MappedCall(call, item, items, node, view.statement(node), out)
    plain = all(a.keyword is None and not a.star for a in call.args)
    if plain and any(found.is_item(a.value) for a in call.args):
        yield found


def _appended(loop: cst.For) -> tuple[cst.Name, cst.BaseExpression] | None:
    """`out` and `value` of a loop whose whole body is `out.append(value)`."""
    body = loop.body.body
    line = body[0] if len(body) == 1 else None
    expr = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    call = expr.value if isinstance(expr, cst.Expr) else None
    if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and len(call.args) == 1):
        return None
    out = call.func.value
    if call.func.attr.value != "append" or not isinstance(out, cst.Name):
        return None
    return out, call.args[0].value
