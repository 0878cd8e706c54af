"""What an annotation says of a type."""

from collections.abc import Callable

import libcst as cst

from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.types.specs import NONE, any_of
from perf_advise.model.pytypes import PyType

Resolve = Callable[[cst.BaseExpression], str | None]
"""The qualified name of a name or attribute chain."""

_SAME = {"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple", "Type": "type",
         "Deque": "collections.deque", "DefaultDict": "collections.defaultdict", "Text": "str",
         "OrderedDict": "collections.OrderedDict", "Counter": "collections.Counter"}  # fmt: skip
_WRAPPERS = frozenset({"Final", "ClassVar", "Annotated", "Required", "NotRequired"})
_TYPING = ("typing.", "typing_extensions.", "collections.abc.")
_MANY_IN_ONE = frozenset(
    {"numpy.typing.ArrayLike", "builtins.object", "builtins.type", "numbers.Number", "numbers.Real"}
)


class Annotations:
    """Reads annotations; `resolve` says what names mean, `expand` gives the expression of a type alias."""

    def __init__(
        self, resolve: Resolve, expand: Callable[[cst.BaseExpression], cst.BaseExpression | None] = lambda expr: None
    ) -> None:
        self.resolve = resolve
        self.expand = expand

    def read(self, expr: cst.BaseExpression, depth: int = 6) -> PyType | None:
        """The type that the annotation promises (`|` for several); None where it promises none."""
        if depth == 0:
            return None
        if isinstance(expr, cst.SimpleString):
            return self._text(expr, depth)
        if isinstance(expr, cst.BinaryOperation) and isinstance(expr.operator, cst.BitOr):
            return _union([self.read(expr.left, depth - 1), self.read(expr.right, depth - 1)])
        if isinstance(expr, cst.Subscript):
            return self._subscript(expr, depth)
        if isinstance(expr, cst.Name) and expr.value == "None":
            return NONE
        if isinstance(expr, cst.Name | cst.Attribute):
            return self._named(expr, depth)
        return None

    def _text(self, expr: cst.SimpleString, depth: int) -> PyType | None:
        text = expr.evaluated_value
        if not isinstance(text, str):
            return None
        try:
            return self.read(cst.parse_expression(text), depth - 1)
        except cst.ParserSyntaxError:
            return None

    def _named(self, expr: cst.BaseExpression, depth: int) -> PyType | None:
        name = self.resolve(expr)
        alias = self.expand(expr)
        if alias is not None:
            return self.read(alias, depth - 1)
        if name is None or name in _MANY_IN_ONE:
            return None
        for prefix in _TYPING:
            if name.startswith(prefix):
                short = name.removeprefix(prefix)
                return PyType(_SAME[short]) if short in _SAME else None
        if name == "numpy.typing.NDArray":
            return PyType("numpy.ndarray")
        return PyType(name.removeprefix("builtins.")) if "." in name else None

    def _subscript(self, expr: cst.Subscript, depth: int) -> PyType | None:
        name = self.resolve(expr.value) or ""
        args = [e.slice.value for e in expr.slice if isinstance(e.slice, cst.Index)]
        short = name
        for prefix in _TYPING:
            short = short.removeprefix(prefix)
        if short == "Optional":
            return _union([self.read(args[0], depth - 1), NONE])
        if short == "Union":
            return _union([self.read(arg, depth - 1) for arg in args])
        if short in _WRAPPERS:
            return self.read(args[0], depth - 1)
        if short == "Literal":
            return _union([_literal(arg) for arg in args])
        if name in ("numpy.ndarray", "numpy.typing.NDArray"):
            return self._array(name, args)
        return self._generic(self._named(expr.value, depth), args, depth)

    def _generic(self, base: PyType | None, args: list[cst.BaseExpression], depth: int) -> PyType | None:
        if base is None or base.name == "type":
            return base
        if base.name == "tuple":
            return self._tuple(args, depth)
        parts = [self.read(arg, depth - 1) for arg in args]
        if base.name == "collections.Counter":
            parts.append(PyType("int"))
        whole = [part for part in parts if part is not None]
        return PyType(base.name, tuple(whole) if len(whole) == len(parts) else ())

    def _tuple(self, args: list[cst.BaseExpression], depth: int) -> PyType:
        homogeneous = len(args) == 2 and isinstance(args[1], cst.Ellipsis)
        parts = [self.read(arg, depth - 1) for arg in (args[:1] if homogeneous else args)]
        # An open position is still a position: `object` stands for anything.
        filled = tuple(part or PyType("object") for part in parts)
        return PyType("tuple", filled, homogeneous=homogeneous)

    def _array(self, name: str, args: list[cst.BaseExpression]) -> PyType:
        scalar = args[0] if name.endswith("NDArray") else (args[1] if len(args) > 1 else None)
        if isinstance(scalar, cst.Subscript) and isinstance(scalar.slice[0].slice, cst.Index):
            scalar = scalar.slice[0].slice.value
        ndim = None
        if name == "numpy.ndarray" and isinstance(args[0], cst.Subscript):
            shape = [e.slice.value for e in args[0].slice if isinstance(e.slice, cst.Index)]
            ndim = None if any(isinstance(part, cst.Ellipsis) for part in shape) else len(shape)
        dtype = dtype_named(self.resolve(scalar)) if scalar is not None else None
        return PyType("numpy.ndarray", dtype=dtype, ndim=ndim)


def dtype_named(name: str | None) -> str | None:
    """The dtype that a qualified name stands for (`numpy.float64`, `builtins.float`)."""
    if name is None:
        return None
    builtin = {"builtins.float": "float64", "builtins.int": "int64", "builtins.bool": "bool",
               "builtins.complex": "complex128", "builtins.object": "object"}.get(name)  # fmt: skip
    if builtin is not None:
        return builtin
    short = name.removeprefix("numpy.")
    short = {"double": "float64", "single": "float32", "half": "float16", "intp": "int64", "byte": "int8"}.get(
        short, short
    )
    return short if name.startswith("numpy.") and short in SCALARS else None


def _union(parts: list[PyType | None]) -> PyType | None:
    whole = [part for part in parts if part is not None]
    if len(whole) != len(parts) or not whole:
        return None
    flat: list[PyType] = []
    for part in whole:
        flat += part.args if part.name == "|" else (part,)
    return any_of(*dict.fromkeys(flat))


def _literal(expr: cst.BaseExpression) -> PyType | None:
    if isinstance(expr, cst.SimpleString):
        return PyType("str" if isinstance(expr.evaluated_value, str) else "bytes")
    if isinstance(expr, cst.Integer):
        return PyType("int")
    if isinstance(expr, cst.UnaryOperation):
        return _literal(expr.expression)
    if isinstance(expr, cst.Name):
        return {"True": PyType("bool"), "False": PyType("bool"), "None": NONE}.get(expr.value)
    return None
