"""Containers that grow by being rebuilt: `xs = xs + more`, and whether they could grow in place instead."""

from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit import needs
from perf_advise.rulekit.escapes import stays_private, variable_uses
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.patterns import match_pattern, same_code
from perf_advise.rulekit.view import View

_MADE = (cst.List, cst.ListComp, cst.Set, cst.SetComp, cst.Dict, cst.DictComp)
_MAKERS = ("list($_)", "set($_)", "set()", "dict($_)", "dict()")


@dataclass(frozen=True, slots=True)
class Growth:
    """An assignment `name = base + more`: `base` is the read of the container that is copied.

    `more` is the right operand or the argument of `union`; for `{**base, ...}` the display itself.
    """

    name: cst.Name
    base: cst.BaseExpression
    more: cst.BaseExpression


def growth_of(view: View, node: cst.CSTNode | None) -> Growth | None:
    """What an assignment adds to a copy of the variable that it assigns to."""
    if not isinstance(node, cst.Assign) or len(node.targets) > 1:
        return None
    name = node.targets[0].target
    found = _copied(view, node.value)
    if found is None or not isinstance(name, cst.Name) or not same_code(found[0], name):
        return None
    return Growth(name, *found)


def _copied(view: View, value: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    if isinstance(value, cst.Dict):
        first = value.elements[0] if len(value.elements) > 1 else None
        return (first.value, value) if isinstance(first, cst.StarredDictElement) else None
    for pattern in ("$items + $more", "$items | $more", "$items.union($more)"):
        if bound := match_pattern(pattern, value, view.facts):
            return bound["items"], bound["more"]
    return None


def _statement_loops(view: View, node: cst.CSTNode) -> list[cst.CSTNode]:
    return [loop for loop in view.repeats(node) if isinstance(loop, cst.For | cst.While)]


def may_grow_in_place(view: View, grown: Growth, assign: cst.Assign) -> Need:
    """Nobody else would see the container grow."""
    name = grown.name.value
    local = view.facts.scope(name) == "local" and not view.facts.is_captured(name)
    return needs.holds(
        local and _grows_alone(view, name, assign),
        f"nothing else holds `{name}` until the loop ends",
        "it is not made right before the loop, or something else gets hold of it",
    )


def _grows_alone(view: View, name: str, growth: cst.Assign) -> bool:
    """Whether the container is made in the block of a loop, before it, and stays private from there to its end."""
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
        return growth_of(view, assign) is not None or _makes_new(view, assign)
    if isinstance(holder, cst.For) and holder in view.ancestors(growth):
        return False
    line = view.statement(use)
    grown = growth_of(view, line.body[0]) if isinstance(line, cst.SimpleStatementLine) else None
    return (grown is not None and grown.base is use) or stays_private(view, use)


def _made_before(view: View, name: str, loop: cst.CSTNode) -> cst.CSTNode | None:
    """The last statement before the loop, in its block, that binds the name; None unless it makes a new container."""
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
            return line if _makes_new(view, statement) else None
    return None


def _makes_new(view: View, statement: cst.CSTNode | None) -> bool:
    if not isinstance(statement, cst.Assign | cst.AnnAssign) or statement.value is None:
        return False
    alone = isinstance(statement, cst.AnnAssign) or len(statement.targets) == 1
    value = statement.value
    return alone and (isinstance(value, _MADE) or any(match_pattern(p, value, view.facts) is not None for p in _MAKERS))
