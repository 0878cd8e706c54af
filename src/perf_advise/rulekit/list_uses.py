"""What a stretch of code does with one list: appends to it, tests membership, reads it, or something else."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.rulekit.escapes import only_reads, variable_uses
from perf_advise.rulekit.patterns import match_pattern
from perf_advise.rulekit.view import View

_FEW = 4
"""A test against so many items takes no longer than one against a set."""


@dataclass
class ListUses:
    """The uses by kind: `made` are the empty lists bound to the name, `other` counts whatever may do anything."""

    tests: list[cst.Comparison] = field(default_factory=list)
    appends: list[cst.Call] = field(default_factory=list)
    made: list[cst.BaseExpression] = field(default_factory=list)
    reads: int = 0
    other: int = 0


def list_uses(view: View, names: Iterable[cst.Name]) -> ListUses:
    """Sort the uses of a variable."""
    uses = ListUses()
    for use in names:
        holder = view.parent(use)
        outer = view.parent(holder) if holder is not None else None
        made = made_empty(view, use)
        if isinstance(holder, cst.Attribute) and isinstance(outer, cst.Call) and is_append(view, outer):
            uses.appends.append(outer)
        elif isinstance(holder, cst.ComparisonTarget) and isinstance(outer, cst.Comparison) and is_membership(outer):
            uses.tests.append(outer)
        elif made is not None:
            uses.made.append(made)
        elif only_reads(view, use):
            uses.reads += 1
        else:
            uses.other += 1
    return uses


def is_membership(test: cst.Comparison) -> bool:
    """Whether the comparison is a single `in` or `not in`."""
    return len(test.comparisons) == 1 and isinstance(test.comparisons[0].operator, cst.In | cst.NotIn)


def is_short_display(view: View, items: cst.BaseExpression) -> bool:
    """Whether it is a local variable that only ever holds a list of up to four items, written out."""
    if not isinstance(items, cst.Name) or view.facts.scope(items.value) != "local":
        return False
    uses = variable_uses(view, items.value)
    made = [view.parent(holder) for use in uses if isinstance(holder := view.parent(use), cst.AssignTarget)]
    called = any(isinstance(holder := view.parent(use), cst.Attribute) and holder.value is use for use in uses)
    value = made[0].value if len(made) == 1 and isinstance(made[0], cst.Assign) else None
    if called or not isinstance(value, cst.List) or len(view.facts.definitions(items.value)) != 1:
        return False
    return len(value.elements) <= _FEW and all(isinstance(element, cst.Element) for element in value.elements)


def made_empty(view: View, use: cst.Name) -> cst.BaseExpression | None:
    """The empty list that an assignment to this name alone binds to it."""
    holder = view.parent(use)
    assign = view.parent(holder) if isinstance(holder, cst.AssignTarget) else None
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or assign.targets[0].target is not use:
        return None
    is_empty = isinstance(assign.value, cst.List) and not assign.value.elements
    return assign.value if is_empty else None


def starts_empty(view: View, name: str, loop: cst.CSTNode) -> bool:
    """Whether nothing happens to a list between its making, empty, in the block of a loop, and the loop."""
    before = [use for use in variable_uses(view, name) if view.slice.span(use).start < view.slice.span(loop).start]
    in_block = any(view.statement(use) in view.siblings(loop) for use in before)
    return len(before) == 1 and in_block and made_empty(view, before[0]) is not None


def is_append(view: View, call: cst.Call) -> bool:
    """Whether the call is a line that appends an item to something."""
    return (
        isinstance(view.parent(call), cst.Expr) and match_pattern("$items.append($item)", call, view.facts) is not None
    )
