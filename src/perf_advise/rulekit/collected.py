"""A value that each iteration of a loop builds on, and that could be built once from what the loop collects."""

from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.escapes import variable_uses
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class Growth:
    """`name` is made by `made` (a line before `loop`), and `step` (a line in the loop) is all that touches it there."""

    name: str
    value: cst.BaseExpression
    made: cst.SimpleStatementLine
    loop: cst.For | cst.While
    step: cst.SimpleStatementLine


def growth_in_loop(view: View, name: str, node: cst.CSTNode) -> Growth | None:
    """The growth of a local variable by the statement of `node`; None where anything else looks at it meanwhile."""
    step = view.statement(node)
    if not isinstance(step, cst.SimpleStatementLine) or len(step.body) != 1:
        return None
    if view.facts.scope(name) != "local" or view.facts.is_captured(name):
        return None
    for loop in view.repeats(node):
        found = _made_before(view, name, loop) if isinstance(loop, cst.For | cst.While) else None
        if found is not None and isinstance(loop, cst.For | cst.While):
            start, end = view.slice.span(found[0]).end, view.slice.span(loop).end
            uses = [use for use in variable_uses(view, name) if start <= view.slice.span(use).start < end]
            alone = all(view.inside(use, step) for use in uses) and not _is_guarded(view, loop)
            return Growth(name, found[1], found[0], loop, step) if alone else None
    return None


def _is_guarded(view: View, loop: cst.CSTNode) -> bool:
    """Whether a handler around the loop could see what was built until an error."""
    return any(isinstance(holder, cst.Try | cst.TryStar) for holder in view.ancestors(loop))


def _made_before(view: View, name: str, loop: cst.CSTNode) -> tuple[cst.SimpleStatementLine, cst.BaseExpression] | None:
    """The last line before the loop, in its block, that assigns to the name alone, and what it assigns."""
    block = list(view.siblings(loop))
    for line in reversed(block[: block.index(loop)] if loop in block else []):
        if not any(view.inside(use, line) for use in variable_uses(view, name)):
            continue
        statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
            return None
        target = statement.targets[0].target
        own = isinstance(target, cst.Name) and target.value == name and isinstance(line, cst.SimpleStatementLine)
        return (line, statement.value) if own and isinstance(line, cst.SimpleStatementLine) else None
    return None
