"""A profile over the source: where its frames stand, and what each place costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_advise.hotspots.mapping import FrameMap, map_frames
from perf_advise.hotspots.matching import Place
from perf_advise.hotspots.paths import ProjectFiles
from perf_advise.hotspots.tallies import Tally, tally
from perf_advise.hotspots.weights import native_weights
from perf_advise.model.profile import Frame, FunctionCost, Profile
from perf_advise.model.pytypes import PyType


@dataclass(frozen=True, slots=True)
class Survey:
    """`weights` are own weights per frame of the profile, C code that it called included."""

    mapped: FrameMap
    tallies: Mapping[Place, Tally]
    weights: Mapping[Frame, float]

    @property
    def unmapped(self) -> tuple[FunctionCost, ...]:
        """The rows with weight of their own that fit no function."""
        return tuple(cost for cost in self.mapped.unmapped if self.weights[cost.frame] > 0)


def survey(profile: Profile, paths: Sequence[Path], root: Path, least: float) -> Survey:
    """Map and add up what lies under `paths`; files that weigh less than `least` in all are not opened."""
    native = native_weights(profile)
    weights = {cost.frame: cost.own + native.get(cost.frame, 0.0) for cost in profile.functions}
    mapped = map_frames(profile, ProjectFiles(root, paths), weights, least)
    return Survey(mapped, tally(profile.functions, profile.edges, mapped, native), weights)


def types_of(profile: Profile, frames: Iterable[Frame]) -> dict[str, PyType]:
    """The types that were seen in these frames."""
    wanted = {(frame.path, frame.name) for frame in frames}
    found = (seen.names for seen in profile.types if (seen.path, seen.qualname) in wanted)
    return {name: one for names in found for name, one in names.items()}
