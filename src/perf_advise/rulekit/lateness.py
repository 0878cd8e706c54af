"""Where a value that is computed early is first needed: after early exits, or in the only branch that reads it."""

from collections.abc import Sequence

import libcst as cst

from perf_advise.rulekit.escapes import variable_uses
from perf_advise.rulekit.view import View

Place = tuple[cst.CSTNode, bool, tuple[cst.CSTNode, ...]]
"""The statement where the assignment belongs, whether after it, and what runs before it that ran later."""


def needed_at(view: View, line: cst.CSTNode, name: str) -> Place | None:
    """Where an assignment of `name` that stands in `line` could stand later; None where it is needed at once."""
    block = list(view.siblings(line))
    rest = block[block.index(line) + 1 :] if line in block else []
    if not all(any(view.inside(use, later) for later in (line, *rest)) for use in variable_uses(view, name)):
        return None  # read elsewhere: after the loop around, or before in its next turn
    found: Place | None = None
    between: list[cst.CSTNode] = []
    for statement in rest:
        if isinstance(statement, cst.If):
            between.append(statement.test)
            if _mentions(view, statement.test, name):
                return found
            if not _mentions(view, statement, name) and _leaves(statement):
                found = (statement, True, tuple(between))
                continue
            return found or _branch(view, statement, name, tuple(between))
        if not isinstance(statement, cst.SimpleStatementLine) or _mentions(view, statement, name):
            return found
        between.append(statement)
    return found


def _branch(view: View, statement: cst.If, name: str, between: tuple[cst.CSTNode, ...]) -> Place | None:
    """The start of the only branch that reads the name, where nothing reads it later."""
    if name in view.facts.live_after(statement):
        return None
    branches = [statement.body, *([statement.orelse.body] if isinstance(statement.orelse, cst.Else) else ())]
    using = [body for body in branches if _mentions(view, body, name)]
    elsewhere = isinstance(statement.orelse, cst.If) and _mentions(view, statement.orelse, name)
    if len(using) != 1 or elsewhere or not isinstance(using[0], cst.IndentedBlock):
        return None
    return (using[0].body[0], False, between)


def _leaves(statement: cst.If) -> bool:
    """Whether the only branch ends in `return`, `continue` or `break`."""
    body: Sequence[cst.CSTNode] = statement.body.body
    last = body[-1] if body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return statement.orelse is None and isinstance(last, cst.Return | cst.Continue | cst.Break)


def _mentions(view: View, node: cst.CSTNode, name: str) -> bool:
    return any(view.inside(use, node) for use in variable_uses(view, name))
