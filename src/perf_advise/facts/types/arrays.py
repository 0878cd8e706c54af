"""What NumPy's functions and array methods give: makers, shapes, products, random numbers."""

from collections.abc import Callable

import libcst as cst

from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.tables.words import words
from perf_advise.facts.types.array_makers import MAKERS, first_like, new_array, view_of_first
from perf_advise.facts.types.calls import Special, fields, made
from perf_advise.facts.types.dtypes import divided, promoted, python_type
from perf_advise.facts.types.heap import NOTHING, Atom, Value, of_atom, scalar, unknown
from perf_advise.facts.types.likes import (
    combined,
    dims_of_shape,
    dtype_written,
    is_absent,
    like,
    most_dims,
    named_dtype,
)
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.operators import numpy_scalar
from perf_advise.facts.types.state import Arguments
from perf_advise.facts.types.ufuncs import ELEMENTWISE, METHODS_OF_ARRAYS
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


# -- shapes ---------------------------------------------------------------------------------------------------


def _same(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = first_like(machine, args)
    return new_array(machine, call, source.dtype, source.ndim)


def _same_view(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = first_like(machine, args)
    return view_of_first(machine, args, source.dtype, source.ndim, call)


def _flat(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return new_array(machine, call, first_like(machine, args).dtype, 1)


def _flat_view(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return view_of_first(machine, args, first_like(machine, args).dtype, 1, call)


def _reshape(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    shape = args.positional[1:]
    integers = all(value.only_types("int", "numpy.int64") for value in shape)
    ndim = len(shape) if len(shape) > 1 and integers else dims_of_shape(args.get(1))
    return view_of_first(machine, args, first_like(machine, args).dtype, ndim, call)


def _expand(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = first_like(machine, args)
    single = (args.get(1, "axis") or NOTHING).only_types("int")
    return view_of_first(
        machine, args, source.dtype, source.ndim + 1 if source.ndim is not None and single else None, call
    )


def _astype(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    dtype = named_dtype(machine, args, 1, None)
    ndim = first_like(machine, args).ndim
    return (
        view_of_first(machine, args, dtype, ndim, call)
        if "copy" in args.keywords
        else new_array(machine, call, dtype, ndim)
    )


def _joined(extra: int, least: int) -> Special:
    """`concatenate` and its kin over a sequence of arrays."""

    def join_arrays(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        only = args.positional[0].only if args.positional else None
        if only is None or only.type.name not in ("list", "tuple") or only.cell is None or is_not_none(args):
            return new_array(machine, call, None, None) if only is not None else unknown("joined arrays")
        parts = list(only.cell.fields or [machine.items(args.positional[0], call)])
        likes = [like(machine, part) for part in parts]
        dtype, dims = likes[0].dtype, {one.ndim for one in likes}
        for one in likes[1:]:
            dtype = promoted(dtype, one.dtype)
        ndim = dims.pop() if len(dims) == 1 else None
        return new_array(machine, call, dtype, None if ndim is None else max(ndim + extra, least))

    return join_arrays


def is_not_none(args: Arguments) -> bool:
    """Whether an `axis` of None, which flattens, or a dtype is given."""
    axis = args.node(1, "axis")
    return "dtype" in args.keywords or (axis is not None and is_absent(axis))


def _where(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) != 3:
        return unknown("where() with one argument")
    if any(not value.known for value in args.positional):
        return new_array(machine, call, None, None)
    written = [dtype_written(node) for node in args.nodes[1:3]]
    dtype = promoted(*written) if None not in written else combined(machine, *args.positional[1:])
    ndim = most_dims(machine, args.positional)
    # Without dimensions `where` gives an array, not a scalar.
    return unknown("where() without dimensions") if ndim == 0 else new_array(machine, call, dtype, ndim)


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
    return new_array(machine, call, promoted(left.dtype, right.dtype), 2)


def _indices(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return new_array(machine, call, "int64", 1)


def _sorting(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return new_array(machine, call, "int64", first_like(machine, args).ndim)


def _search(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    ndim = like(machine, args.get(1, "v")).ndim
    return unknown("searchsorted of unknown dimensions") if ndim is None else new_array(machine, call, "int64", ndim)


def _unique(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    several = set(args.keywords) - {"axis"} or len(args.positional) > 1 or "axis" in args.keywords
    return unknown("unique() with counts or indices") if several else _flat(machine, call, args)


def _bincount(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    weighted = not is_absent(args.node(1, "weights"))
    return new_array(machine, call, "float64" if weighted else "int64", 1)


def _norm(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    plain_call = len(args.positional) == 1 and not args.keywords
    dtype = divided(first_like(machine, args).dtype)
    dtype = {"complex128": "float64", "complex64": "float32"}.get(dtype or "", dtype)
    return numpy_scalar(dtype) if plain_call else unknown("norm along an axis")


def _item(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    name = python_type(first_like(machine, args).dtype)
    return scalar(name) if name is not None else unknown("item of an array of unknown dtype")


def _tolist(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = first_like(machine, args)
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
    ndim = first_like(machine, args).ndim
    part = new_array(machine, call, "int64", 1)
    return unknown("nonzero of unknown dimensions") if ndim is None else fields(machine, id(call), *[part] * ndim)


def _shape(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    ndim = first_like(machine, args).ndim
    return (
        made(machine, call, "tuple", scalar("int"))
        if ndim is None
        else fields(machine, id(call), *[scalar("int")] * ndim)
    )


Method = Callable[[Machine, cst.Call, Arguments], Value]
_SPECIAL: dict[str, Special] = {
    **MAKERS,
    **dict.fromkeys(("flip", "fliplr", "flipud"), _same_view),
    **dict.fromkeys(("roll", "sort", "tril", "triu", "copy", "diff", "pad"), _same),
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
