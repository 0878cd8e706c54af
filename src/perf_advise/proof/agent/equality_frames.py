"""Equality of pandas objects, sparse matrices and tensors; their libraries are never imported here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .equality import FINDERS, CannotCompare, Comparison, Different, Handler, Path

_SPARSE_PARTS = ("data", "rows", "indices", "indptr", "row", "col", "offsets", "_dict")


def _pandas() -> Any:
    return sys.modules["pandas"]


def _fields(*names: str) -> Callable[[Comparison, Any, Any, Path], None]:
    def compare(c: Comparison, before: Any, after: Any, path: Path) -> None:
        for name in names:
            c.walk(getattr(before, name), getattr(after, name), (path, f".{name}"))

    return compare


def _equal_dtype(before: Any, after: Any, path: Path) -> None:
    if before.dtype != after.dtype or type(before.dtype) is not type(after.dtype):
        raise Different((path, ".dtype"), before.dtype, after.dtype, "dtype")
    left, right = (list(getattr(side.dtype, "categories", ())) for side in (before, after))
    if left != right:
        raise Different((path, ".categories"), left, right, "value")


def _values(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Values of two columns or indexes of the same dtype; missing values must stand in the same places."""
    _equal_dtype(before, after, path)
    if len(before) != len(after):
        raise Different(path, len(before), len(after), "length")
    if getattr(before.dtype, "kind", "O") in "biufcmM" and type(before.dtype).__module__.startswith("numpy"):
        left, right = before.to_numpy(), after.to_numpy()
        sys.modules[__package__ + ".equality_numpy"].compare_values(c, left, right, path)
        return
    if before.dtype == object:
        c.walk(before.tolist(), after.tolist(), path)
        return
    c.walk(list(before.isna()), list(after.isna()), (path, ".isna()"))
    c.walk(before.dropna().tolist(), after.dropna().tolist(), path)


def _index(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(list(before.names), list(after.names), (path, ".names"))
    if hasattr(before, "levels"):
        c.walk(before.tolist(), after.tolist(), path)
        for left, right in zip(before.levels, after.levels):
            _equal_dtype(left, right, (path, ".levels"))
        return
    _values(c, before, after, path)
    if hasattr(before, "freq") and before.freq != after.freq:
        raise Different((path, ".freq"), before.freq, after.freq, "value")


def _series(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if c.paired(before, after, path):
        return
    c.walk(before.name, after.name, (path, ".name"))
    c.walk(before.index, after.index, (path, ".index"))
    _notes(c, before, after, path)
    _values(c, before, after, path)


def _notes(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """What a table carries beside its values."""
    c.walk(dict(before.attrs), dict(after.attrs), (path, ".attrs"))
    flags = (before.flags.allows_duplicate_labels, after.flags.allows_duplicate_labels)
    c.walk(*flags, (path, ".flags.allows_duplicate_labels"))


def _frame(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if c.paired(before, after, path):
        return
    c.walk(before.columns, after.columns, (path, ".columns"))
    c.walk(before.index, after.index, (path, ".index"))
    _notes(c, before, after, path)
    for place, name in enumerate(before.columns):
        _values(c, before.iloc[:, place], after.iloc[:, place], (path, name))


def _scalar(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Timestamps, timedeltas, periods, intervals, NA and NaT: equal and shown alike, zone and unit included."""
    c.walk(getattr(before, "unit", None), getattr(after, "unit", None), (path, ".unit"))
    if before is not after and (repr(before) != repr(after) or before != after):
        raise Different(path, before, after, "value")


def _sparse(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if c.paired(before, after, path):
        return
    for name in ("shape", "dtype", *_SPARSE_PARTS):
        c.walk(getattr(before, name, None), getattr(after, name, None), (path, f".{name}"))


def _tensor(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """torch: dtype, shape, device, strides, gradient flag, values."""
    if c.paired(before, after, path):
        return
    for name in ("dtype", "shape", "device", "requires_grad"):
        if getattr(before, name) != getattr(after, name):
            raise Different((path, f".{name}"), getattr(before, name), getattr(after, name), name)
    if before.stride() != after.stride():
        raise Different((path, ".stride()"), before.stride(), after.stride(), "memory order")
    c.walk(before.detach().cpu().numpy(), after.detach().cpu().numpy(), path)


def _jax_array(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(sys.modules["numpy"].asarray(before), sys.modules["numpy"].asarray(after), path)


def _find(kind: type) -> Handler | None:
    root = kind.__module__.partition(".")[0]
    if root == "pandas" or ("pandas" in sys.modules and hasattr(_pandas(), "DataFrame")):
        found = _find_pandas(kind)
        if found is not None:
            return found
    if root == "scipy" and hasattr(kind, "tocsr"):
        return _sparse
    if root == "torch":
        return _tensor if hasattr(kind, "stride") else None
    return _jax_array if root in ("jax", "jaxlib") and hasattr(kind, "addressable_shards") else None


def _find_pandas(kind: type) -> Handler | None:
    pd = _pandas()
    table = [
        (pd.DataFrame, _frame),
        (pd.Series, _series),
        (pd.RangeIndex, _fields("start", "stop", "step", "name")),
        (pd.Index, _index),
        ((pd.Timestamp, pd.Timedelta, pd.Period, pd.Interval, type(pd.NaT), type(pd.NA)), _scalar),
        (pd.api.extensions.ExtensionDtype, _scalar),
        (pd.api.extensions.ExtensionArray, lambda c, a, b, path: _values(c, pd.Series(a), pd.Series(b), path)),
    ]
    for base, handler in table:
        if issubclass(kind, base):
            return handler
    if kind.__module__.partition(".")[0] == "pandas":
        raise CannotCompare(f"values of type {kind.__name__} cannot be compared")
    return None


FINDERS.insert(0, _find)
