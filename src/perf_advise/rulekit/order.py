"""Whether one place of a function is always reached before another."""

import libcst as cst

from perf_advise.rulekit.view import View


def comes_before(view: View, first: cst.BaseExpression, second: cst.BaseExpression) -> bool:
    """Whether the second is only reached after the first, in the same turn of the same loops."""
    if view.repeats(first) and view.repeats(first) != view.repeats(second)[-len(view.repeats(first)) :]:
        return False
    child: cst.CSTNode = first
    for holder in view.ancestors(first):
        if isinstance(holder, cst.If | cst.While) and child is holder.test:
            return view.inside(second, holder) or view.inside(second, _block(view, holder))
        if isinstance(holder, cst.IfExp | cst.BooleanOperation | cst.Lambda | cst.CompFor | cst.Try):
            return view.inside(second, holder) and _is_first(holder, child)
        if isinstance(holder, cst.IndentedBlock | cst.SimpleStatementSuite):
            return view.inside(second, holder)
        child = holder
    return True


def _is_first(holder: cst.CSTNode, child: cst.CSTNode) -> bool:
    """Whether a part of an expression is evaluated before its others, in any case."""
    return child is getattr(holder, "test", None) or child is getattr(holder, "left", None)


def _block(view: View, statement: cst.CSTNode) -> cst.CSTNode:
    return view.parent(statement) or statement
