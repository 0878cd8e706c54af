"""viztracer's JSON: one complete event per call, named `qualname (path:first line)`, in microseconds.

What a call spent itself follows from nesting within its thread. Source texts are embedded.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import add
from typing import Any, BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.untrusted import mapping, number, sequence, text

NAME = "viztracer JSON"

_MOST_CALLS = 5_000_000
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
    costs = Costs()
    for thread in calls.threads.values():
        _add_thread(costs, thread, calls.frames)
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
            self.names[key] = text(mapping(event.get("args")).get("name"))
        if event.get("ph") != "X" or event.get("cat") not in ("fee", "FEE"):
            return
        self.count += 1
        if self.count > _MOST_CALLS:
            raise ProfileError(
                "holds more than 5 million calls",
                "trace less (--min_duration, --max_stack_depth), or record with: perf-advise record -- CMD",
            )
        thread = self.threads.get(key)
        if thread is None:
            thread = self.threads[key] = _Thread()
        thread.starts.append(_nanoseconds(event.get("ts")))
        thread.lengths.append(max(_nanoseconds(event.get("dur")), 0))
        thread.functions.append(self._number(text(event.get("name"))))

    def _number(self, name: str) -> int:
        found = self.numbers.get(name)
        if found is None:
            found = self.numbers[name] = len(self.frames)
            match = _PYTHON.match(name)
            self.frames.append(Frame(match[2], match[1], int(match[3])) if match else Frame("~", name))
        return found

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
    return round(number(microseconds) * 1000) if abs(number(microseconds)) < 1e15 else 0


@dataclass(slots=True)
class _Open:
    """A call that has not ended yet."""

    end: int
    frame: Frame
    own: int
    caller: Frame | None
    took: int


def _add_thread(costs: Costs, thread: _Thread, frames: list[Frame]) -> None:
    stack: list[_Open] = []
    depth: dict[Frame, int] = {}
    for start, end, number_ in thread.nested():
        while stack and stack[-1].end <= start:
            _close(costs, stack.pop(), depth)
        frame = frames[number_]
        caller = None
        if not stack:
            thread.busy += end - start
        else:
            caller = stack[-1].frame
            stack[-1].own -= min(end, stack[-1].end) - start
        depth[frame] = depth.get(frame, 0) + 1
        stack.append(_Open(end, frame, end - start, caller, end - start))
    while stack:
        _close(costs, stack.pop(), depth)


def _close(costs: Costs, call: _Open, depth: dict[Frame, int]) -> None:
    """Book a call that ended; within itself a function's time is not counted twice."""
    depth[call.frame] -= 1
    own = max(call.own, 0) / 1e9
    cumulative = 0.0 if depth[call.frame] else call.took / 1e9
    costs.add(call.frame, own, cumulative, 1)
    if call.caller is not None:
        costs.add_call(call.caller, call.frame, cumulative, 1, own)


def _sources(file_info: dict[str, Any]) -> dict[str, str]:
    files = mapping(file_info.get("files", {}))
    return {text(path): text(sequence(entry)[0]) for path, entry in files.items() if entry}
