"""Sums over many stacks that are given as text, root first, frames divided by semicolons.

Work per frame is one step of loops that Python has in C: into a list of numbers, a set of functions, a count of pairs.
What these look up must stay small, or most of the time goes into waiting for memory: where only a stack's last frame
says a line that matters, the others are looked up without theirs.
"""

import re
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
_AT_ONCE = 500
_SEVERAL = -5  # what stands between two lines is more than one frame
_NO_FUNCTIONS = frozenset((LABEL, C_CODE, WAITING, OPERATION, _SEVERAL))
_LABELS = (b"thread (", b"process ", b"tid:")
_MANY = 30_000  # texts of frames, from which on looking them up is mostly waiting for memory
_LINE = re.compile(rb":\d{1,9}\)(?:;|\Z)")
_NO_LINE = re.compile(rb"(?!)")


class _Heads(dict[bytes, int]):
    """The number of each frame's text up to its line, as in `name (path`; below 0 for what is no Python function."""

    def __init__(self, frames: "Frames") -> None:
        self._frames = frames
        self._size = 0

    def __missing__(self, head: bytes) -> int:
        self._size += len(head) + 150
        if self._size > _MOST_FRAME_TEXTS:
            self.clear()
            self._size = 0
        self[head] = _SEVERAL if b";" in head else self._frames.place(head + b":1)")[0]
        return self[head]


class Frames(dict[bytes, int]):
    """The number of each frame's text, below 0 for what is no Python function; `lines` has the current lines."""

    def __init__(self, totals: StackTotals, dialect: Dialect) -> None:
        self.lines: dict[bytes, int] = {}
        self.heads = _Heads(self)
        has_heads = not (dialect.has_first_lines or dialect.is_perf or dialect.is_austin)
        self.line_ends = _LINE if has_heads else _NO_LINE
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
        head = self.line_ends.split(text)[0]
        if head in self.heads and self.heads[head] >= 0 and len(head) < len(text):
            self[text], self.lines[text] = self.heads[head], int(text[len(head) + 1 : -1])
        else:
            self[text], self.lines[text] = self.place(text)
        return self[text]

    def place(self, raw: bytes) -> tuple[int, int]:
        """The number and the current line of a frame, as its text says."""
        text = decoded(raw)
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
        self._callers: list[int] = []
        self._callees: list[int] = []
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
        for start in range(0, len(texts), _AT_ONCE):
            for text in texts[start : start + _AT_ONCE]:
                end, stack = self._numbers(text, weight)
                if stack:
                    self._count(end, stack)
                else:
                    self._totals.total += weight
            self._count_pairs()
            if len(self._pairs) + len(self._recurring_pairs) + len(self._ends) > _MOST_HELD:
                self._give(weight)
        self._give(weight)

    def _numbers(self, text: bytes, weight: float) -> tuple[bytes, list[int]]:
        """A stack's last frame, and the numbers of its functions; none for no functions."""
        if len(text) > _MOST_FRAMES and text.count(b";") > _MOST_FRAMES:
            raise damaged(f"a stack of more than {_MOST_FRAMES:,} frames")
        if text.startswith(_LABELS):
            text = self._without_labels(text, weight)
        if len(self._frames) > _MANY:
            heads = self._frames.line_ends.split(text)
            if not heads.pop() and heads:
                stack = list(map(self._frames.heads.__getitem__, heads))
                if _NO_FUNCTIONS.isdisjoint(stack):
                    return text.rpartition(b";")[2], stack
        parts = text.split(b";") if text else []
        stack = list(map(self._frames.__getitem__, parts))
        if not _NO_FUNCTIONS.isdisjoint(stack):
            parts, stack = self._functions_only(parts, stack, weight)
        return (parts[-1] if parts else b""), stack

    def _without_labels(self, text: bytes, weight: float) -> bytes:
        """The stack below its process and thread, whose weight is noted."""
        labels = []
        while text.startswith(_LABELS):
            label, _, below = text.partition(b";")
            if self._frames[label] != LABEL:
                break
            labels.append(label)
            text = below
        if labels:
            self._totals.count_thread(decoded(b" ".join(labels)), weight)
        return text

    def _count(self, end: bytes, stack: list[int]) -> None:
        """Count one stack's functions and pairs, each once."""
        self._ends[end] += 1
        functions = set(stack)
        if len(functions) == len(stack):
            self._callees += stack
            self._callers.append(-1)
            self._callers += stack
            last = self._callers.pop()
        else:
            self._recurring.update(functions)
            self._recurring_pairs.update(set(zip([-1, *stack], stack, strict=False)))
            last = stack[-1]
        self._end_pairs[stack[-2] if len(stack) > 1 else -1, last] += 1

    def _count_pairs(self) -> None:
        """Count the pairs of all stacks since the last time; many at once cost less than one stack after another."""
        self._pairs.update(zip(self._callers, self._callees, strict=True))
        self._callers.clear()
        self._callees.clear()

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
