"""Time of a tick shared out among the functions that ran since Python last looked for signals.

Taken as it is seen, a tick would count for the function that is just being called, or that a call has just returned
to; small functions would never show, or take the blame for what ran before them. What lies between two looks is
known from the bytecode: so much of the caller, and the last part of the function that returned.
"""

from __future__ import annotations

from .bytecode import Layout

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tables import Row

_DEPTH = 8
_MOST_AFTER = 0.1
_CALLBACK = 12.0
"""Relative time that C code takes around a call back into Python."""
_CALLS_BACK = frozenset(
    "sorted min max map filter sum any all list tuple set dict frozenset next reduce sort sub subn apply join".split()
)


class Apportioning:
    """Splits of the weights of all rows; `rows` in the order of their indices."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self._tails: dict[int, list[tuple[int, float]]] = {}
        self._open: set[int] = set()
        self._called = [self._calls(row) for row in rows]

    def of_place(self, row: Row, offset: int) -> list[tuple[int, float]]:
        """Who ran before a tick was seen at an offset: (index of a row, share of the time), the rest is the row's."""
        if not self._called[row.index]:  # nothing that it called can have run since
            return []
        layout = layout_of(row)
        time, returned_at = layout.before(layout.start(offset), self._called[row.index])
        return _shares(time, self._returned(row, returned_at))

    def of_entry(self, caller: Row, offset: int, callee: Row) -> list[tuple[int, float]]:
        """Who ran before a tick was seen on entry to `callee`, called at the offset: shares besides the caller's."""
        layout = layout_of(caller)
        name = layout.callee_name(layout.start(offset))
        if name in _CALLS_BACK and name != callee.code.co_name:
            return _shares(_CALLBACK, self._tail(callee))
        return self.of_place(caller, offset)

    def _calls(self, row: Row) -> dict[int, dict[int, float]]:
        """Which Python functions a row called, by where; not where C code stood in between, which looks for signals."""
        if not row.entered:
            return {}
        layout = layout_of(row)
        found: dict[int, dict[int, float]] = {}
        for (offset, callee), (weight, _) in list(row.entered.items()):
            callees = found.setdefault(layout.start(offset), {})
            callees[callee] = callees.get(callee, 0.0) + weight
        seen_after = {layout.start(offset): weight for offset, (weight, _) in list(row.at.items())}
        return {o: c for o, c in found.items() if seen_after.get(o, 0.0) < _MOST_AFTER * sum(c.values())}

    def _returned(self, row: Row, offset: int | None) -> list[tuple[int, float]]:
        """The time of the last parts of the functions that returned to an offset."""
        callees = self._called[row.index].get(offset, {}) if offset is not None else {}
        total = sum(callees.values())
        found: list[tuple[int, float]] = []
        for index, weight in callees.items():
            found.extend((i, time * weight / total) for i, time in self._tail(self._rows[index]))
        return found

    def _tail(self, row: Row) -> list[tuple[int, float]]:
        """The time from a function's last look for signals to its return: its own, and that of what it called last."""
        known = self._tails.get(row.index)
        if known is not None:
            return known
        if row.index in self._open or len(self._open) >= _DEPTH:
            return []
        self._open.add(row.index)
        found = self._tails[row.index] = list(self._find_tail(row))
        self._open.discard(row.index)
        return found

    def _find_tail(self, row: Row) -> Iterator[tuple[int, float]]:
        layout = layout_of(row)
        exits = layout.exits()
        for offset in exits:
            time, returned_at = layout.before(offset, self._called[row.index])
            yield row.index, time / len(exits)
            for index, inner in self._returned(row, returned_at):
                yield index, inner / len(exits)


def layout_of(row: Row) -> Layout:
    """The instructions of a row's code, read once."""
    if row.layout is None:
        row.layout = Layout(row.code)
    return row.layout


def _shares(own: float, others: list[tuple[int, float]]) -> list[tuple[int, float]]:
    total = own + sum(time for _, time in others)
    return [(index, time / total) for index, time in others] if total > 0 else []
