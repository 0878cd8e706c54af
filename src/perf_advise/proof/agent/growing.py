"""Edge cases grown from one value: each with a label, the trait that the recorded domain must have, and a danger."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .domain import type_name

HUGE = 1 << 70
_RANGE = "{} within the recorded range"
LENGTHS = "{} of a recorded length"


@dataclass(frozen=True)
class Variant:
    """A grown value. `trait` decides whether it is inside of the recorded domain; `claim` is the assumption
    if not, with `{}` for the place.

    `is_dangerous` values may make the original run for ever or take all memory: they are tried last.
    """

    value: Any
    label: str
    trait: str
    claim: str
    is_dangerous: bool = False


def variants(value: Any, dice: random.Random) -> Iterator[Variant]:
    """All that is grown from one value; nothing for types that are not known."""
    kind = type(value)
    if kind is bool:
        yield Variant(not value, "other truth value", "always", "")
    elif kind is int:
        yield from _integers(value)
    elif kind is float:
        yield from _floats(value)
    elif kind in (str, bytes):
        yield from _texts(value)
    elif kind in (list, tuple):
        yield from _sequences(value, dice)
    elif kind in (set, frozenset):
        yield from _sets(value, dice)
    elif kind is dict:
        yield from _dicts(value)
    elif kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        yield from _arrays(value, dice)


def _integers(value: int) -> Iterator[Variant]:
    for other in dict.fromkeys((0, 1, 2, value - 1, value + 1)):
        if other != value:
            yield Variant(other, f"is {other}", f"number {other}", _RANGE)
    yield Variant(-value - 1, "negative", f"number {-value - 1}", "no negative numbers in {}")
    yield Variant(HUGE, "huge", f"number {HUGE}", "{} within 64 bits", is_dangerous=True)
    yield Variant(1 << 31, "large", f"number {1 << 31}", "{} within 32 bits", is_dangerous=True)
    yield Variant(float(value), "a float", "type float", "no floats in {}")


def _floats(value: float) -> Iterator[Variant]:
    yield Variant(math.nan, "NaN", "NaN", "no NaN in {}")
    yield Variant(math.inf, "inf", "inf", "no infinity in {}")
    yield Variant(0.0, "zero", "number 0.0", "no zero in {}")
    yield Variant(-0.0, "negative zero", "number 0.0", "no zero in {}")
    yield Variant(-value, "negative", f"number {-value!r}", "no negative numbers in {}")
    yield Variant(value * 0.75, "smaller", f"number {value * 0.75!r}", _RANGE)
    yield Variant(1e300, "large", "number 1e300", _RANGE)
    yield Variant(int(value) if math.isfinite(value) else 1, "an int", "type int", "no ints in {}")


def _texts(value: Any) -> Iterator[Variant]:
    yield Variant(value[:0], "empty", "length 0", "{} not empty")
    yield Variant(value[:1], "one character", "length 1", "{} longer than one")
    yield Variant(value[::-1], "reversed", "always", "")
    yield Variant(value + value[:1], "one longer", f"length {len(value) + 1}", LENGTHS)
    half = value[: len(value) // 2]
    yield Variant(half + half, "repeated", f"length {2 * len(half)}", LENGTHS)
    if isinstance(value, str):
        yield Variant(value + "é", "not ASCII", "not ASCII", "only ASCII in {}")
        yield Variant(f" {value}\n", "white space around", "white space", "no white space around {}")


def _sequences(value: Any, dice: random.Random) -> Iterator[Variant]:
    make = type(value)
    items = list(value)
    yield Variant(make(), "empty", "length 0", "{} not empty")
    if not items:
        return
    yield Variant(make(items[:1]), "one element", "length 1", "{} longer than one")
    yield Variant(make(reversed(items)), "reversed", "always", "")
    yield Variant(make([items[0]] * len(items)), "equal elements", "always", "")
    yield Variant(make(dice.sample(items, len(items))), "shuffled", "always", "")
    yield Variant(make(dice.choices(items, k=len(items))), "with duplicates", "always", "")
    yield Variant(make(items[: len(items) // 2]), "half", f"length {len(items) // 2}", LENGTHS)
    yield Variant(make(items[:-1]), "one fewer", f"length {len(items) - 1}", LENGTHS)
    yield Variant(make([*items, items[0]]), "one more", f"length {len(items) + 1}", LENGTHS)
    yield from _elements(make, items, dice)


def _elements(make: Any, items: list[Any], dice: random.Random) -> Iterator[Variant]:
    """One element exchanged: NaN, zero, negative, huge, of another type, unhashable."""
    place = dice.randrange(len(items))
    for variant in variants(items[place], dice):
        changed = [*items[:place], variant.value, *items[place + 1 :]]
        trait = variant.trait.replace("type ", "element ").replace("length ", "element length ")
        yield Variant(make(changed), f"an element {variant.label}", trait, variant.claim, variant.is_dangerous)
    if type(items[place]) in (int, float):
        negated = [-x if type(x) in (int, float) else x for x in items]
        yield Variant(make(negated), "negated", f"number {float(-items[place])!r}", "no negative numbers in {}")
    if all(type(item) in (list, tuple) for item in items):
        alike = [type(item)([item[0]] * len(item) if item else ()) for item in items]
        yield Variant(make(alike), "equal elements in each", "always", "")
    unhashable = [*items[:place], [items[place]], *items[place + 1 :]]
    yield Variant(make(unhashable), "an unhashable element", "element list", "hashable elements in {}")


def _sets(value: Any, dice: random.Random) -> Iterator[Variant]:
    make, items = type(value), list(value)
    yield Variant(make(), "empty", "length 0", "{} not empty")
    if items:
        yield Variant(make(items[:1]), "one element", "length 1", "{} longer than one")
        half = make(dice.sample(items, len(items) // 2))
        yield Variant(half, "half", f"length {len(half)}", LENGTHS)


def _dicts(value: dict[Any, Any]) -> Iterator[Variant]:
    items = list(value.items())
    yield Variant({}, "empty", "length 0", "{} not empty")
    if items:
        yield Variant(dict(items[:1]), "one entry", "length 1", "{} longer than one")
        yield Variant(dict(reversed(items)), "reversed", "always", "")
        yield Variant(dict(items[1:]), "without its first key", f"length {len(items) - 1}", "{} with the recorded keys")


def _arrays(value: Any, dice: random.Random) -> Iterator[Variant]:
    np = sys.modules["numpy"]
    if not value.ndim:
        return
    for label, rows in (("empty", 0), ("one row", 1), ("half", len(value) // 2)):
        other = value[:rows].copy()
        claim = {"empty": "{} not empty", "one row": "{} longer than one"}.get(label, LENGTHS)
        yield Variant(other, label, f"length {len(other)}", claim)
    yield Variant(value[::-1].copy(), "reversed", "always", "")
    yield Variant(np.full_like(value, value.flat[0]) if value.size else value, "equal elements", "always", "")
    yield from _array_values(np, value, dice)
    yield from _array_types(np, value)
    yield Variant(np.repeat(value, 2, axis=0)[::2], "not contiguous", "not contiguous", "{} contiguous")
    if value.ndim > 1:
        yield Variant(np.array(value, order="F"), "Fortran order", "not contiguous", "{} in C order")
    locked = value.copy()
    locked.flags.writeable = False
    yield Variant(locked, "read-only", "read-only", "{} writable")


def _array_values(np: Any, value: Any, dice: random.Random) -> Iterator[Variant]:
    kind = value.dtype.kind
    if not value.size or kind not in "fiu":
        return
    place = dice.randrange(value.size)

    def with_element(number: Any) -> Any:
        other = value.copy()
        other.flat[place] = number
        return other

    yield Variant(with_element(0), "an element zero", "number 0", "no zero in {}")
    if kind != "u":
        yield Variant(-value, "negated", f"number {float(-value.flat[place])!r}", "no negative numbers in {}")
    if kind == "f":
        yield Variant(with_element(math.nan), "an element NaN", "NaN", "no NaN in {}")
        yield Variant(with_element(math.inf), "an element inf", "inf", "no infinity in {}")
        yield Variant(with_element(-0.0), "an element negative zero", "number 0", "no zero in {}")
    else:
        extreme = np.iinfo(value.dtype).max
        yield Variant(
            with_element(extreme), "an element at the end of its dtype", f"number {extreme}", "no overflow in {}"
        )


def _array_types(np: Any, value: Any) -> Iterator[Variant]:
    for name in ("float64", "float32", "int64", "int32"):
        if value.dtype.kind in "fiu" and value.dtype.name != name:
            with np.errstate(all="ignore"):
                other = value.astype(name)
            yield Variant(other, f"{name} elements", f"type {type_name(other)}", f"{{}} of dtype {value.dtype}")
