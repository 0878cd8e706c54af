"""Whether a container seems to stay the same during a loop: what the text says where the facts know no types."""

import ast

import libcst as cst

from perf_advise.facts.tree import children
from perf_advise.model.facts import Answer, Truth
from perf_advise.rulekit.costs import calls_in, seems_to_act
from perf_advise.rulekit.escapes import CHANGING_METHODS, only_reads, variable_uses
from perf_advise.rulekit.matches import Need, NeedKind
from perf_advise.rulekit.needs import negated
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
    if not kept or _other_name_changes(view, expr, loop):
        return False
    if root is expr:
        return not view.facts.is_captured(root.value)
    return not _acts_on(view, root, loop) and not _methods_change(view, cst.ensure_type(expr, cst.Attribute), loop)


def _other_name_changes(view: View, expr: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether a variable that is assigned from the container, or to it, does more in the loop than read."""
    for assign in view.walk(cst.Assign):
        sides = [assign.value, *(target.target for target in assign.targets)]
        others = {side.value for side in sides if isinstance(side, cst.Name) and not same_code(side, expr)}
        if others and any(same_code(side, expr) for side in sides):
            uses = (use for name in others for use in variable_uses(view, name) if view.inside(use, loop))
            if not all(only_reads(view, use) for use in uses):
                return True
    return False


def _methods_change(view: View, expr: cst.Attribute, loop: cst.CSTNode) -> bool:
    """Whether a method of the object that the loop calls, or one that it calls in turn, does more than read the
    attribute: by the functions of that name in the file."""
    named: dict[str, list[ast.AST]] = {}
    for site in view.index.functions:
        named.setdefault(site.name, []).append(view.index.node(site))
    called = [c.func.attr.value for c in calls_in(loop) if isinstance(c.func, cst.Attribute)
              and same_code(c.func.value, expr.value)]  # fmt: skip
    known: set[str] = set()
    while called:
        name = called.pop()
        if name in known:
            continue
        known.add(name)
        for function in named.get(name, ()):
            if _stores(function, expr.attr.value):
                return True
            called += [n.func.attr for n in ast.walk(function) if isinstance(n, ast.Call)
                       and isinstance(n.func, ast.Attribute)]  # fmt: skip
    return False


def _stores(function: ast.AST, attribute: str) -> bool:
    """Whether a function binds an attribute of this name, stores into it, or calls a method of it that changes it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target: ast.AST = node.value if isinstance(node, ast.Subscript) else node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING_METHODS:
            target = node.func.value
        else:
            continue
        if isinstance(target, ast.Attribute) and target.attr == attribute:
            return True
    return False


def _bound_by(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.For | cst.CompFor | cst.NamedExpr) and _holds(node.target, name):
        return True
    return any(_bound_by(child, name) for child in children(node))


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


def steady_between(view: View, first: cst.CSTNode, second: cst.CSTNode) -> Need:
    """Nothing that runs between two places changes what the second reads.

    Where that is not known, but nothing in between is seen to bind or change it, only the fix goes.
    """
    claim = f"nothing in between changes what `{view.code(second)}` reads"
    between = _between(view, first, second)
    reads = view.facts.effects(second).reads
    if reads & view.facts.effects(between).binds or any(_bound_by(node, name) for node in between for name in reads):
        return Need(Answer.no("a name is bound in between"), claim)
    answers = [negated(view.facts.may_mutate(between, name)) for name in sorted(reads)] if between else []
    worst = next((answer for answer in answers if not answer.holds), Answer.yes("nothing in between does"))
    acting = any(_changes(view, node, reads) for node in between)
    if not view.facts.is_pure(second).holds:  # it may read what no name tells of
        acting = acting or any(not view.facts.is_pure(call).holds for node in between for call in calls_in(node))
    return Need(worst, claim, NeedKind.IDENTITY if acting else NeedKind.REPAIR)


def _between(view: View, first: cst.CSTNode, second: cst.CSTNode) -> list[cst.CSTNode]:
    """The simple statements and tests that begin between two places, and those of the loops around both."""
    shared = [loop for loop in view.repeats(second) if loop not in view.repeats(first)]
    start, end = view.slice.span(first).end, view.slice.span(second).start
    kinds = (cst.Assign, cst.AugAssign, cst.AnnAssign, cst.Expr, cst.Del, cst.Call)
    return [
        node
        for node in view.walk(*kinds)
        if (start <= view.slice.span(node).start < end and not view.inside(second, node))
        or (any(view.inside(node, loop) for loop in shared) and not view.inside(second, node))
    ]


def _changes(view: View, node: cst.CSTNode, reads: frozenset[str]) -> bool:
    """Whether the node is seen to store into one of the names, to call an acting method on it, or to hand it on."""
    targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [getattr(node, "target", node)]
    if any(isinstance(t, cst.Attribute | cst.Subscript) and _root(t) in reads for t in targets):
        return True
    for call in calls_in(node):
        handed = {arg.value.value for arg in call.args if isinstance(arg.value, cst.Name)}
        on = _root(call.func) if isinstance(call.func, cst.Attribute) else ""
        if on in reads and (seems_to_act(view, call) or on == "self"):
            return True
        if handed & reads and not (view.facts.qualified_name(call.func) or "").startswith("builtins."):
            return True
    return False


def _root(node: cst.CSTNode) -> str:
    while isinstance(node, cst.Attribute | cst.Subscript | cst.Call):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else ""


def steady_in(view: View, expr: cst.CSTNode, loop: cst.CSTNode) -> Need:
    """The expression gives the same in every iteration.

    Where that is not known, but the loop is not seen to bind or change what it reads, only the fix goes.
    """
    claim = "it gives the same in every iteration"
    answer = view.facts.invariant_in(expr, loop)
    reads = view.facts.effects(expr).reads
    bound = reads & view.facts.effects(loop).binds or any(_bound_by(loop, name) for name in reads - _own(expr))
    kinds = (cst.Assign, cst.AugAssign, cst.AnnAssign, cst.Expr, cst.Del, cst.Call)
    around = [node for node in view.walk(*kinds) if view.inside(node, loop) and not view.inside(node, expr)]
    acting = any(_changes(view, node, reads) for node in around if not view.inside(expr, node))
    if bound:
        return Need(Answer.no("the loop binds what it reads"), claim)
    return Need(answer, claim, NeedKind.IDENTITY if acting else NeedKind.REPAIR)


def _own(expr: cst.CSTNode) -> set[str]:
    """The names that comprehensions in it bind for themselves."""
    found: set[str] = set()
    if isinstance(expr, cst.CompFor):
        found = {name.value for name in _names(expr.target)}
    return found.union(*(_own(child) for child in expr.children))


def _names(target: cst.CSTNode) -> list[cst.Name]:
    return [target] if isinstance(target, cst.Name) else [n for child in target.children for n in _names(child)]
