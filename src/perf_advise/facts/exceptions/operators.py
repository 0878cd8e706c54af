"""Why operators, comparisons and truth tests may raise, for the types and ranges of their operands."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.effects.events import is_tame
from perf_advise.facts.effects.purity import Purity
from perf_advise.facts.exceptions.table import HASHABLE, REAL, SCALAR, SIZED
from perf_advise.facts.intervals import Interval
from perf_advise.facts.types.heap import MAPPINGS, Value, is_numpy_scalar
from perf_advise.facts.values.known import KnownValues

_LARGEST = 2**1000
_SHOWN = 10**600
_INTEGERS = ("int", "bool")
_ORDERED = (tuple(REAL), ("str",), ("bytes",))
_SIMPLE = ("Add", "Subtract", "Multiply")
_WHOLE = ("BitAnd", "BitOr", "BitXor")
_DIVISIONS = ("Divide", "FloorDivide", "Modulo")


class Operations:
    """What operators need to know of their operands, and what they may raise."""

    def __init__(self, purity: Purity, values: KnownValues) -> None:
        self.purity = purity
        self.types = purity.types
        self.code = purity.code
        self.values = values

    def value(self, node: cst.CSTNode) -> Value:
        """The solved value of an expression."""
        return self.types.value(node)

    def range(self, node: cst.CSTNode) -> Interval | None:
        """The range of a number."""
        return self.values.interval(node)

    def is_small(self, node: cst.CSTNode) -> bool:
        """Whether a number converts to a float."""
        if self.value(node).only_types("float", "bool", "numpy.float64"):
            return True
        found = self.range(node)
        return found is not None and found.low >= -_LARGEST and found.high <= _LARGEST

    def operation(self, name: str, left: cst.CSTNode, right: cst.CSTNode) -> Iterator[str]:
        """Why `left op right` may raise."""
        a, b = self.value(left), self.value(right)
        if a.only_types(*REAL) and b.only_types(*REAL):
            yield from self._numeric(name, left, right)
        elif _is_inexact(a) and _is_inexact(b):
            both_python = "float" in a.names() and "float" in b.names()
            if name not in _SIMPLE and (name != "Divide" or both_python):
                yield f"`{name}` of NumPy values"
        elif not _joins(name, a, b):
            yield f"`{name}` of values of unknown or unfit types"

    def _numeric(self, name: str, left: cst.CSTNode, right: cst.CSTNode) -> Iterator[str]:
        whole = self.value(left).only_types(*_INTEGERS) and self.value(right).only_types(*_INTEGERS)
        divisor = self.range(right)
        if name in _DIVISIONS and (divisor is None or 0 in divisor):
            yield "the divisor may be zero"
        if (not whole or name == "Divide") and not (self.is_small(left) and self.is_small(right)):
            yield "a whole number may be too large for a float"
        if name in ("LeftShift", "RightShift") and (not whole or divisor is None or divisor.low < 0):
            yield "a negative shift"
        if name == "Power" and (not whole or divisor is None or divisor.low < 0):
            yield "a power may be too large, or of zero to a negative number"
        if name in _WHOLE and not whole:
            yield f"`{name}` of floats"
        if name not in (*_SIMPLE, *_WHOLE, *_DIVISIONS, "Power", "LeftShift", "RightShift"):
            yield f"`{name}` of numbers"

    def _unary(self, node: cst.UnaryOperation) -> Iterator[str]:
        value = self.value(node.expression)
        if isinstance(node.operator, cst.Not):
            yield from self.truth(node.expression)
        elif not value.only_types(*(_INTEGERS if isinstance(node.operator, cst.BitInvert) else REAL)):
            yield "the sign of a value of unknown type"

    def truth(self, node: cst.CSTNode) -> Iterator[str]:
        """Why testing a value may raise."""
        value = self.value(node)
        if not (value.known and all(n in SCALAR or n in SIZED or is_numpy_scalar(n) for n in value.names())):
            yield "the truth of a value of unknown type"

    def _boolean(self, node: cst.BooleanOperation) -> Iterator[str]:
        yield from self.truth(node.left)

    def _conditional(self, node: cst.IfExp) -> Iterator[str]:
        yield from self.truth(node.test)

    def _comparison(self, node: cst.Comparison) -> Iterator[str]:
        left: cst.BaseExpression = node.left
        for part in node.comparisons:
            a, b = self.value(left), self.value(part.comparator)
            if isinstance(part.operator, cst.In | cst.NotIn):
                yield from self._membership(a, b)
            elif isinstance(part.operator, cst.Equal | cst.NotEqual):
                if not (self._is_flat(a) and self._is_flat(b)):
                    yield "a comparison of values of unknown type"
            elif not isinstance(part.operator, cst.Is | cst.IsNot):
                ordered = any(a.only_types(*kinds) and b.only_types(*kinds) for kinds in _ORDERED)
                if not ordered:
                    yield "an order of values of unknown or unfit types"
            left = part.comparator

    def _is_flat(self, value: Value) -> bool:
        """Whether `==` on it is plain: scalars, and containers of scalars."""
        if not value.known:
            return False
        for atom in value:
            if atom.type.name in SCALAR or is_numpy_scalar(atom.type.name):
                continue
            inner = atom.cell.items if atom.cell is not None else None
            if atom.type.name not in SIZED or inner is None or not (inner.never or inner.only_types(*SCALAR)):
                return False
        return True

    def _membership(self, probe: Value, container: Value) -> Iterator[str]:
        hashed = container.names() & (MAPPINGS | {"set", "frozenset", "dict_keys"})
        if not container.only_types(*SIZED):
            yield "membership in a value of unknown type"
        elif hashed and not probe.only_types(*HASHABLE):
            yield "the value looked up may not be hashable"
        elif "str" in container.names() and not probe.only_types("str"):
            yield "membership of something else in a text"
        elif not (self._is_flat(probe) and is_tame(self.types.flow.machine, container, deep=True)):
            yield "membership of a value of unknown type"

    def is_printable(self, node: cst.CSTNode) -> bool:
        """Whether a whole number has few enough digits to be shown."""
        found = self.range(node)
        whole = self.value(node).only_types(*_INTEGERS)
        return whole and found is not None and found.low >= -_SHOWN and found.high <= _SHOWN


def _joins(name: str, a: Value, b: Value) -> bool:
    """Whether an operator puts texts or sequences together."""
    if name == "Add":
        return any(a.only_types(kind) and b.only_types(kind) for kind in ("str", "bytes", "list", "tuple"))
    return name == "Multiply" and a.only_types("str", "list", "tuple") and b.only_types(*_INTEGERS)


def _is_inexact(value: Value) -> bool:
    """Whether NumPy answers with NaN or infinity instead of raising: floats of NumPy or Python."""
    return value.known and all(
        atom.type.name == "float" or (is_numpy_scalar(atom.type.name) and "float" in atom.type.name) for atom in value
    )
