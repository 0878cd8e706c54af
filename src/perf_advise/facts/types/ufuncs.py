"""Element-wise functions and reductions of NumPy: dtype and dimensions of their results."""

from collections.abc import Callable, Iterator

import libcst as cst

from perf_advise.facts.literals import number
from perf_advise.facts.tables.words import words
from perf_advise.facts.types.dtypes import divided, floated, kind_and_bits, promoted, summed
from perf_advise.facts.types.heap import Value, unknown
from perf_advise.facts.types.likes import combined, is_absent, like, most_dims, named_dtype
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.operators import numpy_scalar
from perf_advise.facts.types.state import Arguments

Give = Callable[[Machine, str, cst.Call, Arguments], Value]
_NO_PLACE = 99
_REALS = {"complex128": "float64", "complex64": "float32"}


def _elementwise(machine: Machine, call: cst.Call, args: Arguments, dtype: str | None, operands: int) -> Value:
    """The result of a function of `operands` operands; further positional arguments are outputs."""
    values = args.positional
    if len(values) != operands or any(not value.known for value in values):
        return unknown("an operand of unknown type")
    dtype = named_dtype(machine, args, _NO_PLACE, dtype)
    ndim = most_dims(machine, values)
    if "where" in args.keywords:
        ndim = None
    if ndim is None and not any(value.only_types("numpy.ndarray", "list", "tuple") for value in values):
        return unknown("an operand that may be a scalar or an array")
    return machine.operators.array(dtype, ndim, id(call))


def _floated(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    dtypes = [floated(like(machine, value).dtype) or _of_number(value) for value in args.positional]
    dtype = dtypes[0] if dtypes else None
    for other in dtypes[1:]:
        dtype = promoted(dtype, other) if dtype == other == "float64" else None
    return _elementwise(machine, call, args, dtype, 2 if name in _TWO else 1)


def _of_number(value: Value) -> str | None:
    return "float64" if value.only_types("int", "float", "bool") and not value.only_types("bool") else None


def _kept(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    dtype = like(machine, args.get(0)).dtype
    kind = (kind_and_bits(dtype) or ("", 0))[0] if dtype is not None else ""
    if name in ("abs", "absolute"):
        dtype = _REALS.get(dtype or "", dtype)
    if (name in ("floor", "ceil", "trunc") and kind != "f") or kind == "b":
        dtype = None
    return _elementwise(machine, call, args, dtype, 1)


def _tests(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    return _elementwise(machine, call, args, "bool", 2 if name in _TWO else 1)


def _promoted(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) != 2:
        return unknown(f"`{name}` with an output array")
    dtype = combined(machine, *args.positional)
    if name in ("divide", "true_divide"):
        dtype = divided(dtype)
    elif dtype == "bool" and name not in ("maximum", "minimum", "fmax", "fmin", "add", "multiply"):
        dtype = None
    return _elementwise(machine, call, args, dtype, 2)


_TWO = words("arctan2 hypot logaddexp logaddexp2 copysign nextafter logical_and logical_or logical_xor equal "
             "not_equal less less_equal greater greater_equal isclose")  # fmt: skip


# -- reductions -----------------------------------------------------------------------------------------------


def _reduced(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    source = like(machine, args.get(0))
    dtype = named_dtype(
        machine, args, 2 if name in ("sum", "prod", "mean") else _NO_PLACE, _reduced_dtype(name, source.dtype)
    )
    axis = args.node(1, "axis")
    if {"keepdims", "where", "initial", "returned", "weights"} & set(args.keywords) or not (
        args.get(0) or unknown("")
    ).known:
        return unknown("a reduction that keeps dimensions")
    if axis is None or is_absent(axis):
        return numpy_scalar(dtype)
    if source.ndim is None or not isinstance(number(axis), int):
        return unknown("a reduction along an axis of an array of unknown dimensions")
    return machine.operators.array(dtype, source.ndim - 1, id(call))


def _reduced_dtype(name: str, dtype: str | None) -> str | None:
    short = _PLAIN.get(name, name.removeprefix("nan"))
    if short in ("sum", "prod"):
        return summed(dtype)
    if short in ("any", "all"):
        return "bool"
    if short in ("argmin", "argmax"):
        return "int64"
    if short in ("mean", "std", "var", "median", "average"):
        mean = divided(dtype)
        return _REALS.get(mean or "", mean) if short in ("std", "var") else mean
    return dtype


_PLAIN = {"amin": "min", "amax": "max"}


def _running(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    source = like(machine, args.get(0))
    if not (args.get(0) or unknown("")).known:
        return unknown("an operand of unknown type")
    dtype = named_dtype(machine, args, 2, summed(source.dtype))
    return machine.operators.array(dtype, 1 if is_absent(args.node(1, "axis")) else source.ndim, id(call))


_GROUPS: tuple[tuple[frozenset[str], Give], ...] = (
    (words("""sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh
        arctanh cbrt degrees radians deg2rad rad2deg arctan2 hypot logaddexp logaddexp2"""), _floated),
    (words("abs absolute negative positive square conj conjugate sign floor ceil trunc"), _kept),
    (words("""isnan isinf isfinite signbit logical_not logical_and logical_or logical_xor equal not_equal
        less less_equal greater greater_equal isclose"""), _tests),
    (words("add subtract multiply maximum minimum fmax fmin mod remainder floor_divide divide true_divide"), _promoted),
    (words("""sum nansum prod nanprod min max amin amax nanmin nanmax mean nanmean std nanstd var nanvar median
        nanmedian any all argmin argmax nanargmin nanargmax ptp"""), _reduced),
    (words("cumsum cumprod nancumsum nancumprod"), _running),
)  # fmt: skip


def _all_functions() -> Iterator[tuple[str, Give]]:
    for names, give in _GROUPS:
        for name in names:
            yield name, give


ELEMENTWISE: dict[str, Give] = dict(_all_functions())
METHODS_OF_ARRAYS = words("""sum prod min max mean std var any all argmin argmax ptp cumsum cumprod conj conjugate""")
