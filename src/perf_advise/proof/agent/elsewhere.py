"""State outside of the replayed module's globals: other modules of the project, what functions carry with them."""

from __future__ import annotations

import collections
import os
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from .cases import dump_pickle, load_pickle
from .comparing import CannotCompare, is_same

_MOST_BYTES, _MOST_IN_ALL = 64 << 10, 512 << 10
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, classmethod, staticmethod, property, type)
_UNSHOWN = b"Placeholder"


@dataclass(frozen=True)
class _Holder:
    """A place where calls may leave something: `items` gives it by name, `put` binds one anew, `drop` unbinds it."""

    label: str
    items: Callable[[], dict[str, Any]]
    put: Callable[[str, Any], None]
    drop: Callable[[str], Any]


class Elsewhere:
    """What the project holds outside of the replayed module's own globals; asked after each call, and put back."""

    def __init__(self, module: Any) -> None:
        self._holders = list(_holders(module))
        self._blobs: dict[tuple[int, str], bytes] = {}
        room = _MOST_IN_ALL
        for key, _, blob in self._data():
            room -= len(blob)
            if room > 0:
                self._blobs[key] = blob
        self._is_full = room <= 0

    def changes(self) -> dict[str, Any]:
        """What the last call changed, by place and name; all is as it was before, afterwards."""
        changed: dict[str, Any] = {}
        for key, value, blob in self._data():
            known = self._blobs.get(key)
            if known == blob or (known is None and self._is_full):
                continue
            holder = self._holders[key[0]]
            after = load_pickle(blob)
            if known is None or not _alike(load_pickle(known), after):
                changed[f"{holder.label}.{key[1]}"] = after
            self._put_back(key, value, known)
        return changed

    def _put_back(self, key: tuple[int, str], value: Any, known: bytes | None) -> None:
        holder = self._holders[key[0]]
        if known is None:
            holder.drop(key[1])
        elif not _refill(value, load_pickle(known)):
            holder.put(key[1], load_pickle(known))
        if known is not None:
            self._blobs[key] = _blob(holder.items()[key[1]])

    def _data(self) -> Iterator[tuple[tuple[int, str], Any, bytes]]:
        for number, holder in enumerate(self._holders):
            for name, value in list(holder.items().items()):
                if name.startswith("__") or isinstance(value, _CODE):
                    continue
                try:
                    blob = _blob(value)
                except Exception:  # no data: left as it is
                    continue
                if len(blob) <= _MOST_BYTES and _UNSHOWN not in blob:
                    yield (number, name), value, blob


def _blob(value: Any) -> bytes:
    return dump_pickle(vars(value) if type(value) is threading.local else value)


def _alike(before: Any, after: Any) -> bool:
    try:
        return is_same(before, after)
    except CannotCompare:
        return False


def _refill(value: Any, content: Any) -> bool:
    """Give a container its old content in place, for whoever else refers to it; False for other values."""
    if type(value) is threading.local:
        value = vars(value)
    elif type(value) is not type(content):
        return False
    if type(value) in (list, collections.deque):
        value.clear()
        value.extend(content)
    elif isinstance(value, (dict, set)):
        value.clear()
        value.update(content)
    elif type(getattr(value, "__dict__", None)) is dict:
        value.__dict__.clear()
        value.__dict__.update(vars(content))
    else:
        return False
    return True


def _holders(module: Any) -> Iterator[_Holder]:
    yield from _functions_of(module)
    for other in list(sys.modules.values()):
        if other is module or not _is_of_the_project(other):
            continue
        yield _holder(other.__name__, other)
        for kind in _classes_of(other):
            yield _holder(f"{other.__name__}.{kind.__qualname__}", kind)


def _holder(label: str, owner: Any) -> _Holder:
    return _Holder(label, partial(_variables, owner), partial(setattr, owner), partial(delattr, owner))


def _variables(owner: Any) -> dict[str, Any]:
    return dict(vars(owner))


def _functions_of(module: Any) -> Iterator[_Holder]:
    spaces = [vars(module), *(vars(kind) for kind in _classes_of(module))]
    for function in [value for space in spaces for value in list(space.values())]:
        if not isinstance(function, types.FunctionType):
            continue
        yield _holder(function.__qualname__, function)
        if function.__closure__:
            cells = dict(zip(function.__code__.co_freevars, function.__closure__))
            label = f"closure of {function.__qualname__}"
            yield _Holder(label, partial(_contents, cells), partial(_fill, cells), cells.pop)


def _fill(cells: dict[str, Any], name: str, value: Any) -> None:
    cells[name].cell_contents = value


def _contents(cells: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, cell in cells.items():
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _classes_of(module: Any) -> list[type]:
    return [v for v in list(vars(module).values()) if isinstance(v, type) and v.__module__ == module.__name__]


_LIBRARIES = tuple({os.path.realpath(path) + os.sep for name, path in sysconfig.get_paths().items() if "lib" in name})


def _is_of_the_project(module: Any) -> bool:
    name, path = getattr(module, "__name__", ""), getattr(module, "__file__", None)
    if not isinstance(path, str) or not isinstance(name, str) or name.startswith("_perf_advise"):
        return False
    real = os.path.realpath(path)
    return not real.startswith(_LIBRARIES) and "-packages" + os.sep not in real
