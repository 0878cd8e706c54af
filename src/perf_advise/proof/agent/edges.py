"""Edge cases of a function, grown from its recorded calls: one parameter changed at a time, or all sequences alike."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .cases import Case, arguments_of, dump_pickle, keeping
from .domain import Domain, length_of
from .growing import LENGTHS, Variant, variants

_MOST_BYTES = 256 << 10
_SOURCES = 3
_NEVER_SEEN = "never seen"
_AS_LONG_AS = "{} as long as "


@dataclass(frozen=True)
class Edge:
    """A grown case; inside the recorded domain it refutes, outside `claim` is assumed of `places`."""

    case: Case
    is_inside: bool
    claim: str
    places: tuple[str, ...]
    is_dangerous: bool

    @property
    def is_about_length(self) -> bool:
        """Whether only the number of elements is another one: it may not fit to the other arguments."""
        return self.claim == LENGTHS or self.claim.startswith(_AS_LONG_AS)


class Assumptions:
    """What must hold outside of the recorded domain, merged over places."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}

    def add(self, edge: Edge) -> None:
        """The fix differs on this edge."""
        self._places.setdefault(edge.claim, {}).update(dict.fromkeys(edge.places))

    def texts(self) -> list[str]:
        """`no NaN in a and b`."""
        return [claim.format(" and ".join(places)) for claim, places in self._places.items()]


def grow(cases: list[Case], names: list[str]) -> Iterator[Edge]:
    """Edges of small recorded calls, no two alike; places are parameters and attributes of objects."""
    domains, companions = _domains(cases, names), _companions(cases, names)
    seen: set[bytes] = {case.payload for case in cases}
    dice = random.Random(0)
    small = [case for case in cases if len(case.payload) <= _MOST_BYTES and not case.large]
    for case in _spread(small):
        for edge in [*_of_case(case, names, domains, companions, dice), *_together(case, names, domains)]:
            if edge.case.payload not in seen:
                seen.add(edge.case.payload)
                yield edge


def _spread(cases: list[Case]) -> list[Case]:
    ordered = sorted(cases, key=lambda case: len(case.payload))
    if len(ordered) <= _SOURCES:
        return ordered
    return [ordered[0], ordered[len(ordered) // 2], ordered[-1]]


def _companions(cases: list[Case], names: list[str]) -> dict[str, str]:
    """Places whose length was that of another place in every recorded call, by place."""
    lengths = [
        {
            place: size
            for place, value in _places(*arguments_of(case)[:2], names)
            if (size := length_of(value)) is not None
        }
        for case in cases
    ]
    first = lengths[0] if lengths else {}
    return {
        place: other
        for place in first
        for other in first
        if place != other and all(found.get(place, -1) == found.get(other, -2) for found in lengths)
    }


def _domains(cases: list[Case], names: list[str]) -> dict[str, Domain]:
    found: dict[str, Domain] = {}
    for case in cases:
        args, kwargs, _ = arguments_of(case)
        for place, value in _places(args, kwargs, names):
            found.setdefault(place, Domain()).add(value)
    return found


def _places(args: Any, kwargs: dict[str, Any], names: list[str]) -> Iterator[tuple[str, Any]]:
    for index, value in enumerate(args):
        if type(value) is keeping().Placeholder:
            continue
        name = names[index] if index < len(names) else f"argument {index}"
        yield name, value
        for attribute, inner in _attributes(value):
            yield f"{name}.{attribute}", inner
    yield from kwargs.items()


def _attributes(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, (type, keeping().Placeholder)) or type(value).__module__ in ("builtins", "numpy"):
        return []
    own = getattr(value, "__dict__", None)
    placeholder = keeping().Placeholder
    return [(name, v) for name, v in own.items() if type(v) is not placeholder] if type(own) is dict else []


def _of_case(
    case: Case, names: list[str], domains: dict[str, Domain], companions: dict[str, str], dice: random.Random
) -> Iterator[Edge]:
    args, kwargs, _ = arguments_of(case)
    for place, value in _places(args, kwargs, names):
        for variant in variants(value, dice):
            if "." in place and _breaks_its_object(value, variant):
                continue
            payload = _with(case, names, {place: variant.value})
            if payload is None:
                continue
            if place in companions and length_of(variant.value) != length_of(value):
                variant = replace(variant, trait=_NEVER_SEEN, claim=_AS_LONG_AS + companions[place])
            yield _edge(case, payload, place, variant, domains)


def _breaks_its_object(value: Any, variant: Variant) -> bool:
    """Sizes and counts among attributes belong together: one alone makes an object that cannot be."""
    return type(value) in (int, bool) or variant.trait.startswith("length ")


def _edge(case: Case, payload: bytes, place: str, variant: Variant, domains: dict[str, Domain]) -> Edge:
    inside = domains[place].holds(variant.trait)
    label = f"{place} {variant.label}"
    grown = replace(case, payload=payload, outcome="", type="", result=b"", label=label)
    return Edge(grown, inside, variant.claim, (place,), variant.is_dangerous)


def _together(case: Case, names: list[str], domains: dict[str, Domain]) -> Iterator[Edge]:
    """All sequences of one length cut alike: parallel lists and arrays stay parallel."""
    args, kwargs, _ = arguments_of(case)
    places = ((place, v) for place, v in _places(args, kwargs, names) if "." not in place)
    sized = {place: v for place, v in places if length_of(v) and hasattr(v, "__getitem__")}
    lengths = {length_of(v) for v in sized.values()}
    for length in lengths:
        alike = {p: v for p, v in sized.items() if length_of(v) == length and type(v) is not dict}
        if len(alike) < 2:
            continue
        for label, cut in (("empty", slice(0, 0)), ("one element", slice(0, 1)), ("reversed", slice(None, None, -1))):
            payload = _with(case, names, {p: copy.copy(v[cut]) for p, v in alike.items()})
            size = 0 if label == "empty" else 1
            inside = label == "reversed" or all(domains[p].holds(f"length {size}") for p in alike)
            claim = {"empty": "{} not empty", "one element": "{} longer than one"}.get(label, "")
            if payload is not None:
                name = f"{' and '.join(alike)} {label}"
                grown = replace(case, payload=payload, outcome="", type="", result=b"", label=name)
                yield Edge(grown, inside, claim, tuple(alike), is_dangerous=False)


def _with(case: Case, names: list[str], changed: dict[str, Any]) -> bytes | None:
    """The payload with values exchanged at places; None when it cannot be built."""
    args, kwargs, space = arguments_of(case)
    new_args = list(args)
    try:
        for place, value in changed.items():
            root, _, attribute = place.partition(".")
            if attribute:
                holder = args[names.index(root)] if root in names else kwargs[root]
                setattr(holder, attribute, value)
            elif root in kwargs:
                kwargs[root] = value
            else:
                new_args[names.index(root) if root in names else int(root.rpartition(" ")[2])] = value
        return dump_pickle((tuple(new_args), kwargs, space))
    except Exception:
        return None
