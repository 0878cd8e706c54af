"""Keeps real calls of the functions that a plan names: arguments before the call, result or exception after it.

The plan is a JSON file: `functions` (path, qualname), `folder` for the call files, `calls`, `per_shape`, `call_bytes`,
`function_bytes`. Nothing here may change what the program does: whatever goes wrong while keeping is counted.
"""

from __future__ import annotations

import atexit
import builtins
import json
import os
import sys
import time
from _thread import get_ident
from typing import Any

from .calls_context import process_header
from .calls_file import CallFile
from .calls_globals import GlobalsKeeper
from .calls_import import Instrumenter
from .calls_paths import Coverage
from .calls_pickling import TooLarge, dump
from .calls_quota import Escapes, Quota
from .calls_rewriting import KEEPER
from .calls_shapes import shape_of, size_of

_MOST_RESULT_BYTES = 1 << 20
_MOST_HUNTED = 4000
_INTERLEAVED = 0x20 | 0x80 | 0x200
"""Flags of the code of generators, coroutines and asynchronous generators: their calls overlap."""


class _Kept:
    """A looked-at call under way. `payload` waits to be written, should the call take a branch of its own."""

    __slots__ = ("function", "has_arguments", "header", "index", "payload", "started", "thread")

    def __init__(self, function: _Function, header: dict[str, Any] | None, payload: bytes, thread: int) -> None:
        self.function, self.header, self.payload, self.thread = function, header, payload, thread
        self.index = 0
        self.has_arguments = header is not None
        self.started = time.perf_counter()


class _Function:
    """What is known about one wanted function in this process."""

    def __init__(self, number: int, plan: dict[str, Any]) -> None:
        self.number = number
        self.plan = plan
        self.object: Any = None
        self.globals: GlobalsKeeper | None = None
        self.reset()

    def reset(self) -> None:
        """Start from nothing: at first, and in a child after a fork."""
        self.count = 0
        self.next_look = 1
        self.bytes = 0
        self.quota = Quota(self.plan["calls"], self.plan["per_shape"], self.number)
        self.escapes = Escapes(self.plan["per_shape"])
        self.coverage = Coverage(_MOST_HUNTED)
        self.dropped: dict[str, int] = {}
        self.kept_indexes = 0
        self.active: set[int] = set()

    def drop(self, why: str) -> None:
        self.dropped[why] = self.dropped.get(why, 0) + 1


class Keeper:
    """What instrumented functions call."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._functions = [_Function(n, plan) for n in range(len(plan["functions"]))]
        self._plan = plan
        self._file = CallFile(plan["folder"])
        self._has_header = False
        self._busy: set[int] = set()

    def note(self, number: int) -> Any:
        """The innermost decorator: remembers the function and returns it unchanged."""

        def remember(function: Any) -> Any:
            known = self._functions[number]
            known.object = function
            known.globals = GlobalsKeeper(function)
            return function

        return remember

    def enter(self, number: int, positional: Any, rest: Any, keywords: Any, more: Any) -> _Kept | None:
        """Called first thing in the function; None unless this call is kept."""
        function = self._functions[number]
        function.count += 1
        if function.count < function.next_look:
            return None
        thread = get_ident()
        if thread in function.active or thread in self._busy:
            if thread in function.active:
                function.drop("inner call of a recursion")
            return None
        self._busy.add(thread)
        try:
            return self._look(function, positional, rest, keywords, more, thread)
        except Exception as error:
            function.drop(_why(error))
            return None
        finally:
            self._busy.discard(thread)

    def _look(
        self, function: _Function, positional: Any, rest: Any, keywords: Any, more: Any, thread: int
    ) -> _Kept | None:
        function.next_look = function.quota.next_look(function.count)
        args, kwargs = _as_called(function.object, positional, rest, keywords, more)
        shape = (tuple(map(shape_of, args)), tuple((k, shape_of(v)) for k, v in kwargs.items()))
        slot = function.quota.slot(shape, sum(map(size_of, args)))
        if slot is None:
            function.drop("over the quota")
            if not function.coverage.hunt():
                return _Kept(function, None, b"", thread)
        if function.bytes > self._plan["function_bytes"]:
            function.drop("the calls kept are large enough")
            return None
        return self._keep(function, slot, args, kwargs, thread)

    def _keep(self, function: _Function, slot: str | None, args: Any, kwargs: Any, thread: int) -> _Kept:
        """Pickle the call; write it at once, unless it has no slot and only counts if it takes a new branch."""
        assert function.globals is not None
        small, large = function.globals.take(args)
        payload = dump((args, kwargs, small), self._plan["call_bytes"])
        header: dict[str, Any] = {"slot": slot, "large": large, "globals": sorted(small)}
        header.update(count=function.count, dropped=function.dropped)
        kept = _Kept(function, header, payload, thread)
        if slot is not None:
            self._write_call(kept)
        if not function.object.__code__.co_flags & _INTERLEAVED:
            function.active.add(thread)
        kept.started = time.perf_counter()
        return kept

    def _write_call(self, kept: _Kept) -> None:
        function = kept.function
        self._write_header()
        assert function.globals is not None
        for digest, blob in function.globals.unwritten():
            self._file.write({"k": "global", "digest": digest}, blob)
        function.kept_indexes += 1
        kept.index = function.kept_indexes
        module = function.object.__module__
        header = {"k": "call", "f": function.number, "i": kept.index, "module": module, **(kept.header or {})}
        self._file.write(header, kept.payload)
        function.bytes += len(kept.payload)

    def escaped(self, number: int, positional: Any, rest: Any, keywords: Any, more: Any) -> None:
        """Called while an exception leaves a call that was not looked at: a few of each type are kept after all."""
        function = self._functions[number]
        thread = get_ident()
        kind = sys.exc_info()[0]
        if thread in self._busy or thread in function.active or not function.escapes.room_for(kind):
            return
        self._busy.add(thread)
        try:
            args, kwargs = _as_called(function.object, positional, rest, keywords, more)
            kept = self._keep(function, function.escapes.slot(kind), args, kwargs, thread)
        except Exception as error:
            function.drop(_why(error))
            return
        finally:
            self._busy.discard(thread)
        self.raised(kept, ())

    def returned(self, kept: _Kept, value: Any, paths: tuple[bool, ...]) -> Any:
        """Called with what a looked-at call returns, and the branches it took; returns the value."""
        elapsed = time.perf_counter() - kept.started
        self._end(kept, elapsed, {"outcome": "returned", "type": type(value).__qualname__}, value, paths)
        return value

    def raised(self, kept: _Kept, paths: tuple[bool, ...]) -> None:
        """Called while an exception leaves a looked-at call."""
        elapsed = time.perf_counter() - kept.started
        error = sys.exc_info()[1]
        self._end(kept, elapsed, {"outcome": "raised", "type": type(error).__qualname__}, error, paths)

    def _end(self, kept: _Kept, elapsed: float, facts: dict[str, Any], value: Any, paths: tuple[bool, ...]) -> None:
        function, thread = kept.function, get_ident()
        self._busy.add(thread)
        try:
            if kept.index or (function.coverage.is_news(paths) and kept.header is not None):
                self._write_end(kept, {"seconds": elapsed, **facts}, value)
                function.coverage.keep(paths)
        except Exception as error:
            function.drop(_why(error))
        finally:
            self._busy.discard(thread)
            if kept.header is not None:
                function.active.discard(kept.thread)

    def _write_end(self, kept: _Kept, facts: dict[str, Any], value: Any) -> None:
        if kept.header is not None and not kept.index:
            kept.header["slot"] = f"path.{kept.function.kept_indexes}"
            self._write_call(kept)
        header = {"k": "end", "f": kept.function.number, "i": kept.index, **facts}
        self._file.write(header, _result_bytes(value, self._plan["call_bytes"]))

    def _write_header(self) -> None:
        if not self._has_header:
            self._has_header = True
            self._file.write(process_header())

    def skipped(self, number: int, why: str) -> None:
        """The function cannot be kept at all."""
        self._functions[number].drop(why)

    def end(self) -> None:
        """Write what was counted."""
        counts = [
            {"f": f.number, "count": f.count, "dropped": f.dropped} for f in self._functions if f.count or f.dropped
        ]
        if counts:
            self._file.write({"k": "counts", "functions": counts})

    def forked(self) -> None:
        """A child counts from nothing and writes a file of its own."""
        self._file.forked()
        self._has_header = False
        self._busy.clear()
        for function in self._functions:
            function.reset()
            if function.globals is not None:
                function.globals.forget_written()


def _result_bytes(value: Any, cap: int) -> bytes:
    try:
        return dump(value, min(cap, _MOST_RESULT_BYTES))
    except Exception:
        return b""


def _why(error: Exception) -> str:
    if isinstance(error, TooLarge):
        return "arguments too large"
    if isinstance(error, OSError):
        return f"could not be written ({error.strerror})"
    return f"arguments cannot be pickled ({str(error)[:80]})"


def _as_called(function: Any, positional: Any, rest: Any, keywords: Any, more: Any) -> tuple[Any, dict[str, Any]]:
    """Arguments without those that are the default object itself: a sentinel must stay the same object."""
    kwargs = {k: v for k, v in keywords.items() if v is not (function.__kwdefaults__ or {}).get(k, _NOTHING)}
    kwargs.update(more or {})
    if rest:
        return (*positional, *rest), kwargs
    defaults = function.__defaults__ or ()
    code, first = function.__code__, len(positional) - len(defaults)
    args = list(positional)
    is_default = [i >= first and v is defaults[i - first] for i, v in enumerate(positional)]
    if True in is_default:
        cut = is_default.index(True)
        by_name = {code.co_varnames[i]: args[i] for i in range(cut, len(args)) if not is_default[i]}
        if all(code.co_varnames.index(name) >= code.co_posonlyargcount for name in by_name):
            return tuple(args[:cut]), {**by_name, **kwargs}
    return tuple(args), kwargs


_NOTHING = object()


def start(settings: dict[str, str]) -> None:
    """Begin to keep calls in this process."""
    with open(settings["calls_plan"], encoding="utf-8") as stream:
        plan = json.load(stream)
    keeper = Keeper(plan)
    setattr(builtins, KEEPER, keeper)
    atexit.register(keeper.end)
    os.register_at_fork(after_in_child=keeper.forked)
    Instrumenter(plan["functions"], keeper.skipped).install()
