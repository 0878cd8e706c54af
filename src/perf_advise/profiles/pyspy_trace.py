"""py-spy's chrome trace: a bare JSON list of events that open (B) and close (E) frames, in microseconds.

A frame stays open over the samples that find it at one line; threads are told apart by `pid` and `tid`.
"""

import re
from typing import Any, BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.frame_texts import FrameText
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import StackTotals, StackWalk, positive
from perf_advise.profiles.untrusted import line_number, mapping, member, number, text

NAME = "py-spy chrome trace"

_MOST_THREADS = 10_000
_MOST_OPEN = 1_500_000
_BARE_EVENTS = re.compile(rb"\s*\[\s*\{")


def sniff(head: bytes, name: str) -> bool:
    """A list of events of py-spy's category."""
    return _BARE_EVENTS.match(head) is not None and b'"ph"' in head and b'"py-spy"' in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Time per function with all threads together; `seconds` is from the first event to the last."""
    trace = _Trace()
    for _, event in members(stream, ()):
        trace.take(mapping(event))
    return trace.profile()


class _Trace:
    def __init__(self) -> None:
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._threads: dict[str, tuple[StackWalk, float]] = {}
        self._open = 0
        self._first = float("inf")
        self._last = float("-inf")

    def take(self, event: dict[str, Any]) -> None:
        """One event: its thread's time moves on, then a frame opens or closes."""
        kind = event.get("ph")
        if kind != "B" and kind != "E":
            return
        thread = f"process {event.get('pid')!s:.20} thread {event.get('tid')!s:.20}"
        at = number(member(event, "ts"))
        walk = self._at(thread, at)
        if kind == "B":
            args = mapping(event.get("args") or {})
            line = line_number(args.get("line") or 0)
            frame = FrameText(text(member(event, "name")), text(args.get("filename") or ""), line)
            walk.enter(*self._places.place(frame))
            self._open += 1
        elif len(walk):
            walk.leave()
            self._open -= 1
        if self._open > _MOST_OPEN:
            raise ProfileError(f"has more than {_MOST_OPEN:,} frames open at once", "record it again")

    def _at(self, thread: str, at: float) -> StackWalk:
        """The thread's stack, its time spent up to now."""
        if len(self._threads) > _MOST_THREADS:
            raise ProfileError(f"names more than {_MOST_THREADS:,} threads", "record it again")
        walk, before = self._threads.get(thread) or (StackWalk(self._totals), at)
        if len(walk):
            spent = positive(at - before)
            walk.spend(spent)
            self._totals.count_thread(thread, spent)
        self._threads[thread] = walk, at
        self._first, self._last = min(self._first, at), max(self._last, at)
        return walk

    def profile(self) -> Profile:
        """The sums of all threads."""
        for walk, _ in self._threads.values():
            walk.go_to(0)
        seconds = (self._last - self._first) / 1e6
        return self._totals.profile("py-spy", Unit.SECONDS, 1e-6, seconds=seconds if seconds > 0 else None)
