"""CPU time per thread, and the time it was ready to run but had no processor, read without the thread's help.

Both where the system allows it. A thread that is ready but queued behind other processes does not wait for anything
that the program could do something about.
"""

from __future__ import annotations

import _thread
import os
import sys
import time

try:
    from resource import RUSAGE_SELF, RUSAGE_THREAD, getrusage
except ImportError:  # not Linux
    getrusage = None  # type: ignore[assignment]

_PAUSE = 0.0003
_CLOCK_OF_THREAD = 6  # Linux: CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED, under the complement of the thread's id
_IS_LINUX = sys.platform.startswith("linux")
_QUEUED = "/proc/self/task/%d/schedstat"  # seconds on a processor, in the queue for one, turns; in nanoseconds
_MOST_OWED = 0.25
_now = getattr(time, "clock_gettime", None)
_open, _read, _close = os.open, os.read, os.close
_thread_time = getattr(time, "thread_time", time.process_time)


class ThreadClocks:
    """CPU seconds that each thread used since it was last asked about.

    Where threads have no clock that can be read from outside (other systems than Linux, threads that `threading` does
    not know), what the process used besides goes to them in equal parts.
    """

    def __init__(self) -> None:
        self._main = _thread.get_ident()
        self._main_id = os.getpid()
        self._last: dict[int, float] = {}
        self._last_process = 0.0
        self._shared_out = 0.0
        self._given_up = -1
        self._paused = -1
        self._queued: dict[int, float] = {}
        self._owed = 0.0
        self.pass_over()

    def used_here(self) -> float:
        """CPU seconds of the main thread, which is the one that asks."""
        cpu = _thread_time()
        used = max(cpu - self._last.get(self._main, 0.0), 0.0)
        self._last[self._main] = cpu
        if not _IS_LINUX:
            self._last_process = time.process_time()
        return used

    def paused(self, elapsed: float, used: float) -> float:
        """Of the elapsed seconds those in which the main thread would have run, but others had its processor.

        A thread that waits gives the processor up, which the system counts; one that is interrupted does not.
        """
        has_waited = self._has_given_up()
        gap = elapsed - used
        return 0.0 if has_waited or gap < _PAUSE else gap

    def waited(self, elapsed: float, used: dict[int, float]) -> float:
        """Of the elapsed seconds those in which no thread ran or was ready to; `used` as :meth:`used` returns it.

        The system counts the time in the queue when a thread leaves it: what is found late is taken off what follows.
        The main thread is left out: while it waits our signals wake it, and only they make it ready to run.
        """
        idle = elapsed - sum(used.values())
        if idle < _PAUSE:
            return max(idle, 0.0)
        ran = [ident for ident, cpu in used.items() if cpu > 0 and ident != self._main]
        self._owed += sum(map(self._newly_queued, ran))
        taken = min(self._owed, idle)
        self._owed = min(self._owed - taken, _MOST_OWED)
        return idle - taken

    def _newly_queued(self, ident: int) -> float:
        """Seconds that a thread was ready to run but had no processor since this was last asked; 0 if unknown."""
        thread_id = _native_id(ident)
        queued = _time_queued(thread_id) if thread_id else None
        if queued is None:
            return 0.0
        before, self._queued[ident] = self._queued.get(ident, 0.0), queued
        return max(queued - before, 0.0)

    def _has_given_up(self) -> bool:
        """Whether the main thread gave its processor up since it was last asked; also where that is unknown."""
        if getrusage is None:
            return True
        before, self._given_up = self._given_up, getrusage(RUSAGE_THREAD).ru_nvcsw
        return self._given_up != before

    def pass_over(self) -> None:
        """What the main thread did since it was last asked counts for nobody: it was ours, waits for the disk too."""
        self.used_here()
        self._has_given_up()

    def were_paused(self) -> bool:
        """Whether any thread was interrupted, since it was last asked, in favour of another process."""
        if getrusage is None:
            return False
        before, self._paused = self._paused, getrusage(RUSAGE_SELF).ru_nivcsw
        return self._paused != before

    def used(self, idents: list[int]) -> dict[int, float]:
        """CPU seconds by thread; for a new thread all that it used so far."""
        found: dict[int, float] = {}
        unknown = []
        for ident in idents:
            cpu = self._read(ident)
            if cpu is None:
                unknown.append(ident)
            else:
                found[ident] = max(cpu - self._last.get(ident, 0.0), 0.0)
                self._last[ident] = cpu
        if unknown:
            rest = self._rest(found)
            found.update((ident, rest / len(unknown)) for ident in unknown)
        return found

    def _rest(self, found: dict[int, float]) -> float:
        """CPU seconds of the process that no thread's clock accounts for."""
        process = time.process_time()
        if _IS_LINUX:
            rest = max(process - sum(self._last.values()) - self._shared_out, 0.0)
            self._shared_out += rest
        else:
            rest = max(process - self._last_process - sum(found.values()), 0.0)
            self._last_process = process
        return rest

    def _read(self, ident: int) -> float | None:
        thread_id = self._main_id if ident == self._main else _native_id(ident)
        if not _IS_LINUX or _now is None or not thread_id:
            return None
        try:
            return float(_now((~thread_id << 3) | _CLOCK_OF_THREAD))
        except OSError:  # it has ended
            return None


def _time_queued(thread_id: int) -> float | None:
    """Seconds that a thread has been ready to run but had no processor; None where the system does not tell."""
    if not _IS_LINUX:
        return None
    try:
        handle = _open(_QUEUED % thread_id, os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(_read(handle, 100).split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None
    finally:
        _close(handle)


def _native_id(ident: int) -> int | None:
    """The system's id of a thread that `threading` knows."""
    threading = sys.modules.get("threading")
    thread = getattr(threading, "_active", {}).get(ident)
    found = getattr(thread, "_native_id", None)
    return found if type(found) is int else None
