"""Types of one name that several looks, or several processes, saw: one type, or none where they differ."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from perf_advise.model.pytypes import PyType

_FIXED = ("tuple", "dict")
"""Where each element type has its place."""


def merge_types(several: Iterable[Mapping[str, PyType | None]]) -> dict[str, PyType]:
    """The types of the names on whose type all agree, with the largest sizes; None marks a known disagreement."""
    found: dict[str, PyType | None] = {}
    for names in several:
        for name, seen in names.items():
            one = tidied(seen) if seen else None
            known = found.get(name, one)
            found[name] = merge(known, one) if known is not None and one is not None else None
    return {name: one for name, one in sorted(found.items()) if one is not None}


def tidied(one: PyType) -> PyType:
    """The type with the element types of mixed containers merged: an empty list beside lists of int says nothing."""
    args = tuple(map(tidied, one.args))
    return replace(one, args=args if one.name in _FIXED else _mixed(args))


def merge(one: PyType, other: PyType) -> PyType | None:
    """The type that covers both, or None."""
    if (one.name, one.dtype, one.ndim) != (other.name, other.dtype, other.ndim):
        return None
    args = _merged_args(one, other)
    return replace(
        one,
        args=args,
        contiguous=one.contiguous if one.contiguous == other.contiguous else None,
        homogeneous=one.homogeneous or (one.name == "tuple" and len(one.args) != len(other.args)),
        size=_largest(one.size, other.size),
        bits=_largest(one.bits, other.bits),
    )


def _merged_args(one: PyType, other: PyType) -> tuple[PyType, ...]:
    """Element types of both: by position in a tuple or dict, else as a mixture."""
    if not one.args or not other.args:  # an empty container says nothing about its elements
        return one.args or other.args
    if one.name not in _FIXED:
        return _mixed((*one.args, *other.args))
    if len(one.args) != len(other.args):
        return ()
    merged = [merge(a, b) for a, b in zip(one.args, other.args, strict=True)]
    known = tuple(arg for arg in merged if arg is not None)
    return known if len(known) == len(merged) else ()


def _mixed(args: Iterable[PyType]) -> tuple[PyType, ...]:
    """The types without those that another one covers, in a stable order."""
    found: list[PyType] = []
    for arg in args:
        covers = [(index, both) for index, known in enumerate(found) if (both := merge(known, arg)) is not None]
        if covers:
            index, both = covers[0]
            found[index] = both
        else:
            found.append(arg)
    return tuple(sorted(found, key=str))


def _largest(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)
