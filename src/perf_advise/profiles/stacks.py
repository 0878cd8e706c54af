"""Call stacks, whole or as they open and close: own and cumulative weight, lines and callers per function."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.untrusted import number

# Far above any program; what a hostile file may cost stays bounded.
_MOST_FUNCTIONS = 400_000
_MOST_PAIRS = 250_000
_MOST_LINES = 250_000
_MOST_HELD = 2_000_000
_MOST_OPEN = 1_500_000
_MOST_TEXT = 100_000_000
_MOST_THREADS = 10_000

# Numbers of frames that are no Python function: a process, thread or mark of the tool; C code that was called;
# waiting; the interpreter at an operation. Of those on top of a function, the first that is no label counts.
LABEL, C_CODE, WAITING, OPERATION = -1, -2, -3, -4

# What a frame is: on the stack already or a label, the other three of the above, a new pair, a new function.
_NOTHING, _IN_C, _WAITS, _OPERATES, _PAIR, _FUNCTION = range(6)
_BELOW_ZERO = {LABEL: _NOTHING, C_CODE: _IN_C, WAITING: _WAITS, OPERATION: _OPERATES}


def positive(value: object) -> float:
    """The value, if it is a finite number not below 0."""
    if (weight := number(value)) < 0:
        raise damaged("a negative weight")
    return weight


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
        self._text = 0
        self.cumulative: list[float] = []
        self._own: list[float] = []
        self._waiting: dict[int, float] = {}
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
        self._text += len(frame.path) + len(frame.name)
        if len(self._own) >= _MOST_FUNCTIONS or self._text > _MOST_TEXT:
            raise ProfileError("names too many functions", "record it again")
        self._own.append(0.0)
        self.cumulative.append(0.0)
        self._numbers[frame] = len(self._own) - 1
        return len(self._own) - 1

    def count_thread(self, label: str, weight: float) -> None:
        """Add weight to a thread or process by its label."""
        is_known = len(self.threads) < _MOST_THREADS or label in self.threads
        self.threads[label if is_known else "other threads"] += weight

    def spend(self, function: int, weight: float, line: int = 0) -> None:
        """Add own weight; `total` and cumulative weights stay."""
        self._own[function] += weight
        if line > 0:
            self.add_line(function, line, weight)

    def add_line(self, function: int, line: int, weight: float) -> None:
        """Say on which line own weight was spent."""
        if len(self._lines) < _MOST_LINES or (function, line) in self._lines:
            self._lines[function, line] += weight

    def spend_in_c(self, function: int, weight: float) -> None:
        """Mark own weight that was added as spent in C code."""
        self._native[function] += weight

    def wait(self, function: int, weight: float) -> None:
        """Mark own weight that was added as no CPU time; 0 says that it is known to be CPU time."""
        self._waiting[function] = self._waiting.get(function, 0.0) + weight

    def waited(self) -> float:
        """The own weight that is known to be no CPU time."""
        return sum(self._waiting.values())

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
        for what, found, most in (("callers", self.pairs, _MOST_PAIRS), ("lines", self._lines, _MOST_LINES)):
            if len(found) >= most:
                yield f"more than {most:,} {what}: the rest is left out"

    def _costs(self, scale: float) -> Costs:
        costs = Costs()
        frames = list(self._numbers)
        for i, frame in enumerate(frames):
            own, native = self._own[i] * scale, self._native.get(i, 0.0) * scale
            cpu = max(own - self._waiting[i] * scale, 0.0) if i in self._waiting else None
            costs.add(frame, own, self.cumulative[i] * scale, cpu=cpu, native=native)
        for (i, line), weight in self._lines.items():
            costs.add_line(frames[i], line, weight * scale)
        for (caller, callee), i in self.pairs.items():
            if caller >= 0 and i:
                flow, own = self.flows[i] * scale, self.own_flows[i] * scale
                costs.add_call(frames[caller], frames[callee], flow, own=own)
        return costs


class StackWalk:
    """One thread's stack as frames open and close, with a clock that spent weight moves on.

    Work per frame does not depend on the depth, so a tree or a trace of a deep recursion stays cheap. What is
    spent in frames that are no Python functions (numbers below 0) is the own time of the function below them.
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
                kind = _BELOW_ZERO[function]
                if opened and _NOTHING < opened[-1][4] < _PAIR:
                    kind = opened[-1][4]
                opened.append((caller, at, pair, clock, kind))
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
        if len(opened) > _MOST_OPEN:
            raise damaged(f"a stack of more than {_MOST_OPEN:,} frames")

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
        if not weight:
            return
        self._totals.total += weight
        self._clock += weight
        if self._open and self._open[-1][0] >= 0:
            function, line, pair, _, kind = self._open[-1]
            self._totals.spend(function, weight, line)
            self._totals.own_flows[pair] += weight
            if kind == _IN_C:
                self._totals.spend_in_c(function, weight)
            elif kind == _WAITS:
                self._totals.wait(function, weight)


class Stacks:
    """Whole stacks of indexes into a list of places, summed up and walked in batches of bounded size."""

    def __init__(self, totals: StackTotals, places: Sequence[tuple[int, int]]) -> None:
        self._totals = totals
        self._places = places
        self._weights: dict[tuple[int, ...], float] = {}
        self._held = 0

    def add(self, stack: tuple[int, ...], weight: float) -> None:
        """Add one sample: its stack, root first."""
        if stack in self._weights:
            self._weights[stack] += weight
            return
        if self._held > _MOST_HELD:
            self.flush()
        self._weights[stack] = weight
        self._held += len(stack) + 10

    def flush(self) -> None:
        """Add what is held to the totals."""
        walk = StackWalk(self._totals)
        before: tuple[int, ...] = ()
        for stack in sorted(self._weights):  # so that stacks which begin alike follow each other
            same = 0
            for frame, other in zip(stack, before, strict=False):
                if frame != other:
                    break
                same += 1
            walk.go_to(same, [self._places[i] for i in stack[same:]])
            walk.spend(self._weights[stack])
            before = stack
        walk.go_to(0)
        self._weights.clear()
        self._held = 0
