"""Assignments that add to what their target holds: `s = s + x`, `m = max(m, x)`, `if x > m: m = x; k = i`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from perf_advise.facts.loops.iteration import Access, Apply, Choose, Constant, Expr, Index, Read, Scalar, Subscript

Tie = Literal["", "first", "last"]
_COMMUTATIVE = frozenset({"+", "*", "&", "|", "^"})
_GROUPED = {"+": {"+": "+", "-": "-"}, "-": {"-": "+", "+": "-"}, "*": {"*": "*"}}
"""For `(t op a) op2 b`: what joins a and b in `t op (a ? b)`."""
_LARGER = {">": True, ">=": True, "<": False, "<=": False}


@dataclass(frozen=True, slots=True)
class Accumulation:
    """`target = target operator value`; `tie` and `regrouped` as in `Step`."""

    operator: str
    value: Expr
    tie: Tie = ""
    regrouped: bool = False


def accumulation(target: Expr, value: Expr) -> Accumulation | None:
    """How `target = value` accumulates, or None where it does not."""
    if isinstance(value, Choose):
        return _choice(target, value)
    if not isinstance(value, Apply):
        return None
    if value.op in ("builtins.min", "builtins.max") and not value.keywords:
        return _extremum_call(target, value)
    if value.op in ("and", "or") and value.operands[0] == target and len(value.operands) == 2:
        return _checked(target, Accumulation(value.op, value.operands[1]))
    if len(value.operands) == 2:
        return _checked(target, _arithmetic(target, value))
    return None


def _arithmetic(target: Expr, value: Apply) -> Accumulation | None:
    left, right = value.operands
    if left == target and value.op in ("+", "-", "*", "/", "&", "|", "^"):
        return Accumulation(value.op, right)
    if right == target and value.op in _COMMUTATIVE:
        return Accumulation(value.op, left)
    return _chain(target, value, left, right)


def _chain(target: Expr, value: Apply, left: Expr, right: Expr) -> Accumulation | None:
    """`(t + a) - b` as t + (a - b): the same up to rounding."""
    if not isinstance(left, Apply) or len(left.operands) != 2:
        return None
    inner = _arithmetic(target, left)
    joined = _GROUPED.get(inner.operator, {}).get(value.op) if inner is not None else None
    if inner is None or joined is None:
        return None
    return Accumulation(inner.operator, Apply(value.node, joined, (inner.value, right)), regrouped=True)


def _extremum_call(target: Expr, value: Apply) -> Accumulation | None:
    """`max(t, a, b)`: Python returns the first of equal arguments."""
    if value.operands.count(target) != 1 or len(value.operands) < 2:
        return None
    others = tuple(o for o in value.operands if o != target)
    rest = others[0] if len(others) == 1 else replace(value, operands=others)
    at = value.operands.index(target)
    tie: Tie = "first" if at == 0 else "last" if at == len(others) else ""
    return _checked(target, Accumulation(value.op.removeprefix("builtins."), rest, tie)) if tie else None


def _choice(target: Expr, value: Choose) -> Accumulation | None:
    """`x if x > t else t`, `t if t >= x else x`."""
    if value.otherwise == target:
        return _compared(target, value.condition, value.then)
    if value.then == target:
        found = _compared(target, value.condition, value.otherwise)
        if found is None:
            return None
        opposite = {"min": "max", "max": "min"}[found.operator]
        return replace(found, operator=opposite, tie="last" if found.tie == "first" else "first")
    return None


def conditional(target: Expr, condition: Expr, value: Expr) -> Accumulation | None:
    """`if condition: target = value` as a running minimum, maximum, or position of one."""
    if isinstance(condition, Apply) and condition.op == "or" and len(condition.operands) == 2:
        missing, condition = condition.operands
        if missing != Apply(missing.node, "is", (target, Constant(missing.node, None))):
            return None
    return _compared(target, condition, value) or _compared_position(target, condition, value)


def _compared(target: Expr, condition: Expr, value: Expr) -> Accumulation | None:
    """`value > target`, either way round, where value is what gets stored."""
    for left, larger, strict, right in _orders(condition):
        if right == target and left == value:
            tie: Tie = "first" if strict else "last"
            return _checked(target, Accumulation("max" if larger else "min", value, tie))
    return None


def _compared_position(target: Expr, condition: Expr, value: Expr) -> Accumulation | None:
    """`if a[i] > a[best]: best = i`: the right side is the left one with the target in place of the value."""
    if not isinstance(target, Scalar) or not isinstance(value, Index):
        return None
    for left, larger, strict, right in _orders(condition):
        if right != left and substituted(right, {target.name: value}) == left:
            tie: Tie = "first" if strict else "last"
            return _checked(target, Accumulation("argmax" if larger else "argmin", left, tie))
    return None


def _orders(condition: Expr) -> list[tuple[Expr, bool, bool, Expr]]:
    """A comparison as (left, is larger, is strict, right), both ways round."""
    if not isinstance(condition, Apply) or condition.op not in _LARGER:
        return []
    left, right = condition.operands
    larger, strict = _LARGER[condition.op], len(condition.op) == 1
    return [(left, larger, strict, right), (right, not larger, strict, left)]


def _checked(target: Expr, found: Accumulation | None) -> Accumulation | None:
    """Refuse where the value reads the target as well."""
    if found is None or any(part == target for part in found.value.walk()):
        return None
    return found


# -- substitution -----------------------------------------------------------------------------------------


def rebuilt(expression: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with every part for which `change` gives something replaced by it."""
    found = change(expression)
    if found is not None:
        return found
    if isinstance(expression, Apply):
        return replace(expression, operands=tuple(rebuilt(o, change) for o in expression.operands))
    if isinstance(expression, Choose):
        condition, then, otherwise = (rebuilt(part, change) for part in expression.parts)
        return replace(expression, condition=condition, then=then, otherwise=otherwise)
    if isinstance(expression, Read):
        return replace(expression, access=_rebuilt_access(expression.access, change))
    return expression


def _rebuilt_access(access: Access, change: Callable[[Expr], Expr | None]) -> Access:
    return replace(access, subscripts=tuple(_rebuilt_subscript(s, change) for s in access.subscripts))


def _rebuilt_subscript(subscript: Subscript, change: Callable[[Expr], Expr | None]) -> Subscript:
    if subscript.value is None:
        return subscript
    value = rebuilt(subscript.value, change)
    if isinstance(value, Index):
        return replace(subscript, affine=value.affine, value=None)
    return subscript if value == subscript.value else replace(subscript, affine=None, value=value)


def substituted(expression: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with values in place of scalars."""
    return rebuilt(expression, lambda e: values.get(e.name) if isinstance(e, Scalar) else None)
