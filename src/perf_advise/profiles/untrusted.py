"""Checks on values out of files that nobody vouches for; each raises ProfileError for damage."""

from collections.abc import Mapping
from typing import Any, TypeVar

from perf_advise.profiles.errors import damaged

_LARGEST = 1e18
_LAST_LINE = 1 << 31
_Value = TypeVar("_Value")


def number(value: object) -> float:
    """The value as a float, if it is a finite number of sensible size."""
    if (type(value) is float or type(value) is int) and -_LARGEST < value < _LARGEST:  # not so for NaN
        return float(value)
    raise damaged(f"not a number: {type(value).__name__}")


def line_number(value: object) -> int:
    """The value, if it is an int that a source line could have (0 and -1 stand for none)."""
    if type(value) is int and -_LAST_LINE < value < _LAST_LINE:
        return value
    raise damaged(f"not a line number: {type(value).__name__}")


def text(value: object) -> str:
    """The value, if it is a string without lone surrogates, which cannot be printed."""
    if type(value) is str:
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    raise damaged(f"not a text: {type(value).__name__}")


def mapping(value: object) -> dict[Any, Any]:
    """The value, if it is a dict."""
    if type(value) is dict:
        return value
    raise damaged(f"not a mapping: {type(value).__name__}")


def sequence(value: object) -> list[Any]:
    """The items of a list or tuple."""
    if type(value) is list or type(value) is tuple:
        return list(value)
    raise damaged(f"not a list: {type(value).__name__}")


def member(values: Mapping[Any, _Value], key: object) -> _Value:
    """The value under `key`."""
    try:
        return values[key]
    except KeyError:
        raise damaged(f"no {key!r:.40}") from None


def plain_key(key: Any, *also: type) -> Any:
    """The key, if it is an atom, or a tuple or pair of tuples of atoms (or of the types `also`).

    Deeply nested tuples that share their parts take time and stack without limit to hash.
    """
    if _is_plain(key, (str, int, float, type(None), *also), 2):
        return key
    raise damaged("a key that no profile has")


def _is_plain(key: Any, atoms: tuple[type, ...], depth: int) -> bool:
    if type(key) is tuple:
        return depth > 0 and len(key) < 32 and all(_is_plain(part, atoms, depth - 1) for part in key)
    return isinstance(key, atoms)
