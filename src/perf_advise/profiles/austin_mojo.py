"""austin's binary MOJO files, versions 1 to 4.

Magic and version, then events of one byte and their numbers (6 bits and a sign in the first byte, 7 in those
that follow) and zero-terminated strings. A sample is a stack event, references to frames, root first, and its
metrics. Frames and strings are announced once per process. From version 2 on frames have end lines and
columns, from 3 on stacks name their interpreter; 4 can repeat a thread's last stack and reports tasks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.frame_texts import FrameText
from perf_advise.profiles.mojo_bytes import MojoBytes
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import C_CODE, Stacks, StackTotals
from perf_advise.profiles.untrusted import member

NAME = "austin MOJO"

_MAGIC = b"MOJ"
_NEWEST = 4
_MOST_TEXT = 100_000_000
_MOST_FRAMES = 1_500_000
_MOST_REPEATED = 50_000_000
_MOST_KEPT = 5_000_000
_LAST_LINE = 1 << 31
_METADATA, _STACK, _FRAME, _INVALID, _REFERENCE, _KERNEL, _GC, _IDLE = range(1, 9)
_TIME, _MEMORY, _STRING, _STRING_REFERENCE, _REPEAT, _TASK, _WAITER, _RUNNING = range(9, 17)
_FIXED_STRINGS = {0: "", 1: "<unknown>"}
_HEX = re.compile(r"[\da-f]{1,16}")


def sniff(head: bytes, name: str) -> bool:
    """The magic bytes and a version."""
    return head.startswith(_MAGIC) and len(head) > 3 and 0 < head[3] < 64


def read(stream: BinaryIO, size: int) -> Profile:
    """Seconds per function, or bytes that were allocated; idle time of the full mode is own time off the CPU."""
    source = MojoBytes(stream)
    source.skip(len(_MAGIC))
    version = source.number()
    if not 0 < version <= _NEWEST:
        raise ProfileError(
            f"is of version {version} of austin's format, newer than those that are known",
            "convert it with: mojo2austin FILE.mojo FILE.austin",
        )
    samples = _Samples(version, source)
    is_cut = False
    try:
        while (event := source.event()) is not None:
            samples.take(event)
    except EOFError:
        is_cut = True
    return samples.profile(is_cut)


@dataclass(slots=True)
class _Sample:
    """The sample that is being read."""

    pid: int
    thread: str
    stack: tuple[int, ...] = ()
    frames: list[int] = field(default_factory=list)
    time: int = 0
    memory: int = 0
    is_idle: bool = False

    def whole(self) -> tuple[int, ...]:
        """The repeated stack and the frames on top of it."""
        return self.stack + tuple(self.frames) if self.frames else self.stack


class _Samples:
    def __init__(self, version: int, source: MojoBytes) -> None:
        self._version = version
        self._source = source
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._placed: list[tuple[int, int]] = [(C_CODE, 0)]
        self._known: dict[tuple[str, str, int], int] = {}
        self._metadata: dict[str, str] = {}
        self._strings: dict[tuple[int, int], str] = {}
        self._frames: dict[tuple[int, int], int] = {}
        self._sample: _Sample | None = None
        self._last: dict[tuple[int, str], tuple[tuple[int, ...], float]] = {}
        self._stacks = Stacks(self._totals, self._placed)
        self._task_frames = self._freed = self._repeated = self._kept = self._text = 0

    def take(self, event: int) -> None:
        """One event with what follows it."""
        source = self._source
        if event == _METADATA:
            key = source.string()
            self._metadata[key[:100]] = source.string()[:1000]
        elif event == _STACK:
            self._begin()
        elif event in (_INVALID, _GC):
            pass
        elif event in (_WAITER, _RUNNING):
            source.skip_numbers(2 if event == _WAITER else 1)
        elif event == _STRING_REFERENCE:
            source.skip_numbers(1)
        elif self._sample is None:
            raise damaged("no sample has begun")
        else:
            self._continue(event, self._sample)

    def _begin(self) -> None:
        self._finish()
        pid = self._source.number()
        interpreter = self._source.number() if self._version >= 3 else None
        name = self._source.string()
        thread = str(int(name, 16)) if _HEX.fullmatch(name) else name
        label = f"T{thread}" if interpreter is None else f"T{interpreter}:{thread}"
        self._sample = _Sample(pid, label)

    def _continue(self, event: int, sample: _Sample) -> None:
        """An event that belongs to a sample."""
        source = self._source
        if event == _FRAME:
            self._announce(sample.pid)
        elif event == _REFERENCE:
            self._refer(sample)
        elif event == _KERNEL:
            source.string()
            sample.frames.append(0)
        elif event == _STRING:
            key = source.number()
            self._strings[sample.pid, key] = self._bounded(source.string())
        elif event == _TIME:
            sample.time = source.number()
        elif event == _MEMORY:
            sample.memory = source.number()
        elif event == _IDLE:
            sample.is_idle = True
        elif event == _REPEAT:
            self._repeat(sample)
        elif event == _TASK:
            source.skip_numbers(2)
            self._task_frames = source.number()
        else:
            raise damaged(f"event {event}")

    def _announce(self, pid: int) -> None:
        key, path, scope, line = (self._source.number() for _ in range(4))
        self._source.skip_numbers(3 if self._version >= 2 else 0)
        frame = self._string(pid, scope), self._string(pid, path), line if 0 < line < _LAST_LINE else 0
        self._bounded("")
        if frame not in self._known:
            self._known[frame] = len(self._placed)
            self._placed.append(self._places.place(FrameText(*frame)))
        self._frames[pid, key] = self._known[frame]

    def _string(self, pid: int, key: int) -> str:
        if key in _FIXED_STRINGS:
            return _FIXED_STRINGS[key]
        return member(self._strings, (pid, key))

    def _bounded(self, string: str) -> str:
        """The string; ProfileError when those of the file, and its frames, are too many to keep."""
        self._text += len(string) + 100
        if self._text > _MOST_TEXT:
            raise ProfileError("announces too many frames", "record it again")
        return string

    def _refer(self, sample: _Sample) -> None:
        frame = member(self._frames, (sample.pid, self._source.number()))
        if self._task_frames > 0:  # where a task stands that does not run now
            self._task_frames -= 1
        else:
            sample.frames.append(frame)
        if len(sample.frames) > _MOST_FRAMES:
            raise damaged(f"a stack of more than {_MOST_FRAMES:,} frames")

    def _repeat(self, sample: _Sample) -> None:
        """The thread's last stack below the frames to come, without C code on its top, which may be other now."""
        stack, _ = self._last.get((sample.pid, sample.thread), ((), 0.0))
        keep = len(stack)
        while keep and self._placed[stack[keep - 1]][0] == C_CODE:
            keep -= 1
        sample.stack = stack[:keep] if keep < len(stack) else stack

    def _finish(self) -> None:
        sample, self._sample, self._task_frames = self._sample, None, 0
        if sample is None:
            return
        weight = sample.memory if self._metadata.get("mode") == "memory" else sample.time
        if weight < 0:
            self._freed -= weight
            weight = 0
        self._totals.count_thread(f"P{sample.pid} {sample.thread}", weight)
        stack = self._add(sample, weight)
        if sample.is_idle and stack and self._placed[stack[-1]][0] >= 0:
            self._totals.wait(self._placed[stack[-1]][0], sample.time)

    def _add(self, sample: _Sample, weight: float) -> tuple[int, ...]:
        """Add the weight; a stack that stays is held back, so that repeating it costs nothing."""
        thread = sample.pid, sample.thread
        before, held = self._last.get(thread, ((), 0.0))
        if sample.stack is before and not sample.frames:
            self._last[thread] = before, held + weight
            return before
        stack = sample.whole()
        self._repeated += len(sample.stack)
        self._kept += len(stack) - len(before) + (20 if thread not in self._last else 0)
        if self._repeated > _MOST_REPEATED or self._kept > _MOST_KEPT:
            raise ProfileError("repeats too many stacks", "record it again")
        self._stacks.add(before, held)
        self._last[thread] = stack, weight
        return stack

    def profile(self, is_cut: bool) -> Profile:
        """The sums of all samples."""
        self._finish()
        for stack, held in self._last.values():
            self._stacks.add(stack, held)
        self._stacks.flush()
        mode = self._metadata.get("mode", "wall")
        duration = self._metadata.get("duration", "")
        known = duration.isdecimal() and len(duration) < 18
        return self._totals.profile(
            "austin",
            Unit.BYTES if mode == "memory" else Unit.SECONDS,
            1.0 if mode == "memory" else 1e-6,
            seconds=int(duration) / 1e6 if known else None,
            clock="" if mode == "memory" else "cpu" if mode == "cpu" else "wall",
            python=self._metadata.get("python", ""),
            warnings=tuple(self._warnings(is_cut)),
        )

    def _warnings(self, is_cut: bool) -> Iterator[str]:
        if is_cut:
            yield "the file ends within a sample: austin was stopped while it wrote"
        if self._freed:
            yield f"{self._freed:,} bytes that were freed are left out: what counts is allocation"
