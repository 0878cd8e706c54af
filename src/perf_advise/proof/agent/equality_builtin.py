"""Equality of builtin values and containers."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import types
from typing import Any

from .equality import HANDLERS, Comparison, Different, Path, compare_float

_ATOMS: set[type] = {int, str, bool, bytes, type(None)}
_MOST_UNPAIRED = 200


def _equal(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if before != after:
        raise Different(path, before, after, "value")


def _identical(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if before is not after:
        raise Different(path, before, after, "identity")


def _builtin_function(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """`len`, or a method bound to an object (`xs.append`)."""
    c.walk(before.__name__, after.__name__, (path, ".__name__"))
    if before.__self__ is not after.__self__:
        c.walk(before.__self__, after.__self__, (path, ".__self__"))


def _mutable_bytes(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if not c.paired(before, after, path):
        _equal(c, before, after, path)


def _complex(c: Comparison, before: complex, after: complex, path: Path) -> None:
    compare_float(c, before.real, after.real, (path, ".real"))
    compare_float(c, before.imag, after.imag, (path, ".imag"))


def _decimal(c: Comparison, before: decimal.Decimal, after: decimal.Decimal, path: Path) -> None:
    if before.as_tuple() != after.as_tuple():
        raise Different(path, before, after, "value")


def _moment(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Naive fields, fold and zone: instants that agree in UTC still differ when their zones do."""
    if before.replace(tzinfo=None) != after.replace(tzinfo=None) or before.fold != after.fold:
        raise Different(path, before, after, "value")
    if before.tzinfo is not after.tzinfo:
        c.walk(before.tzinfo, after.tzinfo, (path, ".tzinfo"))


def _range(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """`range(0, 3, 2)` and `range(0, 4, 2)` are equal for Python, but not the same."""
    for field in ("start", "stop", "step"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))


def compare_items(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Element by element, with a short cut in C for long runs of plain values."""
    if len(before) != len(after):
        raise Different(path, before, after, "length")
    if len(before) > 8 and _plainly_equal(before, after):
        return
    for index, left in enumerate(before):
        c.walk(left, after[index], (path, index))


def _plainly_equal(before: Any, after: Any) -> bool:
    kinds = set(map(type, before))
    if kinds <= _ATOMS:
        return list(map(type, before)) == list(map(type, after)) and bool(before == after)
    if kinds == {float} and set(map(type, after)) == {float}:
        return array.array("d", before).tobytes() == array.array("d", after).tobytes()
    return False


def compare_list(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """A mutable sequence: aliasing and items."""
    if not c.paired(before, after, path):
        compare_items(c, before, after, path)


def _deque(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if c.paired(before, after, path):
        return
    if before.maxlen != after.maxlen:
        raise Different((path, ".maxlen"), before.maxlen, after.maxlen, "value")
    compare_items(c, list(before), list(after), path)


def compare_mapping(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Keys in order, then values; the order of a dict counts."""
    if c.paired(before, after, path):
        return
    if len(before) != len(after):
        raise Different(path, before, after, "length")
    compare_items(c, list(before), list(after), (path, " keys"))
    other = iter(after.items())
    for key, value in before.items():
        c.walk(value, next(other)[1], (path, key))


def _defaultdict(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(before.default_factory, after.default_factory, (path, ".default_factory"))
    compare_mapping(c, before, after, path)


def compare_set(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """The same elements in any order, each with its exact type."""
    if isinstance(before, set) and c.paired(before, after, path):
        return
    if len(before) != len(after):
        raise Different(path, before, after, "length")
    known = {element: element for element in after}
    missing = [element for element in before if not _same_in(c, known, element)]
    if missing:
        _match_rest(c, missing, list(known), path)


def _same_in(c: Comparison, known: dict[Any, Any], element: Any) -> bool:
    """Whether an equal element of the same type stands among `known`; it is taken out then."""
    if element not in known or not c.trial(element, known[element]):
        return False
    del known[element]
    return True


def _match_rest(c: Comparison, missing: list[Any], rest: list[Any], path: Path) -> None:
    """What hashing did not pair: NaN, objects without `__eq__`, floats that were rounded."""
    if len(rest) > _MOST_UNPAIRED:
        raise Different(path, set(missing), set(rest), "value")
    left_over = []
    for element in missing:
        match = next((i for i, other in enumerate(rest) if c.trial(element, other)), None)
        if match is None:
            left_over.append(element)
        else:
            c.walk(element, rest.pop(match), (path, element))
    if not all(type(x) is float for x in [*left_over, *rest]):
        raise Different(path, set(left_over), set(rest), "value")
    for element, other in zip(sorted(left_over), sorted(rest)):
        compare_float(c, element, other, (path, element))


def _slots_of_slice(c: Comparison, before: Any, after: Any, path: Path) -> None:
    for field in ("start", "stop", "step"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))


def _view(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Views of a dict, and read-only proxies: what they show, in order."""
    compare_items(c, list(before), list(after), path)


def _proxy(c: Comparison, before: Any, after: Any, path: Path) -> None:
    compare_mapping(c, dict(before), dict(after), path)


def _memoryview(c: Comparison, before: memoryview, after: memoryview, path: Path) -> None:
    for field in ("format", "shape", "readonly", "contiguous"):
        if getattr(before, field) != getattr(after, field):
            raise Different((path, f".{field}"), getattr(before, field), getattr(after, field), "value")
    if before.tobytes() != after.tobytes():
        raise Different(path, before.tobytes(), after.tobytes(), "value")


_VALUES = (*_ATOMS, datetime.date, datetime.timedelta, type(...), type(NotImplemented))
_IDENTITIES = (type, types.ModuleType, types.GetSetDescriptorType)
HANDLERS.update(dict.fromkeys(_VALUES, _equal))
HANDLERS.update(dict.fromkeys(_IDENTITIES, _identical))
HANDLERS.update(
    {
        types.BuiltinFunctionType: _builtin_function,
        float: compare_float,
        complex: _complex,
        bytearray: _mutable_bytes,
        decimal.Decimal: _decimal,
        datetime.datetime: _moment,
        datetime.time: _moment,
        range: _range,
        slice: _slots_of_slice,
        tuple: compare_items,
        list: compare_list,
        collections.deque: _deque,
        dict: compare_mapping,
        collections.OrderedDict: compare_mapping,
        collections.Counter: compare_mapping,
        collections.defaultdict: _defaultdict,
        set: compare_set,
        frozenset: compare_set,
        type({}.keys()): _view,
        type({}.values()): _view,
        type({}.items()): _view,
        types.MappingProxyType: _proxy,
        memoryview: _memoryview,
    }
)
