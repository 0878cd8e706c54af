"""NumPy's functions that make arrays, from a shape, from other data, or by drawing numbers."""

import libcst as cst

from perf_advise.facts.types.calls import Special
from perf_advise.facts.types.heap import Value, of_atom, scalar, unknown
from perf_advise.facts.types.likes import Like, dims_given, dims_of_shape, dtype_written, like, named_dtype, written
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.state import Arguments
from perf_advise.model.pytypes import PyType


def new_array(machine: Machine, call: cst.CSTNode, dtype: str | None, ndim: int | None) -> Value:
    return machine.operators.array(dtype, ndim, id(call))


def first_like(machine: Machine, args: Arguments) -> Like:
    return like(machine, args.get(0))


def view_of_first(machine: Machine, args: Arguments, dtype: str | None, ndim: int | None, call: cst.Call) -> Value:
    """An array that shares the memory of the first argument, or is new where that is none."""
    only = args.positional[0].only if args.positional else None
    if only is None or only.cell is None or only.type.name != "numpy.ndarray":
        return new_array(machine, call, dtype, ndim) if only is not None else unknown("a view of an unknown value")
    return of_atom(only.cell.atom(PyType("numpy.ndarray", dtype=dtype, ndim=ndim)), "view of an array")


# -- makers ---------------------------------------------------------------------------------------------------


def _new(default_dtype: str | None, dtype_place: int) -> Special:
    def new(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        default = default_dtype or dtype_written(args.node(1, "fill_value"))
        default = default or like(machine, args.get(1, "fill_value")).dtype
        return new_array(machine, call, named_dtype(machine, args, dtype_place, default), dims_given(args))

    return new


def _new_like(dtype_place: int) -> Special:
    def new(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        source = first_like(machine, args)
        ndim = dims_of_shape(args.keywords["shape"]) if "shape" in args.keywords else source.ndim
        return new_array(machine, call, named_dtype(machine, args, dtype_place, source.dtype), ndim)

    return new


def _converted(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    """`array`, `asarray` and their kin; without a copy an array stays the same object."""
    source = args.get(0)
    found = like(machine, source)
    if found.dtype is None:
        shown = written(args.node(0, "object"))
        found = shown if shown.dtype is not None else found
    dtype = named_dtype(machine, args, 1, found.dtype)
    shares = "copy" in args.keywords or machine.world.meaning(call.func) != "numpy.array"
    if source is None or "ndmin" in args.keywords or (source.open and shares):
        return unknown("an array made of a value of unknown type")
    if shares and "numpy.ndarray" in source.names():
        return view_of_first(machine, args, dtype, found.ndim, call)
    return new_array(machine, call, dtype, found.ndim)


def _arange(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    names = frozenset().union(*(value.names() for value in args.positional))
    known = all(value.known for value in args.positional)
    default = None
    if known and names <= {"int"}:
        default = "int64"
    elif known and names <= {"int", "float"} and all(len(v.names()) == 1 for v in args.positional):
        default = "float64"
    return new_array(machine, call, named_dtype(machine, args, 3, default), 1)


def _linspace(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if "retstep" in args.keywords or len(args.positional) > 3:
        return unknown("linspace with a step")
    real = all(value.only_types("int", "float", "numpy.float64") for value in args.positional[:2])
    return new_array(machine, call, named_dtype(machine, args, 5, "float64" if real else None), 1 if real else None)


def _square(dtype_place: int) -> Special:
    def square(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        return new_array(machine, call, named_dtype(machine, args, dtype_place, "float64"), 2)

    return square


# -- random numbers -------------------------------------------------------------------------------------------


def _drawn(size_place: int, alone: str, dtype: str) -> Special:
    """Draws of a size; without one a single number, whose type is `alone`."""

    def draw(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        size = args.get(size_place, "size")
        if any(not v.known or v.names() & {"numpy.ndarray", "list", "tuple"}
                                           for v in args.positional[:size_place]):  # fmt: skip
            return unknown("draws of a shape that is not written out")
        if size is None or size.only_types("NoneType"):
            is_plain = args.node(size_place + 1, "dtype") is None
            return scalar(alone) if is_plain else unknown("a draw of a dtype")
        return new_array(machine, call, named_dtype(machine, args, size_place + 1, dtype), dims_of_shape(size))

    return draw


def _rand(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return new_array(machine, call, "float64", len(args.positional)) if args.positional else scalar("float")


def _permutation(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    whole = bool(args.positional) and args.positional[0].only_types("int")
    return new_array(machine, call, "int64", 1) if whole else unknown("a permutation of items")


MAKERS: dict[str, Special] = {
    **dict.fromkeys(("zeros", "ones", "empty"), _new("float64", 1)),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like"), _new_like(1)),
    "full": _new(None, 2),
    "full_like": _new_like(2),
    **dict.fromkeys(("array", "asarray", "ascontiguousarray", "asfortranarray"), _converted),
    "arange": _arange,
    "linspace": _linspace,
    **dict.fromkeys(("eye", "tri"), _square(3)),
    "identity": _square(1),
    "random.rand": _rand,
    "random.randn": _rand,
    **dict.fromkeys(("random.random", "random.random_sample", "random.standard_normal"), _drawn(0, "float", "float64")),
    **dict.fromkeys(("random.uniform", "random.normal"), _drawn(2, "float", "float64")),
    "random.randint": _drawn(2, "int", "int64"),
    "random.integers": _drawn(2, "numpy.int64", "int64"),
    "random.exponential": _drawn(1, "float", "float64"),
    "random.permutation": _permutation,
}
