"""How long old and new take: interleaved groups, the minimum within each, the median ratio, a bootstrap interval."""

from __future__ import annotations

import gc
import io
import math
import random
import resource
import sys
import time
import tracemalloc
from typing import Any, Callable, Dict, List, Tuple  # noqa: UP035 (3.9)

from . import chance
from .cases import Case, arguments_of
from .consuming import consumed
from .state import ModuleState

_Pass = List[Tuple[Any, Dict[str, Any], Dict[str, Any]]]  # noqa: UP006 (3.9)
_SHORTEST_BLOCK = 0.001
_LONGEST_BLOCK = 10
"""How many times the shortest a block of the slower side may be."""
_MOST_REPEATS, _MOST_FRESH = 20_000, 200
_WITHIN = 5
_ANY_GROUPS, _FEWEST_GROUPS, _MOST_GROUPS = 3, 7, 31
_THIS_THREAD = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
_ELSEWHERE = 0.0005
_RESAMPLES = 2000
_TAIL = 0.002
_FEW_MARGIN = 0.1
"""Added on both ends where calls are too long for many groups: three of three may agree by chance."""
_LAYOUT = 0.02
"""Equal code in another place in memory may run about this much faster or slower."""


class Stopwatch:
    """Times passes over cases in this process: garbage collection off, output thrown away."""

    def __init__(self, state: ModuleState) -> None:
        self._state = state
        self.drive = False
        """Whether calls give generators or coroutines, whose work is done while they are driven."""
        self._prepared: tuple[list[Case], _Pass] = ([], [])

    def is_alone(self, function: Callable[..., Any], cases: list[Case], fresh: bool) -> bool:
        """Whether a pass neither waits nor uses other threads or processes: its processor time says it all then.

        Of three passes one is enough: what others do on the machine disturbs now and then, what the code does always.
        """
        return any(self._was_alone(function, cases, fresh) for _ in range(3))

    def _was_alone(self, function: Callable[..., Any], cases: list[Case], fresh: bool) -> bool:
        before, others = resource.getrusage(_THIS_THREAD), resource.getrusage(resource.RUSAGE_CHILDREN)
        process, thread = time.process_time(), time.thread_time()
        self.measure(function, cases, 1, fresh, False)
        elsewhere = (time.process_time() - process) - (time.thread_time() - thread)
        after = resource.getrusage(_THIS_THREAD)
        ran_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > others.ru_utime
        return not ran_children and elsewhere < _ELSEWHERE and after.ru_nvcsw == before.ru_nvcsw

    def measure(self, function: Callable[..., Any], cases: list[Case], repeat: int, fresh: bool, on_cpu: bool) -> float:
        """Seconds per pass, of this thread's processor time or by the wall. With `fresh`, every call of every pass
        gets arguments of its own."""
        passes = [self._arguments(cases) for _ in range(repeat)] if fresh else [self._reused(cases)] * repeat
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        was_on = gc.isenabled()
        gc.disable()
        try:
            return self._passes(function, passes, time.thread_time if on_cpu else time.perf_counter) / repeat
        finally:
            if was_on:
                gc.enable()
            sys.stdout, sys.stderr = streams
            self._state.leave()

    def _reused(self, cases: list[Case]) -> _Pass:
        """Arguments that no call changes, unpickled once."""
        if self._prepared[0] != cases:
            self._prepared = (cases, self._arguments(cases))
        self._state.enter({})
        chance.seed()
        return self._prepared[1]

    def _arguments(self, cases: list[Case]) -> _Pass:
        self._state.enter({})
        chance.seed()
        return [arguments_of(case) for case in cases]

    def _passes(self, function: Callable[..., Any], passes: list[_Pass], clock: Callable[[], float]) -> float:
        clear, set_globals, drive = self._state.clear_caches, self._state.set_globals, self.drive
        started = clock()
        for calls in passes:
            clear()
            for args, kwargs, space in calls:
                if space:
                    set_globals(space)
                try:
                    result = function(*args, **kwargs)
                    if drive:
                        consumed(result)
                except Exception:
                    continue
        return clock() - started

    def peak(self, function: Callable[..., Any], cases: list[Case]) -> int:
        """Peak of traced memory above the start of one pass, bytes."""
        calls = self._arguments(cases)
        tracemalloc.start()
        try:
            self._passes(function, [calls], time.perf_counter)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            self._state.leave()


def compare_times(old: Any, new: Any, cases: list[Case], fresh: bool, budget: float) -> dict[str, float]:
    """Time both sides within about `budget` seconds, or three passes of each where a pass takes longer.

    The answer holds `before` and `after` (seconds per pass), `ratio`, and the interval `low` to `high`.
    """
    on_cpu = old.is_alone(cases, fresh) and new.is_alone(cases, fresh)
    repeats, once = _repeats(old, new, cases, fresh, on_cpu)
    within = _WITHIN if 2 * _WITHIN * once * _FEWEST_GROUPS < budget else 1
    groups: list[tuple[float, float]] = []
    end = time.perf_counter() + budget
    while len(groups) < _ANY_GROUPS or (len(groups) < _MOST_GROUPS and time.perf_counter() < end):
        groups.append(_group((old, new), repeats, cases, (fresh, on_cpu), within))
    return _summary(groups, _LAYOUT if len(groups) >= _FEWEST_GROUPS else _FEW_MARGIN)


def _repeats(old: Any, new: Any, cases: list[Case], fresh: bool, on_cpu: bool) -> tuple[list[int], float]:
    """How many passes of each side make a block that is long enough for the clock, and the mean time of a block.

    Both get as many, except where one side is so much slower that its blocks would be long for nothing.
    """
    most = _MOST_FRESH if fresh else _MOST_REPEATS
    repeats = [1, 1]
    for _ in range(2):
        times = [side.time(cases, repeat, fresh, on_cpu) for side, repeat in zip((old, new), repeats)]
        needed = [max(1, min(most, math.ceil(_SHORTEST_BLOCK / max(seconds, 1e-7)))) for seconds in times]
        repeats = [min(max(needed), _LONGEST_BLOCK * own) for own in needed]
        if repeats == [1, 1]:
            break
    return repeats, (times[0] * repeats[0] + times[1] * repeats[1]) / 2


def _group(
    sides: tuple[Any, Any], repeats: list[int], cases: list[Case], how: tuple[bool, bool], within: int
) -> tuple[float, float]:
    """The fastest block of each side, in seconds per pass, taken in turn and in random order."""
    best = [math.inf, math.inf]
    for side in sides:
        side.renew()
    dice = random.Random()
    for _ in range(within):
        for place in dice.sample((0, 1), 2):
            best[place] = min(best[place], sides[place].time(cases, repeats[place], *how))
    return best[0], best[1]


def _summary(groups: list[tuple[float, float]], margin: float) -> dict[str, float]:
    ratios = [old / max(new, 1e-9) for old, new in groups]
    low, high = bootstrap(ratios)
    return {
        "before": median([old for old, _ in groups]),
        "after": median([new for _, new in groups]),
        "ratio": median(ratios),
        "low": low / (1 + margin),
        "high": high * (1 + margin),
    }


def bootstrap(values: list[float]) -> tuple[float, float]:
    """The interval of the median over resamples of the groups."""
    dice = random.Random(len(values))
    medians = sorted(median(dice.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    place = int(_TAIL * _RESAMPLES)
    return medians[place], medians[-1 - place]


def median(values: list[float]) -> float:
    """The middle value, the mean of both for an even number."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
