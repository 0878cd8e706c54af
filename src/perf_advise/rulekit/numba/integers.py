"""Whether integers may pass 64 bits where Numba computes with them: what is known to grow is refused."""

import ast
from collections.abc import Iterator

import libcst as cst

from perf_advise.rulekit.numba.growth import adds_up, multiplies_up
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

SHIFTS = (cst.LeftShift, cst.LeftShiftAssign, cst.RightShift, cst.RightShiftAssign)
_LARGEST_FACTOR = 3_037_000_499
"""Products of two numbers below this one stay within 64 bits."""
_LARGEST_POWER = 9
"""Digits, the numbers that are mostly taken to a high power, stay within 64 bits to this one and beyond."""
_LARGEST_SHIFT = 16


def growth_of(
    view: View, kinds: Kinds, left: cst.CSTNode, operator: cst.CSTNode, right: cst.CSTNode, whole: cst.CSTNode
) -> str:
    """Why the operation is likely to pass 64 bits; "" where nothing says so."""
    if isinstance(operator, cst.RightShift | cst.RightShiftAssign):
        return "bits of an integer that may be longer than 64 bits" if _is_of_any_length(view, kinds, left) else ""
    if fits(view, whole):
        return ""
    if isinstance(operator, cst.Power | cst.PowerAssign):
        if not isinstance(right, cst.Integer):
            return "an integer power that may be negative"
        return "a power that may pass 64 bits" if right.evaluated_value > _LARGEST_POWER else ""
    shift = isinstance(operator, cst.LeftShift | cst.LeftShiftAssign)
    if shift and not (isinstance(right, cst.Integer) and right.evaluated_value < _LARGEST_SHIFT):
        return "a shift that may pass 64 bits"
    if multiplies_up(view, left, operator, right):
        return "integers multiplied up beyond 64 bits"
    summed = isinstance(operator, cst.Add | cst.AddAssign) and kinds.is_surely_int(left)
    return "integers that grow with each turn, beyond 64 bits" if summed and adds_up(view, left) else ""


def may_pass(view: View, product: cst.CSTNode, modulus: cst.CSTNode) -> bool:
    """Whether it is `x * y % m` with a modulus that lets the product pass 64 bits.

    Of a modulus that is not known, the constants of the file tell: it may be the largest of them.
    """
    known = view.facts.interval(modulus) if isinstance(modulus, cst.BaseExpression) else None
    varies = isinstance(product, cst.BinaryOperation) and isinstance(product.operator, cst.Multiply)
    if not varies or (known is not None and known.high <= _LARGEST_FACTOR):
        return False
    if (known is None or known.high == float("inf")) and not any(_large_constants(view)):
        return False
    assert isinstance(product, cst.BinaryOperation)
    return not isinstance(product.left, cst.Integer) and not isinstance(product.right, cst.Integer)


def _large_constants(view: View) -> Iterator[bool]:
    """Whether each integer that the file writes out, also as `2 ** 61` or `1 << 61`, is too large for a factor."""
    for number in view.index.nodes(ast.Constant):
        yield type(number.value) is int and number.value > _LARGEST_FACTOR
    for node in view.index.nodes(ast.BinOp):
        base, power = (side.value if isinstance(side, ast.Constant) else None for side in (node.left, node.right))
        if isinstance(base, int) and isinstance(power, int) and isinstance(node.op, ast.Pow | ast.LShift):
            few = min(max(power, 0), 64)
            yield (base**few if isinstance(node.op, ast.Pow) else base << few) > _LARGEST_FACTOR


def fits(view: View, node: cst.CSTNode) -> bool:
    """Whether the value is known to stay within 64 bits."""
    interval = view.facts.interval(node) if isinstance(node, cst.BaseExpression) else None
    return interval is not None and interval.low >= -(2**63) and interval.high < 2**63


def _is_of_any_length(view: View, kinds: Kinds, node: cst.CSTNode) -> bool:
    """Whether it is a parameter of which neither the function nor a call in the file says how long it is."""
    function = view.slice.node
    if not isinstance(node, cst.Name) or not isinstance(function, cst.FunctionDef):
        return False
    params = (*function.params.posonly_params, *function.params.params)
    own = next((p for p in params if p.name.value == node.value), None)
    untold = own is not None and own.annotation is None and own.default is None
    return untold and "int" not in kinds.suggested(node.value)
