"""Equality of functions, iterators, exceptions and of everything else by its attributes."""

from __future__ import annotations

import copyreg
import enum
import functools
import itertools
import re
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from .equality import FINDERS, HANDLERS, CannotCompare, Comparison, Different, Handler, Path

MOST_ITEMS = 100_000
"""An iterator longer than this is not shown to be the same."""

_POINTER = 8
_IN_C = ("errno", "strerror", "filename", "filename2", "name", "path", "value", "code")
"""What exceptions keep outside of `args` and `__dict__`."""
_UNSHOWN_ATTRIBUTES = {"__dict__", "__weakref__"}


def _function(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Two functions are the same when their code, defaults, closure and attributes are."""
    if before is after or c.paired(before, after, path):
        return
    _code(c, before.__code__, after.__code__, path)
    for field in ("__defaults__", "__kwdefaults__", "__dict__"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))
    cells, others = before.__closure__ or (), after.__closure__ or ()
    c.walk(len(cells), len(others), (path, ".__closure__"))
    for cell, other in zip(cells, others):
        c.walk(_content(cell), _content(other), (path, ".__closure__"))


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _code(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """What the code does, not where it stands in the file."""
    for field in ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_argcount"):
        if getattr(before, field) != getattr(after, field):
            raise Different(path, before, after, "code")
    for constant, other in zip(before.co_consts, after.co_consts):
        if isinstance(constant, types.CodeType) and isinstance(other, types.CodeType):
            _code(c, constant, other, path)
        else:
            c.walk(constant, other, path)
    if len(before.co_consts) != len(after.co_consts):
        raise Different(path, before, after, "code")


def _method(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(before.__func__, after.__func__, (path, ".__func__"))
    c.walk(before.__self__, after.__self__, (path, ".__self__"))


def _partial(c: Comparison, before: Any, after: Any, path: Path) -> None:
    for field in ("func", "args", "keywords"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))


def _iterator(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Both are drained in step: equal items, then the same end."""
    if c.paired(before, after, path):
        return
    left, right = _drained(before), _drained(after)
    for index in range(MOST_ITEMS):
        c.walk(left(index), right(index), (path, index))
        if isinstance(left(index), _End):
            return
    raise CannotCompare(f"an iterator gives more than {MOST_ITEMS} items")


_taken: dict[int, tuple[Any, list[Any]]] = {}


def forget_items() -> None:
    """Let go of what iterators gave; until then a second comparison of one sees the same items."""
    _taken.clear()


def _drained(iterator: Any) -> Callable[[int], Any]:
    """The items of an iterator by place, taken from it when they are first asked for."""
    items = _taken.setdefault(id(iterator), (iterator, []))[1]

    def item(place: int) -> Any:
        if place == len(items):
            items.append(_next(iterator))
        return items[place]

    return item


class _End:
    """How an iterator ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _next(iterator: Iterator[Any]) -> Any:
    try:
        return next(iterator)
    except StopIteration as stop:
        return _End(stop)
    except Exception as error:
        return _End(error)


def _endless(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if repr(before) != repr(after):
        raise Different(path, before, after, "value")


def compare_exception(c: Comparison, before: BaseException, after: BaseException, path: Path) -> None:
    """Type, args, attributes with notes, and the chained cause."""
    if c.paired(before, after, path):
        return
    c.walk(before.args, after.args, (path, ".args"))
    c.walk(vars(before), vars(after), (path, " attributes"))
    for field in _IN_C:
        c.walk(getattr(before, field, None), getattr(after, field, None), (path, f".{field}"))
    c.walk(before.__cause__, after.__cause__, (path, ".__cause__"))


def compare_attributes(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Any object: the builtin that it derives from, then `__dict__` and `__slots__`; `__eq__` is not asked."""
    if before is after:
        return
    if not _is_value(before) and c.paired(before, after, path):
        return
    base = _builtin_base(type(before))
    if base is not object:
        HANDLERS[base](_Unpaired(c), before, after, path)
    left, right = attributes_of(before), attributes_of(after)
    if set(left) != set(right):
        raise Different(path, sorted(left), sorted(right), "attributes")
    for name in left:
        c.walk(left[name], right[name], (path, f".{name}"))


class _Unpaired(Comparison):
    """Compares the content of an object that has been paired already."""

    def __init__(self, inner: Comparison) -> None:
        self._inner = inner

    def paired(self, before: Any, after: Any, path: Path) -> bool:
        return False

    def walk(self, before: Any, after: Any, path: Path) -> None:
        self._inner.walk(before, after, path)

    def trial(self, before: Any, after: Any) -> bool:
        return self._inner.trial(before, after)

    def rounded(self, before: Any, after: Any, ulps: float, relative: float, path: Path, worth: float = 1.0) -> None:
        self._inner.rounded(before, after, ulps, relative, path, worth)


def _is_value(value: Any) -> bool:
    """Whether identity cannot matter: a class with its own `__eq__` and `__hash__`."""
    kind: Any = type(value)
    return kind.__hash__ not in (None, object.__hash__) and kind.__eq__ is not object.__eq__


def attributes_of(value: Any) -> dict[str, Any]:
    """`__dict__` and the filled `__slots__` of all base classes."""
    found = dict(getattr(value, "__dict__", None) or {})
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            mangled = _mangled(kind.__name__, name)
            if name not in _UNSHOWN_ATTRIBUTES and hasattr(value, mangled):
                found[mangled] = getattr(value, mangled)
    return found


def _mangled(class_name: str, name: str) -> str:
    if name.startswith("__") and not name.endswith("__"):
        return f"_{class_name.lstrip('_')}{name}"
    return name


def _reduced(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Types written in C without attributes: what pickle would keep of them."""
    if before is after or (not _is_value(before) and c.paired(before, after, path)):
        return
    left, right = _reduction(before), _reduction(after)
    for index, part in enumerate(left):
        other = right[index]
        if index >= 3 and part is not None:
            _iterator(c, iter(part), iter(other or ()), path)
        else:
            c.walk(part, other, path)


def _reduction(value: Any) -> tuple[Any, ...]:
    reduce = copyreg.dispatch_table.get(type(value))
    try:
        parts = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception as error:
        raise CannotCompare(f"values of type {type(value).__name__} cannot be compared ({error})") from None
    if isinstance(parts, str):
        return (parts, None, None, None, None, None)
    return (*parts, *(None,) * (6 - len(parts)))


def _cached_function(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Functions of `functools.lru_cache` and `cache`: what they remember is no result."""
    c.walk(before.cache_parameters(), after.cache_parameters(), (path, ".cache_parameters()"))
    compare_attributes(c, before, after, path)


def _lock(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if not c.paired(before, after, path):
        c.walk(repr(before).startswith("<locked"), repr(after).startswith("<locked"), (path, " is locked"))


def _weak_reference(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(before(), after(), (path, "()"))


def _stateless(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.paired(before, after, path)


def _find(kind: type) -> Handler | None:
    if issubclass(kind, BaseException):
        return compare_exception
    if issubclass(kind, (enum.Enum, type)):
        return HANDLERS[type]
    if kind.__module__ == "_thread":
        return compare_attributes if kind.__name__ == "_local" else _lock
    if hasattr(kind, "__next__") and kind.__module__ in ("builtins", "itertools"):
        return _iterator
    return _find_general(kind)


def _find_general(kind: type) -> Handler:
    """User classes by attributes; classes that keep state in C by what pickle keeps of them."""
    if kind.__module__.partition(".")[0] == "pathlib":
        return _reduced
    base = _builtin_base(kind)
    return _reduced if base is object and _has_state_in_c(kind) else compare_attributes


def _builtin_base(kind: type) -> type:
    return next(base for base in kind.__mro__[1:] if HANDLERS.get(base) not in (None, compare_attributes))


def _has_state_in_c(kind: type) -> bool:
    """Whether instances are larger than `__dict__`, weak references and `__slots__` explain."""
    slots = sum(_slot_count(base) for base in kind.__mro__)
    pointers = slots + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    return kind.__basicsize__ - object.__basicsize__ > pointers * _POINTER


def _slot_count(kind: type) -> int:
    return sum(isinstance(value, types.MemberDescriptorType) for value in vars(kind).values())


def _match(c: Comparison, before: Any, after: Any, path: Path) -> None:
    for field in ("re", "string", "regs", "pos", "endpos"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))


HANDLERS.update(
    {
        types.FunctionType: _function,
        types.MethodType: _method,
        types.GeneratorType: _iterator,
        types.CodeType: _code,
        functools.partial: _partial,
        itertools.count: _endless,
        itertools.repeat: _endless,
        _End: lambda c, before, after, path: c.walk(before.error, after.error, (path, " end")),
        re.Match: _match,
        weakref.ref: _weak_reference,
        type(functools.lru_cache(len)): _cached_function,
        object: _stateless,
    }
)
FINDERS.append(_find)
