"""memray's table of allocations (`memray transform csv`): bytes per call stack.

`stack_trace` is `name;path;line` per frame between bars, the allocating function first.
"""

import csv
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.stacks import Stacks, StackTotals
from perf_advise.profiles.streams import lines

NAME = "memray CSV"

_MOST_PLACES = 1_000_000
_COLUMNS = ["allocator", "num_allocations", "size", "tid", "thread_name", "stack_trace"]


def sniff(head: bytes, name: str) -> bool:
    """memray's column names."""
    return head.startswith(",".join(_COLUMNS).encode())


def read(stream: BinaryIO, size: int) -> Profile:
    """Bytes allocated per function and line, in bounded memory."""
    totals = StackTotals()
    places = _Places(totals)
    stacks = Stacks(totals, places.found)
    rows = csv.reader(line + "\n" for line in lines(stream))
    try:
        next(rows)
        for row in rows:
            if len(row) != len(_COLUMNS) or not row[2].isdecimal() or len(row[2]) > 18:
                raise damaged("no allocation")
            frames = row[5].split("|") if row[5] else []
            stacks.add(tuple(places[frame] for frame in reversed(frames)), int(row[2]))
    except csv.Error as error:
        raise damaged(f"CSV: {error}") from None
    stacks.flush()
    return totals.profile("memray", Unit.BYTES)


class _Places(dict[str, int]):
    """Where each frame's text stands in `found`, which has its function's number and its line."""

    def __init__(self, totals: StackTotals) -> None:
        self.found: list[tuple[int, int]] = []
        self._totals = totals

    def __missing__(self, text: str) -> int:
        name, _, place = text.partition(";")
        path, _, line = place.rpartition(";")
        if not line.isdecimal() or len(line) > 9 or len(self) > _MOST_PLACES:
            raise damaged(f"no frame, or more than {_MOST_PLACES:,}")
        self.found.append((self._totals.number(Frame(path, name)), int(line)))
        self[text] = len(self.found) - 1
        return self[text]
