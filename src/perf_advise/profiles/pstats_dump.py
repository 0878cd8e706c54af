"""Dumps of `cProfile`, `profile`, yappi, pyinstrument and `profiling.sampling` in the form that pstats reads.

A marshalled dict `(path, first line, name) -> (primitive calls, calls, own, cumulative, callers)`; seconds.
Callers are `(calls, primitive calls, own, cumulative)` per caller, or only a count (`profile`, Python 3.15).
Python 3.15's sampler marks its dumps with the key `("__sampled__",)` and keys them by the line that ran.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal, NamedTuple

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import marshal_values
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import line_number, number, text

NAME = "pstats (cProfile, profile, yappi, pyinstrument, profiling.sampling)"

_LIMIT = 32 * MIB
_MOST_CALLERS = 2_000_000
_SAMPLED = ("__sampled__",)
_DICT, _TUPLE_OR_END = b"{\xfb", b"()\xa8\xa9"
_CLOCKS: Mapping[str, Literal["wall", "cpu"]] = {"cProfile": "wall", "pyinstrument": "wall", "profile": "cpu"}


class _Entry(NamedTuple):
    path: str
    line: int
    name: str
    calls: int
    own: float
    cumulative: float
    callers: dict[Any, Any]


def sniff(head: bytes, name: str) -> bool:
    """A marshalled dict whose first key is a tuple."""
    return len(head) > 2 and head[0] in _DICT and head[1] in _TUPLE_OR_END


def read(stream: BinaryIO, size: int) -> Profile:
    """The dump's functions with the weights that `pstats.Stats` shows for them; `total` is its `total_tt`."""
    data = marshal_values.load(read_all(stream, _LIMIT))
    if type(data) is not dict:
        raise damaged("no dict of functions")
    is_sampled = data.pop(_SAMPLED, None) is not None
    entries = tuple(_entries(data))
    if sum(len(entry.callers) for entry in entries) > _MOST_CALLERS:  # references can make few bytes many
        raise damaged("more than two million callers")
    tool = "profiling.sampling" if is_sampled else _tool(entries)
    costs = _sampled_costs(entries) if is_sampled else _costs(entries, tool)
    total = costs.total()
    return Profile(
        tool=tool,
        unit=Unit.SECONDS,
        total=total,
        functions=costs.functions(),
        edges=costs.edges(),
        seconds=total if _CLOCKS.get(tool) == "wall" else None,
        clock=_CLOCKS.get(tool, ""),
        warnings=_corruption(entries),
    )


def _entries(data: Mapping[Any, Any]) -> Iterator[_Entry]:
    for key, value in data.items():
        if type(value) is not tuple or len(value) != 5 or type(value[4]) is not dict:
            raise damaged(f"no pstats entry: {type(value).__name__}")
        _, calls, own, cumulative, callers = value
        yield _Entry(*_checked_key(key), int(number(calls)), number(own), number(cumulative), callers)


def _checked_key(key: Any) -> tuple[str, int, str]:
    if type(key) is tuple and len(key) == 3:
        path, line, name = key
        if isinstance(name, marshal_values.CodeStandIn):  # what `profile` was asked to run
            name = name.name
        return text(path), line_number(line), text(name)
    raise damaged(f"no pstats key: {type(key).__name__}")


def _tool(entries: tuple[_Entry, ...]) -> str:
    if any(e.path == "profile" and e.line == 0 for e in entries):
        return "profile"
    if entries and all(e.calls == -1 for e in entries):
        return "pyinstrument"
    if any(e.path == "builtins" and e.line == 0 for e in entries):
        return "yappi"
    return "cProfile" if any(e.path == "~" for e in entries) else "pstats"


def _costs(entries: tuple[_Entry, ...], tool: str) -> Costs:
    costs = Costs()
    frames = _Frames()
    for entry in entries:
        frame = frames[entry[:3]]
        calls = None if tool == "pyinstrument" else entry.calls
        costs.add(frame, entry.own, entry.cumulative, calls)
        _add_callers(costs, frame, entry, frames)
    return costs


def _add_callers(costs: Costs, callee: Frame, entry: _Entry, frames: "_Frames") -> None:
    """Edges into `callee`; where only counts are known, its cumulative time is shared out by them."""
    counted = [number(n) for n in entry.callers.values() if type(n) is int]
    count = max(entry.calls, sum(counted), 1)
    for key, flow in entry.callers.items():
        caller = frames[key]
        if type(flow) is tuple and len(flow) == 4:
            calls = flow[0] if number(flow[0]) >= 0 else None
            costs.add_call(caller, callee, flow[3], calls, flow[2])
        elif type(flow) is int:
            part = flow / count
            costs.add_call(caller, callee, entry.cumulative * part, flow, entry.own * part)
        else:
            raise damaged(f"no pstats caller: {type(flow).__name__}")


class _Frames(dict[Any, Frame]):
    """Makes a frame of each key once: callers name the same few functions over and over."""

    def __missing__(self, key: Any) -> Frame:
        path, line, name = _checked_key(key)
        is_native = line <= 0 and not path.endswith(".py")  # `~`, or its module's name from yappi, or nothing
        frame = self[key] = Frame("~", name) if is_native else Frame(path, name, line)
        return frame


def _sampled_costs(entries: tuple[_Entry, ...]) -> Costs:
    """One row per function out of one entry per line that ran.

    The cumulative times of a function's lines cannot simply be added: where it calls itself, one sample
    counts once per level. What it passed to itself is taken off, and the result kept between its largest line
    and the whole run (functions that call each other in a circle are only caught by that bound).
    """
    costs = Costs()
    most: dict[Frame, float] = {}
    for entry in entries:
        frame = _sampled_frame(entry[:3])
        calls = max(entry.calls, 1)
        to_itself = sum(number(n) for key, n in entry.callers.items() if _sampled_frame(key) == frame)
        costs.add(frame, entry.own, entry.cumulative * max(0.0, 1 - to_itself / calls))
        costs.add_line(frame, entry.line, entry.own)
        for key, count in entry.callers.items():
            part = number(count) / calls
            costs.add_call(_sampled_frame(key), frame, entry.cumulative * part, own=entry.own * part)
        most[frame] = max(most.get(frame, 0.0), entry.cumulative)
    total = costs.total()
    for frame, least in most.items():
        added = costs.cumulative(frame)
        costs.add(frame, cumulative=min(max(added, least), total) - added)
    return costs


def _sampled_frame(key: Any) -> Frame:
    path, _, name = _checked_key(key)
    return Frame("~", name) if path == "~" else Frame(path, name)


def _corruption(entries: tuple[_Entry, ...]) -> tuple[str, ...]:
    wrong = [e.name for e in entries if e.own > e.cumulative * 1.001 + 1e-6]
    if not wrong:
        return ()
    names = ", ".join(wrong[:3]) + (", ..." if len(wrong) > 3 else "")
    return (
        f"corrupt measurement: own time above cumulative time in {names} "
        "(cProfile does this to threads on some releases of Python 3.12 and 3.13); do not rely on the shares",
    )
