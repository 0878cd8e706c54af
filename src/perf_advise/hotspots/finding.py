"""The hot functions of a profile, and every function where there is none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_advise.hotspots.cells import in_notebooks
from perf_advise.hotspots.event_loop import waiting_unseen
from perf_advise.hotspots.mapping import FrameMap
from perf_advise.hotspots.matching import Place, SourceModule
from perf_advise.hotspots.slowing import slowing
from perf_advise.hotspots.survey import survey, types_of
from perf_advise.hotspots.tallies import Tally
from perf_advise.model.hot import HotFunction
from perf_advise.model.profile import Frame, FunctionCost, Profile, Unit
from perf_advise.source.text import SourceFile


@dataclass(frozen=True, slots=True)
class HotResult:
    """The hot functions, hottest first (own, then cumulative), and what of the profile fitted no function.

    `unmapped_share` is the share of the profile that `unmapped` has as its own. `warnings` are one-liners
    about files that could not be read, and about time that no function shows. `files` are those that were opened, so
    that they are parsed once.
    """

    functions: tuple[HotFunction, ...]
    unmapped: tuple[FunctionCost, ...] = ()
    unmapped_share: float = 0.0
    warnings: tuple[str, ...] = ()
    files: tuple[SourceFile, ...] = ()


def find_hot_functions(profile: Profile, paths: Sequence[Path], root: Path, threshold: float) -> HotResult:
    """The functions under `paths` whose own or cumulative share of the profile is at least `threshold`.

    `root` is the project root, below which paths of the profile are looked for by their longest suffix. Only
    files that the profile names are opened. What fits no function, or several, is in `unmapped`.
    """
    profile = in_notebooks(profile, paths, root)
    least = threshold * profile.total
    found = survey(profile, paths, root, least)
    builder = _Builder(profile, found.mapped)
    hot = [builder.build(place, sums) for place, sums in found.tallies.items() if _costs(sums) >= least]
    lost = builder.share(sum(found.weights[cost.frame] for cost in found.unmapped))
    files = tuple(module.file for module in found.mapped.modules.values())
    warnings = (*found.mapped.warnings, *filter(None, [waiting_unseen(profile)]))
    return HotResult(tuple(sorted(hot, key=_hottest_first)), found.unmapped, lost, warnings, files)


def all_functions(files: Iterable[SourceFile]) -> Iterator[HotFunction]:
    """Every function and the top-level code of each file, to try rules without a profile; shares are 0."""
    for file in files:
        module = SourceModule(file)
        for place in (module.top, *module.functions):
            yield HotFunction(
                place.path,
                place.qualname,
                place.line,
                place.first_line,
                place.end_line,
                own=0.0,
                cumulative=0.0,
            )


def _costs(sums: Tally) -> float:
    return sums.cumulative or -1.0


def _hottest_first(function: HotFunction) -> tuple[float, float, str, int]:
    return -function.own, -function.cumulative, str(function.path), function.first_line


class _Builder:
    def __init__(self, profile: Profile, mapped: FrameMap) -> None:
        self._profile = profile
        self._mapped = mapped
        self._slowed = slowing(profile)

    def share(self, weight: float) -> float:
        """The weight as a share of the whole, within [0, 1]."""
        total = self._profile.total
        return min(max(weight / total, 0.0), 1.0) if total > 0 else 0.0

    def build(self, place: Place, sums: Tally) -> HotFunction:
        return HotFunction(
            place.path,
            place.qualname,
            place.line,
            place.first_line,
            place.end_line,
            own=self.share(sums.own),
            cumulative=self.share(sums.cumulative),
            seconds=self._seconds(sums.own),
            cumulative_seconds=self._seconds(sums.cumulative),
            calls=sums.calls,
            lines={line: self.share(weight) for line, weight in sorted(sums.lines.items())},
            callers=self._shares(sums.callers),
            callees=self._shares(sums.callees),
            native=self.share(sums.native),
            waiting=self.share(sums.waiting or 0.0),
            unit=self._profile.unit,
            types=types_of(self._profile, sums.frames),
            stale=self._is_stale(place, sums.frames),
            frames=tuple(dict.fromkeys(sums.frames)),
            counted=sums.counted,
            slowed=self._slowed,
        )

    def _seconds(self, weight: float) -> float | None:
        if self._profile.unit is Unit.SECONDS:
            return weight
        has_rate = self._profile.unit.is_time and self._profile.seconds is not None
        return self.share(weight) * self._profile.seconds if has_rate and self._profile.seconds else None

    def _shares(self, weights: Mapping[str, float]) -> dict[str, float]:
        shares = ((name, self.share(weight)) for name, weight in weights.items())
        return dict(sorted(shares, key=lambda item: (-item[1], item[0])))

    def _is_stale(self, place: Place, frames: Iterable[Frame]) -> bool:
        """Whether the text is known to have changed: by its hash, or by the source in the profile."""
        module = self._mapped.modules[place.path]
        for frame in frames:
            recorded = self._profile.hashes.get((frame.path, frame.name))
            if recorded is not None:
                return recorded != module.hash_of(place)
            source = self._profile.sources.get(frame.path)
            if source is not None:
                return not module.is_within(place, source)
        return False
