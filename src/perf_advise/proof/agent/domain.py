"""What the recorded calls show of each parameter: types, lengths, ranges, NaN. Inside it a difference refutes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

_DEPTH = 4
_MOST_ITEMS = 2000


class Domain:
    """The traits seen at one place (a parameter, or an attribute of `self`), over all recorded calls."""

    def __init__(self) -> None:
        self.traits: set[str] = set()
        self.low, self.high = math.inf, -math.inf
        self.shortest, self.longest = math.inf, -1.0

    def add(self, value: Any) -> None:
        """Take one recorded value in."""
        self.traits.add(f"type {type_name(value)}")
        size = length_of(value)
        if size is not None:
            self.shortest, self.longest = min(self.shortest, size), max(self.longest, size)
        for number in numbers_in(value, _DEPTH):
            self._add_number(number)
        self.traits.update(layout_of(value))

    def _add_number(self, number: Any) -> None:
        if number != number:
            self.traits.add("NaN")
        elif number in (math.inf, -math.inf):
            self.traits.add("inf")
        else:
            self.low, self.high = min(self.low, number), max(self.high, number)

    def holds(self, trait: str) -> bool:
        """Whether a grown value with this trait lies inside."""
        if trait == "always":
            return True
        if trait.startswith("length "):
            return self.shortest <= int(trait[7:]) <= self.longest
        if trait.startswith("number "):
            return self.low <= float(trait[7:]) <= self.high
        return trait in self.traits


def type_name(value: Any) -> str:
    """Type, for arrays with dtype and dimensions."""
    name = type(value).__name__
    if hasattr(value, "dtype") and hasattr(value, "ndim"):
        return f"{name} {value.dtype} {value.ndim}d"
    return name


def length_of(value: Any) -> int | None:
    """The number of elements; rows for arrays."""
    if type(value) in (list, tuple, dict, set, frozenset, str, bytes, bytearray):
        return len(value)
    shape = getattr(value, "shape", None)
    return int(shape[0]) if isinstance(shape, tuple) and shape else None


def layout_of(value: Any) -> Iterator[str]:
    """Memory order of an array, what its elements are, whether elements repeat a type."""
    flags = getattr(value, "flags", None)
    if flags is not None and hasattr(flags, "c_contiguous"):
        if not (flags.c_contiguous or flags.f_contiguous):
            yield "not contiguous"
        if not flags.writeable:
            yield "read-only"
    if type(value) in (list, tuple, set, frozenset, dict):
        for item in list(value)[:_MOST_ITEMS]:
            yield f"element {type(item).__name__}"


def numbers_in(value: Any, depth: int) -> Iterator[Any]:
    """Ints and floats inside of a value."""
    kind = type(value)
    if kind in (int, float):
        yield value if kind is float else max(min(value, 1 << 1000), -(1 << 1000))
    elif depth and kind in (list, tuple, set, frozenset):
        for item in list(value)[:_MOST_ITEMS]:
            yield from numbers_in(item, depth - 1)
    elif depth and kind is dict:
        for item in list(value.values())[:_MOST_ITEMS]:
            yield from numbers_in(item, depth - 1)
    elif kind.__module__ == "numpy" and getattr(getattr(value, "dtype", None), "kind", "") in "fiu":
        yield from array_numbers(value)


def array_numbers(value: Any) -> Iterator[Any]:
    """The extremes of an array, and NaN and inf if it holds them."""
    if getattr(value, "size", 1) == 0:
        return
    if value.dtype.kind == "f":
        finite = value[abs(value) < math.inf] if value.ndim else value
        if (value != value).any():
            yield math.nan
        if (abs(value) == math.inf).any():
            yield math.inf
        value = finite
    if getattr(value, "size", 1):
        yield float(value.min()) if value.dtype.kind == "f" else int(value.min())
        yield float(value.max()) if value.dtype.kind == "f" else int(value.max())
