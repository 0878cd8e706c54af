"""Runs one case on one side: fresh arguments, the run's globals, the same random state, everything watched."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import chance
from .capture import Shown
from .cases import Case, arguments_of, keeping
from .consuming import consumed
from .elsewhere import Elsewhere
from .guard import Guard
from .held import mutable_parts, no_longer_held
from .outcomes import Outcome
from .settings import Settings
from .state import ModuleState


class TimeIsUp(BaseException):
    """The call took longer than it may."""


LOADED = 3.0
"""What takes so many times longer by the wall than it may has had its time, however busy the machine is."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp inside after `seconds`; repeated, should the code swallow it.

    Code that others on the machine kept waiting gets longer: up to `LOADED` times that by the wall.
    """
    worked, end = time.process_time() + seconds / 2, time.monotonic() + LOADED * seconds

    def stop(signum: int, frame: Any) -> None:
        if time.process_time() > worked or time.monotonic() > end:
            raise TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.01), 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Runner:
    """Runs cases of one module under one guard."""

    def __init__(self, state: ModuleState, elsewhere: Elsewhere, guard: Guard) -> None:
        self._state, self._elsewhere, self._guard = state, elsewhere, guard

    def run(self, function: Callable[..., Any], case: Case, limit: float, keeps_caches: bool = False) -> Outcome:
        """Call `function` with the case's arguments; what cannot even be set up is `not replayed`."""
        try:
            args, kwargs, space = arguments_of(case)
        except Exception as error:
            return Outcome("not replayed", value=f"its arguments cannot be unpickled ({error})"[:200])
        self._state.enter(space, keeps_caches)
        held = mutable_parts((args, kwargs, *space.values()))
        outcome = self._call(function, args, kwargs, limit)
        outcome.space, outcome.classes = self._state.leave()
        outcome.held = no_longer_held(held, (args, kwargs, *outcome.space.values()))
        outcome.left.update(self._elsewhere.changes())
        return outcome

    def _call(self, function: Callable[..., Any], args: Any, kwargs: Any, limit: float) -> Outcome:
        placeholder = keeping().Placeholder
        placeholder.used.clear()
        before = chance.seed()
        shown, settings = Shown(self._guard.note), Settings()
        self._guard.watch()
        started = time.perf_counter()
        try:
            with shown, time_limit(limit):
                outcome = Outcome("returned", settings.run(lambda: consumed(function(*args, **kwargs))))
        except TimeIsUp:
            outcome = Outcome("did not end", f"did not end within {limit:.3g} s")
        except BaseException as error:
            outcome = Outcome("raised", error)
        outcome.seconds = time.perf_counter() - started
        outcome.noted, outcome.missing = self._guard.rest(), list(placeholder.used)
        drawn = chance.drawn(before)
        outcome.drew, outcome.left = bool(drawn), {**settings.changed, **drawn}
        outcome.args, outcome.kwargs, outcome.shown = args, kwargs, _texts(shown)
        return outcome


def _texts(shown: Shown) -> dict[str, Any]:
    return {
        "stdout": shown.stdout,
        "stderr": shown.stderr,
        "warned": shown.warned,
        "logged": shown.logged,
    }
