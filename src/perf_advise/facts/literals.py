"""What a literal expression says by itself."""

import libcst as cst

from perf_advise.facts.tree import dotted


def number(expr: cst.CSTNode) -> int | float | None:
    """The value of a number literal, signed or not; None for anything else (`True` and complex ones too)."""
    kind = type(expr)
    if kind is cst.Integer or kind is cst.Float:
        value = getattr(expr, "evaluated_value", None)
        return value if type(value) in (int, float) else None
    if kind is cst.UnaryOperation:
        assert isinstance(expr, cst.UnaryOperation)
        if isinstance(expr.operator, cst.Minus | cst.Plus):
            inner = number(expr.expression)
            return None if inner is None else (-inner if isinstance(expr.operator, cst.Minus) else inner)
    return None


def is_nonnegative(expr: cst.CSTNode) -> bool:
    """Whether a real number of this form is never below zero: squares, absolute values, sums and products of such."""
    value = number(expr)
    if value is not None:
        return value >= 0
    if isinstance(expr, cst.Call):
        return isinstance(expr.func, cst.Name) and expr.func.value in ("abs", "len")
    if not isinstance(expr, cst.BinaryOperation):
        return False
    op = expr.operator
    if isinstance(op, cst.Power):
        exponent = number(expr.right)
        return exponent is not None and exponent % 2 == 0
    if isinstance(op, cst.Multiply) and dotted(expr.left) is not None and dotted(expr.left) == dotted(expr.right):
        return True
    if isinstance(op, cst.Add | cst.Multiply | cst.Divide):
        return is_nonnegative(expr.left) and is_nonnegative(expr.right)
    return False
