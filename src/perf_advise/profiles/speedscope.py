"""speedscope's JSON: written by py-spy, pyinstrument, austin and many others; one profile per thread.

`sampled` profiles hold stacks of frame indexes with weights, `evented` ones when frames open and close. The
frames, shared by all profiles, may come after them.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.frame_texts import FrameText, are_first_lines, parse
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import Stacks, StackTotals, StackWalk, positive
from perf_advise.profiles.untrusted import line_number, mapping, member, number, sequence, text

NAME = "speedscope JSON"

_MOST_HELD = 20_000_000
_UNITS: dict[str, tuple[Unit, float]] = {
    "none": (Unit.SAMPLES, 1.0),
    "seconds": (Unit.SECONDS, 1.0),
    "milliseconds": (Unit.SECONDS, 1e-3),
    "microseconds": (Unit.SECONDS, 1e-6),
    "nanoseconds": (Unit.SECONDS, 1e-9),
    "bytes": (Unit.BYTES, 1.0),
}


def sniff(head: bytes, name: str) -> bool:
    """The schema's address, or profiles of its two kinds."""
    if b"speedscope.app/file-format-schema.json" in head:
        return True
    return b'"profiles"' in head and (b'"evented"' in head or b'"sampled"' in head)


def read(stream: BinaryIO, size: int) -> Profile:
    """All threads together; `total` is what is spent while a frame is open."""
    threads: list[_Thread] = []
    frames: list[FrameText] = []
    exporter = ""
    for key, value in members(stream, ("profiles",)):
        if key == "profiles":
            threads.append(_thread(mapping(value)))
            _check_held(threads)
        elif key == "shared":
            frames = [_frame(mapping(frame)) for frame in sequence(mapping(value).get("frames", []))]
        elif key == "exporter":
            exporter = text(value or "")
    kept, warnings = _one_dimension(threads)
    return _Summing(frames, exporter).profile(kept, warnings)


@dataclass(slots=True)
class _Thread:
    """One profile of the file, held until the frames are known."""

    name: str
    unit: Unit
    scale: float
    span: float
    stacks: defaultdict[tuple[int, ...], float] = field(default_factory=lambda: defaultdict(float))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    frames: "array[int]" = field(default_factory=lambda: array("q"))
    held: int = 0


def _thread(profile: dict[str, Any]) -> _Thread:
    unit, scale = _UNITS.get(profile.get("unit", "none"), (Unit.SAMPLES, 1.0))
    span = number(profile.get("endValue", 0)) - number(profile.get("startValue", 0))
    thread = _Thread(text(profile.get("name", "")), unit, scale, span * scale)
    kind = profile.get("type")
    if kind == "sampled":
        _hold_samples(thread, profile)
    elif kind == "evented":
        _hold_events(thread, sequence(member(profile, "events")))
    else:
        raise damaged("a profile that is neither sampled nor evented")
    return thread


def _hold_samples(thread: _Thread, profile: dict[str, Any]) -> None:
    samples = sequence(member(profile, "samples"))
    weights = sequence(profile.get("weights", [1] * len(samples)))
    if len(samples) != len(weights):
        raise damaged("not one weight per sample")
    for sample, weight in zip(samples, weights, strict=True):
        stack = tuple(sequence(sample))
        if not all(type(frame) is int for frame in stack):
            raise damaged("a frame that is no number")
        if stack not in thread.stacks:
            thread.held += len(stack) + 25
        thread.stacks[stack] += positive(weight) * thread.scale


def _hold_events(thread: _Thread, events: Sequence[Any]) -> None:
    for event in events:
        is_opening = {"O": True, "C": False}.get(member(mapping(event), "type"))
        if is_opening is None:
            raise damaged("an event that is neither O nor C")
        frame = line_number(member(event, "frame"))
        thread.times.append(number(member(event, "at")) * thread.scale)
        thread.frames.append(frame if is_opening else -1)
    thread.held = len(thread.times)


def _check_held(threads: Sequence[_Thread]) -> None:
    if sum(thread.held for thread in threads) > _MOST_HELD:
        raise ProfileError("holds too many stacks", "record collapsed stacks instead: py-spy record -f raw ...")


def _frame(frame: dict[str, Any]) -> FrameText:
    name, path = text(member(frame, "name")), text(frame.get("file") or "")
    if not path:
        return parse(name)
    return FrameText(name, path, line_number(frame.get("line") or 0))


def _one_dimension(threads: Sequence[_Thread]) -> tuple[list[_Thread], list[str]]:
    """The profiles that can be added: time before bytes, wall time before CPU time (austin writes all)."""
    warnings = []
    unit = next((t.unit for t in threads if t.unit.is_time), Unit.BYTES)
    kept = [t for t in threads if t.unit is unit and not t.name.startswith("Memory deallocation")]
    if any(t.name.startswith("Wall time") for t in kept):
        kept = [t for t in kept if not t.name.startswith("CPU time")]
    if len(kept) < len(threads):
        warnings.append(f"of {len(threads)} profiles in the file, {len(kept)} in {unit.value} are read")
    return kept, warnings


def _tool(exporter: str) -> str:
    return "austin" if exporter.startswith("Austin") else exporter.partition("@")[0] or "speedscope"


class _Summing:
    def __init__(self, frames: Sequence[FrameText], exporter: str) -> None:
        self._totals = StackTotals()
        self._exporter = exporter
        has_first_lines = exporter == "pyinstrument" or are_first_lines(frames)
        places = Places(self._totals, has_first_lines)
        self._places = [places.place(frame) for frame in frames]

    def profile(self, threads: Sequence[_Thread], warnings: Sequence[str]) -> Profile:
        for thread in threads:
            before = self._totals.total
            self._add_stacks(thread)
            self._add_events(thread)
            self._totals.count_thread(thread.name, self._totals.total - before)
        unit = threads[0].unit if threads else Unit.SAMPLES
        span = max((thread.span for thread in threads), default=0.0)
        return self._totals.profile(
            _tool(self._exporter),
            unit,
            seconds=span if unit is Unit.SECONDS and span > 0 else None,
            clock=self._clock(threads),
            warnings=warnings,
        )

    def _clock(self, threads: Sequence[_Thread]) -> Literal["wall", "cpu", ""]:
        if self._exporter == "pyinstrument" or any(t.name.startswith("Wall time") for t in threads):
            return "wall"
        return "cpu" if any(t.name.startswith("CPU time") for t in threads) else ""

    def _add_stacks(self, thread: _Thread) -> None:
        count = len(self._places)
        if any(not 0 <= frame < count for stack in thread.stacks for frame in stack):
            raise damaged("a frame that is not in the list of frames")
        stacks = Stacks(self._totals, self._places)
        for stack, weight in thread.stacks.items():
            stacks.add(stack, weight)
        stacks.flush()

    def _add_events(self, thread: _Thread) -> None:
        walk = StackWalk(self._totals)
        for frame, spent in _steps(thread):
            if len(walk):
                walk.spend(spent)  # what passes while nothing is open is nobody's
            if frame < 0:
                if not len(walk):
                    raise damaged("a frame closes that is not open")
                walk.leave()
            elif frame < len(self._places):
                walk.enter(*self._places[frame])
            else:
                raise damaged("a frame that is not in the list of frames")
        walk.go_to(0)


def _steps(thread: _Thread) -> Iterator[tuple[int, float]]:
    """Per event the frame that opens (-1: one closes), and the time since the event before."""
    before = thread.times[0] if thread.times else 0.0
    for at, frame in zip(thread.times, thread.frames, strict=True):
        yield frame, positive(at - before)
        before = at
