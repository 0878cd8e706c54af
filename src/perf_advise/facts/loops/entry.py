"""What a name was set to right before a loop."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.tree import dotted, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts


@dataclass(frozen=True, slots=True)
class Entry:
    """The assignment before a loop that gives a name (or cell, by its text) the value it enters with."""

    statement: cst.CSTNode
    value: cst.BaseExpression


def value_before(loop: cst.CSTNode, name: str, facts: "Facts") -> Entry | None:
    """The last assignment to `name` (`total`, `self.total`) before `loop` in its block, where it is plain to see.

    None where the name may have been bound again in between, or where another block assigned it.
    """
    between: list[cst.CSTNode] = []
    for statement in _before(loop, facts):
        entry = _assignment(statement, name)
        if entry is not None:
            return entry if _is_still_so(entry.value, between) else None
        if _mentions_binding(statement, name):
            return None
        between.append(statement)
    return None


def _is_still_so(value: cst.BaseExpression, between: list[cst.CSTNode]) -> bool:
    """Whether the names that the value was computed from kept their meaning since."""
    held = {dotted(n) for n in walk(value) if isinstance(n, cst.Name | cst.Attribute)}
    return not any(name and _mentions_binding(statement, name) for statement in between for name in held)


def _before(loop: cst.CSTNode, facts: "Facts") -> list[cst.CSTNode]:
    """The small statements and compound statements before a loop in its block, nearest first."""
    block = facts.slice.parent(loop)
    body = getattr(block, "body", None)
    if not isinstance(body, list | tuple) or loop not in body:
        return []
    found: list[cst.CSTNode] = []
    for statement in body[: body.index(loop)]:
        found += statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    return found[::-1]


def _assignment(statement: cst.CSTNode, name: str) -> Entry | None:
    if isinstance(statement, cst.Assign):
        for target in statement.targets:
            value = _component(target.target, statement.value, name)
            if value is not None:
                return Entry(statement, value)
    if isinstance(statement, cst.AnnAssign) and statement.value is not None and dotted(statement.target) == name:
        return Entry(statement, statement.value)
    return None


def _component(target: cst.BaseExpression, value: cst.BaseExpression, name: str) -> cst.BaseExpression | None:
    """The value of a name in `a = v` or `a, b = v, w`."""
    if dotted(target) == name:
        return value
    if not isinstance(target, cst.Tuple | cst.List) or not isinstance(value, cst.Tuple | cst.List):
        return None
    if len(target.elements) != len(value.elements):
        return None
    for element, inner in zip(target.elements, value.elements, strict=True):
        if dotted(element.value) == name:
            return inner.value
    return None


def _mentions_binding(statement: cst.CSTNode, name: str) -> bool:
    """Whether the statement could bind the name: a compound one that mentions it, or an assignment to it."""
    if isinstance(statement, cst.BaseCompoundStatement):
        return any(dotted(n) == name for n in walk(statement) if isinstance(n, cst.Name | cst.Attribute))
    targets: list[cst.CSTNode] = [t.target for t in statement.targets] if isinstance(statement, cst.Assign) else []
    targets += [statement.target] if isinstance(statement, cst.AugAssign | cst.AnnAssign | cst.Del) else []
    return any(dotted(n) == name for target in targets for n in walk(target))
