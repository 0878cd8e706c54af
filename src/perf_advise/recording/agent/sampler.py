"""A statistical profiler inside the process: at each tick, what every thread is doing counts for the time since.

Ticks come from an interval timer whose signal interrupts the main thread; where the program uses that signal
itself, and where there are no such timers, a thread ticks instead. A signal waits until the main thread is between two
steps of Python code: a tick that is late was held up by a C call, so its time belongs to that.
"""

from __future__ import annotations

import _thread
import sys
import time

from . import raw
from .clocks import ThreadClocks
from .looks import Looks
from .tables import Tables

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from types import FrameType

# The timer and its signal cost about as much as a tick does, unseen: 80 us each on a virtual machine.
INTERVAL = 0.0025
_IDLE_INTERVAL = 0.016
_LATE = 2.5  # intervals
_WORKING = 0.1
_MOST_OVERHEAD = 0.03
_ENOUGH = 1500  # samples, after which shares are known well enough to halve the rate
_STALLED = 0.03
_MOST_UNPLACED = 0.25
_MOST_UNSEEN = 0.85  # intervals
_FLUSH = 0.4
_MOST_FLUSHING = 0.01

_now = time.perf_counter
_current_frames = sys._current_frames
_threads_started = _thread._count


class Sampler:
    """Everything measured in this process; `tick` may come from the main thread's signal or from a thread."""

    def __init__(self, scratch: str, root: str) -> None:
        self._scratch = scratch
        self._root = root
        self.main = _thread.get_ident()
        self.begin()

    def begin(self) -> None:
        """Start from nothing: at the start of the process, and in a forked child."""
        self._busy = _thread.allocate_lock()
        self._work = Tables()
        self._waiting = Tables()
        self._looks = Looks(self._root)
        self._clocks = ThreadClocks()
        self._helpers: set[int] = set()
        self._samples = 0
        self._most_threads = 1
        self._noise = 1
        self._cost = 0.0
        self._unplaced = 0.0
        self._unseen = 0.0
        self.interval = INTERVAL
        self._started = self._last = _now()
        self._next_flush = self._started + _FLUSH

    def delay(self) -> float:
        """Seconds until the next tick, unevenly, so as not to fall into step with the program.

        After a pause the rest of the interval, which counts CPU time then: pauses may keep step with the program too.
        """
        self._noise = (self._noise * 1103515245 + 12345) & 0x7FFFFFFF
        usual = self.interval * (0.97 + 0.06 * self._noise / 0x7FFFFFFF)
        return max(usual - self._unseen, 0.1 * usual)

    def tick(self, frame: FrameType | None) -> None:
        """Count the time since the last tick; `frame` is the main thread's where that is the caller."""
        if not self._busy.acquire(False):
            return
        try:
            began = _now()
            busy = self._count(frame, began)
            self._samples += 1
            if frame is not None:
                self._adapt(busy, self._clocks.used_here())
            if began >= self._next_flush:
                self._flush(began)
                if frame is not None:
                    self._clocks.pass_over()
            self._last = _now()
        finally:
            self._busy.release()

    def _count(self, frame: FrameType | None, now: float) -> bool:
        """Add the samples of all threads; whether any of them worked."""
        elapsed = now - self._last
        if frame is not None and not _threads_started():
            return self._count_main(frame, elapsed)
        threads = self._threads(frame)
        if frame is not None and len(threads) == 1:
            return self._count_main(frame, elapsed)
        return self._count_threads(threads, elapsed) > _WORKING * elapsed

    def _count_main(self, frame: FrameType, elapsed: float) -> bool:
        """The main thread's sample, where it is the only one."""
        busy = min(self._clocks.used_here(), elapsed)
        paused = self._clocks.paused(elapsed, busy)
        is_working = busy > _WORKING * (elapsed - paused)
        waited = self._placed(elapsed - busy - paused, is_working)
        is_late = busy > _LATE * self.interval
        self._add(frame, busy if is_late else self._held(busy, paused > 0), waited, is_late)
        return is_working

    def _held(self, busy: float, was_paused: bool) -> float:
        """The CPU time that counts for the place of this tick: none right after a pause, the next tick has it then.

        Where the system takes the processor away is no place like others: clocks and other system calls draw it.
        """
        self._unseen += busy
        if was_paused and self._unseen < _MOST_UNSEEN * self.interval:
            return 0.0
        seen, self._unseen = self._unseen, 0.0
        return seen

    def _placed(self, waited: float, is_working: bool) -> float:
        """The waiting that counts for the place of this tick: what works now did not wait, the next that waits did."""
        self._unplaced += waited
        if is_working and self._unplaced < _MOST_UNPLACED:
            return 0.0
        placed, self._unplaced = self._unplaced, 0.0
        return placed

    def _threads(self, frame: FrameType | None) -> dict[int, FrameType]:
        """What every thread but ours is doing; `frame` is the main thread's, interrupted by the tick."""
        frames = {i: f for i, f in _current_frames().items() if i not in self._helpers}
        if frame is not None:
            frames[self.main] = frame
        self._most_threads = max(self._most_threads, len(frames))
        return frames

    def _count_threads(self, frames: dict[int, FrameType], elapsed: float) -> float:
        """CPU time goes to the threads that used it, waiting to those that wait; all CPU seconds."""
        used = self._clocks.used(list(frames))
        busy = sum(used.values())
        for ident, cpu in used.items():
            if cpu > 0:
                self._add(frames[ident], cpu)
        was_paused = self._clocks.were_paused() and busy > _WORKING * elapsed
        waited = self._clocks.waited(elapsed, used)
        waiters = self._waiters(frames, used, elapsed) if waited > 0 and not was_paused else []
        for ident in waiters:
            self._add(frames[ident], 0.0, waited / len(waiters))
        return busy

    def _waiters(self, frames: dict[int, FrameType], used: dict[int, float], elapsed: float) -> list[int]:
        """The threads that wait in code of the project, else the main thread."""
        idle = [i for i in frames if used.get(i, 0.0) < 0.5 * elapsed]
        return [i for i in idle if self._looks.is_in_project(frames[i])] or [self.main]

    def _add(self, frame: FrameType, worked: float, waited: float = 0.0, is_late: bool = False) -> None:
        """Add the seconds of one thread."""
        if waited > 0:
            self._waiting.add(frame, waited, False)
        running, row = self._work.add(frame, worked, is_late)
        self._looks.look(running, row)

    def _adapt(self, is_busy: bool, cost: float) -> None:
        """Tick less often while nothing happens, where ticks are costly (deep stacks), and in long runs."""
        self._cost += 0.1 * (cost - self._cost)
        usual = INTERVAL if self._samples < _ENOUGH else 2 * INTERVAL
        least = min(max(usual, self._cost / _MOST_OVERHEAD), _IDLE_INTERVAL)
        self.interval = least if is_busy else max(least, min(self.interval * 2, _IDLE_INTERVAL))

    def _flush(self, now: float) -> None:
        """Write from time to time, so that a process that is killed loses little."""
        self.write()
        self._next_flush = now + max(_FLUSH, (_now() - now) / _MOST_FLUSHING)

    def has_threads(self) -> bool:
        """Whether the program has threads besides the main one."""
        return self._most_threads > 1

    def is_stalled(self) -> bool:
        """Whether the main thread has not ticked for long: it waits in C code."""
        return _now() - self._last > _STALLED + 2 * self.interval

    def add_helper(self) -> None:
        """Leave the calling thread out: it is ours."""
        self._helpers.add(_thread.get_ident())

    def write(self) -> None:
        """Leave what was measured so far."""
        data = {
            "profiler": "sampler",
            "seconds": self._last - self._started,
            "threads": self._most_threads,
            "samples": self._samples,
            **self._work.data(),
            "waiting": self._waiting.data(),
            "types": self._looks.data(),
        }
        raw.write(self._scratch, "measured", data)
