"""viztracer's JSON: one complete event per call, named `qualname (path:first line)`, in microseconds.

What a call spent itself follows from nesting within its thread. Source texts are embedded.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any, BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.untrusted import mapping, number, sequence, text

NAME = "viztracer JSON"

_MOST_CALLS = 5_000_000
_MOST_FUNCTIONS = 400_000
_MOST_THREADS = 10_000
_FUNCTION_CALL = re.compile(rb'"cat":\s*"fee"')
_PYTHON = re.compile(r"(.+) \((.+):(\d{1,9})\)\Z", re.DOTALL)


def sniff(head: bytes, name: str) -> bool:
    """Trace events of viztracer's category for function calls."""
    return b'"traceEvents"' in head and _FUNCTION_CALL.search(head) is not None


def read(stream: BinaryIO, size: int) -> Profile:
    """Own and cumulative time, calls and callers; `total` adds up threads, `seconds` is the traced span."""
    calls = _Calls()
    sources: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    for key, value in members(stream, ("traceEvents",)):
        if key == "traceEvents":
            calls.take(mapping(value))
        elif key == "file_info":
            sources = _sources(mapping(value))
        elif key == "viztracer_metadata" and mapping(value).get("overflow") is True:
            warnings = ("viztracer's buffer was full: only the last calls are in the file (--tracer_entries)",)
    sums = _Sums(len(calls.frames))
    for thread in calls.threads.values():
        sums.add_thread(thread)
    costs = sums.costs(calls.frames)
    return Profile(
        tool="viztracer",
        unit=Unit.SECONDS,
        total=costs.total(),
        functions=costs.functions(),
        edges=costs.edges(),
        seconds=calls.span(),
        clock="wall",
        sources=sources,
        warnings=warnings,
        threads=calls.weights(),
    )


@dataclass(slots=True)
class _Thread:
    """The calls of one thread, in nanoseconds; three arrays, because there may be millions."""

    starts: "array[int]" = field(default_factory=lambda: array("q"))
    lengths: "array[int]" = field(default_factory=lambda: array("q"))
    functions: "array[int]" = field(default_factory=lambda: array("l"))
    busy: int = 0

    def nested(self) -> Iterator[tuple[int, int, int]]:
        """Start, end and function; callers before what they call."""
        starts, lengths = self.starts, self.lengths
        for i in sorted(range(len(starts)), key=lambda i: (starts[i], -lengths[i], -i)):
            yield starts[i], starts[i] + lengths[i], self.functions[i]


@dataclass(slots=True)
class _Calls:
    threads: dict[tuple[float, float], _Thread] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[float, float], str] = field(default_factory=dict)
    count: int = 0

    def take(self, event: dict[str, Any]) -> None:
        """Keep the event if it is a function call, or names a thread."""
        key = number(event.get("pid", 0)), number(event.get("tid", 0))
        if event.get("ph") == "M" and event.get("name") == "thread_name":
            self._check_size()
            self.names[key] = text(mapping(event.get("args")).get("name"))
        if event.get("ph") != "X" or event.get("cat") != "fee":
            return
        self._check_size()
        thread = self.threads.get(key)
        if thread is None:
            thread = self.threads[key] = _Thread()
        thread.starts.append(_nanoseconds(event.get("ts")))
        thread.lengths.append(max(_nanoseconds(event.get("dur")), 0))
        thread.functions.append(self._number(event.get("name")))

    def _check_size(self) -> None:
        self.count += 1
        threads = max(len(self.threads), len(self.names))
        if self.count > _MOST_CALLS or len(self.frames) > _MOST_FUNCTIONS or threads > _MOST_THREADS:
            raise ProfileError(
                "holds more than 5 million calls (or too many functions or threads)",
                "trace less (--min_duration, --max_stack_depth), or record with: perf-advise record -- CMD",
            )

    def _number(self, name: object) -> int:
        if type(name) is str and name in self.numbers:
            return self.numbers[name]
        checked = text(name)
        match = _PYTHON.match(checked)
        self.frames.append(Frame(match[2], match[1], int(match[3])) if match else Frame("~", checked))
        self.numbers[checked] = len(self.frames) - 1
        return self.numbers[checked]

    def weights(self) -> dict[str, float]:
        """Seconds in calls per thread, by process and name."""
        return {
            f"process {key[0]:.0f}, {self.names.get(key, f'thread {key[1]:.0f}')}": thread.busy / 1e9
            for key, thread in self.threads.items()
        }

    def span(self) -> float:
        """Seconds from the first call's start to the last one's end."""
        threads = self.threads.values()
        ends = [max(map(add, thread.starts, thread.lengths)) for thread in threads]
        return (max(ends) - min(min(thread.starts) for thread in threads)) / 1e9 if ends else 0.0


def _nanoseconds(microseconds: object) -> int:
    value = number(microseconds)
    if abs(value) > 1e15:  # thirty years
        raise damaged("a time out of bounds")
    return round(value * 1000)


@dataclass(slots=True)
class _Flow:
    """The calls of one function by another."""

    cumulative: int = 0
    own: int = 0
    calls: int = 0


class _Sums:
    """Sums per function and per pair of caller and callee, in nanoseconds; functions go by number."""

    def __init__(self, functions: int) -> None:
        self.own = [0] * functions
        self.cumulative = [0] * functions
        self.calls = [0] * functions
        self.flows: dict[tuple[int, int], _Flow] = {}

    def add_thread(self, thread: _Thread) -> None:
        """Book the calls of one thread; a function's time within itself is not counted twice."""
        own, cumulative, calls, flows = self.own, self.cumulative, self.calls, self.flows
        depth = [0] * len(own)
        stack: list[tuple[int, int, _Flow]] = []  # calls that have not ended: end, function, where they came from
        for start, end, function in thread.nested():
            while stack and stack[-1][0] <= start:
                depth[stack.pop()[1]] -= 1
            flow = _Flow()
            if stack:
                outer_end, caller, outer_flow = stack[-1]
                inside = min(end, outer_end) - start
                own[caller] -= inside
                outer_flow.own -= inside
                flow = flows.get((caller, function)) or flows.setdefault((caller, function), flow)
            else:
                thread.busy += end - start
            inclusive = 0 if depth[function] else end - start
            own[function] += end - start
            cumulative[function] += inclusive
            calls[function] += 1
            flow.own += end - start
            flow.cumulative += inclusive
            flow.calls += 1
            depth[function] += 1
            stack.append((end, function, flow))

    def costs(self, frames: Sequence[Frame]) -> Costs:
        """The sums in seconds; overlaps that no nesting explains cannot make a cost negative."""
        costs = Costs()
        for frame, own, cumulative, calls in zip(frames, self.own, self.cumulative, self.calls, strict=True):
            costs.add(frame, max(own, 0) / 1e9, cumulative / 1e9, calls)
        for (caller, callee), flow in self.flows.items():
            seconds = flow.cumulative / 1e9, max(flow.own, 0) / 1e9
            costs.add_call(frames[caller], frames[callee], seconds[0], flow.calls, seconds[1])
        return costs


def _sources(file_info: dict[str, Any]) -> dict[str, str]:
    files = mapping(file_info.get("files", {}))
    return {text(path): text(sequence(entry)[0]) for path, entry in files.items() if entry}
