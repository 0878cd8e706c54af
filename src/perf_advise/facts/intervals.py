"""Ranges of numbers and their arithmetic.

Bounds of whole numbers may be infinite. A range of floats is always finite on both sides, and then excludes NaN: no
operation on finite floats within such a range leaves it, because rounding keeps order.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

Bound = int | float
_WIDEST = 2**200


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included; `-inf` and `inf` where there is no bound."""

    low: Bound = -math.inf
    high: Bound = math.inf

    @property
    def is_constant(self) -> bool:
        """Whether it holds a single number."""
        return self.low == self.high

    @property
    def is_finite(self) -> bool:
        """Whether both bounds are numbers."""
        return not (math.isinf(self.low) or math.isinf(self.high))

    def __contains__(self, number: Bound) -> bool:
        return self.low <= number <= self.high

    def hull(self, other: "Interval") -> "Interval":
        """The least range that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def meet(self, other: "Interval") -> "Interval | None":
        """What both hold; None when they have nothing in common."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def widened(self, newer: "Interval") -> "Interval":
        """This range, with a bound that moved given up, so that a loop comes to an end."""
        low = self.low if newer.low >= self.low else -math.inf
        high = self.high if newer.high <= self.high else math.inf
        return Interval(low, high)


WHOLE = Interval()
TRUTH = Interval(0, 1)
COUNT = Interval(0, 2**62)
"""Lengths, and positions: nobody holds or visits more."""


def add(a: Interval, b: Interval) -> Interval:
    """`a + b`."""
    return _bounded(_plus(a.low, b.low, -math.inf), _plus(a.high, b.high, math.inf))


def negate(a: Interval) -> Interval:
    """`-a`."""
    return Interval(-a.high, -a.low)


def subtract(a: Interval, b: Interval) -> Interval:
    """`a - b`."""
    return add(a, negate(b))


def multiply(a: Interval, b: Interval) -> Interval:
    """`a * b`."""
    return _corners(a, b, _times)


def floor_divide(a: Interval, b: Interval) -> Interval | None:
    """`a // b` of whole numbers; None when `b` may be zero."""
    if 0 in b:
        return None
    return _corners(a, b, _over)


def modulo(a: Interval, b: Interval) -> Interval | None:
    """`a % b` of whole numbers, which has the sign of `b`."""
    if b.low > 0:
        high = b.high - 1 if not math.isinf(b.high) else b.high
        return a if a.low >= 0 and a.high < b.low else Interval(0, min(high, a.high) if a.low >= 0 else high)
    if b.high < 0:
        return Interval(b.low + 1 if not math.isinf(b.low) else b.low, 0)
    return None


def power(a: Interval, b: Interval) -> Interval | None:
    """`a ** b` of whole numbers with an exponent that is not negative."""
    if b.low < 0:
        return None
    if a.low >= 0:
        # Not monotonous at the corner: 0 ** 0 is 1, and 0 ** 1 is 0.
        least = 0 if a.low == 0 and b.high > 0 else _raised(a.low, b.low)
        most = _raised(a.high, b.high)
        return _bounded(least, max(most, 1) if b.low == 0 else most)
    if b.is_constant and b.low % 2 == 0:
        magnitude = absolute(a)
        return _bounded(_raised(magnitude.low, b.low), _raised(magnitude.high, b.low))
    return WHOLE


def absolute(a: Interval) -> Interval:
    """`abs(a)`."""
    if a.low >= 0:
        return a
    return negate(a) if a.high <= 0 else Interval(0, max(-a.low, a.high))


def bit_and(a: Interval, b: Interval) -> Interval:
    """`a & b` of whole numbers: not above an operand that is not negative."""
    bounds = [x.high for x in (a, b) if x.low >= 0]
    return Interval(0, min(bounds)) if bounds else WHOLE


def bit_or(a: Interval, b: Interval) -> Interval:
    """`a | b` and `a ^ b` of whole numbers: no more bits than the operands have."""
    if a.low < 0 or b.low < 0:
        return WHOLE
    high = max(a.high, b.high)
    return Interval(0, high if math.isinf(high) else (1 << int(high).bit_length()) - 1)


def shift_left(a: Interval, b: Interval) -> Interval:
    """`a << b`."""
    if b.low < 0 or math.isinf(b.high) or b.high > _WIDEST.bit_length():
        return Interval(0, math.inf) if a.low >= 0 else WHOLE
    return multiply(a, Interval(1 << int(b.low), 1 << int(b.high)))


def shift_right(a: Interval, b: Interval) -> Interval:
    """`a >> b`."""
    if b.low < 0:
        return WHOLE
    if math.isinf(b.high) or b.high > _WIDEST.bit_length():
        return Interval(min(a.low, 0), max(a.high, -1) if a.high < 0 else a.high)
    return floor_divide(a, Interval(1 << int(b.low), 1 << int(b.high))) or WHOLE


def _corners(a: Interval, b: Interval, combine: Callable[[Bound, Bound], Bound]) -> Interval:
    found = [combine(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return _bounded(min(found), max(found))


def _bounded(low: Bound, high: Bound) -> Interval:
    """Bounds too large to be of use are given up, which keeps the numbers small."""
    return Interval(low if abs(low) <= _WIDEST else -math.inf, high if abs(high) <= _WIDEST else math.inf)


def _plus(x: Bound, y: Bound, infinity: float) -> Bound:
    return infinity if math.isinf(x) or math.isinf(y) else x + y


def _times(x: Bound, y: Bound) -> Bound:
    return 0 if x == 0 or y == 0 else x * y


def _over(x: Bound, y: Bound) -> Bound:
    if math.isinf(y):
        return 0 if (x >= 0) == (y > 0) and not math.isinf(x) else (-1 if not math.isinf(x) else x * y)
    return (x if y > 0 else -x) if math.isinf(x) else x // y


def _raised(x: Bound, y: Bound) -> Bound:
    if math.isinf(x) or math.isinf(y):
        return x if y == 1 else (1 if y == 0 else math.inf)
    return math.inf if x > 1 and y * math.log2(x) > _WIDEST.bit_length() else x**y
