"""pprof's protocol buffers: plain, gzip, or inside a Pyroscope push request, which wraps several.

Samples are location numbers, leaf first; a location has lines of functions, innermost first; a function its
file and, from some tools, its first line. Of several sample types wall time is read, else the last that is
time, else the last.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import add
from typing import BinaryIO, Literal, NamedTuple, cast

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.frame_texts import FrameText, parse
from perf_advise.profiles.places import Places
from perf_advise.profiles.protobuf import bytes_of, fields, packed, signed, streamed_fields
from perf_advise.profiles.stacks import Stacks, StackTotals, positive
from perf_advise.profiles.streams import MIB, read_all

NAME = "pprof protobuf (plain, gzip, Pyroscope push request)"

_LIMIT = 128 * MIB
_MOST_FRAMES = 20_000_000
_MOST_HELD = 30_000_000
_LONGEST = 8 * MIB
_LAST_LINE = 1 << 31
_UNITS: dict[str, tuple[Unit, float]] = {
    "nanoseconds": (Unit.SECONDS, 1e-9),
    "microseconds": (Unit.SECONDS, 1e-6),
    "μs": (Unit.SECONDS, 1e-6),
    "µs": (Unit.SECONDS, 1e-6),
    "milliseconds": (Unit.SECONDS, 1e-3),
    "seconds": (Unit.SECONDS, 1.0),
    "bytes": (Unit.BYTES, 1.0),
    "B": (Unit.BYTES, 1.0),
    "count": (Unit.SAMPLES, 1.0),
    "samples": (Unit.SAMPLES, 1.0),
}


def sniff(head: bytes, name: str) -> bool:
    """A first field that is a sample type, or the labelled series of a push request."""
    if head[:1] != b"\x0a":
        return False
    first = next(_leading(head), None)
    if first is not None and _is_value_type(first[1]):
        return True
    size = 2 + next((i for i, byte in enumerate(head[1:11]) if byte < 0x80), 10)
    labels = next(_leading(head[size : size + 1000]), (0, b""))
    label = next(_leading(labels[1]), (0, b"")) if isinstance(labels[1], bytes) else (0, b"")
    return labels[0] == 1 and label[0] == 1 and isinstance(label[1], bytes) and label[1].isascii()


def _is_value_type(value: int | bytes) -> bool:
    """Whether a field is a type and unit: one or two numbers."""
    if isinstance(value, int) or not 2 <= len(value) <= 22:
        return False
    found = list(_leading(value))
    return bool(found) and all(isinstance(v, int) and n in (1, 2) for n, v in found)


def _leading(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields up to where the message is cut off or broken."""
    try:
        yield from fields(message)
    except ProfileError:
        return


def read(stream: BinaryIO, size: int) -> Profile:
    """One sample type of all samples; of a push request, all profiles in the unit of the first."""
    found = _Message()
    pushed: list[_Message] = []
    for number, value in streamed_fields(stream):
        if number == 1 and not _is_value_type(value):
            pushed.extend(_pushed(bytes_of(value)))
        else:
            found.take(number, value)
    return _combined(pushed or [found])


def _pushed(series: bytes) -> Iterator["_Message"]:
    """The profiles of one series of a push request."""
    for number, value in fields(series):
        for inner, raw in fields(bytes_of(value)) if number == 2 else ():
            if inner == 1:
                message = _Message()
                for field in streamed_fields(io.BytesIO(_unzipped(bytes_of(raw)))):
                    message.take(*field)
                yield message


def _unzipped(raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return read_all(cast(BinaryIO, gzip.GzipFile(fileobj=io.BytesIO(raw))), _LIMIT)
    except (EOFError, OSError, zlib.error) as error:
        raise damaged(f"gzip: {error}"[:80]) from None


def _combined(messages: Sequence["_Message"]) -> Profile:
    totals = StackTotals()
    kept = [m for m in messages if m.stacks and m.chosen().unit is messages[0].chosen().unit]
    for message in kept:
        message.add_to(totals)
    chosen = messages[0].chosen()
    seconds = sum(message.seconds for message in kept)
    left_out = len(messages) - len(kept)
    return totals.profile(
        "pprof",
        chosen.unit,
        seconds=seconds or None,
        clock=chosen.clock,
        warnings=(f"{left_out} of {len(messages)} profiles are in another unit and left out",) if left_out else (),
    )


class _Chosen(NamedTuple):
    """The sample type that is read."""

    column: int
    unit: Unit
    scale: float
    clock: Literal["wall", "cpu", ""]


class _Message:
    """What a profile message holds, by number until all strings are there."""

    def __init__(self) -> None:
        self.stacks: dict[tuple[int, ...], list[int]] = {}
        self.seconds = 0.0
        self._types: list[tuple[int, int]] = []
        self._strings: list[str] = []
        self._locations: dict[int, list[tuple[int, int]]] = {}
        self._functions: dict[int, tuple[int, int, int]] = {}
        self._default = 0
        self._held = 0

    def take(self, number: int, value: int | bytes) -> None:
        """One field of the message."""
        if isinstance(value, bytes):
            self._hold(30 + len(value) // 8 if number != 2 else 0)
            if len(value) > _LONGEST:
                raise damaged("a field above 8 MiB")
        if number == 1:
            self._types.append(_pair(value))
        elif number == 2:
            self._take_sample(bytes_of(value))
        elif number == 4:
            self._take_location(bytes_of(value))
        elif number == 5:
            self._take_function(bytes_of(value))
        elif number == 6:
            self._strings.append(bytes_of(value).decode("utf-8", "replace"))
        elif number == 10:
            self.seconds = max(signed(value), 0) / 1e9
        elif number == 14:
            self._default = signed(value)

    def _take_sample(self, sample: bytes) -> None:
        locations: list[int] = []
        values: list[int] = []
        for number, value in fields(sample):
            if number == 1:
                locations += packed(value)
            elif number == 2:
                values += map(signed, packed(value))
        stack = tuple(locations)
        if stack not in self.stacks:
            self._hold(len(stack) + len(values) + 40)
        sums = self.stacks.setdefault(stack, [0] * len(values))
        if len(sums) != len(values):
            raise damaged("samples with different numbers of values")
        sums[:] = map(add, sums, values)

    def _hold(self, words: int) -> None:
        self._held += words
        if self._held > _MOST_HELD:
            raise ProfileError("holds too many stacks", "profile a shorter run")

    def _take_location(self, location: bytes) -> None:
        key, lines = 0, []
        for number, value in fields(location):
            if number == 1:
                key = signed(value)
            elif number == 4:
                lines.append(_pair(value))
        self._locations[key] = lines

    def _take_function(self, function: bytes) -> None:
        found = {number: signed(value) for number, value in fields(function) if isinstance(value, int)}
        self._functions[found.get(1, 0)] = found.get(2, 0), found.get(4, 0), found.get(5, 0)

    def _string(self, index: int) -> str:
        if not 0 <= index < len(self._strings):
            raise damaged("a text that is not in the table")
        return self._strings[index]

    def chosen(self) -> _Chosen:
        """The sample type to read: wall time, else the last time, else memory that was allocated, else the last."""
        types = [(self._string(name), self._string(unit)) for name, unit in self._types]
        if not types:
            raise damaged("no sample types")
        ranked = [(self._rank(*both), i) for i, both in enumerate(types)]
        index = max(ranked)[1]
        name, unit_name = types[index]
        unit, scale = _UNITS.get(unit_name, (Unit.SAMPLES, 1.0))
        is_wall, is_cpu = "wall" in name.lower(), "cpu" in name.lower()
        return _Chosen(index, unit, scale, "wall" if is_wall else "cpu" if is_cpu else "")

    def _rank(self, name: str, unit: str) -> tuple[bool, bool, bool, bool]:
        is_time = _UNITS.get(unit, (Unit.SAMPLES, 0))[0] is Unit.SECONDS
        is_default = 0 < self._default < len(self._strings) and self._strings[self._default] == name
        lower = name.lower()
        return is_time, is_default, "wall" in lower, "alloc" in lower and "dealloc" not in lower

    def add_to(self, totals: StackTotals) -> None:
        """Add the samples, root first."""
        chosen = self.chosen()
        places = _Placing(Places(totals), self._functions, self._string)
        expanded = {key: places.indexes(lines) for key, lines in self._locations.items()}
        stacks = Stacks(totals, places.placed)
        budget = _MOST_FRAMES
        for locations, values in self.stacks.items():
            if any(location not in expanded for location in locations) or chosen.column >= len(values):
                raise damaged("a sample of no location or no value")
            stack = tuple(chain.from_iterable(expanded[location] for location in reversed(locations)))
            budget -= len(stack)
            if budget < 0:
                raise ProfileError("expands to too many frames", "profile a shorter run")
            stacks.add(stack, positive(values[chosen.column]) * chosen.scale)
        stacks.flush()


def _pair(message: int | bytes) -> tuple[int, int]:
    """The numbers in fields 1 and 2."""
    found = {number: signed(value) for number, value in fields(bytes_of(message)) if isinstance(value, int)}
    return found.get(1, 0), found.get(2, 0)


class _Placing:
    """Indexes for pairs of function and line."""

    def __init__(
        self, places: Places, functions: Mapping[int, tuple[int, int, int]], string: Callable[[int], str]
    ) -> None:
        self.placed: list[tuple[int, int]] = []
        self._places = places
        self._functions = functions
        self._string = string
        self._known: dict[tuple[int, int], int] = {}

    def indexes(self, lines: Sequence[tuple[int, int]]) -> list[int]:
        """One index per line of a location, outermost function first."""
        return [self._index(line) for line in reversed(lines)]

    def _index(self, line: tuple[int, int]) -> int:
        index = self._known.get(line)
        if index is None:
            index = self._known[line] = len(self.placed)
            self.placed.append(self._place(*line))
        return index

    def _place(self, function: int, line: int) -> tuple[int, int]:
        if function not in self._functions:
            raise damaged("a line of no function")
        name, path, first = self._functions[function]
        current = line if 0 < line < _LAST_LINE else 0
        if not self._string(path):
            return self._places.place(parse(self._string(name)))
        frame = FrameText(self._string(name), self._string(path), current)
        return self._places.place(frame, first if 0 < first < _LAST_LINE else 0)
