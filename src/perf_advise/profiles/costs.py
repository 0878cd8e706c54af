"""Adding up weights per frame: what every reader does with what it finds."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from perf_advise.model.profile import CallEdge, Frame, FunctionCost
from perf_advise.profiles.untrusted import number


@dataclass(slots=True)
class _Row:
    own: float = 0.0
    cumulative: float = 0.0
    calls: int | None = None
    cpu: float | None = None
    native: float = 0.0
    lines: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Flow:
    cumulative: float = 0.0
    calls: int | None = None
    own: float | None = None


class Costs:
    """Own and cumulative weight, calls, lines and callers per frame.

    Every number that enters is checked: ProfileError for NaN, infinities and what is no number.
    """

    def __init__(self) -> None:
        self._rows: dict[Frame, _Row] = {}
        self._flows: dict[tuple[Frame, Frame], _Flow] = {}

    def add(
        self,
        frame: Frame,
        own: float = 0.0,
        cumulative: float = 0.0,
        calls: int | None = None,
        cpu: float | None = None,
        native: float = 0.0,
    ) -> None:
        """Add weights to the frame's row; `calls` and `cpu` stay unknown until they are given once."""
        row = self._row(frame)
        row.own += number(own)
        row.cumulative += number(cumulative)
        row.native += number(native)
        if calls is not None:
            row.calls = (row.calls or 0) + int(number(calls))
        if cpu is not None:
            row.cpu = (row.cpu or 0.0) + number(cpu)

    def add_line(self, frame: Frame, line: int, own: float) -> None:
        """Add own weight to one line of the frame's file (its row's own weight is not changed)."""
        spent = self._row(frame).lines
        spent[line] = spent.get(line, 0.0) + number(own)

    def add_call(
        self,
        caller: Frame,
        callee: Frame,
        cumulative: float,
        calls: int | None = None,
        own: float | None = None,
    ) -> None:
        """Add weight that flowed from caller to callee, `own` being the callee's own part of it."""
        flow = self._flows.get((caller, callee))
        if flow is None:
            flow = self._flows[caller, callee] = _Flow()
        flow.cumulative += number(cumulative)
        if calls is not None:
            flow.calls = (flow.calls or 0) + int(number(calls))
        if own is not None:
            flow.own = (flow.own or 0.0) + number(own)

    def cumulative(self, frame: Frame) -> float:
        """The cumulative weight so far, 0 for an unknown frame."""
        row = self._rows.get(frame)
        return row.cumulative if row else 0.0

    def functions(self) -> tuple[FunctionCost, ...]:
        """One cost per frame, largest own weight first."""
        return tuple(sorted(self._costs(), key=lambda c: (-c.own, -c.cumulative, _order(c.frame))))

    def _costs(self) -> Iterator[FunctionCost]:
        for frame, row in self._rows.items():
            spent: Mapping[int, float] = dict(sorted(row.lines.items()))
            yield FunctionCost(frame, row.own, row.cumulative, row.calls, spent, row.cpu, row.native)

    def edges(self) -> tuple[CallEdge, ...]:
        """One edge per pair of caller and callee, in the order in which they came."""
        return tuple(CallEdge(a, b, f.cumulative, f.calls, f.own) for (a, b), f in self._flows.items())

    def total(self) -> float:
        """The sum of all own weights."""
        return math.fsum(row.own for row in self._rows.values())

    def _row(self, frame: Frame) -> _Row:
        row = self._rows.get(frame)
        if row is None:
            row = self._rows[frame] = _Row()
        return row


def _order(frame: Frame) -> tuple[str, str, int]:
    return frame.path, frame.name, frame.line or 0
