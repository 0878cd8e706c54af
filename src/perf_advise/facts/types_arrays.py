"""What NumPy's functions and array methods give: makers, shapes, products, random numbers."""

from collections.abc import Callable

import libcst as cst

from perf_advise.facts.effects_numpy import SCALARS
from perf_advise.facts.heap import NOTHING, Atom, Value, of_atom, scalar, unknown
from perf_advise.facts.types_calls import Special, fields, made
from perf_advise.facts.types_dtypes import divided, promoted, python_type
from perf_advise.facts.types_likes import Like, combined, dims_of_shape, is_absent, like, most_dims, named_dtype
from perf_advise.facts.types_machine import Machine
from perf_advise.facts.types_operators import numpy_scalar
from perf_advise.facts.types_state import Arguments
from perf_advise.facts.types_ufuncs import ELEMENTWISE, METHODS_OF_ARRAYS
from perf_advise.facts.words import words
from perf_advise.model.pytypes import PyType

_IN_PLACE = words("fill sort put partition resize setflags")


def array_call(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    """The result of a function of numpy."""
    short = name.removeprefix("numpy.")
    if args.spread or "out" in args.keywords:
        return unknown(f"`{name}` with `out` or `*` arguments")
    if short in SCALARS:
        numbers = like(machine, args.get(0)).ndim == 0 if args.positional else True
        return scalar(f"numpy.{short}") if numbers else unknown(f"`{name}` of a value of unknown type")
    give = ELEMENTWISE.get(short)
    if give is not None:
        return give(machine, short, call, args)
    special = _SPECIAL.get(short)
    return unknown(f"the result of `{name}` is not known") if special is None else special(machine, call, args)


def array_method(machine: Machine, atom: Atom, name: str, call: cst.Call, args: Arguments) -> Value:
    """The result of a method of an ndarray."""
    if args.spread or "out" in args.keywords:
        return unknown(f"`{name}` with `out` or `*` arguments")
    if name in _IN_PLACE:
        return scalar("NoneType")
    moved = Arguments()
    moved.positional = [of_atom(atom, "array"), *args.positional]
    moved.nodes = [call.func, *args.nodes]
    moved.keywords, moved.keyword_nodes = args.keywords, args.keyword_nodes
    if name in METHODS_OF_ARRAYS:
        return ELEMENTWISE[name](machine, name, call, moved)
    special = _METHODS.get(name)
    return unknown(f"the result of `ndarray.{name}` is not known") if special is None else special(machine, call, moved)


def _array(machine: Machine, call: cst.CSTNode, dtype: str | None, ndim: int | None) -> Value:
    return machine.operators.array(dtype, ndim, id(call))


def _first(machine: Machine, args: Arguments) -> Like:
    return like(machine, args.get(0))


def _view(machine: Machine, args: Arguments, dtype: str | None, ndim: int | None, call: cst.Call) -> Value:
    """An array that shares the memory of the first argument, or is new where that is none."""
    only = args.positional[0].only if args.positional else None
    if only is None or only.cell is None or only.type.name != "numpy.ndarray":
        return _array(machine, call, dtype, ndim) if only is not None else unknown("a view of an unknown value")
    return of_atom(only.cell.atom(PyType("numpy.ndarray", dtype=dtype, ndim=ndim)), "view of an array")


# -- makers ---------------------------------------------------------------------------------------------------


def _new(default_dtype: str | None, dtype_place: int) -> Special:
    def new(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        default = default_dtype or like(machine, args.get(1, "fill_value")).dtype
        return _array(
            machine, call, named_dtype(machine, args, dtype_place, default), dims_of_shape(args.get(0, "shape"))
        )

    return new


def _new_like(dtype_place: int) -> Special:
    def new(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        source = _first(machine, args)
        ndim = dims_of_shape(args.keywords["shape"]) if "shape" in args.keywords else source.ndim
        return _array(machine, call, named_dtype(machine, args, dtype_place, source.dtype), ndim)

    return new


def _converted(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    """`array`, `asarray` and their kin; without a copy an array stays the same object."""
    source = args.get(0)
    found = like(machine, source)
    dtype = named_dtype(machine, args, 1, found.dtype)
    shares = "copy" in args.keywords or machine.world.meaning(call.func) != "numpy.array"
    if source is None or "ndmin" in args.keywords or (source.open and shares):
        return unknown("an array made of a value of unknown type")
    if shares and "numpy.ndarray" in source.names():
        return _view(machine, args, dtype, found.ndim, call)
    return _array(machine, call, dtype, found.ndim)


def _arange(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    names = frozenset().union(*(value.names() for value in args.positional))
    known = all(value.known for value in args.positional)
    default = None
    if known and names <= {"int"}:
        default = "int64"
    elif known and names <= {"int", "float"} and all(len(v.names()) == 1 for v in args.positional):
        default = "float64"
    return _array(machine, call, named_dtype(machine, args, 3, default), 1)


def _linspace(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if "retstep" in args.keywords or len(args.positional) > 3:
        return unknown("linspace with a step")
    real = all(value.only_types("int", "float", "numpy.float64") for value in args.positional[:2])
    return _array(machine, call, named_dtype(machine, args, 5, "float64" if real else None), 1 if real else None)


def _square(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _array(machine, call, named_dtype(machine, args, 3, "float64"), 2)


# -- shapes ---------------------------------------------------------------------------------------------------


def _same(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = _first(machine, args)
    return _array(machine, call, source.dtype, source.ndim)


def _same_view(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = _first(machine, args)
    return _view(machine, args, source.dtype, source.ndim, call)


def _flat(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _array(machine, call, _first(machine, args).dtype, 1)


def _flat_view(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _view(machine, args, _first(machine, args).dtype, 1, call)


def _reshape(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    shape = args.positional[1:]
    integers = all(value.only_types("int", "numpy.int64") for value in shape)
    ndim = len(shape) if len(shape) > 1 and integers else dims_of_shape(args.get(1))
    return _view(machine, args, _first(machine, args).dtype, ndim, call)


def _expand(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = _first(machine, args)
    single = (args.get(1, "axis") or NOTHING).only_types("int")
    return _view(machine, args, source.dtype, source.ndim + 1 if source.ndim is not None and single else None, call)


def _astype(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    dtype = named_dtype(machine, args, 1, None)
    ndim = _first(machine, args).ndim
    return _view(machine, args, dtype, ndim, call) if "copy" in args.keywords else _array(machine, call, dtype, ndim)


def _joined(extra: int, least: int) -> Special:
    """`concatenate` and its kin over a sequence of arrays."""

    def join_arrays(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        only = args.positional[0].only if args.positional else None
        if only is None or only.type.name not in ("list", "tuple") or only.cell is None or is_not_none(args):
            return _array(machine, call, None, None) if only is not None else unknown("joined arrays")
        parts = list(only.cell.fields or [machine.items(args.positional[0], call)])
        likes = [like(machine, part) for part in parts]
        dtype, dims = likes[0].dtype, {one.ndim for one in likes}
        for one in likes[1:]:
            dtype = promoted(dtype, one.dtype)
        ndim = dims.pop() if len(dims) == 1 else None
        return _array(machine, call, dtype, None if ndim is None else max(ndim + extra, least))

    return join_arrays


def is_not_none(args: Arguments) -> bool:
    """Whether an `axis` of None, which flattens, or a dtype is given."""
    axis = args.node(1, "axis")
    return "dtype" in args.keywords or (axis is not None and is_absent(axis))


def _where(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) != 3:
        return unknown("where() with one argument")
    if any(not value.known for value in args.positional):
        return _array(machine, call, None, None)
    dtype = combined(machine, *args.positional[1:])
    ndim = most_dims(machine, args.positional)
    # Without dimensions `where` gives an array, not a scalar.
    return unknown("where() without dimensions") if ndim == 0 else _array(machine, call, dtype, ndim)


def _product(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    left, right = (like(machine, value) for value in args.positional[:2])
    if None in (left.ndim, right.ndim) or left.ndim == 0 or right.ndim == 0:
        return unknown("product of arrays of unknown dimensions")
    a = PyType("numpy.ndarray", dtype=left.dtype, ndim=left.ndim)
    b = PyType("numpy.ndarray", dtype=right.dtype, ndim=right.ndim)
    if (left.ndim or 0) > 2 or (right.ndim or 0) > 2:
        return unknown("product of arrays of more than two dimensions")
    return machine.operators.product(a, b, id(call))


def _outer(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    left, right = (like(machine, value) for value in args.positional[:2])
    return _array(machine, call, promoted(left.dtype, right.dtype), 2)


def _indices(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _array(machine, call, "int64", 1)


def _sorting(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _array(machine, call, "int64", _first(machine, args).ndim)


def _search(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    ndim = like(machine, args.get(1, "v")).ndim
    return unknown("searchsorted of unknown dimensions") if ndim is None else _array(machine, call, "int64", ndim)


def _unique(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    several = set(args.keywords) - {"axis"} or len(args.positional) > 1 or "axis" in args.keywords
    return unknown("unique() with counts or indices") if several else _flat(machine, call, args)


def _bincount(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    weighted = not is_absent(args.node(1, "weights"))
    return _array(machine, call, "float64" if weighted else "int64", 1)


def _norm(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    plain_call = len(args.positional) == 1 and not args.keywords
    dtype = divided(_first(machine, args).dtype)
    dtype = {"complex128": "float64", "complex64": "float32"}.get(dtype or "", dtype)
    return numpy_scalar(dtype) if plain_call else unknown("norm along an axis")


def _item(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    name = python_type(_first(machine, args).dtype)
    return scalar(name) if name is not None else unknown("item of an array of unknown dtype")


def _tolist(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = _first(machine, args)
    name = python_type(source.dtype)
    if source.ndim is None or source.ndim == 0:
        return unknown("tolist() of an array of unknown dimensions")
    item = scalar(name) if name is not None else unknown("item of an array of unknown dtype")
    for depth in range(source.ndim):
        cell = machine.heap.cell((id(call), "tolist", depth), "list")
        machine.heap.store(cell, item)
        item = of_atom(cell.atom(PyType("list")), "tolist()")
    return item


def _nonzero(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    ndim = _first(machine, args).ndim
    part = _array(machine, call, "int64", 1)
    return unknown("nonzero of unknown dimensions") if ndim is None else fields(machine, id(call), *[part] * ndim)


def _shape(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    ndim = _first(machine, args).ndim
    return (
        made(machine, call, "tuple", scalar("int"))
        if ndim is None
        else fields(machine, id(call), *[scalar("int")] * ndim)
    )


# -- random numbers -------------------------------------------------------------------------------------------


def _drawn(size_place: int, alone: str, dtype: str) -> Special:
    """Draws of a size; without one a single number, whose type is `alone`."""

    def draw(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        size = args.get(size_place, "size")
        if "dtype" in args.keywords or any(not v.known or v.names() & {"numpy.ndarray", "list", "tuple"}
                                           for v in args.positional[:size_place]):  # fmt: skip
            return unknown("draws of a shape that is not written out")
        if size is None or size.only_types("NoneType"):
            return scalar(alone)
        ndim = dims_of_shape(size)
        return _array(machine, call, dtype, ndim)

    return draw


def _rand(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return _array(machine, call, "float64", len(args.positional)) if args.positional else scalar("float")


Method = Callable[[Machine, cst.Call, Arguments], Value]
_SPECIAL: dict[str, Special] = {
    **dict.fromkeys(("zeros", "ones", "empty"), _new("float64", 1)),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like"), _new_like(1)),
    "full": _new(None, 2),
    "full_like": _new_like(2),
    **dict.fromkeys(("array", "asarray", "ascontiguousarray", "asfortranarray"), _converted),
    "arange": _arange,
    "linspace": _linspace,
    **dict.fromkeys(("eye", "identity"), _square),
    **dict.fromkeys(("flip", "fliplr", "flipud"), _same_view),
    **dict.fromkeys(("roll", "sort", "tril", "triu", "copy", "diff"), _same),
    **dict.fromkeys(("ravel",), _flat_view),
    **dict.fromkeys(("transpose", "swapaxes", "moveaxis"), _same_view),
    "reshape": _reshape,
    "expand_dims": _expand,
    "concatenate": _joined(0, 1),
    "hstack": _joined(0, 1),
    "vstack": _joined(0, 2),
    "stack": _joined(1, 1),
    "where": _where,
    **dict.fromkeys(("dot", "matmul"), _product),
    "outer": _outer,
    "flatnonzero": _indices,
    "argsort": _sorting,
    "searchsorted": _search,
    "unique": _unique,
    "bincount": _bincount,
    "nonzero": _nonzero,
    "shape": _shape,
    "linalg.norm": _norm,
    "random.rand": _rand,
    "random.randn": _rand,
    **dict.fromkeys(("random.random", "random.random_sample", "random.standard_normal"), _drawn(0, "float", "float64")),
    **dict.fromkeys(("random.uniform", "random.normal"), _drawn(2, "float", "float64")),
    "random.randint": _drawn(2, "int", "int64"),
}
_METHODS: dict[str, Method] = {
    "copy": _same,
    "flatten": _flat,
    "ravel": _flat_view,
    "reshape": _reshape,
    **dict.fromkeys(("transpose", "swapaxes"), _same_view),
    "astype": _astype,
    "dot": _product,
    "argsort": _sorting,
    "searchsorted": _search,
    "item": _item,
    "tolist": _tolist,
    "nonzero": _nonzero,
}
