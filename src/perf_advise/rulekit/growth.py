"""Lists that grow by being rebuilt: `xs = xs + more`, and whether they could grow in place instead."""

import libcst as cst

from perf_advise.rulekit.escapes import stays_private, variable_uses
from perf_advise.rulekit.patterns import match_pattern, same_code
from perf_advise.rulekit.view import View


def growth_of(view: View, node: cst.CSTNode | None) -> tuple[cst.Name, cst.BaseExpression] | None:
    """`xs` and `more` of an assignment `xs = xs + more`."""
    if not isinstance(node, cst.Assign) or len(node.targets) > 1:
        return None
    name = node.targets[0].target
    bound = match_pattern("$items + $more", node.value, view.facts)
    if bound is None or not isinstance(name, cst.Name) or not same_code(bound["items"], name):
        return None
    return name, bound["more"]


def _statement_loops(view: View, node: cst.CSTNode) -> list[cst.CSTNode]:
    return [loop for loop in view.repeats(node) if isinstance(loop, cst.For | cst.While)]


def grows_alone(view: View, name: str, growth: cst.Assign) -> bool:
    """Whether the list is made in the block of a loop, before it, and stays private from there to the loop's end."""
    for loop in _statement_loops(view, growth):
        made = _made_before(view, name, loop)
        if made is not None:
            start, end = view.slice.span(made).end, view.slice.span(loop).end
            uses = [use for use in variable_uses(view, name) if start <= view.slice.span(use).start < end]
            return all(_is_harmless(view, use, growth) for use in uses)
    return False


def _is_harmless(view: View, use: cst.Name, growth: cst.Assign) -> bool:
    holder = view.parent(use)
    if isinstance(holder, cst.AssignTarget):
        assign = view.parent(holder)
        return growth_of(view, assign) is not None or _makes_list(view, assign)
    if isinstance(holder, cst.BinaryOperation):
        return holder.left is use and growth_of(view, view.parent(holder)) is not None
    if isinstance(holder, cst.For) and holder in view.ancestors(growth):
        return False
    return stays_private(view, use)


def _made_before(view: View, name: str, loop: cst.CSTNode) -> cst.CSTNode | None:
    """The last statement before the loop, in its block, that binds the name; None unless it makes a new list."""
    block = list(view.siblings(loop))
    for line in reversed(block[: block.index(loop)] if loop in block else []):
        statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if isinstance(statement, cst.Assign):
            target: cst.CSTNode = statement.targets[0].target
        elif isinstance(statement, cst.AnnAssign):
            target = statement.target
        else:
            continue
        if isinstance(target, cst.Name) and target.value == name:
            return line if _makes_list(view, statement) else None
    return None


def _makes_list(view: View, statement: cst.CSTNode | None) -> bool:
    if not isinstance(statement, cst.Assign | cst.AnnAssign) or statement.value is None:
        return False
    alone = isinstance(statement, cst.AnnAssign) or len(statement.targets) == 1
    called = match_pattern("list($_)", statement.value, view.facts) is not None
    return alone and (isinstance(statement.value, cst.List | cst.ListComp) or called)
