"""Whether integer constraints contradict each other: the GCD test, then Fourier-Motzkin elimination.

Sound one way: "contradictory" is a proof that no integers satisfy all constraints, anything else means
"not shown". Banerjee's inequalities are the special case of a single equation over a box; elimination also
takes triangular bounds and symbols whose value is not known (they are unknowns like the others).
Products of symbols count as unknowns of their own, which only loses precision.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perf_advise.facts.loops.affine import Affine, Monomial

_MOST_ROWS = 150

Row = tuple[tuple[Monomial, int], ...]


@dataclass(frozen=True, slots=True)
class Constraints:
    """Expressions that equal zero, and expressions that are zero or more."""

    zero: tuple[Affine, ...] = ()
    natural: tuple[Affine, ...] = ()

    def __and__(self, other: "Constraints") -> "Constraints":
        return Constraints(self.zero + other.zero, self.natural + other.natural)

    @property
    def contradictory(self) -> bool:
        """Whether no integers satisfy them: shown, not guessed."""
        solved = _eliminate(self.zero)
        if solved is None:
            return True
        known = (*self.natural, *_never_negative(self))
        rows = [_reduced(expression, solved.unknowns) for expression in known]
        for rest in solved.rest:
            rows += [rest, -rest]
        return _fourier_motzkin(rows)

    def imply(self, expression: Affine) -> bool:
        """Whether the expression is zero or more wherever the constraints hold: shown, not guessed."""
        return (self & Constraints(natural=(-expression - 1,))).contradictory

    def imply_all(self, expressions: Iterable[Affine]) -> bool:
        """Whether each of them is zero or more wherever the constraints hold."""
        return all(self.imply(expression) for expression in expressions)

    def value_of(self, expression: Affine) -> int | None:
        """The number that the equations give for an expression, where they give one."""
        solved = _eliminate(self.zero)
        return None if solved is None else _reduced(expression, solved.unknowns).value


def _never_negative(constraints: Constraints) -> Iterator[Affine]:
    """Squares and lengths that occur."""
    found = {m for e in (*constraints.zero, *constraints.natural) for m, _ in e.terms if m}
    for monomial in sorted(found):
        is_square = all(monomial.count(symbol) % 2 == 0 for symbol in monomial)
        if is_square or all(symbol.startswith("len(") for symbol in monomial):
            yield Affine(((monomial, 1),))


@dataclass(frozen=True, slots=True)
class _Solved:
    """Unknowns that equations express through others, and the equations without a unit coefficient."""

    unknowns: Mapping[Monomial, Affine]
    rest: tuple[Affine, ...]


def gcd_test(equation: Affine) -> bool:
    """Whether `equation == 0` has no integer solution because the coefficients' divisor does not divide."""
    divisor = math.gcd(*(c for m, c in equation.terms if m))
    return equation.constant % divisor != 0 if divisor else equation.constant != 0


def _eliminate(equations: Iterable[Affine]) -> _Solved | None:
    """Solve the equations; None where one of them has no integer solution."""
    unknowns: dict[Monomial, Affine] = {}
    pending, rest = list(equations), []
    while pending:
        equation = _reduced(pending.pop(), unknowns)
        if gcd_test(equation):
            return None
        unit = _unit_term(equation)
        if unit is None:
            rest.append(equation)
            continue
        expression = _solved_for(equation, unit)
        unknowns = {m: _reduced(e, {unit: expression}) for m, e in unknowns.items()}
        unknowns[unit] = expression
        pending, rest = pending + rest, []
    return _Solved(unknowns, tuple(e for e in rest if e.terms))


def _unit_term(equation: Affine) -> Monomial | None:
    """The last unknown with coefficient 1 or -1: names with a prime (the later iteration) come last."""
    units = [m for m, c in equation.terms if m and abs(c) == 1]
    return max(units, key=lambda m: (any(s.endswith("'") for s in m), m), default=None)


def _solved_for(equation: Affine, unknown: Monomial) -> Affine:
    others = Affine(tuple((m, c) for m, c in equation.terms if m != unknown))
    return -others if dict(equation.terms)[unknown] == 1 else others


def _reduced(expression: Affine, unknowns: Mapping[Monomial, Affine]) -> Affine:
    kept = Affine(tuple((m, c) for m, c in expression.terms if m not in unknowns))
    for monomial, coefficient in expression.terms:
        if monomial in unknowns:
            kept += unknowns[monomial] * coefficient
    return kept


# -- inequalities ---------------------------------------------------------------------------------------


def _fourier_motzkin(expressions: Iterable[Affine]) -> bool:
    """Whether no integers make all expressions zero or more; False also where it takes too long to say."""
    rows: dict[Row, int] = {}
    if not all(_add(rows, expression) for expression in expressions):
        return True
    while rows:
        unknown = _cheapest(rows)
        upper = [(r, c) for r, c in rows.items() if dict(r).get(unknown, 0) < 0]
        lower = [(r, c) for r, c in rows.items() if dict(r).get(unknown, 0) > 0]
        rows = {r: c for r, c in rows.items() if unknown not in dict(r)}
        if len(rows) + len(upper) * len(lower) > _MOST_ROWS:
            return False
        for above in upper:
            for below in lower:
                if not _add(rows, _combined(above, below, unknown)):
                    return True
    return False


def _add(rows: dict[Row, int], expression: Affine) -> bool:
    """Note `expression >= 0`, tightened to integers; False where it can never hold."""
    row = tuple((m, c) for m, c in expression.terms if m)
    if not row:
        return expression.constant >= 0
    divisor = math.gcd(*(c for _, c in row))
    row = tuple((m, c // divisor) for m, c in row)
    constant = expression.constant // divisor
    rows[row] = min(rows.get(row, constant), constant)
    return True


def _cheapest(rows: Mapping[Row, int]) -> Monomial:
    """The unknown whose elimination makes the fewest new rows."""
    above: dict[Monomial, int] = {}
    below: dict[Monomial, int] = {}
    for row in rows:
        for monomial, coefficient in row:
            side = above if coefficient < 0 else below
            side[monomial] = side.get(monomial, 0) + 1
    return min(above.keys() | below.keys(), key=lambda m: (above.get(m, 0) * below.get(m, 0), m))


def _combined(above: tuple[Row, int], below: tuple[Row, int], unknown: Monomial) -> Affine:
    a, b = -dict(above[0])[unknown], dict(below[0])[unknown]
    return _whole(above) * b + _whole(below) * a


def _whole(row: tuple[Row, int]) -> Affine:
    return Affine.of({**dict(row[0]), (): row[1]})
