"""Sums over many stacks that are given as text, root first, frames divided by semicolons.

Work per frame is one step of loops that Python has in C: into a list of numbers, a set of functions, a set of pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile

from perf_advise.profiles.collapsed_dialect import Dialect, decoded
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import is_label, parse
from perf_advise.profiles.perf_frames import c_frame, is_interpreter
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import C_CODE, LABEL, OPERATION, WAITING, StackTotals
from perf_advise.profiles.streams import MIB

_MOST_FRAME_TEXTS = 24 * MIB
_MOST_FRAMES = 1_500_000
_MOST_HELD = 200_000
_NO_FUNCTIONS = frozenset((LABEL, C_CODE, WAITING, OPERATION))


class Frames(dict[bytes, int]):
    """The number of each frame's text, below 0 for what is no Python function; `lines` has the current lines."""

    def __init__(self, totals: StackTotals, dialect: Dialect) -> None:
        self.lines: dict[bytes, int] = {}
        self.has_files = False
        self.interprets = False
        self._size = 0
        self._places = Places(totals, dialect.has_first_lines)
        self._is_perf = dialect.is_perf
        self._is_austin = dialect.is_austin

    def __missing__(self, text: bytes) -> int:
        self._size += len(text) + 150
        if self._size > _MOST_FRAME_TEXTS:
            self.clear()
            self.lines.clear()
            self._size = 0
        self[text], self.lines[text] = self._place(decoded(text))
        return self[text]

    def _place(self, text: str) -> tuple[int, int]:
        if is_label(text) and (self._is_austin or text[0] not in "PT"):  # austin's are short enough for a name
            return LABEL, 0
        frame = parse(text)
        if not frame.path and (self._is_perf or is_interpreter(frame.name)):
            self.interprets = self.interprets or is_interpreter(frame.name)
            return c_frame(frame.name), 0
        self.has_files = self.has_files or frame.path != ""
        return self._places.place(frame)


class TextStacks:
    """Adds stacks to totals: functions and pairs of caller and callee once per stack, however often they recur."""

    def __init__(self, totals: StackTotals, frames: Frames) -> None:
        self._totals = totals
        self._frames = frames
        self._pairs: Counter[tuple[int, int]] = Counter()
        self._recurring: Counter[int] = Counter()
        self._recurring_pairs: Counter[tuple[int, int]] = Counter()
        self._ends: defaultdict[bytes, int] = defaultdict(int)
        self._end_pairs: defaultdict[tuple[int, int], int] = defaultdict(int)

    def add(self, texts: Mapping[bytes, float]) -> None:
        """Add each stack with its weight, which the last Python function spends; C code below it is its own time."""
        alike: defaultdict[float, list[bytes]] = defaultdict(list)
        for text, weight in texts.items():
            alike[weight].append(text)
        for weight, group in alike.items():
            if weight < 0:
                raise damaged("a negative weight")
            self._add_alike(group, weight)

    def _add_alike(self, texts: Sequence[bytes], weight: float) -> None:
        """Stacks of one weight need only be counted."""
        number = self._frames.__getitem__
        for text in texts:
            if text.count(b";") > _MOST_FRAMES:
                raise damaged(f"a stack of more than {_MOST_FRAMES:,} frames")
            parts = text.split(b";") if text else []
            stack = list(map(number, parts))
            functions = set(stack)
            if not functions.isdisjoint(_NO_FUNCTIONS):
                parts, stack = self._functions_only(parts, stack, weight)
                functions = set(stack)
            if not stack:
                self._totals.total += weight
                continue
            callers = [-1, *stack]
            if len(functions) == len(stack):
                self._pairs.update(zip(callers, stack, strict=False))
            else:
                self._recurring.update(functions)
                self._recurring_pairs.update(set(zip(callers, stack, strict=False)))
            self._ends[parts[-1]] += 1
            self._end_pairs[callers[-2], stack[-1]] += 1
            if len(self._pairs) + len(self._recurring_pairs) + len(self._ends) > _MOST_HELD:
                self._give(weight)
        self._give(weight)

    def _functions_only(self, parts: list[bytes], stack: list[int], weight: float) -> tuple[list[bytes], list[int]]:
        """The Python functions of a stack; what the frames around them say is noted."""
        if stack[0] == LABEL:
            labels = takewhile(lambda frame: frame[1] == LABEL, zip(parts, stack, strict=True))
            self._totals.count_thread(decoded(b" ".join(part for part, _ in labels)), weight)
        above = list(takewhile(lambda number: number < 0, reversed(stack)))
        if weight and len(above) < len(stack):
            marks = [number for number in above if number != LABEL]
            self._mark(stack[-1 - len(above)], marks[-1] if marks else LABEL, weight)
        kept = [(part, number) for part, number in zip(parts, stack, strict=True) if number >= 0]
        return [part for part, _ in kept], [number for _, number in kept]

    def _mark(self, function: int, mark: int, weight: float) -> None:
        if mark == C_CODE:
            self._totals.spend_in_c(function, weight)
        elif mark == WAITING:
            self._totals.wait(function, weight)

    def _give(self, weight: float) -> None:
        """Add what was counted to the totals."""
        totals = self._totals
        for pair, count in self._pairs.items():
            totals.flows[totals.pairs[pair]] += count * weight
            totals.cumulative[pair[1]] += count * weight  # in these stacks no function is twice
        for function, count in self._recurring.items():
            totals.cumulative[function] += count * weight
        for pair, count in self._recurring_pairs.items():
            totals.flows[totals.pairs[pair]] += count * weight
        for text, count in self._ends.items() if weight else ():
            function = self._frames[text]
            totals.total += count * weight
            totals.spend(function, count * weight, self._frames.lines[text])
        for pair, count in self._end_pairs.items():
            totals.own_flows[totals.pairs[pair]] += count * weight
        for counts in (self._pairs, self._recurring, self._recurring_pairs, self._ends, self._end_pairs):
            counts.clear()
