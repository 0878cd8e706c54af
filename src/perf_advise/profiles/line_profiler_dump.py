"""line_profiler's `.lprof`: a pickled `LineStats` with `timings` per function and the `unit` of its times.

`timings` maps (path, first line, name) to [(line, hits, time)]; a line's time includes what it calls.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from perf_advise.model.profile import Frame, Profile
from perf_advise.profiles import pickles
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.line_timings import TimedFunction, line_profile
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import line_number, mapping, member, number, sequence, text

NAME = "line_profiler .lprof"

_LIMIT = 32 * MIB
_MOST_LINES = 2_000_000
_CLASSES = (
    "line_profiler.line_profiler.LineStats",
    "line_profiler._line_profiler.LineStats",
    "_line_profiler.LineStats",
)


def sniff(head: bytes, name: str) -> bool:
    """A pickle that starts with LineStats."""
    return head[:1] == b"\x80" and b"line_profiler" in head[:64] and b"LineStats" in head[:128]


def read(stream: BinaryIO, size: int) -> Profile:
    """Seconds per function and line, as `line_profiler` itself shows them."""
    stats = pickles.load(read_all(stream, _LIMIT), _CLASSES)
    if not isinstance(stats, pickles.Inert):
        raise damaged("no LineStats")
    timings = mapping(member(stats.state, "timings"))
    if sum(len(sequence(entries)) for entries in timings.values()) > _MOST_LINES:
        raise damaged("more than two million lines")
    return line_profile(_functions(timings, number(member(stats.state, "unit"))))


def _functions(timings: dict[Any, Any], unit: float) -> Iterator[TimedFunction]:
    for key, entries in timings.items():
        if type(key) is not tuple or len(key) != 3:
            raise damaged("no function in timings")
        path, first, name = key
        times = [_entry(entry) for entry in entries]
        yield TimedFunction(
            Frame(text(path), text(name), line_number(first)),
            tuple((line, time * unit) for line, time in times),
            sum(time for _, time in times) * unit,
        )


def _entry(entry: Any) -> tuple[int, float]:
    if type(entry) is not tuple or len(entry) != 3:
        raise damaged("no line in timings")
    return line_number(entry[0]), number(entry[2])
