"""Pickling of a call's values, capped in size; locks, modules and files do not stand in the way."""

from __future__ import annotations

import importlib
import io
import pickle
import sys
import threading
import types
from typing import Any

PROTOCOL = 4
MISSING = "kept without its value"
_OWN_WAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__")
_TRUSTED = {
    *getattr(sys, "stdlib_module_names", ()),
    "numpy",
    "pandas",
    "scipy",
    "torch",
    "jax",
    "pathlib",
    "fractions",
}


class TooLarge(Exception):
    """The pickle would be larger than its cap."""


class Missing(BaseException):
    """Stands for a value that cannot be kept, and is raised by whoever uses it: the replay leaves that call out."""


class Placeholder:
    """In the place of a file, socket, generator or local function; any use of it is noted in `used` and raises."""

    used: list[str] = []  # noqa: RUF012 (shared on purpose: one replay looks at it)

    def __init__(self, kind: str) -> None:
        object.__setattr__(self, "kind", kind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        _refuse(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _refuse(self)

    def __iter__(self) -> Any:
        _refuse(self)

    def __next__(self) -> Any:
        _refuse(self)

    def __enter__(self) -> Any:
        _refuse(self)

    def __exit__(self, *details: object) -> None:
        _refuse(self)

    def __reduce__(self) -> Any:
        return Placeholder, (object.__getattribute__(self, "kind"),)


def _refuse(placeholder: Placeholder) -> Any:
    kind = object.__getattribute__(placeholder, "kind")
    Placeholder.used.append(kind)
    raise Missing(f"a {kind} was {MISSING}")


def import_module(name: str) -> Any:
    """A module, by name."""
    return importlib.import_module(name)


def new_lock() -> Any:
    """A lock that nobody holds."""
    return threading.Lock()


def new_rlock() -> Any:
    """A reentrant lock that nobody holds."""
    return threading.RLock()


def new_object(kind: type) -> Any:
    """An instance without any state; raises TypeError for classes that keep state in C."""
    return object.__new__(kind)


def set_state(value: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Give an instance its `__dict__` and its slots, past its own `__setattr__` and `__setstate__`."""
    attributes, slots = state
    if attributes:
        object.__getattribute__(value, "__dict__").update(attributes)
    for name, item in slots.items():
        object.__setattr__(value, name, item)


def _reduce_exactly(value: Any) -> Any:
    """The very state of an object whose class says how to pickle it: what it says may lose or rebuild something."""
    kind = type(value)
    if not any(isinstance(getattr(kind, name, None), types.FunctionType) for name in _OWN_WAYS):
        return NotImplemented
    if kind.__module__.partition(".")[0] in _TRUSTED or issubclass(kind, BaseException):
        return NotImplemented
    try:
        new_object(kind)
    except TypeError:
        return NotImplemented
    attributes = dict(getattr(value, "__dict__", None) or {})
    slots = {}
    for base in kind.__mro__:
        members = [n for n, m in vars(base).items() if isinstance(m, types.MemberDescriptorType)]
        slots.update({name: getattr(value, name) for name in members if hasattr(value, name)})
    return new_object, (kind,), (attributes, slots), None, None, set_state


def _reduce_unpicklable(value: Any) -> Any:
    if isinstance(value, types.ModuleType):
        return import_module, (value.__name__,)
    kind = type(value)
    if kind is type(threading.Lock()):
        return new_lock, ()
    if kind is type(threading.RLock()):
        return new_rlock, ()
    if isinstance(value, (io.IOBase, types.GeneratorType, types.CoroutineType)):
        return Placeholder, (kind.__name__,)
    if kind is types.FunctionType:
        return NotImplemented if _is_importable(value) else (Placeholder, (f"function {value.__name__}",))
    return NotImplemented if isinstance(value, type) else _reduce_exactly(value)


def _is_importable(function: Any) -> bool:
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is not None and "<" not in function.__qualname__


class _CappedBuffer:
    def __init__(self, cap: int) -> None:
        self.parts: list[bytes] = []
        self._room = cap

    def write(self, data: Any) -> int:
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        self._room -= size
        if self._room < 0:
            raise TooLarge
        self.parts.append(bytes(data))
        return size


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        return _reduce_unpicklable(value)


def dump(value: Any, cap: int) -> bytes:
    """The pickle of a value; raises TooLarge above `cap` bytes, and whatever pickling raises."""
    buffer = _CappedBuffer(cap)
    _Pickler(buffer, PROTOCOL).dump(value)
    return b"".join(buffer.parts)
