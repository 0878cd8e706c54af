"""Adding up what belongs to one function: its own frames, lambdas and comprehensions, C code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from perf_advise.hotspots.mapping import FrameMap
from perf_advise.hotspots.matching import Place
from perf_advise.hotspots.names import fits, is_anonymous
from perf_advise.model.profile import CallEdge, Frame, FunctionCost


@dataclass(slots=True)
class Tally:
    """Weights of one place, in the profile's unit.

    `callers` and `callees` go by name and hold what is outside of the project too; `called_from` by place.
    `waiting` is None where the profile does not keep wall time and CPU apart. `counted` is how often the profiler
    was called for it: for each of its calls, and for each that it made.
    """

    own: float = 0.0
    native: float = 0.0
    waiting: float | None = None
    calls: int | None = None
    counted: int = 0
    lines: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    callers: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    callees: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    called_from: dict[Place, float] = field(default_factory=lambda: defaultdict(float))
    frames: list[Frame] = field(default_factory=list)
    _by_path: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def cumulative(self) -> float:
        """The largest of each path, where frames call each other, summed over paths: other machines' runs."""
        return sum(max(own, largest) for own, largest in self._by_path.values())

    def add(self, cost: FunctionCost, place: Place, native: float) -> None:
        """Add a row of the profile, and the C code that it called."""
        own = cost.own + native
        self.own += own
        self.native += cost.native + native
        if cost.cpu is not None:
            self.waiting = (self.waiting or 0.0) + max(cost.own - cost.cpu, 0.0)
        self._widen(cost.frame.path, own, cost.cumulative)
        self.frames.append(cost.frame)
        self.counted += cost.calls or 0
        if cost.calls is not None and (cost.frame.name == place.qualname or fits(cost.frame.name, place.qualname)):
            self.calls = (self.calls or 0) + cost.calls
        self._add_lines(cost, place)

    def add_lines(self, cost: FunctionCost, lines: Mapping[int, float]) -> None:
        """Add lines of a tool that knows no functions."""
        weight = sum(lines.values())
        self.own += weight
        self._widen(cost.frame.path, weight, weight)
        for line, value in lines.items():
            self.lines[line] += value

    def _widen(self, path: str, own: float, cumulative: float) -> None:
        before, largest = self._by_path.get(path, (0.0, 0.0))
        self._by_path[path] = (before + own, max(largest, cumulative))

    def _add_lines(self, cost: FunctionCost, place: Place) -> None:
        first = cost.frame.line
        known = first is not None and not is_anonymous(cost.frame.name) and place.qualname == cost.frame.name
        shift = place.first_line - first if known and first is not None else 0
        for line, value in cost.lines.items():
            if place.first_line <= line + shift <= place.end_line:
                self.lines[line + shift] += value


def tally(
    costs: Iterable[FunctionCost], edges: Iterable[CallEdge], mapped: FrameMap, native: Mapping[Frame, float]
) -> Mapping[Place, Tally]:
    """What every place costs, called and was called by."""
    tallies: dict[Place, Tally] = defaultdict(Tally)
    for cost in costs:
        place = mapped.places.get(cost.frame)
        if place is not None:
            tallies[place].add(cost, place, native.get(cost.frame, 0.0))
    for cost, places in mapped.lines:
        for place, lines in places.items():
            tallies[place].add_lines(cost, lines)
    _add_calls(tallies, edges, mapped.places)
    return tallies


def _add_calls(tallies: Mapping[Place, Tally], edges: Iterable[CallEdge], places: Mapping[Frame, Place]) -> None:
    for edge in edges:
        caller, callee = places.get(edge.caller), places.get(edge.callee)
        if caller is not None:
            tallies[caller].counted += edge.calls or 0
        if caller == callee:
            continue
        if callee is not None:
            tallies[callee].callers[caller.qualname if caller else edge.caller.name] += edge.cumulative
            if caller is not None:
                tallies[callee].called_from[caller] += edge.cumulative
        if caller is not None:
            tallies[caller].callees[callee.qualname if callee else edge.callee.name] += edge.cumulative
