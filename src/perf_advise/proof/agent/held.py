"""Mutable objects that arguments and globals held before a call and hold no longer: others may still refer to them."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

_MOST = 500
_MOST_ITEMS = 200
_PLAIN = (int, float, complex, str, bytes, bool, type(None), type)


def mutable_parts(roots: Any) -> list[Any] | None:
    """Lists, dicts, sets and arrays that can be reached from the roots, in the order of the walk; None for too many."""
    found: list[Any] = []
    seen: set[int] = set()
    todo = collections.deque([roots])
    while todo:
        if len(seen) > _MOST:
            return None
        value = todo.popleft()
        if isinstance(value, _PLAIN) or id(value) in seen:
            continue
        seen.add(id(value))
        if _can_change(value):
            found.append(value)
        todo.extend(_parts(value))
    return found


def no_longer_held(before: list[Any] | None, roots: Any) -> list[Any]:
    """Those of `before` that cannot be reached any more."""
    after = mutable_parts(roots)
    if before is None or after is None:
        return []
    now = {id(part) for part in after}
    return [part for part in before if id(part) not in now]


def _can_change(value: Any) -> bool:
    kind: Any = type(value)
    return kind in (list, dict, set, bytearray, collections.deque) or kind.__name__ == "ndarray"


def _parts(value: Any) -> Iterator[Any]:
    if type(value) in (list, tuple, collections.deque):
        if len(value) <= _MOST_ITEMS:
            yield from value
    elif isinstance(value, dict):
        if len(value) <= _MOST_ITEMS:
            yield from value.values()
    elif type(getattr(value, "__dict__", None)) is dict and type(value).__name__ != "Placeholder":
        yield from value.__dict__.values()
