"""memray's table of allocations (`memray transform csv`): bytes per call stack.

`stack_trace` is `name;path;line` per frame between bars, the allocating function first.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import lines

NAME = "memray CSV"

_COLUMNS = ["allocator", "num_allocations", "size", "tid", "thread_name", "stack_trace"]


def sniff(head: bytes, name: str) -> bool:
    """memray's column names."""
    return head.startswith(",".join(_COLUMNS).encode())


def read(stream: BinaryIO, size: int) -> Profile:
    """Bytes allocated per function and line, in bounded memory."""
    costs = Costs()
    rows = csv.reader(line + "\n" for line in lines(stream))
    try:
        next(rows)
        for row in rows:
            if len(row) != len(_COLUMNS) or not row[2].isdecimal() or len(row[2]) > 18:
                raise damaged("no allocation")
            costs.add_stack(_stack(row[5]), int(row[2]))
    except csv.Error as error:
        raise damaged(f"CSV: {error}") from None
    return Profile("memray", Unit.BYTES, costs.total(), costs.functions(), costs.edges())


def _stack(trace: str) -> Iterator[tuple[Frame, int | None]]:
    for frame in reversed(trace.split("|")):
        name, _, place = frame.partition(";")
        path, _, line = place.rpartition(";")
        if line.isdecimal() and len(line) < 10:
            yield Frame(path, name), int(line) or None
        elif frame:
            raise damaged("no frame")
