"""The table that `python -m cProfile`, `%prun` and `pstats.Stats.print_stats` print."""

import re
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB, lines

NAME = "cProfile text"

_LIMIT = 32 * MIB
_SUMMARY = re.compile(r"\s*\d+ function calls(?: \(\d+ primitive calls\))? in (\d+\.\d+) (?:CPU )?seconds\s*\Z")
_HEADING = b"filename:lineno(function)"
_ROW = re.compile(
    r"\s*(\d{1,15})(?:/\d{1,15})?\s+(\d{1,12}\.\d+)\s+(?:\d{1,12}\.\d+\s+)?(\d{1,12}\.\d+)\s+(?:\d{1,12}\.\d+\s+)?"
    r"(\S.*)\Z"
)
_PLACE = re.compile(r"(.+):(\d{1,9})\((.*)\)\Z")


def sniff(head: bytes, name: str) -> bool:
    """The summary line and the heading of the table."""
    return _HEADING in head and b" function calls " in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Calls, own and cumulative seconds to the printed digits; `total` is the printed run time."""
    costs, total, is_table = Costs(), 0.0, False
    for line in lines(stream, limit=_LIMIT):
        summary = _SUMMARY.match(line)
        row = _ROW.match(line) if is_table else None
        if summary:
            total, is_table = total + float(summary[1]), False
        elif _HEADING.decode() in line:
            is_table = True
        elif row:
            costs.add(_frame(row[4]), float(row[2]), float(row[3]), int(row[1]))
    if not total:
        raise damaged("no run time above the table")
    return Profile(
        tool="cProfile",
        unit=Unit.SECONDS,
        total=max(total, costs.total()),
        functions=costs.functions(),
        seconds=total,
        clock="wall",
        warnings=("a printed profile has times to the millisecond and file names only: prefer cProfile -o FILE",),
    )


def _frame(place: str) -> Frame:
    match = _PLACE.match(place)
    if match:
        return Frame(match[1], match[3], int(match[2]))
    return Frame("~", f"<{place[1:-1]}>" if place[0] == "{" else place)  # as a dump names it
