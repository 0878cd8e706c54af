"""Integer expressions over induction variables and loop-invariant symbols, kept in one normal form.

`i * n + j - 1` is a polynomial with integer coefficients: affine in `i` and `j`, with `n` a symbol. A
symbol is the text of anything that stands for one integer: `n`, `self.n`, `len(xs)`, `n // 2`. The
position in a sequence that is iterated directly has no name in the source; its symbol starts with `@`.
"""

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import libcst as cst

Monomial = tuple[str, ...]
"""Symbols multiplied with each other, sorted; the empty one is the constant."""

_MOST_TERMS = 40
_MOST_FACTORS = 8
_TIGHT = frozenset({"*", "//", "%", "/", "@", "**"})
_WORDS = _TIGHT | {"+", "-", "<<", ">>", "&", "|", "^", "if", "else", "and", "or", "<", ">", "<=", ">=", "==", "!="}
_IDENTIFIER = re.compile(r"(?:@\w+|[^\W\d]\w*(?:@\w+)?)'*")


@dataclass(frozen=True, slots=True)
class Affine:
    """A sum of integer multiples of monomials; terms are sorted and none is zero, so equal means same."""

    terms: tuple[tuple[Monomial, int], ...] = ()

    @staticmethod
    def of(terms: Mapping[Monomial, int]) -> "Affine":
        """The expression with these coefficients."""
        return Affine(tuple(sorted((m, c) for m, c in terms.items() if c)))

    @staticmethod
    def number(value: int) -> "Affine":
        """A constant."""
        return Affine.of({(): value})

    @staticmethod
    def symbol(name: str) -> "Affine":
        """A symbol on its own."""
        return Affine((((name,), 1),))

    # -- arithmetic -----------------------------------------------------------------------------------

    def __add__(self, other: "Affine | int") -> "Affine":
        total = dict(self.terms)
        for monomial, coefficient in _affine(other).terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        return Affine.of(total)

    def __neg__(self) -> "Affine":
        return Affine(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: "Affine | int") -> "Affine":
        return self + -_affine(other)

    def __mul__(self, other: "Affine | int") -> "Affine":
        total: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in _affine(other).terms:
                monomial = tuple(sorted(left + right))
                total[monomial] = total.get(monomial, 0) + a * b
        return Affine.of(total)

    def divided_by(self, divisor: int) -> "Affine | None":
        """The exact quotient, or None where a coefficient leaves a remainder."""
        if divisor == 0 or any(c % divisor for _, c in self.terms):
            return None
        return Affine(tuple((m, c // divisor) for m, c in self.terms))

    def substitute(self, name: str, value: "Affine") -> "Affine":
        """This expression with `value` in place of a symbol."""
        total = Affine()
        for monomial, coefficient in self.terms:
            rest = tuple(s for s in monomial if s != name)
            factors = [value] * (len(monomial) - len(rest))
            total += reduce(Affine.__mul__, factors, Affine.of({rest: coefficient}))
        return total

    def renamed(self, names: Mapping[str, str]) -> "Affine":
        """This expression with other names for some symbols."""
        return Affine.of({tuple(sorted(names.get(s, s) for s in m)): c for m, c in self.terms})

    # -- questions ------------------------------------------------------------------------------------

    @property
    def value(self) -> int | None:
        """The number, where there is no symbol."""
        return self.constant if not self.symbols else None

    @property
    def constant(self) -> int:
        """The part without symbols."""
        return dict(self.terms).get((), 0)

    @property
    def symbols(self) -> frozenset[str]:
        """Every symbol that occurs."""
        return frozenset(s for m, _ in self.terms for s in m)

    @property
    def names(self) -> frozenset[str]:
        """Every identifier in the text of a symbol, attribute names included."""
        return frozenset(name for s in self.symbols for name in _IDENTIFIER.findall(s))

    @property
    def degree(self) -> int:
        """The largest number of symbols multiplied with each other."""
        return max((len(m) for m, _ in self.terms), default=0)

    def coefficient(self, name: str) -> "Affine | None":
        """What a symbol is multiplied by; None where it occurs squared or inside another symbol."""
        found: dict[Monomial, int] = {}
        for monomial, coefficient in self.terms:
            if monomial.count(name) > 1 or any(s != name and name in _IDENTIFIER.findall(s) for s in monomial):
                return None
            if name in monomial:
                found[tuple(s for s in monomial if s != name)] = coefficient
        return Affine.of(found)

    def without(self, name: str) -> "Affine":
        """The terms in which the symbol does not occur."""
        return Affine(tuple((m, c) for m, c in self.terms if name not in m))

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The number for given symbols; KeyError where one is missing."""
        return sum(c * math.prod(values[s] for s in m) for m, c in self.terms)

    # -- text -----------------------------------------------------------------------------------------

    def __str__(self) -> str:
        ordered = sorted(self.terms, key=_reading_order)
        if not ordered:
            return "0"
        (first, coefficient), rest = ordered[0], ordered[1:]
        text = ("-" if coefficient < 0 else "") + _term(first, abs(coefficient))
        return text + "".join(f" {'-' if c < 0 else '+'} {_term(m, abs(c))}" for m, c in rest)


def _affine(value: Affine | int) -> Affine:
    return Affine.number(value) if isinstance(value, int) else value


def _reading_order(term: tuple[Monomial, int]) -> tuple[bool, bool, int, Monomial]:
    monomial, coefficient = term
    return coefficient < 0, not monomial, -len(monomial), monomial


def _term(monomial: Monomial, coefficient: int) -> str:
    if len(monomial) == 1 and coefficient == 1:
        return _in_sum(monomial[0])
    parts = [str(coefficient)] if coefficient != 1 or not monomial else []
    for symbol in dict.fromkeys(monomial):
        power = monomial.count(symbol)
        parts.append(_in_product(symbol) + (f"**{power}" if power > 1 else ""))
    return " * ".join(parts)


def _in_product(symbol: str) -> str:
    return f"({symbol})" if _operators(symbol) else symbol


def _in_sum(symbol: str) -> str:
    return symbol if _operators(symbol) <= _TIGHT else f"({symbol})"


def _operators(symbol: str) -> frozenset[str]:
    """What stands between spaces outside of brackets: the operators of a text that `ast.unparse` made."""
    depth, outside = 0, []
    for character in symbol:
        depth += (character in "([{") - (character in ")]}")
        outside.append(character if depth == 0 else "")
    return frozenset("".join(outside).split()) & _WORDS


def total(parts: Iterable[Affine]) -> Affine:
    """The sum."""
    return reduce(Affine.__add__, parts, Affine())


# -- from libcst ----------------------------------------------------------------------------------------


def canonical(node: cst.CSTNode) -> str:
    """The text of an expression without its layout, so that `len( a )` and `len(a)` are one symbol."""
    code = cst.Module([]).code_for_node(node)
    return ast.unparse(ast.parse(f"({code})", mode="eval"))


def parse_affine(node: cst.BaseExpression, symbol: Callable[[cst.BaseExpression], Affine | None]) -> Affine | None:
    """The normal form of an integer expression, or None where it is not one.

    `symbol` is asked about everything that is not arithmetic with integers: it gives the expression that
    a name, attribute or call stands for, or None to refuse.
    """
    if isinstance(node, cst.Integer):
        return Affine.number(node.evaluated_value)
    if isinstance(node, cst.UnaryOperation):
        return _unary(node, symbol)
    if isinstance(node, cst.BinaryOperation):
        found = _binary(node, symbol)
        if found is not None or isinstance(node.operator, cst.Add | cst.Subtract | cst.Multiply):
            return found
    return symbol(node)


def _unary(node: cst.UnaryOperation, symbol: Callable[[cst.BaseExpression], Affine | None]) -> Affine | None:
    inner = parse_affine(node.expression, symbol)
    if inner is None:
        return None
    if isinstance(node.operator, cst.Minus):
        return -inner
    if isinstance(node.operator, cst.BitInvert):
        return -inner - 1
    return inner if isinstance(node.operator, cst.Plus) else None


def _binary(node: cst.BinaryOperation, symbol: Callable[[cst.BaseExpression], Affine | None]) -> Affine | None:
    if not isinstance(
        node.operator, cst.Add | cst.Subtract | cst.Multiply | cst.FloorDivide | cst.Power | cst.LeftShift
    ):
        return None
    left, right = parse_affine(node.left, symbol), parse_affine(node.right, symbol)
    if left is None or right is None:
        return None
    found = _combined(node.operator, left, right)
    return found if found is not None and len(found.terms) <= _MOST_TERMS else None


def _combined(operator: cst.BaseBinaryOp, left: Affine, right: Affine) -> Affine | None:
    match operator:
        case cst.Add():
            return left + right
        case cst.Subtract():
            return left - right
        case cst.Multiply():
            return left * right
        case cst.FloorDivide():
            return left.divided_by(right.value) if right.value else None
        case cst.Power() if right.value is not None and 2 <= right.value <= _MOST_FACTORS:
            return reduce(Affine.__mul__, [left] * right.value)
        case cst.LeftShift() if right.value is not None and 0 <= right.value < 64:
            return left * (1 << right.value)
    return None
