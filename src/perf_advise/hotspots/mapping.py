"""Where the frames of a profile stand in the project: placed, unmapped, or none of the project's business."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perf_advise.hotspots.matching import Matcher, Place, SourceModule
from perf_advise.hotspots.paths import Candidate, ProjectFiles, is_library, is_nowhere, normalise
from perf_advise.hotspots.weights import callers_by_frame, costs_by_path
from perf_advise.model.errors import UserError
from perf_advise.model.profile import Frame, FunctionCost, Profile
from perf_advise.source.text import read_source

# One name in more files than this (`__init__.py` without its folder) says too little to open them all.
_MOST_CANDIDATES = 20


@dataclass(slots=True)
class FrameMap:
    """What became of the frames; `lines` splits rows of tools that know lines only."""

    places: dict[Frame, Place] = field(default_factory=dict)
    lines: list[tuple[FunctionCost, dict[Place, dict[int, float]]]] = field(default_factory=list)
    unmapped: list[FunctionCost] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    modules: dict[Path, SourceModule] = field(default_factory=dict)


def map_frames(profile: Profile, files: ProjectFiles, weights: Mapping[Frame, float], least: float) -> FrameMap:
    """Place the frames of every path of the profile that weighs at least `least`, in the profile's unit.

    `weights` are own weights per frame, C code included. Files that cannot be read give a warning.
    """
    by_path = costs_by_path(profile.functions)
    hot = {path: costs for path, costs in by_path.items() if _weighs(costs, weights, least)}
    mapper = _Mapper(profile, files)
    return mapper.map(hot)


def _weighs(costs: Sequence[FunctionCost], weights: Mapping[Frame, float], least: float) -> bool:
    own = sum(weights[cost.frame] for cost in costs)
    return (own > 0 and own >= least) or any(cost.cumulative >= least for cost in costs)


class _Mapper:
    def __init__(self, profile: Profile, files: ProjectFiles) -> None:
        self._files = files
        self._callers = callers_by_frame(profile.edges)
        self._is_qualified = any("." in cost.frame.name for cost in profile.functions if not cost.frame.is_native)
        self._result = FrameMap()
        self._unreadable: set[Path] = set()

    def map(self, by_path: Mapping[str, Sequence[FunctionCost]]) -> FrameMap:
        candidates = {path: self._files.candidates(path) for path in by_path}
        trusted = {self._files.root} | {
            c.prefix for found in candidates.values() for c in found if c.prefix and c.agreeing > 1
        }
        for path, costs in by_path.items():
            found = candidates[path]
            if not found:
                self._result.unmapped.extend(c for c in costs if _is_missing(c.frame, trusted))
            elif any(self._files.is_wanted(c.path) for c in found):
                self._place(costs, found, trusted)
        return self._result

    def _place(self, costs: Sequence[FunctionCost], found: Sequence[Candidate], trusted: Iterable[str]) -> None:
        modules = self._modules(found)
        matcher = Matcher(modules, costs, self._callers, self._is_qualified)
        if not modules or not _is_believable(matcher, found, set(trusted)):
            if any(candidate.is_whole for candidate in found):  # else only the end of its path is alike
                self._result.unmapped.extend(costs)
            return
        for cost in costs:
            if not cost.frame.name:
                self._place_lines(cost, matcher)
            elif (place := matcher.place(cost.frame)) is None:
                self._result.unmapped.append(cost)
            elif self._files.is_wanted(place.path):
                self._result.places[cost.frame] = place

    def _place_lines(self, cost: FunctionCost, matcher: Matcher) -> None:
        lines = cost.lines or ({cost.frame.line: cost.own} if cost.frame.line else {})
        places = matcher.places_of_lines(lines)
        if places:
            self._result.lines.append((cost, places))
        else:
            self._result.unmapped.append(cost)

    def _modules(self, found: Sequence[Candidate]) -> list[SourceModule]:
        if len(found) > _MOST_CANDIDATES:
            return []
        modules = [self._module(candidate.path) for candidate in found]
        return [module for module in modules if module is not None]

    def _module(self, path: Path) -> SourceModule | None:
        if path not in self._result.modules and path not in self._unreadable:
            try:
                self._result.modules[path] = SourceModule(read_source(path))
            except UserError as error:
                self._unreadable.add(path)
                self._result.warnings.append(str(error))
        return self._result.modules.get(path)


def _is_missing(frame: Frame, trusted: Iterable[str]) -> bool:
    """Whether a frame without a file is the project's: code without a file, or a file that is gone."""
    path = normalise(frame.path)
    below = any(prefix and path.startswith(prefix + "/") for prefix in trusted)
    return is_nowhere(frame) or (below and not is_library(path))


def _is_believable(matcher: Matcher, found: Sequence[Candidate], trusted: set[str]) -> bool:
    """Whether the files are the profiled ones: enough of the path agrees, or else the names in them do."""
    if all(c.is_whole and (c.agreeing > 1 or c.prefix in trusted) for c in found):
        return True
    wanted, known, same = matcher.evidence()
    if not wanted:
        return len(found) == 1 and found[0].prefix != ""
    return known * 2 >= wanted and (known > 1 or same > 0)
