"""Ranges: interval arithmetic against numbers, and what programs really reach."""

import math
from collections.abc import Callable

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.facts import Facts, Interval, intervals
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Truth

FactsOf = Callable[..., Facts]

small = st.integers(-40, 40)


@st.composite
def ranges_with_member(draw: st.DrawFn) -> tuple[Interval, int]:
    number = draw(small)
    low = draw(st.one_of(st.just(-math.inf), st.integers(-60, number)))
    high = draw(st.one_of(st.just(math.inf), st.integers(number, 60)))
    return Interval(low, high), number


@given(ranges_with_member(), ranges_with_member())
def test_results_lie_in_the_range_of_results(a: tuple[Interval, int], b: tuple[Interval, int]) -> None:
    (x, m), (y, n) = a, b
    assert m + n in intervals.add(x, y)
    assert m - n in intervals.subtract(x, y)
    assert m * n in intervals.multiply(x, y)
    assert -m in intervals.negate(x)
    assert abs(m) in intervals.absolute(x)
    assert m & n in intervals.bit_and(x, y)
    assert m | n in intervals.bit_or(x, y)
    assert m ^ n in intervals.bit_or(x, y)
    if 0 <= n < 30:
        assert m << n in intervals.shift_left(x, y)
        assert m >> n in intervals.shift_right(x, y)
        power = intervals.power(x, y)
        assert power is None or m**n in power
    if n != 0:
        for known, result in ((intervals.floor_divide(x, y), m // n), (intervals.modulo(x, y), m % n)):
            assert known is None or result in known


@given(ranges_with_member(), ranges_with_member())
def test_meet_and_hull(a: tuple[Interval, int], b: tuple[Interval, int]) -> None:
    (x, m), (y, n) = a, b
    assert m in x.hull(y) and n in x.hull(y)
    both = x.meet(y)
    assert (m in x and m in y) == (both is not None and m in both)


@pytest.mark.parametrize(("x", "y"), [((1, 3), (0, 2)), ((1, 3), (-1, 1))])
def test_a_divisor_that_may_be_zero_has_no_quotient(x: tuple[int, int], y: tuple[int, int]) -> None:
    assert intervals.floor_divide(Interval(*x), Interval(*y)) is None


def range_of(facts: Facts, code: str) -> Interval | None:
    """The range of the last statement or comprehension element with this text."""
    shown = [n.value for n in walk(facts.slice.node.body) if isinstance(n, cst.Expr)]
    shown += [n.elt for n in walk(facts.slice.node.body) if isinstance(n, cst.ListComp)]
    return facts.interval([n for n in shown if text(facts, n) == code][-1])


def text(facts: Facts, node: cst.CSTNode) -> str:
    try:
        return facts.slice.code(node)
    except KeyError:
        return ""


@pytest.mark.parametrize(
    ("body", "expr", "low", "high"),
    [
        ("for i in range(10):\n        i", "i", 0, 9),
        ("for i in range(5, 0, -1):\n        i", "i", 1, 5),
        ("for i in range(n):\n        i", "i", 0, 2**62),
        ("for i, x in enumerate(xs):\n        i", "i", 0, 2**62),
        ("x = n % 7\n    x", "x", 0, 6),
        ("x = n & 255\n    x", "x", 0, 255),
        ("if 2 < n <= 9:\n        n", "n", 3, 9),
        ("if n < 3:\n        return\n    n", "n", 3, math.inf),
        ("if not n > 3:\n        n", "n", -math.inf, 3),
        ("x = 0\n    while x < 10:\n        x\n        x += 1", "x", 0, 9),
        ("x = 0\n    while x < 10:\n        x += 1\n    x", "x", 10, math.inf),
        ("x = 1 if xs else 5\n    x", "x", 1, 5),
        ("x = len(xs)\n    x", "x", 0, 2**62),
        ("if len(xs) > 3:\n        len(xs)", "len(xs)", 4, 2**62),
        ("x = min(n, 4)\n    x", "x", -math.inf, 4),
        ("x = abs(n)\n    x", "x", 0, math.inf),
        ("xs = [1, 2]\n    xs.append(3)\n    len(xs)", "len(xs)", 3, 3),
        ("x = n == 2\n    x", "x", 0, 1),
        ("x = SIZE * 2\n    x", "x", 16, 16),
        ("x = n // 2 if n >= 0 else 0\n    x", "x", 0, math.inf),
        ("y = [i * 2 for i in range(4)]", "i * 2", 0, 6),
    ],
)
def test_ranges(body: str, expr: str, low: float, high: float, facts_of: FactsOf) -> None:
    facts = facts_of(f"SIZE = 8\ndef f(n: int, xs: list[int]):\n    {body}\n")
    assert range_of(facts, expr) == Interval(low, high)


@pytest.mark.parametrize(
    ("body", "expr"),
    [
        ("n", "n"),
        ("x = p % 7\n    x", "x"),
        ("x = 0.5 / n\n    x", "x"),
        ("x = n + 1\n    x", "x"),
        ("xs = [1]\n    p(xs)\n    x = xs[0]\n    x", "x"),
        ("if y < 3:\n        return\n    y", "y"),
        ("x = 1\n    def g():\n        nonlocal x\n        x = -1\n    g()\n    x", "x"),
    ],
)
def test_what_has_no_bounds(body: str, expr: str, facts_of: FactsOf) -> None:
    """A float that is not below 3 may be NaN, an unknown object's `%` may give anything."""
    assert range_of(facts_of(f"def f(n: int, p, y: float):\n    {body}\n"), expr) is None


@pytest.mark.parametrize(
    ("body", "truth"),
    [
        ("for i in range(3): pass", Truth.YES),
        ("for i in range(0): pass", Truth.NO),
        ("for i in range(n): pass", Truth.UNKNOWN),
        ("if n > 0:\n        for i in range(n): pass", Truth.YES),
        ("if xs:\n        for x in xs: pass", Truth.YES),
        ("if not xs:\n        return\n    for x in xs: pass", Truth.YES),
        ("if xs:\n        xs.pop()\n        for x in xs: pass", Truth.UNKNOWN),
        ("if xs:\n        p()\n        for x in xs: pass", Truth.UNKNOWN),
        ("if xs:\n        ys = xs\n        ys.clear()\n        for x in xs: pass", Truth.UNKNOWN),
        ("if xs:\n        del xs[0]\n        for x in xs: pass", Truth.UNKNOWN),
        ("if xs:\n        xs[:] = []\n        for x in xs: pass", Truth.UNKNOWN),
        ("for x in 'abc': pass", Truth.YES),
        ("for x in [1, *xs]: pass", Truth.YES),
        ("for x in [*xs]: pass", Truth.UNKNOWN),
        ("while True: pass", Truth.YES),
        ("i = 0\n    while i < 3: i += 1", Truth.YES),
        ("while n: n -= 1", Truth.UNKNOWN),
        ("for x in p: pass", Truth.UNKNOWN),
    ],
)
def test_whether_a_loop_runs_at_all(body: str, truth: Truth, facts_of: FactsOf) -> None:
    facts = facts_of(f"def f(n: int, xs: list[int], p):\n    {body}\n")
    loop = [n for n in walk(facts.slice.node) if isinstance(n, cst.For | cst.While)][-1]
    assert facts.always_runs(loop).truth is truth


def test_nonnegative_is_not_said_of_floats_that_may_be_nan(facts_of: FactsOf) -> None:
    facts = facts_of("def f(x: float, n: int):\n    return x * x, n * n, 1.5, n\n")
    shown = next(n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return))
    assert isinstance(shown, cst.Tuple)
    truths = [facts.nonnegative(e.value).truth for e in shown.elements]
    assert truths == [Truth.UNKNOWN, Truth.YES, Truth.YES, Truth.UNKNOWN]
