"""Of everything that a run measured, what is worth keeping: the project's functions, under names of the source."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from perf_advise.hotspots.cells import in_notebooks
from perf_advise.hotspots.matching import Place
from perf_advise.hotspots.survey import Survey, survey, types_of
from perf_advise.hotspots.tallies import Tally
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes

# Less than is written, so that what hovers around that stays in the file from one recording to the next.
_LEAST = 0.002
_WORTH_A_WORD = 0.01


def project_profile(profile: Profile, root: Path) -> tuple[Profile, tuple[str, ...]]:
    """The profile of the project's own functions, paths relative to `root`, and warnings.

    Shares stay relative to everything that ran. Callers outside of the project are left out.
    """
    profile = in_notebooks(profile, [root], root)
    least = _LEAST * profile.total
    found = survey(profile, [root], root, least)
    tallies = {place: sums for place, sums in found.tallies.items() if sums.cumulative >= least}
    frames = {place: _frame(place, root) for place in tallies}
    kept = replace(
        profile,
        functions=tuple(_cost(frames[place], sums) for place, sums in tallies.items()),
        edges=tuple(_edges(tallies, frames)),
        types=tuple(_types(profile, tallies, frames)),
        hashes={
            (frame.path, frame.name): found.mapped.modules[place.path].hash_of(place) for place, frame in frames.items()
        },
    )
    nothing = () if tallies else (f"nothing of {root} ran for long: run perf-advise in the folder of the program",)
    return kept, (*found.mapped.warnings, *_unmapped(profile, found), *nothing)


def _frame(place: Place, root: Path) -> Frame:
    return Frame(place.path.relative_to(root.absolute()).as_posix(), place.qualname, place.first_line)


def _cost(frame: Frame, sums: Tally) -> FunctionCost:
    return FunctionCost(
        frame,
        own=sums.own,
        cumulative=sums.cumulative,
        calls=sums.calls,
        lines=dict(sums.lines),
        cpu=None if sums.waiting is None else sums.own - sums.waiting,
        native=sums.native,
    )


def _edges(tallies: Mapping[Place, Tally], frames: Mapping[Place, Frame]) -> Iterator[CallEdge]:
    for callee, sums in tallies.items():
        for caller, weight in sums.called_from.items():
            if caller in frames:
                yield CallEdge(frames[caller], frames[callee], weight)


def _types(profile: Profile, tallies: Mapping[Place, Tally], frames: Mapping[Place, Frame]) -> Iterator[SeenTypes]:
    for place, sums in tallies.items():
        names = types_of(profile, sums.frames)
        if names:
            yield SeenTypes(frames[place].path, frames[place].name, names)


def _unmapped(profile: Profile, found: Survey) -> Iterator[str]:
    share = sum(found.weights[cost.frame] for cost in found.unmapped) / profile.total if profile.total else 0
    if share >= _WORTH_A_WORD:
        yield f"{share:.0%} of the time was in functions that no file of the project holds"
