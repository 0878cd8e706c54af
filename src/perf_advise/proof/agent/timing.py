"""How long old and new take: interleaved groups, the minimum within each, the median ratio, a bootstrap interval."""

from __future__ import annotations

import collections
import gc
import io
import math
import random
import sys
import time
import tracemalloc
from typing import Any, Callable, Dict, List, Tuple  # noqa: UP035 (3.9)

from . import chance
from .cases import Case, arguments_of
from .consuming import consumed
from .state import ModuleState

_Pass = List[Tuple[Any, Dict[str, Any], Dict[str, Any]]]  # noqa: UP006 (3.9)
_SHORTEST_BLOCK = 0.002
_MOST_REPEATS = 20_000
_WITHIN = 3
_FEWEST_GROUPS, _MOST_GROUPS = 7, 25
_RESAMPLES = 1000
_TAIL = 0.005
_FEW_MARGIN = 0.1
"""Added on both ends where calls are too long for many groups: three of three may agree by chance."""
_LAYOUT = 0.015
"""Equal code in another place in memory may run about this much faster or slower."""


class Stopwatch:
    """Times passes over cases in this process: garbage collection off, output thrown away."""

    def __init__(self, state: ModuleState) -> None:
        self._state = state
        self.drive = False
        """Whether calls give generators or coroutines, whose work is done while they are driven."""

    def measure(self, function: Callable[..., Any], cases: list[Case], repeat: int, fresh: bool) -> float:
        """Seconds per pass. With `fresh`, every call of every pass gets arguments of its own."""
        passes = [self._arguments(cases) for _ in range(repeat)] if fresh else [self._arguments(cases)] * repeat
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        was_on = gc.isenabled()
        gc.disable()
        try:
            return self._passes(function, passes) / repeat
        finally:
            if was_on:
                gc.enable()
            sys.stdout, sys.stderr = streams
            self._state.leave()

    def _arguments(self, cases: list[Case]) -> _Pass:
        self._state.enter({})
        chance.seed()
        return [arguments_of(case) for case in cases]

    def _passes(self, function: Callable[..., Any], passes: list[_Pass]) -> float:
        clear, set_globals, drive = self._state.clear_caches, self._state.set_globals, self.drive
        clock = time.perf_counter
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
            self._passes(function, [calls])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            self._state.leave()


def compare_times(old: Any, new: Any, cases: list[Case], fresh: bool, budget: float) -> dict[str, float] | None:
    """Time both sides within about `budget` seconds; None when not even a few groups fit.

    The answer holds `before` and `after` (seconds per pass), `ratio`, and the interval `low` to `high`.
    """
    once_old, once_new = old.time(cases, 1, fresh), new.time(cases, 1, fresh)
    repeat = _repeats(min(once_old, once_new), fresh)
    if not fresh and repeat > 1:
        once_old, once_new = old.time(cases, repeat, fresh), new.time(cases, repeat, fresh)
        repeat = max(repeat, _repeats(min(once_old, once_new), fresh))
    per_group = _WITHIN * repeat * (once_old + once_new)
    groups = int(min(_MOST_GROUPS, budget / max(per_group, 1e-6)))
    if groups < _FEWEST_GROUPS:
        return _few_groups(old, new, cases, fresh, budget, once_old + once_new)
    return _summary([_group(old, new, cases, repeat, fresh, _WITHIN) for _ in range(groups)], _LAYOUT)


def _repeats(seconds: float, fresh: bool) -> int:
    most = 200 if fresh else _MOST_REPEATS
    return max(1, min(most, math.ceil(_SHORTEST_BLOCK / max(seconds, 1e-7))))


def _few_groups(
    old: Any, new: Any, cases: list[Case], fresh: bool, budget: float, once: float
) -> dict[str, float] | None:
    """Long calls: single passes in as many groups as fit, at least three."""
    groups = max(3, min(_MOST_GROUPS, int(budget / max(once, 1e-6))))
    if groups * once > 4 * budget + once * 3:
        return None
    margin = _LAYOUT if groups >= _FEWEST_GROUPS else _FEW_MARGIN
    return _summary([_group(old, new, cases, 1, fresh, 1) for _ in range(groups)], margin)


def _group(old: Any, new: Any, cases: list[Case], repeat: int, fresh: bool, within: int) -> tuple[float, float]:
    """The fastest pass of each side, taken in turn and in random order."""
    best: dict[int, float] = collections.defaultdict(lambda: math.inf)
    sides = (old, new)
    dice = random.Random()
    for _ in range(within):
        for place in dice.sample((0, 1), 2):
            best[place] = min(best[place], sides[place].time(cases, repeat, fresh))
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
