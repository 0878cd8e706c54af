"""Where something that a loop computes again and again can be computed once: before which loop, and whether at all."""

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from perf_advise.model.facts import Answer, Truth
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.view import Comprehension, View

_CONSUMERS = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})


def outermost_invariant(view: View, expr: cst.BaseExpression, loops: Sequence[cst.CSTNode]) -> cst.CSTNode:
    """The outermost of `loops` (innermost first) in which `expr` gives the same and before which it can stand."""
    outer = loops[0]
    for loop in loops[1:]:
        if not (view.facts.invariant_in(expr, loop).holds and stands_before(view, expr, loop).answer.holds):
            break
        outer = loop
    return outer


def stands_before(view: View, expr: cst.BaseExpression, loop: cst.CSTNode) -> Need:
    """Whether `expr`, computed in a line before the statement that holds `loop`, gives what it gives at the loop."""
    claim = f"`{view.code(expr)}` is the same before the statement"
    statement = view.statement(loop)
    typed = view.facts.same_type_before(expr, statement)
    if loop is statement or not typed.holds:
        return Need(typed, claim)
    obstacle = _obstacle(view, loop, statement)
    if obstacle:
        return Need(Answer.no(obstacle), claim)
    earlier = tuple(_evaluated_before(view, loop, statement))
    for name in sorted(_names(expr)):
        if any(name in _bound(node) for node in earlier):
            return Need(Answer.no(f"the statement binds `{name}` first"), claim)
        changed = view.facts.may_mutate(earlier, name) if earlier else Answer.no("nothing runs before it")
        if changed.truth is not Truth.NO:
            return Need(Answer.unknown(f"the statement may change `{name}` first"), claim)
    return Need(Answer.yes("nothing in the statement comes before it"), claim)


def is_unconditional(view: View, node: cst.CSTNode, loop: cst.CSTNode) -> bool:
    """Whether each iteration of `loop` comes to `node`, unless it is left before: no branch stands between them."""
    child = node
    for holder in view.ancestors(node):
        if holder is loop:
            return True
        if isinstance(holder, cst.If | cst.IfExp | cst.While) and child is not holder.test:
            return False
        if isinstance(holder, cst.BooleanOperation) and child is not holder.left:
            return False
        if isinstance(holder, cst.Comparison) and len(holder.comparisons) > 1:
            return False
        if isinstance(holder, cst.Else | cst.Try | cst.TryStar | cst.Match | cst.Lambda | cst.Assert):
            return False
        child = holder
    return True


def name_after(view: View, expr: cst.CSTNode, suffix: str) -> str:
    """A free name for something computed from `expr`: `ys_set` for `ys`, `parent_items_set` for `parent.items`."""
    words = re.sub(r"\W+", "_", view.code(expr)).strip("_").removeprefix("self_").strip("_")
    chain = isinstance(expr, cst.Name | cst.Attribute) and words.isidentifier()
    return view.fresh(f"{words}_{suffix}" if chain else f"{suffix}_result")


def _obstacle(view: View, loop: cst.CSTNode, statement: cst.CSTNode) -> str:
    if isinstance(loop, cst.GeneratorExp) and not is_consumed_at_once(view, loop):
        return "the generator may run later"
    if isinstance(statement, cst.While):
        return "the test of a `while` is evaluated again and again"
    if isinstance(statement, cst.If) and isinstance(view.parent(statement), cst.If):
        return "the test of an `elif` comes after another"
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
        return "several statements share the line"
    child = loop
    for holder in view.ancestors(loop):
        if isinstance(holder, (*Comprehension, cst.Lambda, cst.CompFor)):
            return "it stands in a comprehension or a lambda"
        if not _always_evaluates(holder, child):
            return "the statement comes to it only where a condition holds"
        if holder is statement:
            break
        child = holder
    return ""


def _always_evaluates(holder: cst.CSTNode, child: cst.CSTNode) -> bool:
    """Whether what holds an expression evaluates it first thing, and once, whenever it runs."""
    if isinstance(holder, cst.If | cst.IfExp):
        return child is holder.test
    if isinstance(holder, cst.For):
        return child is holder.iter
    if isinstance(holder, cst.With):
        return child is holder.items[0]
    if isinstance(holder, cst.Match):
        return child is holder.subject
    if isinstance(holder, cst.BooleanOperation):
        return child is holder.left
    if isinstance(holder, cst.Comparison):
        return child in (holder.left, holder.comparisons[0])
    return not isinstance(holder, cst.BaseCompoundStatement)


def is_consumed_at_once(view: View, generator: cst.GeneratorExp) -> bool:
    """Whether the generator is the argument of a call that runs it to its end, or to its first hit."""
    holder = view.parent(generator)
    call = view.parent(holder) if isinstance(holder, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    joins = isinstance(call.func, cst.Attribute) and call.func.attr.value == "join"
    return joins or (view.facts.qualified_name(call.func) or "").removeprefix("builtins.") in _CONSUMERS


def _evaluated_before(view: View, loop: cst.CSTNode, statement: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What of the statement is evaluated before the loop's body: the expressions to the left, and its iterable."""
    if isinstance(loop, cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
        yield loop.for_in.iter
    child = loop
    for holder in view.ancestors(loop):
        for other in holder.children:
            if other is child:
                break
            yield from _expressions(other)
        if holder is statement:
            break
        child = holder


def _expressions(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.AssignTarget):
        return
    if isinstance(node, cst.BaseExpression):
        yield node
    else:
        for child in node.children:
            yield from _expressions(child)


def _names(expr: cst.CSTNode) -> set[str]:
    """The variables that an expression may read; attribute names among them do no harm."""
    found = {expr.value} if isinstance(expr, cst.Name) else set()
    return found.union(*(_names(child) for child in expr.children))


def _bound(node: cst.CSTNode) -> set[str]:
    """Names that assignment expressions inside bind."""
    found = {node.target.value} if isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name) else set()
    return found.union(*(_bound(child) for child in node.children))
