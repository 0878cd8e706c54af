"""What `kernprof -v`, `python -m line_profiler` and `%lprun` print: a table of lines per function."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.line_timings import TimedFunction, line_profile
from perf_advise.profiles.streams import MIB, lines
from perf_advise.profiles.untrusted import line_number, number

NAME = "line_profiler text"

_LIMIT = 32 * MIB
_FACTS = {
    "unit": re.compile(r"Timer unit: (\S+) s\Z"),
    "total": re.compile(r"Total time: (\S+) s\Z"),
    "path": re.compile(r"File: (.+)\Z"),
    "function": re.compile(r"Function: (.+) at line (\d{1,9})\Z"),
}
_CONTENTS = "Line Contents"


def sniff(head: bytes, name: str) -> bool:
    """A timer unit and the heading of a table."""
    return b"Timer unit: " in head and b"Total time: " in head and b"\nFunction: " in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Seconds per function (as printed under `Total time`) and line (as far as the table's digits go)."""
    return line_profile(_functions(lines(stream, limit=_LIMIT)))


@dataclass(slots=True)
class _Table:
    path: str = ""
    name: str = ""
    first: int = 0
    total: float | None = None
    width: int = 0
    times: list[tuple[int, float]] = field(default_factory=list)

    def function(self) -> TimedFunction:
        """The table as read."""
        seconds = sum(time for _, time in self.times) if self.total is None else self.total
        return TimedFunction(Frame(self.path, self.name, self.first), tuple(self.times), seconds)


def _functions(text: Iterator[str]) -> Iterator[TimedFunction]:
    unit, table = 1e-6, _Table()
    for line in text:
        if table.width and not line.strip():  # an empty line of source has its number before it
            yield table.function()
            table = _Table()
        elif table.width:
            _row(table, line[: table.width].split(), unit)
        elif line.endswith(_CONTENTS) and table.name:
            table.width = len(line) - len(_CONTENTS)
        else:
            unit = _fact(table, line, unit)
    if table.width:
        yield table.function()


def _row(table: _Table, words: list[str], unit: float) -> None:
    if len(words) == 5:  # line, hits, time, per hit, percent
        table.times.append((line_number(_int(words[0])), _float(words[2]) * unit))


def _fact(table: _Table, line: str, unit: float) -> float:
    """Note what the line says about the table to come; the unit that holds from here on."""
    for key, pattern in _FACTS.items():
        match = pattern.match(line.strip())
        if match and key == "unit":
            return _float(match[1])
        if match and key == "total":
            table.total = _float(match[1])
        elif match and key == "path":
            table.path = match[1]
        elif match:
            table.name, table.first = match[1], int(match[2])
    return unit


def _int(word: str) -> int:
    if not word.isdecimal() or len(word) > 9:
        raise damaged(f"no line number: {word:.30}")
    return int(word)


def _float(word: str) -> float:
    try:
        return number(float(word))
    except ValueError:
        raise damaged(f"no time: {word:.30}") from None
