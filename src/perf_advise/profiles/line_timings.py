"""A line profile (line_profiler's, dumped or printed) as a `Profile`."""

from collections.abc import Iterable
from dataclasses import dataclass

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged

_INCLUSIVE = (
    "line_profiler counts what a line calls as time of the line: own times include callees, "
    "and shares are relative to the sum of the profiled functions"
)


@dataclass(frozen=True, slots=True)
class TimedFunction:
    """Seconds per line of one function; `seconds` is their sum as exactly as the file tells it."""

    frame: Frame
    lines: tuple[tuple[int, float], ...]
    seconds: float


def line_profile(functions: Iterable[TimedFunction]) -> Profile:
    """The profile; a function's own and cumulative time are both the sum of its lines."""
    costs = Costs()
    for function in functions:
        costs.add(function.frame, function.seconds, function.seconds)
        for line, seconds in function.lines:
            costs.add_line(function.frame, line, seconds)
    rows = costs.functions()
    if not rows:
        raise damaged("no functions")
    return Profile(
        tool="line_profiler",
        unit=Unit.SECONDS,
        total=costs.total(),
        functions=rows,
        clock="wall",
        warnings=(_INCLUSIVE,),
    )
