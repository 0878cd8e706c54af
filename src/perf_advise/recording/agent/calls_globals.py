"""The module's data that a function reads, directly or through the functions it calls: needed to replay its calls."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator
from typing import Any

from .calls_pickling import dump

_SMALL = 64 << 10
_LARGEST = 4 << 20
_MOST_FUNCTIONS = 200
_CODE = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class GlobalsKeeper:
    """Takes the plain data among the globals that one function may read."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._names: list[str] | None = None
        self._refused: set[str] = set()
        self._written: set[str] = set()
        self._waiting: list[tuple[str, bytes]] = []

    def take(self, args: Any) -> tuple[dict[str, Any], dict[str, str]]:
        """Small values by name, to be pickled together with the arguments; digests of large ones by name."""
        space = self._function.__globals__
        if self._names is None:
            self._names = list(data_names(self._function, args))
        small: dict[str, Any] = {}
        large: dict[str, str] = {}
        for name in self._names:
            if name in space and name not in self._refused and self._is_data(space[name]):
                self._take_one(name, space[name], small, large)
        return small, large

    def _is_data(self, value: Any) -> bool:
        """Not code, and no sentinel: those are told apart by identity, which a pickle does not keep."""
        defaults = (*(self._function.__defaults__ or ()), *(self._function.__kwdefaults__ or {}).values())
        is_default = any(value is default for default in defaults)
        return not isinstance(value, _CODE) and type(value) is not object and not is_default

    def _take_one(self, name: str, value: Any, small: dict[str, Any], large: dict[str, str]) -> None:
        try:
            blob = dump(value, _LARGEST)
        except Exception:
            self._refused.add(name)
            return
        if len(blob) <= _SMALL:
            small[name] = value
            return
        digest = hashlib.sha256(blob).hexdigest()[:32]
        large[name] = digest
        if digest not in self._written:
            self._written.add(digest)
            self._waiting.append((digest, blob))

    def unwritten(self) -> list[tuple[str, bytes]]:
        """Large values that the file does not hold yet."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def forget_written(self) -> None:
        """The file is a new one."""
        self._written.clear()


def data_names(function: Any, args: Any) -> Iterator[str]:
    """Names of globals that the function, and project functions of its module that it calls, mention."""
    space = function.__globals__
    seen: set[str] = set()
    todo = [function.__code__]
    visited: set[Any] = set()
    owner = type(args[0]) if args else object
    while todo and len(visited) < _MOST_FUNCTIONS:
        code = todo.pop()
        if code in visited:
            continue
        visited.add(code)
        todo += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        for name in code.co_names:
            todo += _codes_of(getattr(owner, name, None), space)
            if name in space and name not in seen and not name.startswith("__"):
                seen.add(name)
                todo += _codes_of(space[name], space)
                yield name


def _codes_of(value: Any, space: Any) -> list[Any]:
    """The code behind a function or class of the same module, decorators looked through."""
    value = getattr(value, "__wrapped__", value) if not isinstance(value, type) else value
    if isinstance(value, types.FunctionType):
        return [value.__code__] if value.__globals__ is space else []
    if isinstance(value, type) and value.__module__ == space.get("__name__"):
        return [f.__code__ for f in vars(value).values() if isinstance(f, types.FunctionType)]
    return []
