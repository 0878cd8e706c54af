"""`perf script` text of a Python that ran with -X perf or -X perf_jit: a block per sample, leaf first.

Python functions are symbols `py::qualname:path`; what runs below one in C is its own time. Weights are samples.
"""

import re
from typing import BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import parse
from perf_advise.profiles.perf_frames import c_frame, no_python
from perf_advise.profiles.stacks import C_CODE, LABEL, OPERATION, Places, Stacks, StackTotals
from perf_advise.profiles.streams import lines

NAME = "perf script text"

_C_FRAMES = (C_CODE, LABEL, OPERATION)
_MOST_SYMBOLS = 500_000
_MOST_DEPTH = 100_000
_SAMPLE = re.compile(r"\S.*?\s(\d+(?:/\d+)?)\s+(?:\[\d+\]\s+)?[\d.]+:\s")
_FRAME = re.compile(r"\s+[\da-f]+ (.+?)(?:\+0x[\da-f]+)? \(.*\)\Z")
_BLOCK = re.compile(rb"(?:#[^\n]*\n|\s*\n)*\S[^\n]*?\s\d+(?:/\d+)?\s[^\n]*?[\d.]+:[^\n]*\n\s+[\da-f]+ [^\n]+\([^\n]*\)")


def sniff(head: bytes, name: str) -> bool:
    """A line with command, process and time, and an indented frame below it."""
    return b"\0" not in head and _BLOCK.match(head[:8192]) is not None


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function. ProfileError where no stack holds a Python function."""
    samples = _Samples()
    for line in lines(stream):
        samples.take(line)
    return samples.profile()


class _Samples:
    def __init__(self) -> None:
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._placed: list[tuple[int, int]] = [(number, 0) for number in _C_FRAMES]
        self._symbols: dict[str, int] = {}
        self._stacks = Stacks(self._totals, self._placed)
        self._frames: list[int] = []
        self._is_open = False

    def take(self, line: str) -> None:
        """One line: the beginning of a sample, one of its frames, or the empty line after it."""
        if not line.strip():
            self._finish()
        elif line[0].isspace():
            found = _FRAME.match(line)
            if found and self._is_open and len(self._frames) < _MOST_DEPTH:
                self._frames.append(self._index(found[1]))
        elif not line.startswith("#"):
            self._finish()
            self._is_open = _SAMPLE.match(line) is not None

    def _index(self, symbol: str) -> int:
        if not symbol.startswith("py::"):
            return _C_FRAMES.index(c_frame(symbol))
        index = self._symbols.get(symbol)
        if index is None:
            if len(self._symbols) > _MOST_SYMBOLS:
                raise damaged("too many symbols")
            index = self._symbols[symbol] = len(self._placed)
            self._placed.append(self._places.place(parse(symbol)))
        return index

    def _finish(self) -> None:
        if self._is_open:
            self._stacks.add(tuple(reversed(self._frames)), 1.0)
        self._frames.clear()
        self._is_open = False

    def profile(self) -> Profile:
        """The sums of all samples."""
        self._finish()
        self._stacks.flush()
        if not self._symbols:
            raise no_python()
        return self._totals.profile("perf", Unit.SAMPLES)
