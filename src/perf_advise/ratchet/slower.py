"""Hot functions that take longer than in the profiles of the base, beyond what noise explains."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from perf_advise.hotspots import find_hot_functions
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.model.places import Span
from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.loading import load_each
from perf_advise.report.figures import percent, ratio, seconds
from perf_advise.source.text import read_source

CODE = "PA000"
NAME = "slower-than-base"

_ONE_RUN = 1.25
"""With one run a side, what runs of the same program differ by; with more, they say so themselves."""
_MORE_RUNS = 1.05
_SIGMAS = 4.0
_SHARE_STEP = 0.01
"""Our own profiles round shares to this."""

Key = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class _Run:
    """One profile: own time by function, in seconds or as shares, and how finely it can tell."""

    times: Mapping[Key, float]
    step: float
    sample: float
    """What one sample stands for; 0 where the tool does not sample, or does not say."""


def slower_functions(hot: Sequence[HotFunction], options: Options, base_profiles: Sequence[str]) -> Iterator[Finding]:
    """A finding for each of the functions whose own time grew by more than noise.

    `base_profiles` are files, folders and globs; several a side are runs of their own, whose spread is the noise.
    Raises UserError for profiles that cannot be read.
    """
    paths = options.profiles or (str(options.root / ".perf-advise" / "profile.json"),)
    profiles = [load_each([Path(p) for p in names]) for names in (base_profiles, paths)]
    in_seconds = all(_seconds(profile) for side in profiles for profile in side)
    before, now = ([_run(profile, hot, options, in_seconds) for profile in side] for side in profiles)
    if not before or not now:
        raise UserError("the profiles to compare measure no time", "record them with `perf-advise record`")
    for function in hot:
        key = (function.path, function.qualname)
        # Functions that no profile of the base has are new, and new ones are not slower.
        if function.own < options.hot or not any(key in run.times for run in before):
            continue
        old, new = ([run.times.get(key, 0.0) for run in side] for side in (before, now))
        noise = _noise(old, new, before, now)
        if noise is not None:
            yield _finding(function, median(old), median(new), noise, in_seconds)


def _seconds(profile: Profile) -> float | None:
    return profile.total if profile.unit is Unit.SECONDS else profile.seconds


def _run(profile: Profile, hot: Sequence[HotFunction], options: Options, in_seconds: bool) -> _Run:
    whole = (_seconds(profile) or 1.0) if in_seconds else 1.0
    files = sorted({function.path for function in hot})
    found = find_hot_functions(profile, files, options.root, 0.0).functions if files else ()
    samples = profile.total if profile.unit is Unit.SAMPLES else 0.0
    return _Run(
        {(f.path, f.qualname): f.own * whole for f in found},
        _SHARE_STEP * whole if profile.hashes else 0.0,
        whole / samples if samples else 0.0,
    )


def _noise(old: Sequence[float], new: Sequence[float], before: Sequence[_Run], now: Sequence[_Run]) -> float | None:
    """The ratio up to which a difference would be noise; None when this one is no more than that."""
    low, high = min(new), max(old)
    least = _MORE_RUNS if len(old) > 1 and len(new) > 1 else _ONE_RUN
    step = max(run.step for run in (*before, *now))
    sample = max(run.sample for run in (*before, *now))
    # The number of samples in a function is Poisson's: its spread is the root of it.
    chance = _SIGMAS * (sample * (low + high)) ** 0.5
    bound = high * least + step + chance
    if low <= bound:
        return None
    return bound / high if high > 0 else least


def _finding(function: HotFunction, old: float, new: float, noise: float, in_seconds: bool) -> Finding:
    figure = seconds if in_seconds else percent
    times = ratio(new / old) if old > 0 else "more"
    message = (
        f"{function.qualname} takes {figure(new)} of its own, {figure(old)} at the base: {times}, where noise explains"
    )
    file = read_source(function.path)
    number = file.lines.line_of(file.offset_of_line(function.line))
    span = Span(file.lines.start_of(number), file.lines.content_end(number))
    return Finding(
        code=CODE,
        name=NAME,
        message=f"{message} {ratio(noise)}",
        path=function.path,
        start=file.location(span.start),
        end=file.location(span.end),
        function=function,
        span=span,
    )
