"""`while` loops with a counter: `while i < n: ...; i += 1`."""

from collections.abc import Iterator, Mapping

import libcst as cst

from perf_advise.facts.loops.affine import Affine, canonical, parse_affine
from perf_advise.facts.loops.entry import value_before
from perf_advise.facts.loops.iteration import Index
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.place import Place
from perf_advise.facts.tree import dotted, statements, target_names, walk

_TURNED: Mapping[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.LessThan: cst.GreaterThan,
    cst.GreaterThan: cst.LessThan,
    cst.LessThanEqual: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.LessThanEqual,
}


def while_domain(node: cst.While, place: Place, is_outermost: bool) -> tuple[Domain, tuple[cst.BaseExpression, ...]]:
    """The domain of `while i < n` with one step of `i`, and the other conditions of the test."""
    conditions = tuple(_conjuncts(node.test))
    refusal = "the condition does not compare a counter with a bound"
    for condition in conditions:
        found = _counted_while(node, condition, place, is_outermost)
        if isinstance(found, Domain):
            return found, tuple(c for c in conditions if c is not condition)
        refusal = found or refusal
    index = f"@while{len(place.domains)}"
    trips = Affine.symbol(f"{index}@trips")
    return Domain(node, "unknown", index, Affine(), trips, Affine.number(1), why=refusal), conditions


def compares_a_name(node: cst.While) -> bool:
    """Whether the test may compare a counter with a bound; without that the loop is not counted."""
    return any(True for condition in _conjuncts(node.test) for _ in _comparisons(condition))


def _conjuncts(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        yield from _conjuncts(test.left)
        yield from _conjuncts(test.right)
    else:
        yield test


def _counted_while(node: cst.While, condition: cst.BaseExpression, place: Place, is_outermost: bool) -> Domain | str:
    """The domain, or why the condition gives none ("" where it is of another kind)."""
    for name, operator, bound in _comparisons(condition):
        stepper = counter_step(node, name)
        if stepper is None:
            continue
        statement, step = stepper
        stop = place.integer(bound)
        if stop is None or name in stop.names:
            return f"the bound `{canonical(bound)}` may change in the loop"
        if operator in (cst.LessThanEqual, cst.GreaterThanEqual):
            stop += 1 if operator is cst.LessThanEqual else -1
        if (step > 0) != (operator in (cst.LessThan, cst.LessThanEqual)):
            return f"`{name}` moves away from its bound"
        start = _counter_start(node, name, place, is_outermost)
        if start is None:
            return f"the start of `{name}` is not known"
        names = {name: Index(statement, Affine.symbol(name))}
        direction = 1 if step > 0 else -1
        return Domain(
            node, "while", name, start, stop, Affine.number(step), names, direction=direction, stepper=statement
        )
    return ""


def _comparisons(
    condition: cst.BaseExpression,
) -> Iterator[tuple[str, type[cst.BaseCompOp], cst.BaseExpression]]:
    """A comparison read with either side as the counter, the counter on the left."""
    if not isinstance(condition, cst.Comparison) or len(condition.comparisons) != 1:
        return
    (target,) = condition.comparisons
    if type(target.operator) not in _TURNED:
        return
    if isinstance(condition.left, cst.Name):
        yield condition.left.value, type(target.operator), target.comparator
    if isinstance(target.comparator, cst.Name):
        yield target.comparator.value, _TURNED[type(target.operator)], condition.left


def _counter_start(node: cst.While, name: str, place: Place, is_outermost: bool) -> Affine | None:
    before = value_before(node, name, place.facts)
    start = place.integer(before.value) if before is not None else None
    if start is not None and name not in start.names:
        return start
    is_number = before is None or not any(isinstance(n, cst.Float | cst.Divide) for n in _all(before.value))
    return Affine.symbol(f"{name}@entry") if is_outermost and is_number else None


def _all(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _all(child)


def counter_step(node: cst.While, name: str) -> tuple[cst.CSTNode, int] | None:
    """The statement that steps the counter, and by how much: one, in the loop's own block, always reached."""
    binders = [n for n in walk(node.body) if _binds(n, name)]
    own = [s for s in statements(node.body) if s in binders]
    if len(binders) != 1 or len(own) != 1 or _may_skip(node, own[0]):
        return None
    step = _step_size(own[0], name)
    return (own[0], step) if step else None


def _binds(node: cst.CSTNode, name: str) -> bool:
    targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [getattr(node, "target", None)]
    if isinstance(node, cst.CompFor | cst.AssignTarget):
        return False
    return any(name in {n.value for n in target_names(t)} for t in targets if t is not None)


def _may_skip(node: cst.While, stepper: cst.CSTNode) -> bool:
    """Whether a `continue` of this loop stands before the statement."""
    for statement in statements(node.body):
        if statement is stepper:
            return False
        inner = walk(statement, lambda n: not isinstance(n, cst.For | cst.While | cst.FunctionDef))
        if any(isinstance(n, cst.Continue) for n in inner):
            return True
    return True


def _step_size(statement: cst.CSTNode, name: str) -> int | None:
    if isinstance(statement, cst.AugAssign) and isinstance(statement.operator, cst.AddAssign | cst.SubtractAssign):
        amount = parse_affine(statement.value, lambda _: None)
        sign = 1 if isinstance(statement.operator, cst.AddAssign) else -1
        return None if amount is None or amount.value is None else sign * amount.value
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        after = parse_affine(statement.value, lambda n: Affine.symbol(name) if dotted(n) == name else None)
        return (after - Affine.symbol(name)).value if after is not None else None
    return None
