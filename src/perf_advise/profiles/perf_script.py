"""`perf script` text of a Python that ran with -X perf or -X perf_jit: a block per sample, leaf first.

Python functions are symbols `py::qualname:path`; what runs below one in C is its own time. Weights are samples.
"""

import re
from typing import BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import parse
from perf_advise.profiles.perf_frames import c_frame, no_python
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import C_CODE, LABEL, OPERATION, Stacks, StackTotals
from perf_advise.profiles.streams import lines

NAME = "perf script text"

_C_FRAMES = (C_CODE, LABEL, OPERATION)
_MOST_TEXT = 100_000_000
_MOST_DEPTH = 100_000
_ADDRESS = re.compile(r"[\da-f]{1,16}")
_SAMPLE = re.compile(r"\S.*?\s(\d+(?:/\d+)?)\s+(?:\[\d+\]\s+)?[\d.]+:\s")


def sniff(head: bytes, name: str) -> bool:
    """A line with command, process and time, and an indented frame below it."""
    found = [line for line in head[:8192].split(b"\n") if line.strip() and not line.startswith(b"#")]
    if b"\0" in head or len(found) < 2 or not found[1][:1].isspace():
        return False
    first, second = (line.decode("utf-8", "replace") for line in found[:2])
    return not first[0].isspace() and _SAMPLE.match(first) is not None and _symbol(second) != ""


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function. ProfileError where no stack holds a Python function."""
    samples = _Samples()
    for line in lines(stream):
        samples.take(line)
    return samples.profile()


def _symbol(line: str) -> str:
    """The symbol of a frame `address symbol+0x1f (library)`, "" if it is none."""
    address, _, rest = line.strip().partition(" ")
    if not _ADDRESS.fullmatch(address) or not rest.endswith(")"):
        return ""
    symbol, offset, _ = rest.rpartition("+0x")
    return symbol if offset else rest.rpartition(" (")[0]


class _Samples:
    def __init__(self) -> None:
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._placed: list[tuple[int, int]] = [(number, 0) for number in _C_FRAMES]
        self._symbols: dict[str, int] = {}
        self._stacks = Stacks(self._totals, self._placed)
        self._frames: list[int] = []
        self._is_open = False
        self._text = 0

    def take(self, line: str) -> None:
        """One line: the beginning of a sample, one of its frames, or the empty line after it."""
        if not line.strip():
            self._finish()
        elif line[0].isspace():
            symbol = _symbol(line)
            if symbol and self._is_open and len(self._frames) < _MOST_DEPTH:
                self._frames.append(self._index(symbol))
        elif not line.startswith("#"):
            self._finish()
            self._is_open = _SAMPLE.match(line) is not None

    def _index(self, symbol: str) -> int:
        if not symbol.startswith("py::"):
            return _C_FRAMES.index(c_frame(symbol))
        index = self._symbols.get(symbol)
        if index is None:
            self._text += len(symbol) + 100
            if self._text > _MOST_TEXT:
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
