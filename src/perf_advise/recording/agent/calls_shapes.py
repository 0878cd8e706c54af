"""A cheap key that tells calls of different types, shapes and size classes apart; never calls into a user's object."""

from __future__ import annotations

from typing import Any

_MOST_ATTRIBUTES = 12


def shape_of(value: Any, depth: int = 1) -> Any:
    """The key of one value."""
    kind = type(value)
    if kind is int:
        return ("int", value < 0, _bits(value))
    if kind is float:
        return ("float", value != value, value in (float("inf"), float("-inf")), (value > 0) - (value < 0))
    if kind in (str, bytes, bytearray, range):
        return (kind.__name__, len(value).bit_length())
    if kind in (list, tuple):
        return (kind.__name__, len(value).bit_length(), _ends(value, depth))
    if kind in (dict, set, frozenset):
        return (kind.__name__, len(value).bit_length(), _first(value, depth))
    if kind.__module__ == "numpy" and hasattr(kind, "dtype"):
        return _array_shape(value)
    return (kind.__module__, kind.__qualname__, _attributes(value, depth))


def _bits(value: int) -> int:
    bits = value.bit_length()
    return bits if bits < 2 else 8 if bits <= 8 else 31 if bits <= 31 else 63 if bits <= 63 else 64


def _ends(value: Any, depth: int) -> Any:
    if not value or depth < 0:
        return ()
    return tuple({shape_of(value[i], depth - 1) for i in (0, len(value) // 2, -1)})


def _first(value: Any, depth: int) -> Any:
    if not value or depth < 0:
        return ()
    key = next(iter(value))
    inner = value[key] if type(value) is dict else None
    return (shape_of(key, depth - 1), shape_of(inner, depth - 1))


def _array_shape(value: Any) -> Any:
    shape = getattr(value, "shape", ())
    flags = getattr(value, "flags", None)
    order = (flags.c_contiguous, flags.f_contiguous) if flags is not None and shape else ()
    return (type(value).__name__, str(value.dtype), tuple(n.bit_length() for n in shape), order)


def _attributes(value: Any, depth: int) -> Any:
    if depth < 1:
        return ()
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return ()
    if type(own) is not dict:
        return ()
    return tuple((name, shape_of(own[name], 0)) for name in list(own)[:_MOST_ATTRIBUTES])


def size_of(value: Any, depth: int = 1) -> int:
    """Roughly how much data a value holds, in elements: to keep the largest call."""
    kind = type(value)
    if kind.__module__ == "numpy" and hasattr(kind, "dtype"):
        return int(getattr(value, "size", 1))
    if kind in (list, tuple, dict, set, frozenset, str, bytes, bytearray, range):
        inner = value[0] if kind in (list, tuple) and value and depth else None
        return len(value) * max(1, size_of(inner, depth - 1)) if inner is not None else len(value)
    if kind is int:
        return abs(value) if -(1 << 40) < value < 1 << 40 else 1 << 40
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return 1
    if not depth or type(own) is not dict:
        return 1
    return sum(size_of(item, depth - 1) for item in list(own.values())[:_MOST_ATTRIBUTES])
