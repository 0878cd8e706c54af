"""What samples add up to: weights per function and line, and from caller to callee."""

from __future__ import annotations

from .apportion import Apportioning, layout_of
from .bytecode import Layout, entries

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_DEEP = 40


class Row:
    """What was seen of one code object, in seconds.

    Weight and line (0 for none): `at` by offset in the bytecode; `late` of ticks that a long call held up, by its
    offset; `entered` of ticks that came just before a call, by its offset and the callee's index. `looks` counts ticks.
    """

    __slots__ = ("at", "code", "cumulative", "entered", "entries", "index", "late", "layout", "looks")

    def __init__(self, code: CodeType, index: int) -> None:
        self.code = code
        self.index = index
        self.entries = entries(code)
        self.cumulative = 0.0
        self.looks = 0
        self.layout: Layout | None = None
        self.at: dict[int, list[Any]] = {}
        self.late: dict[int, list[Any]] = {}
        self.entered: dict[tuple[int, int], list[Any]] = {}


def _add(places: dict[Any, list[Any]], key: Any, frame: FrameType, weight: float) -> None:
    place = places.get(key)
    if place is None:
        place = places[key] = [0.0, frame.f_lineno or 0]
    place[0] += weight


class Tables:
    """Rows by identity of the code object: comparing code objects would be slow, and equal ones are not the same."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._edges: dict[tuple[int, int], float] = {}
        self._held_back = 0.0
        self._to_skip = 0

    def add(self, frame: FrameType, weight: float, is_late: bool) -> tuple[FrameType, Row]:
        """Add one sample: `frame` is the innermost one. The frame that counts as running, and its row."""
        row = self.row(frame.f_code)
        caller = frame.f_back
        if frame.f_lasti in row.entries and caller is not None:
            entered, row, frame = row, self.row(caller.f_code), caller
            if is_late:  # the call before this one was the long one
                _add(row.late, frame.f_lasti, frame, weight)
            else:
                _add(row.entered, (frame.f_lasti, entered.index), frame, weight)
        else:
            _add(row.late if is_late else row.at, frame.f_lasti, frame, weight)
        self._add_callers(frame, row, weight)
        return frame, row

    def _add_callers(self, frame: FrameType, row: Row, weight: float) -> None:
        """Add the weight to everything on the stack, once each.

        Deep stacks cost too much to walk at each tick: the weight waits for one of the next.
        """
        self._held_back += weight
        self._to_skip -= 1
        if self._to_skip > 0:
            return
        weight, self._held_back = self._held_back, 0.0
        depth = 1
        row.cumulative += weight
        functions = {row.index}
        edges = set()
        outer = frame.f_back
        while outer is not None:
            caller = self.row(outer.f_code)
            edge = (caller.index, row.index)
            if edge not in edges:
                edges.add(edge)
                self._edges[edge] = self._edges.get(edge, 0.0) + weight
                if caller.index not in functions:
                    functions.add(caller.index)
                    caller.cumulative += weight
            row = caller
            outer = outer.f_back
            depth += 1
        self._to_skip = depth // _DEEP

    def row(self, code: CodeType) -> Row:
        """The row of a code object."""
        row = self._rows.get(id(code))
        if row is None:
            row = self._rows[id(code)] = Row(code, len(self._rows))
        return row

    def data(self) -> dict[str, Any]:
        """Functions and edges as `raw` documents them."""
        return Sums(list(self._rows.values()), dict(self._edges)).data()


class Sums:
    """The weights of all rows after each tick is shared out among those who ran."""

    def __init__(self, rows: list[Row], edges: dict[tuple[int, int], float]) -> None:
        self._rows = rows
        self._edges = edges
        self._apportioning = Apportioning(rows)
        self._own = [[0.0, 0.0] for _ in rows]
        self._lines: list[dict[int, float]] = [{} for _ in rows]
        self._more: list[float] = [0.0] * len(rows)
        for row in rows:
            self._add_row(row)

    def _add_row(self, row: Row) -> None:
        for offset, (weight, line) in list(row.late.items()):
            self._add(row.index, line or layout_of(row).line(offset), weight, weight)
        for offset, place in list(row.at.items()):
            self._share(row, offset, place, self._apportioning.of_place(row, offset))
        for (offset, callee), place in list(row.entered.items()):
            self._share(row, offset, place, self._apportioning.of_entry(row, offset, self._rows[callee]))

    def _share(self, row: Row, offset: int, place: list[Any], shares: list[tuple[int, float]]) -> None:
        """Give others their shares of a place's ticks, and the rest to the function that they were seen in."""
        weight, line = place
        line = line or layout_of(row).line(offset)
        rest = 1.0
        for index, share in shares:
            if index == row.index:
                continue
            rest -= share
            other = self._rows[index]
            self._add(index, other.code.co_firstlineno, weight * share, 0.0)
            self._more[index] += weight * share
            edge = (row.index, index)
            self._edges[edge] = self._edges.get(edge, 0.0) + weight * share
        self._add(row.index, line, weight * rest, 0.0)

    def _add(self, index: int, line: int, weight: float, native: float) -> None:
        own, lines = self._own[index], self._lines[index]
        own[0] += weight
        own[1] += native
        lines[line] = lines.get(line, 0.0) + weight

    def data(self) -> dict[str, Any]:
        """Functions and edges as `raw` documents them."""
        return {
            "functions": [self._plain(row) for row in self._rows],
            "edges": [[a, b, None, weight, None] for (a, b), weight in self._edges.items()],
        }

    def _plain(self, row: Row) -> list[Any]:
        code = row.code
        name = getattr(code, "co_qualname", code.co_name)
        own, native = self._own[row.index]
        cumulative = max(row.cumulative + self._more[row.index], own)
        place = [code.co_filename, name, code.co_firstlineno]
        return [*place, own, cumulative, None, native, self._lines[row.index]]
