"""Every call counted, with the C profiler behind cProfile; for short programs, where a sampler sees too little."""

from __future__ import annotations

import _lsprof
import sys
import threading
import time

from . import lifecycle, raw, signals

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from typing import Any

_profilers: list[Any] = []
_run = {"started": 0.0, "threads": 0}
# From 3.12 on one profiler sees all threads, and mixes up their times.
_IS_PER_THREAD = sys.version_info < (3, 12)


def start(settings: dict[str, str]) -> None:
    """Count from here to the end of the process."""
    lifecycle.start()
    lifecycle.on_end(lambda: _stop(settings["scratch"]))
    lifecycle.on_exec(lambda: _stop(settings["scratch"]), _enable)
    lifecycle.on_fork(_restart)
    threading.setprofile(_thread_started)
    lifecycle.on_end(signals.let_sleep)
    lifecycle.on_exec(signals.let_sleep, signals.keep_awake)
    signals.keep_awake()
    _begin()


def _begin() -> None:
    _run.update(started=time.perf_counter(), threads=0)
    signals.stay_awake()
    _enable()


def _enable() -> None:
    profiler = _lsprof.Profiler()
    _profilers.append(profiler)
    profiler.enable()


def _thread_started(frame: object, event: str, argument: object) -> None:
    """The first event of a new thread; what follows there goes to a profiler of its own."""
    _run["threads"] += 1
    sys.setprofile(None)
    if _IS_PER_THREAD:
        _enable()


def _restart() -> None:
    """In a forked child: what was counted so far is the parent's."""
    for profiler in _profilers:
        profiler.disable()
        profiler.clear()
    _profilers.clear()
    _begin()


def _stop(scratch: str) -> None:
    seconds = time.perf_counter() - _run["started"]
    rows: dict[Any, list[Any]] = {}
    flows: dict[tuple[Any, Any], list[Any]] = {}
    for profiler in _profilers:
        profiler.disable()
        for entry in profiler.getstats():
            _add_entry(entry, rows, flows)
    frames = {key: number for number, key in enumerate(rows)}
    data = {
        "profiler": "cprofile",
        "seconds": seconds,
        "threads": _run["threads"] + 1,
        "functions": [[*_names(key), *row, 0.0, {}] for key, row in rows.items()],
        "edges": [[frames[a], frames[b], *flow] for (a, b), flow in flows.items() if b in frames],
    }
    raw.write(scratch, "measured", data)


def _add_entry(entry: Any, rows: dict[Any, list[Any]], flows: dict[tuple[Any, Any], list[Any]]) -> None:
    row = rows.setdefault(_key(entry.code), [0.0, 0.0, 0])
    _add(row, entry.inlinetime, entry.totaltime, entry.callcount)
    for callee in entry.calls or ():
        flow = flows.setdefault((_key(entry.code), _key(callee.code)), [0.0, 0.0, 0])
        _add(flow, callee.inlinetime, callee.totaltime, callee.callcount)


def _add(row: list[Any], own: float, cumulative: float, calls: int) -> None:
    row[0] += own
    row[1] += cumulative
    row[2] += calls


def _key(code: Any) -> Any:
    """A code object by identity: equal ones of different modules are different functions."""
    return code if isinstance(code, str) else _Code(code)


class _Code:
    __slots__ = ("code",)

    def __init__(self, code: Any) -> None:
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Code) and self.code is other.code

    def __hash__(self) -> int:
        return id(self.code)


def _names(key: Any) -> tuple[str, str, int]:
    """Path, name and first line; C code has no path and line 0."""
    if isinstance(key, str):
        return "~", key, 0
    code = key.code
    return code.co_filename, getattr(code, "co_qualname", code.co_name), code.co_firstlineno
