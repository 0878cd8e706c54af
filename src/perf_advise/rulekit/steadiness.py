"""Whether a container seems to stay the same during a loop: what the text says where the facts know no types."""

import libcst as cst

from perf_advise.model.facts import Truth
from perf_advise.rulekit.costs import calls_in, seems_to_act
from perf_advise.rulekit.escapes import only_reads
from perf_advise.rulekit.matches import Need, NeedKind
from perf_advise.rulekit.patterns import same_code
from perf_advise.rulekit.view import View


def steady(view: View, expr: cst.BaseExpression, loop: cst.CSTNode) -> Need:
    """The container is the same in every iteration.

    Where that is not known, but nothing in the loop is seen to change it, only the fix goes: the shape is there.
    """
    answer = view.facts.invariant_in(expr, loop)
    seems = answer.truth is Truth.UNKNOWN and seems_steady(view, expr, loop)
    kind = NeedKind.REPAIR if seems else NeedKind.IDENTITY
    return Need(answer, f"`{view.code(expr)}` is the same in every iteration", kind)


def seems_steady(view: View, expr: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether the loop neither binds a variable or attribute anew, nor is seen to change it or to hand it on."""
    root = expr.value if isinstance(expr, cst.Attribute) else expr
    if not isinstance(root, cst.Name):
        return False
    if root.value in view.facts.effects(loop).binds or _bound_by(loop, root.value):
        return False
    uses = [node for node in view.walk(type(expr)) if view.inside(node, loop) and same_code(node, expr)]
    kept = all(only_reads(view, use) for use in uses)  # type: ignore[arg-type]
    return kept and (root is expr or not _acts_on(view, root, loop))


def _bound_by(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.For | cst.CompFor | cst.NamedExpr) and _holds(node.target, name):
        return True
    return any(_bound_by(child, name) for child in node.children)


def _holds(target: cst.CSTNode, name: str) -> bool:
    if isinstance(target, cst.Name):
        return target.value == name
    return isinstance(target, cst.Tuple | cst.List | cst.Element) and any(_holds(c, name) for c in target.children)


def _acts_on(view: View, root: cst.Name, loop: cst.CSTNode) -> bool:
    """Whether a method of the object itself is called that changes it by its name, or it is handed on."""
    for call in calls_in(loop):
        func = call.func
        on_it = isinstance(func, cst.Attribute) and same_code(func.value, root)
        if on_it and seems_to_act(view, call):
            return True
        if any(same_code(arg.value, root) for arg in call.args):
            return True
    return False
