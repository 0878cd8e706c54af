"""What arguments of NumPy calls are as arrays: dtypes named, shapes written, array-likes."""

from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.literals import number
from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.types.annotations import dtype_named
from perf_advise.facts.types.dtypes import dtype_of_python, promoted, with_python
from perf_advise.facts.types.heap import NOTHING, Atom, Value, of_atom
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.state import Arguments

_TEXTS = {"float": "float64", "int": "int64", "f8": "float64", "i8": "int64", "f4": "float32", "i4": "int32",
          "d": "float64", "f": "float32", "complex": "complex128", "u1": "uint8"}  # fmt: skip
_DEEPEST = 5
_SMALL = 2**31
_PYTHON = frozenset({"bool", "int", "float", "complex"})


@dataclass(frozen=True, slots=True)
class Like:
    """dtype and dimensions of an array-like; None where unknown."""

    dtype: str | None = None
    ndim: int | None = None


def named_dtype(machine: Machine, args: Arguments, position: int, default: str | None) -> str | None:
    """The dtype that an argument names; `default` when it is absent."""
    node = args.node(position, "dtype")
    if node is None or (isinstance(node, cst.Name) and node.value == "None"):
        return default
    if isinstance(node, cst.SimpleString):
        text = _TEXTS.get(str(node.evaluated_value), str(node.evaluated_value))
        return text if text in SCALARS else None
    if isinstance(node, cst.Attribute) and node.attr.value == "dtype":
        of = machine.values.get(id(node.value), NOTHING).only
        return of.type.dtype if of is not None else None
    return dtype_named(machine.world.meaning(node))


def dims_of_shape(value: Value | None) -> int | None:
    """The number of dimensions that a shape gives."""
    if value is None:
        return None
    if value.only_types("int", "numpy.int64"):
        return 1
    only = value.only
    if only is not None and only.cell is not None and only.cell.fields is not None and only.type.name == "tuple":
        return len(only.cell.fields)
    return None


def dims_given(args: Arguments) -> int | None:
    """The number of dimensions of a shape that is the first argument; a list says it where it is written out."""
    node = args.node(0, "shape")
    if isinstance(node, cst.List) and node.elements and all(isinstance(e, cst.Element) for e in node.elements):
        return len(node.elements)
    return dims_of_shape(args.get(0, "shape"))


def dtype_written(node: cst.BaseExpression | None) -> str | None:
    """The dtype that NumPy gives a number that is written out."""
    value = None if node is None else number(node)
    if isinstance(value, int):
        return "int64" if abs(value) < _SMALL else None
    return None if value is None else "float64"


def written(node: cst.BaseExpression | None) -> Like:
    """The array that NumPy makes of numbers that are written out in nested lists, rectangular ones."""
    found = _written(node)
    return Like() if found is None else Like(found[0], len(found[1]))


def _written(node: cst.BaseExpression | None) -> tuple[str, tuple[int, ...]] | None:
    """dtype and shape."""
    if not isinstance(node, cst.List | cst.Tuple):
        dtype = dtype_written(node)
        return None if dtype is None else (dtype, ())
    parts = [_written(e.value) if isinstance(e, cst.Element) else None for e in node.elements]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts) or len({shape for _, shape in known}) > 1:
        return None
    dtypes = {dtype for dtype, _ in known}
    return ("float64" if "float64" in dtypes else "int64"), (len(parts), *known[0][1])


def like(machine: Machine, value: Value | None) -> Like:
    """The array that NumPy makes of a value: arrays, numbers, nested lists of numbers."""
    if value is None or not value.known:
        return Like()
    shapes = [_like_atom(machine, atom, 0) for atom in value]
    dtype, ndim = shapes[0].dtype, shapes[0].ndim
    for shape in shapes[1:]:
        dtype = dtype if shape.dtype == dtype else None
        ndim = ndim if shape.ndim == ndim else None
    return Like(dtype, ndim)


def _like_atom(machine: Machine, atom: Atom, depth: int) -> Like:
    name = atom.type.name
    if name == "numpy.ndarray":
        return Like(atom.type.dtype, atom.type.ndim)
    if name.startswith("numpy.") and name.removeprefix("numpy.") in SCALARS:
        return Like(name.removeprefix("numpy."), 0)
    if name in ("list", "tuple") and atom.cell is not None and depth < _DEEPEST:
        return _like_sequence(machine, atom, depth)
    if name == "range":
        return Like("int64", 1)
    dtype = dtype_of_python(name)
    # A large int gives another dtype (uint64, object).
    return Like(None if dtype == "int64" else dtype, 0 if dtype else None)


def _like_sequence(machine: Machine, atom: Atom, depth: int) -> Like:
    items = machine.items(of_atom(atom, "sequence"), atom)
    if not items.known:
        return Like()
    parts = [_like_atom(machine, item, depth + 1) for item in items]
    dims = {part.ndim for part in parts}
    ndim = dims.pop() if len(dims) == 1 else None
    # An empty list gives float64 whatever it was meant for, and mixed numbers give what the values are.
    empty = depth > 0 or not _is_filled(atom)
    dtype = parts[0].dtype if len(parts) == 1 and not (empty and parts[0].dtype != "float64") else None
    return Like(dtype, None if ndim is None else ndim + 1)


def _is_filled(atom: Atom) -> bool:
    """Whether a sequence has items for sure."""
    return atom.cell is not None and bool(atom.cell.fields)


def combined(machine: Machine, left: Value, right: Value) -> str | None:
    """The dtype in which NumPy combines two operands."""
    a, b = left.only, right.only
    if a is None or b is None:
        return None
    if a.type.name in _PYTHON and b.type.name in _PYTHON:
        return None
    if a.type.name in _PYTHON:
        return with_python(like(machine, right).dtype, a.type.name)
    if b.type.name in _PYTHON:
        return with_python(like(machine, left).dtype, b.type.name)
    return promoted(like(machine, left).dtype, like(machine, right).dtype)


def most_dims(machine: Machine, values: list[Value]) -> int | None:
    """The dimensions of operands broadcast together."""
    dims = [like(machine, value).ndim for value in values]
    return None if None in dims or not dims else max(d for d in dims if d is not None)


def is_absent(node: cst.BaseExpression | None) -> bool:
    """Whether an argument is not given, or given as None."""
    return node is None or (isinstance(node, cst.Name) and node.value == "None")
