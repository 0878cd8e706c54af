"""The types that operators give, for builtin types and NumPy's."""

import libcst as cst

from perf_advise.facts.types.dtypes import divided, kind_and_bits, promoted, with_python
from perf_advise.facts.types.frames import is_pandas, operation, operation_with_unknown
from perf_advise.facts.types.heap import GENERIC, Atom, Heap, Value, join, join_all, of_atom, scalar, unknown
from perf_advise.facts.types.specs import array
from perf_advise.model.pytypes import PyType

_TOWER = ("bool", "int", "float", "complex")
_ARITHMETIC = (cst.Add, cst.Subtract, cst.Multiply, cst.AddAssign, cst.SubtractAssign, cst.MultiplyAssign)
_DIVIDE = (cst.Divide, cst.DivideAssign)
_WHOLE = (cst.FloorDivide, cst.Modulo, cst.FloorDivideAssign, cst.ModuloAssign)
_MODULO = (cst.Modulo, cst.ModuloAssign)
_POWER = (cst.Power, cst.PowerAssign)
_BITS = (cst.BitAnd, cst.BitOr, cst.BitXor, cst.BitAndAssign, cst.BitOrAssign, cst.BitXorAssign)
_SHIFTS = (cst.LeftShift, cst.RightShift, cst.LeftShiftAssign, cst.RightShiftAssign)
_MATRIX = (cst.MatrixMultiply, cst.MatrixMultiplyAssign)
_ADD = (cst.Add, cst.AddAssign)
_TIMES = (cst.Multiply, cst.MultiplyAssign)
_SETS = ("set", "frozenset")
_EXACT = ("fractions.Fraction", "decimal.Decimal")
_ORDINARY = ("collections", "fractions", "decimal", "datetime", "re")

Operator = cst.BaseBinaryOp | cst.BaseAugOp


class Operators:
    """Applies operators to values; `site` tells apart the objects that they make."""

    def __init__(self, heap: Heap) -> None:
        self.heap = heap

    def binary(self, op: Operator, left: Value, right: Value, site: object, power: "Power | None" = None) -> Value:
        """`left op right`. `power` is what is known of a `**` beyond types."""
        if left.open or right.open:
            found = operation_with_unknown(left) if not left.open else None
            return found or unknown(f"`{_symbol(op)}` on a value of unknown type")
        pairs = [(a, b) for a in left for b in right]
        return join_all(self._pair(op, a, b, site, power or Power()) for a, b in pairs)

    def _pair(self, op: Operator, a: Atom, b: Atom, site: object, power: "Power") -> Value:
        left, right = a.type.name, b.type.name
        if left in _TOWER and right in _TOWER:
            return _numbers(op, left, right, power)
        if is_pandas(left) or is_pandas(right):
            return operation(a, b)
        if left == "numpy.ndarray" or right == "numpy.ndarray":
            return self._arrays(op, a, b, site)
        if left.startswith("numpy.") or right.startswith("numpy."):
            return _numpy_scalars(op, a.type, b.type)
        if left in _EXACT or right in _EXACT:
            return _exact(op, left, right)
        return self._containers(op, a, b, site)

    def _containers(self, op: Operator, a: Atom, b: Atom, site: object) -> Value:
        left, right = a.type.name, b.type.name
        if left in ("str", "bytes") and isinstance(op, _MODULO):
            return scalar(left)
        if isinstance(op, _ADD) and left == right and left in ("str", "bytes"):
            return scalar(left)
        if isinstance(op, _TIMES) and {left, right} & {"str", "bytes"} and {left, right} & {"int", "bool"}:
            return scalar(left if left in ("str", "bytes") else right)
        if isinstance(op, _ADD) and left == right and left in ("list", "tuple"):
            return self._made(left, [a, b], site)
        if isinstance(op, _TIMES) and {left, right} & {"list", "tuple"} and {left, right} & {"int", "bool"}:
            whole = a if left in ("list", "tuple") else b
            return self._made(whole.type.name, [whole], site)
        sets = left in _SETS and right in _SETS
        if sets and isinstance(op, (*_BITS, cst.Subtract, cst.SubtractAssign)):
            return self._made(left, [a, b], site)
        if left == right == "dict" and isinstance(op, cst.BitOr | cst.BitOrAssign):
            return self._made(left, [a, b], site)
        return unknown(f"`{_symbol(op)}` on {left} and {right}")

    def _made(self, name: str, parts: list[Atom], site: object) -> Value:
        """A new container with the items of all parts."""
        cell = self.heap.cell((site, name), f"{name} made by an operator")
        for part in parts:
            if part.cell is not None:
                self.heap.store(cell, part.cell.items, part.cell.keys)
                cell.sources |= part.cell.sources
        fields = [p.cell.fields for p in parts if p.cell is not None and p.cell.fields is not None]
        if name == "tuple":
            known = len(parts) == 2 and len(fields) == 2
            self.heap.set_fields(cell, (*fields[0], *fields[1]) if known else None)
        return of_atom(cell.atom(PyType(name)), f"{name} made by an operator")

    def _arrays(self, op: Operator, a: Atom, b: Atom, site: object) -> Value:
        if not (_is_operand(a) and _is_operand(b)):
            return unknown(f"`{_symbol(op)}` on {a.type.name} and {b.type.name}")
        if isinstance(op, _MATRIX):
            return self.product(a.type, b.type, site)
        dtype = _operated(op, _combined(a.type, b.type), (a.type, b.type))
        dims = [t.ndim if t.name == "numpy.ndarray" else _extra_dims(t) for t in (a.type, b.type)]
        ndim = None if None in dims else max(d for d in dims if d is not None)
        return self.array(dtype, ndim, site)

    def product(self, a: PyType, b: PyType, site: object) -> Value:
        """The matrix product of two arrays."""
        dtype = promoted(a.dtype, b.dtype)
        if a.ndim is None or b.ndim is None:
            if a.ndim == 2 or b.ndim == 2:
                return self.array(dtype, None, site)  # a product with a matrix is never a scalar
            return unknown("product of arrays of unknown dimensions")
        if a.ndim <= 2 and b.ndim <= 2:
            return self.array(dtype, a.ndim + b.ndim - 2, site)
        return self.array(dtype, None if 1 in (a.ndim, b.ndim) else max(a.ndim, b.ndim), site)

    def array(self, dtype: str | None, ndim: int | None, site: object) -> Value:
        """A new array, or the NumPy scalar that an operation without dimensions gives."""
        if ndim == 0:
            return numpy_scalar(dtype)
        cell = self.heap.cell((site, "numpy.ndarray"), "array made by an operation")
        return of_atom(cell.atom(array(dtype, ndim)), "array operation")

    def compare(self, left: Value, right: Value, site: object) -> Value:
        """`left < right` and the like, `==` included; not `is` and `in`, which give a bool."""
        if left.open or right.open:
            found = operation_with_unknown(left) if not left.open else None
            return found or unknown("comparison of values of unknown type")
        return join_all(self._compare_pair(a, b, site) for a in left for b in right)

    def _compare_pair(self, a: Atom, b: Atom, site: object) -> Value:
        if is_pandas(a.type.name) or is_pandas(b.type.name):
            return operation(a, b)
        if "numpy.ndarray" in (a.type.name, b.type.name):
            result = self._arrays(cst.Add(), a, b, site)
            only = result.only
            return result if only is None else self.array("bool", only.type.ndim, site)
        if a.type.name.startswith("numpy.") or b.type.name.startswith("numpy."):
            tame = all(t in _TOWER or t.startswith("numpy.") for t in (a.type.name, b.type.name))
            return scalar("numpy.bool") if tame else unknown("comparison with a NumPy scalar")
        for name in (a.type.name, b.type.name):
            if "." in name and name.partition(".")[0] not in _ORDINARY:
                return unknown(f"`{name}` may define its own comparison")
        return scalar("bool")

    def unary(self, op: cst.BaseUnaryOp, value: Value, site: object) -> Value:
        """`-x`, `+x`, `~x`; `not x` is a bool."""
        if isinstance(op, cst.Not):
            return scalar("bool")
        if value.open:
            return unknown("sign of a value of unknown type")
        return join_all(self._unary_atom(op, atom, site) for atom in value)

    def _unary_atom(self, op: cst.BaseUnaryOp, atom: Atom, site: object) -> Value:
        name = atom.type.name
        if name in ("bool", "int"):
            return scalar("int")
        if name in ("float", "complex", *_EXACT):
            return scalar(name)
        if name == "numpy.ndarray":
            return self.array(atom.type.dtype, atom.type.ndim, site)
        if is_pandas(name):
            return operation(atom, atom)
        return of_atom(atom, "sign kept") if name.startswith("numpy.") else unknown(f"sign of {name}")


class Power:
    """What the source shows of a `**`: whether the exponent is a whole number, and signs."""

    def __init__(self, exponent: int | float | None = None, base_nonnegative: bool = False) -> None:
        self.exponent = exponent
        self.base_nonnegative = base_nonnegative


def numpy_scalar(dtype: str | None) -> Value:
    """The NumPy scalar of a dtype."""
    if dtype is None:
        return scalar(GENERIC, "array item of unknown dtype")
    if kind_and_bits(dtype) is None:
        return unknown(f"array item of {dtype}")
    return scalar(f"numpy.{dtype}", f"array item of {dtype}")


def _numbers(op: Operator, left: str, right: str, power: Power) -> Value:
    top = _TOWER[max(_TOWER.index(left), _TOWER.index(right), 1)]
    if isinstance(op, _ARITHMETIC):
        return scalar(top)
    if isinstance(op, _DIVIDE):
        return scalar("complex" if top == "complex" else "float")
    if isinstance(op, _WHOLE) and top != "complex":
        return scalar(top)
    if isinstance(op, _POWER):
        return _power(top, power)
    if isinstance(op, _BITS) and top == "int":
        return scalar("bool" if left == right == "bool" else "int")
    if isinstance(op, _SHIFTS) and top == "int":
        return scalar("int")
    return unknown(f"`{_symbol(op)}` on {left} and {right}")


def _power(top: str, power: Power) -> Value:
    exponent = power.exponent
    if top == "complex":
        return scalar("complex")
    if top == "int":
        if exponent is not None and exponent == int(exponent):
            return scalar("int" if exponent >= 0 else "float")
        return join(scalar("int", "an int power"), scalar("float", "of a negative exponent"))
    whole = exponent is not None and exponent == int(exponent)
    if whole or power.base_nonnegative:
        return scalar("float")
    return join(scalar("float", "a float power"), scalar("complex", "of a negative base"))


def _exact(op: Operator, left: str, right: str) -> Value:
    name = left if left in _EXACT else right
    other = right if left in _EXACT else left
    if other not in (name, "int", "bool", "float") or isinstance(op, _POWER):
        return unknown(f"`{_symbol(op)}` on {left} and {right}")
    if other == "float":
        return scalar("float") if name == "fractions.Fraction" else unknown("decimal and float do not mix")
    if isinstance(op, _WHOLE) and not isinstance(op, _MODULO) and name == "fractions.Fraction":
        return scalar("int")
    return scalar(name) if isinstance(op, (*_ARITHMETIC, *_DIVIDE, *_WHOLE)) else unknown("operator on exact numbers")


def _numpy_scalars(op: Operator, a: PyType, b: PyType) -> Value:
    names = (a.name, b.name)
    for name in names:
        if name not in _TOWER and not name.startswith("numpy."):
            return unknown(f"`{_symbol(op)}` on {a.name} and {b.name}")
    left, right = (n.removeprefix("numpy.") for n in names)
    if GENERIC in names:
        return numpy_scalar(None)
    if a.name in _TOWER or b.name in _TOWER:
        own, python = (right, left) if a.name in _TOWER else (left, right)
        if own not in ("float64", "int64", "complex128", "bool"):
            return unknown("NumPy 1 and 2 differ for small scalars with Python numbers")
        dtype = with_python(own, python)
    else:
        dtype = promoted(left, right)
    result = _operated(op, dtype, (a, b))
    return unknown(f"`{_symbol(op)}` on {a.name} and {b.name}") if result is None else numpy_scalar(result)


def _combined(a: PyType, b: PyType) -> str | None:
    """The dtype in which two operands, at least one an array, are combined."""
    if a.name == b.name == "numpy.ndarray":
        return promoted(a.dtype, b.dtype)
    own, other = (a, b) if a.name == "numpy.ndarray" else (b, a)
    if other.name in _TOWER:
        return with_python(own.dtype, other.name)
    if other.name.startswith("numpy."):
        # NumPy 1 looks at the scalar's value unless it is of a higher kind; where both agree, the array wins.
        both = promoted(own.dtype, other.name.removeprefix("numpy."))
        return both if both == own.dtype else None
    return None


def _operated(op: Operator, dtype: str | None, types: tuple[PyType, PyType]) -> str | None:
    known = kind_and_bits(dtype) if dtype is not None else None
    if known is None:
        return None
    if isinstance(op, _DIVIDE):
        return divided(dtype)
    if isinstance(op, _BITS) and known[0] in "fc":
        return None
    if known[0] == "b" and not isinstance(op, _BITS):
        return None if not isinstance(op, _ADD + _TIMES) else dtype
    if known[0] == "c" and isinstance(op, _WHOLE):
        return None
    return dtype


def _is_operand(atom: Atom) -> bool:
    name = atom.type.name
    return name in _TOWER or name in ("list", "tuple") or name.startswith("numpy.")


def _extra_dims(type_: PyType) -> int | None:
    return None if type_.name in ("list", "tuple") else 0


def _symbol(op: object) -> str:
    return _SYMBOLS.get(type(op).__name__.removesuffix("Assign"), type(op).__name__)


_SYMBOLS = {"Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%",
            "Power": "**", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
            "MatrixMultiply": "@"}  # fmt: skip
