"""The GCD test and Fourier-Motzkin elimination: a contradiction that they show is one."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints, gcd_test

NAMES = ("x", "y", "z")
BOX = range(-4, 5)


@st.composite
def linear(draw: st.DrawFn) -> Affine:
    terms = {(name,): draw(st.integers(-3, 3)) for name in NAMES}
    return Affine.of({**terms, (): draw(st.integers(-7, 7))})


@st.composite
def systems(draw: st.DrawFn) -> Constraints:
    zero = draw(st.lists(linear(), max_size=2))
    return Constraints(tuple(zero), tuple(draw(st.lists(linear(), max_size=4))))


def solutions(system: Constraints) -> list[dict[str, int]]:
    points = (dict(zip(NAMES, point, strict=True)) for point in itertools.product(BOX, repeat=3))
    return [p for p in points if holds(system, p)]


def holds(system: Constraints, point: dict[str, int]) -> bool:
    equal = all(e.evaluate(point) == 0 for e in system.zero)
    return equal and all(e.evaluate(point) >= 0 for e in system.natural)


@settings(max_examples=150, deadline=None)
@given(systems())
def test_what_has_a_solution_is_not_called_contradictory(system: Constraints) -> None:
    if solutions(system):
        assert not system.contradictory


@settings(max_examples=150, deadline=None)
@given(linear())
def test_the_gcd_test_never_denies_a_solution(equation: Affine) -> None:
    if solutions(Constraints((equation,))):
        assert not gcd_test(equation)


@settings(max_examples=100, deadline=None)
@given(systems(), linear())
def test_what_is_implied_holds_everywhere(system: Constraints, expression: Affine) -> None:
    if system.imply(expression):
        assert all(expression.evaluate(point) >= 0 for point in solutions(system))


@settings(max_examples=100, deadline=None)
@given(systems(), linear())
def test_a_value_that_equations_give_is_the_value(system: Constraints, expression: Affine) -> None:
    value = system.value_of(expression)
    if value is not None:
        assert all(expression.evaluate(point) == value for point in solutions(system))


def test_parity_is_a_contradiction() -> None:
    x, y = Affine.symbol("x"), Affine.symbol("y")
    assert Constraints((x * 2 - y * 2 - 1,)).contradictory


def test_triangular_bounds_are_used() -> None:
    """i < j and j < i + 1 leave no room."""
    i, j = Affine.symbol("i"), Affine.symbol("j")
    assert Constraints(natural=(j - i - 1, i - j)).contradictory
    assert not Constraints(natural=(j - i - 1, i + 1 - j)).contradictory


def test_bounds_with_symbols_are_used() -> None:
    """Within `for i in range(n)`, `n - 1 - i` is never negative, and `i - 1` may be."""
    i, n = Affine.symbol("i"), Affine.symbol("n")
    inside = Constraints(natural=(i, n - i - 1))
    assert inside.imply(n - 1 - i)
    assert inside.imply(n - 1)
    assert not inside.imply(i - 1)


def test_squares_and_lengths_are_never_negative() -> None:
    p, size = Affine.symbol("p"), Affine.symbol("len(xs)")
    assert Constraints().imply(p * p)
    assert Constraints().imply(size)
    assert not Constraints().imply(p)
