"""Call stacks, whole or as they open and close: own and cumulative weight, lines and callers per function."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.untrusted import number

# Far above any program; what a hostile file may cost stays bounded.
_MOST_FUNCTIONS = 400_000
_MOST_PAIRS = 250_000
_MOST_LINES = 250_000

# What a frame counts to when it closes: nothing (open below, too), the pair only, function and pair.
_NOTHING, _PAIR, _FUNCTION = range(3)


class _Pairs(dict[tuple[int, int], int]):
    """The place of each pair of caller (-1: none) and callee in the lists of flows; 0 when there are too many."""

    def __init__(self, flows: list[float], own_flows: list[float]) -> None:
        self._flows = flows
        self._own_flows = own_flows

    def __missing__(self, pair: tuple[int, int]) -> int:
        if len(self) >= _MOST_PAIRS:
            return 0
        self._flows.append(0.0)
        self._own_flows.append(0.0)
        self[pair] = len(self._flows) - 1
        return len(self._flows) - 1


class StackTotals:
    """Sums over stacks of function numbers; a number stands for a frame.

    A function that is on a stack several times (recursion) gets the stack's weight as cumulative once, and so
    does a pair of caller and callee. Weights are added in the file's unit and scaled at the end.
    """

    def __init__(self) -> None:
        self.total = 0.0
        self.threads: defaultdict[str, float] = defaultdict(float)
        self._numbers: dict[Frame, int] = {}
        self.cumulative: list[float] = []
        self._own: list[float] = []
        self._cpu: dict[int, float] = {}
        self._native: defaultdict[int, float] = defaultdict(float)
        self._lines: defaultdict[tuple[int, int], float] = defaultdict(float)
        self.flows: list[float] = [0.0]
        self.own_flows: list[float] = [0.0]
        self.pairs = _Pairs(self.flows, self.own_flows)

    def number(self, frame: Frame) -> int:
        """The number that stands for the frame."""
        known = self._numbers.get(frame)
        if known is not None:
            return known
        if len(self._own) >= _MOST_FUNCTIONS:
            raise ProfileError(f"names more than {_MOST_FUNCTIONS:,} functions", "record it again")
        self._own.append(0.0)
        self.cumulative.append(0.0)
        self._numbers[frame] = len(self._own) - 1
        return len(self._own) - 1

    def add(self, stack: Sequence[int], weight: float, line: int = 0) -> None:
        """Add one sample: a stack, root first, and the current line of its last function (0: unknown)."""
        self.total += weight
        if stack:
            self.spend(stack[-1], weight, line)
            self._flow(stack, weight)

    def spend(self, function: int, weight: float, line: int = 0) -> None:
        """Add own weight; `total` and cumulative weights stay."""
        self._own[function] += weight
        if line > 0 and (len(self._lines) < _MOST_LINES or (function, line) in self._lines):
            self._lines[function, line] += weight

    def spend_in_c(self, function: int, weight: float) -> None:
        """Mark own weight that was added as spent in C code."""
        self._native[function] += weight

    def spend_on_cpu(self, function: int, weight: float) -> None:
        """Mark own weight that was added as CPU time; once this is known of one function, it is of all."""
        self._cpu[function] = self._cpu.get(function, 0.0) + weight

    def _flow(self, stack: Sequence[int], weight: float) -> None:
        for function in set(stack):
            self.cumulative[function] += weight
        for pair in set(pairwise(stack)):
            self.flows[self.pairs[pair]] += weight
        if len(stack) > 1:
            self.own_flows[self.pairs[stack[-2], stack[-1]]] += weight

    def profile(
        self,
        tool: str,
        unit: Unit,
        scale: float = 1.0,
        *,
        seconds: float | None = None,
        clock: Literal["wall", "cpu", ""] = "",
        command: str = "",
        python: str = "",
        sources: Mapping[str, str] | None = None,
        warnings: Sequence[str] = (),
    ) -> Profile:
        """The sums, times `scale`. ProfileError if they are not finite."""
        costs = self._costs(scale)
        return Profile(
            tool=tool,
            unit=unit,
            total=number(self.total * scale),
            functions=costs.functions(),
            edges=costs.edges(),
            seconds=seconds,
            clock=clock,
            command=command,
            python=python,
            sources=sources or {},
            warnings=(*warnings, *self._warnings()),
            threads={name: weight * scale for name, weight in self.threads.items()},
        )

    def _warnings(self) -> Iterator[str]:
        if len(self.pairs) >= _MOST_PAIRS:
            yield f"more than {_MOST_PAIRS:,} pairs of caller and callee: the rest is left out"
        if len(self._lines) >= _MOST_LINES:
            yield f"more than {_MOST_LINES:,} lines: the rest is left out"

    def _costs(self, scale: float) -> Costs:
        costs = Costs()
        frames = list(self._numbers)
        for i, frame in enumerate(frames):
            cpu = self._cpu.get(i, 0.0) * scale if self._cpu else None
            native = self._native.get(i, 0.0) * scale
            costs.add(frame, self._own[i] * scale, self.cumulative[i] * scale, cpu=cpu, native=native)
        for (i, line), weight in self._lines.items():
            costs.add_line(frames[i], line, weight * scale)
        for (caller, callee), i in self.pairs.items():
            if caller >= 0 and i:
                flow, own = self.flows[i] * scale, self.own_flows[i] * scale
                costs.add_call(frames[caller], frames[callee], flow, own=own)
        return costs


class StackWalk:
    """One thread's stack as frames open and close, with a clock that spent weight moves on.

    Work per frame does not depend on the depth, so a tree or a trace of a deep recursion stays cheap. Numbers
    below 0 are no functions: they take a place on the stack, and what is spent there is the function's below.
    """

    def __init__(self, totals: StackTotals) -> None:
        self._totals = totals
        self._clock = 0.0
        # per frame: function, line, pair and whether it recurs (all of the function below for no function),
        # the clock when it opened, and what it counts to when it closes
        self._open: list[tuple[int, int, int, float, int]] = []
        self._first: dict[int, int] = {}
        self._again: set[int] = set()

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, function: int, line: int = 0) -> None:
        """Open a frame on top of what is open; `line` is the line it stands at (0: unknown)."""
        self.go_to(len(self._open), ((function, line),))

    def leave(self) -> None:
        """Close the innermost frame."""
        self.go_to(len(self._open) - 1)

    def go_to(self, keep: int, frames: Iterable[tuple[int, int]] = ()) -> None:
        """Close all but the outermost `keep` frames, then open `frames`: functions with their lines."""
        opened, first, clock, pairs = self._open, self._first, self._clock, self._totals.pairs
        if len(opened) > keep:
            self._close(keep)
        caller, at, pair = opened[-1][:3] if opened else (-1, 0, -1)
        for function, line in frames:
            if function < 0:
                opened.append((caller, at, pair, clock, _NOTHING))
                continue
            pair, caller, at = pairs[caller, function], function, line
            if function not in first:
                first[function] = pair
                opened.append((function, line, pair, clock, _FUNCTION))
            elif pair == first[function] or pair in self._again:
                opened.append((function, line, pair, clock, _NOTHING))
            else:
                self._again.add(pair)
                opened.append((function, line, pair, clock, _PAIR))

    def _close(self, keep: int) -> None:
        """Give the weight since a frame opened to its function and pair, once for those that recur."""
        clock, first, pop = self._clock, self._first, self._open.pop
        cumulative, flows = self._totals.cumulative, self._totals.flows
        for _ in range(len(self._open) - keep):
            function, _, pair, since, count = pop()
            if count == _FUNCTION:
                del first[function]
                cumulative[function] += clock - since
                flows[pair] += clock - since
            elif count == _PAIR:
                self._again.remove(pair)
                flows[pair] += clock - since

    def spend(self, weight: float) -> None:
        """Spend own weight of the innermost function; without one it counts to the total only."""
        self._totals.total += weight
        self._clock += weight
        if self._open and self._open[-1][0] >= 0:
            function, line, pair, _, _ = self._open[-1]
            self._totals.spend(function, weight, line)
            self._totals.own_flows[pair] += weight
