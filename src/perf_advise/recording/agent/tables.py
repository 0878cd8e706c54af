"""What samples add up to: weights per function and line, and from caller to callee."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any


class Row:
    """The weights of one code object, in seconds; `looks` counts how often its frame was the one running."""

    __slots__ = ("code", "cpu", "cumulative", "index", "lines", "looks", "native", "own")

    def __init__(self, code: CodeType, index: int) -> None:
        self.code = code
        self.index = index
        self.own = 0.0
        self.cpu = 0.0
        self.native = 0.0
        self.cumulative = 0.0
        self.looks = 0
        self.lines: dict[int, float] = {}


class Tables:
    """Rows by identity of the code object: comparing code objects would be slow, and equal ones are not the same."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._edges: dict[tuple[int, int], float] = {}

    def add(self, frame: FrameType, weight: float, cpu: float, native: float) -> Row:
        """Add one sample: `frame` is the innermost one."""
        row = leaf = self.row(frame.f_code)
        line = frame.f_lineno or 1  # a module begins at line 0
        leaf.own += weight
        leaf.cpu += cpu
        leaf.native += native
        leaf.lines[line] = leaf.lines.get(line, 0.0) + weight
        leaf.cumulative += weight
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
        return leaf

    def row(self, code: CodeType) -> Row:
        """The row of a code object."""
        row = self._rows.get(id(code))
        if row is None:
            row = self._rows[id(code)] = Row(code, len(self._rows))
        return row

    def data(self) -> dict[str, Any]:
        """Functions and edges as `raw` documents them."""
        return {
            "functions": [_plain(row) for row in list(self._rows.values())],
            "edges": [[a, b, None, weight, None] for (a, b), weight in list(self._edges.items())],
        }


def _plain(row: Row) -> list[Any]:
    code = row.code
    name = getattr(code, "co_qualname", code.co_name)
    place = [code.co_filename, name, code.co_firstlineno]
    return [*place, row.own, row.cumulative, None, row.cpu, row.native, dict(row.lines)]
