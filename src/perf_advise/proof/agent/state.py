"""State outside of the arguments, put back before each call: the module's globals, attributes of classes, caches."""

from __future__ import annotations

import enum
import types
from typing import Any

from .cases import dump_pickle, load_pickle

_MOST_BYTES = 4 << 20
_CODE = (types.FunctionType, types.BuiltinFunctionType, classmethod, staticmethod, property, type)


class ModuleState:
    """What calls may leave behind in one module."""

    def __init__(self, module: Any, own_names: set[str]) -> None:
        """`own_names` are globals whose value comes from the module itself, not from the run."""
        self._own_names = own_names
        self._space: dict[str, Any] = module.__dict__
        self._classes = [
            v
            for v in self._space.values()
            if isinstance(v, type) and v.__module__ == module.__name__ and not issubclass(v, enum.Enum)
        ]
        self._caches = list(self._find_caches())
        self._blobs = self._class_blobs()
        self._before: dict[str, Any] = {}
        self._kept: set[str] = set()

    def _find_caches(self) -> Any:
        for holder in [self._space, *(vars(kind) for kind in self._classes)]:
            for value in list(holder.values()):
                value = getattr(value, "__func__", value)
                if callable(getattr(type(value), "cache_clear", None) or getattr(value, "cache_clear", None)):
                    yield value

    def enter(self, space: dict[str, Any], keeps_caches: bool = False) -> None:
        """Before a call: the globals of the run, empty caches."""
        self.set_globals(space)
        self._kept = set(space) - self._own_names
        if not keeps_caches:
            self.clear_caches()
        self._before = dict(self._space)

    def set_globals(self, space: dict[str, Any]) -> None:
        """Globals of one call."""
        if self._own_names:
            space = {name: value for name, value in space.items() if name not in self._own_names}
        self._space.update(space)

    def clear_caches(self) -> None:
        """Empty what `functools` caches hold."""
        for cache in self._caches:
            cache.cache_clear()

    def leave(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """After a call: globals of the run and those bound anew, and class attributes; put back what was there."""
        rebound = {n for n, v in self._space.items() if self._before.get(n, self) is not v and not n.startswith("__")}
        names = sorted(self._kept | rebound)
        found = {name: self._space[name] for name in names if name in self._space}
        gone = [name for name in self._before if name not in self._space]
        self._space.update({name: self._before[name] for name in (*rebound, *gone) if name in self._before})
        for name in rebound - set(self._before):
            del self._space[name]
        return {**found, **dict.fromkeys(gone)}, self._class_changes()

    def _class_changes(self) -> dict[str, Any]:
        """Class attributes that differ from what they were at first; they are put back."""
        now = self._class_blobs()
        changed: dict[str, Any] = {}
        for key in {**self._blobs, **now}:
            if self._blobs.get(key) != now.get(key):
                kind, name = key
                changed[f"{kind.__qualname__}.{name}"] = load_pickle(now[key]) if key in now else None
                if key in self._blobs:
                    setattr(kind, name, load_pickle(self._blobs[key]))
                else:
                    delattr(kind, name)
        return changed

    def _class_blobs(self) -> dict[tuple[type, str], bytes]:
        """Class attributes that are data and can be pickled."""
        found = {}
        for kind in self._classes:
            for name, value in _data_attributes(kind).items():
                try:
                    blob = dump_pickle(value)
                except Exception:  # not data: left as it is
                    continue
                if len(blob) < _MOST_BYTES:
                    found[kind, name] = blob
        return found


def _data_attributes(kind: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(kind).items()
        if not name.startswith("__") and not isinstance(value, _CODE) and not hasattr(value, "__get__")
    }
