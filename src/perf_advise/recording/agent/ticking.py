"""What makes the sampler tick: an interval timer's signal, or a thread."""

from __future__ import annotations

import _thread
import os
import sys
import time

from . import lifecycle, signals
from .sampler import Sampler

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

_WATCH = 0.02
_sleep = time.sleep
_HERE = os.path.dirname(__file__)


def start(settings: dict[str, str]) -> None:
    """Sample from here to the end of the process."""
    lifecycle.start()
    ticker = Ticker(Sampler(settings["scratch"], settings["root"]))
    lifecycle.on_end(ticker.stop)
    lifecycle.on_fork(ticker.restart)
    lifecycle.on_exec(ticker.stop, ticker.resume)
    ticker.resume()


class Ticker:
    """Ticks by signal while it may, by thread from the moment the program wants the signal for itself.

    Once the program has threads of its own, one of ours watches: a main thread that waits in C code does not
    tick.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._may_signal = bool(signals.SIGALRM)
        self._is_running = False
        self._is_watched = False
        self._threads = 0

    def resume(self) -> None:
        """Start ticking."""
        self._is_running = True
        self._may_signal = self._may_signal and signals.take(signals.SIGALRM, self._alarm)
        if self._may_signal:
            signals.on_alarm_used(self._leave_signal)
            signals.alarm_after(self._sampler.delay())
        else:
            self._start(self._tick_by_thread)

    def stop(self) -> None:
        """Stop ticking, and write."""
        self._is_running = False
        self._disarm()
        signals.let_sleep()
        self._sampler.write()

    def restart(self) -> None:
        """In a forked child, which has neither the timer nor the threads of its parent."""
        self._is_watched = False
        self._sampler.begin()
        if self._is_running and self._may_signal:
            signals.alarm_after(self._sampler.delay())
        elif self._is_running:
            signals.stay_awake()
            self._start(self._tick_by_thread)

    def _alarm(self, signum: int, frame: FrameType | None) -> None:
        if not self._is_running:
            return
        while frame is not None and frame.f_code.co_filename.startswith(_HERE):
            frame = frame.f_back  # the last tick was still ending
        try:
            self._sampler.tick(frame)
            if not self._is_watched and self._sampler.has_threads():
                self._is_watched = True
                self._start(self._watch)
        except Exception:
            if not _is_ours(sys.exc_info()[2]):
                raise  # a signal handler of the program ran in between, and raised
        finally:
            if self._is_running and self._may_signal:
                signals.alarm_after(self._sampler.delay())

    def _leave_signal(self) -> None:
        """The program wants SIGALRM: leave it alone from here on."""
        self._disarm()
        self._may_signal = False
        if self._is_running:
            self._start(self._tick_by_thread)

    def _disarm(self) -> None:
        if self._may_signal:
            signals.alarm_after(0)
            if _thread.get_ident() == self._sampler.main:
                signals.give_back(signals.SIGALRM)

    def _start(self, loop: Callable[[int], None]) -> None:
        self._threads += 1
        _thread.start_new_thread(loop, (self._threads,))

    def _watch(self, number: int) -> None:
        """Tick whenever the main thread does not."""
        self._sampler.add_helper()
        while self._is_running and self._may_signal and self._threads == number:
            _sleep(_WATCH)
            if self._sampler.is_stalled():
                self._sampler.tick(None)

    def _tick_by_thread(self, number: int) -> None:
        self._sampler.add_helper()
        while self._is_running and self._threads == number:
            _sleep(self._sampler.delay())
            self._sampler.tick(None)


def _is_ours(traceback: TracebackType | None) -> bool:
    """Whether the innermost code that raised is ours."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is None or traceback.tb_frame.f_code.co_filename.startswith(_HERE)
