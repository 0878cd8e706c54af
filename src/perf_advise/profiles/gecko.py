"""Profiles for the Firefox Profiler (gecko JSON), as samply, perf and `profiling.sampling` write them.

Tables of columns: samples point into a table of stacks, each a frame on top of another stack; frames point to
functions, functions to names. In the processed form a column is an array; in the raw form a table has a
`schema` and rows of `data`, and a frame is a text. Tables are per thread or shared.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import FrameText, parse
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.perf_frames import c_frame
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import StackTotals, StackWalk, positive
from perf_advise.profiles.untrusted import line_number, mapping, member, sequence, text

NAME = "Firefox Profiler (gecko) JSON"

_TABLES = ("stackTable", "frameTable", "funcTable", "resourceTable", "stringArray", "stringTable")
_UNITS = {"tracing-ms": (Unit.SECONDS, 1e-3), "bytes": (Unit.BYTES, 1.0)}


def sniff(head: bytes, name: str) -> bool:
    """Threads with stack tables, or the meta data that comes before them."""
    if not head.lstrip().startswith(b"{"):
        return False
    is_meta = b'"meta"' in head and b'"interval"' in head and b'"preprocessedProfileVersion"' in head
    return is_meta or (b'"stackTable"' in head and b'"frameTable"' in head)


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function, or seconds where samples are weighted by time; all threads together."""
    threads: list[_Thread] = []
    shared: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    for key, value in members(stream, ("threads",)):
        if key == "threads":
            threads.append(_Thread(mapping(value)))
        elif key == "shared":
            shared = mapping(value)
        elif key == "meta":
            meta = mapping(value)
    totals = StackTotals()
    for thread in threads:
        thread.add_to(totals, shared)
    units = {_UNITS.get(thread.weight_type, (Unit.SAMPLES, 1.0)) for thread in threads if thread.weights}
    if len(units) > 1:
        raise damaged("threads with weights in different units")
    unit, scale = units.pop() if units else (Unit.SAMPLES, 1.0)
    return totals.profile(_tool(meta), unit, scale)


def _tool(meta: Mapping[str, Any]) -> str:
    imported = text(meta.get("importedFrom") or "")
    if imported.startswith("Tachyon"):
        return "profiling.sampling"
    return imported or text(meta.get("product") or "Firefox Profiler")


def _column(table: object, name: str) -> list[Any]:
    """One column of a table, in either form; empty if it has none."""
    columns = mapping(table or {})
    if "schema" not in columns:
        return sequence(columns.get(name) or [])
    place = mapping(columns["schema"]).get(name)
    if type(place) is not int or not 0 <= place < 100:
        return []
    rows = map(sequence, sequence(columns.get("data") or []))
    return [row[place] if place < len(row) else None for row in rows]


def _at(column: Sequence[Any], index: object) -> Any:
    """The item of a column; None where the column or the index is missing."""
    if index is None or not column:
        return None
    if type(index) is int and 0 <= index < len(column):
        return column[index]
    raise damaged("an index beyond its table")


class _Thread:
    """The weights per stack of one thread, and its own tables; the shared ones may come later."""

    def __init__(self, thread: dict[str, Any]) -> None:
        samples = mapping(member(thread, "samples"))
        stacks, weights = _column(samples, "stack"), _column(samples, "weight")
        if weights and len(weights) != len(stacks):
            raise damaged("not one weight per sample")
        self.name = f"{text(thread.get('name') or '')} {thread.get('tid', '')!s:.20}".strip()
        self.weight_type = text(samples.get("weightType") or "samples")
        self.weights: dict[int, float] = {}
        self.idle = 0.0
        for stack, weight in zip(stacks, weights or [1] * len(stacks), strict=True):
            self._count(stack, positive(weight))
        self._tables = {name: thread[name] for name in _TABLES if name in thread}

    def _count(self, stack: object, weight: float) -> None:
        if stack is None:
            self.idle += weight
        elif type(stack) is int:
            self.weights[stack] = self.weights.get(stack, 0.0) + weight
        else:
            raise damaged("a stack that is no number")

    def add_to(self, totals: StackTotals, shared: dict[str, Any]) -> None:
        """Walk the tree of stacks."""
        tables = _Tables(self._tables, shared)
        placing = _Placing(totals, tables)
        walk = StackWalk(totals)
        before = totals.total
        walk.spend(self.idle)
        for stack, depth in tables.tree():
            walk.go_to(depth, (placing.place(stack),))
            walk.spend(self.weights.pop(stack, 0.0))
        walk.go_to(0)
        totals.count_thread(self.name, totals.total - before)
        if any(self.weights.values()):
            raise damaged("samples of no stack")
        self.weights = {-1: totals.total - before}


class _Tables:
    """The columns that are needed, from the thread or shared."""

    def __init__(self, own: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        def table(name: str) -> Any:
            return own.get(name) or shared.get(name)

        self.strings = sequence(table("stringArray") or table("stringTable") or [])
        self._prefixes = _column(table("stackTable"), "prefix")
        self.frames = _column(table("stackTable"), "frame")
        self.functions = _column(table("frameTable"), "func")
        self.locations = _column(table("frameTable"), "location")
        self.lines = _column(table("frameTable"), "line")
        self.names = _column(table("funcTable"), "name")
        self.files = _column(table("funcTable"), "fileName")
        self.sources = _column(table("funcTable"), "source")
        self.source_files = _column(shared.get("sources"), "filename")
        self.resources = _column(table("funcTable"), "resource")
        self.resource_names = _column(table("resourceTable"), "name")

    def tree(self) -> Iterator[tuple[int, int]]:
        """Every stack after the one that it stands on, with its depth."""
        above: defaultdict[int, list[int]] = defaultdict(list)
        for stack in range(len(self.frames)):
            prefix = _at(self._prefixes, stack)
            above[-1 if prefix is None or prefix == -1 else line_number(prefix)].append(stack)
        todo = [(stack, 0) for stack in above.pop(-1, ())]
        while todo:
            stack, depth = todo.pop()
            yield stack, depth
            todo += [(on_top, depth + 1) for on_top in above.pop(stack, ())]

    def string(self, index: object) -> str:
        """A string by its number, "" where there is none."""
        return text(_at(self.strings, index) or "") if type(index) is int and index >= 0 else ""

    def file(self, function: int) -> str:
        """The file of a function, else what it was loaded from."""
        path = self.string(_at(self.files, function))
        path = path or self.string(_at(self.source_files, _at(self.sources, function)))
        resource = _at(self.resources, function)
        if path or resource is None or resource == -1:
            return path
        return self.string(_at(self.resource_names, resource))


class _Placing:
    """Numbers for frames, each found once."""

    def __init__(self, totals: StackTotals, tables: _Tables) -> None:
        self._tables = tables
        self._places = Places(totals)
        self._known: dict[int, tuple[int, int]] = {}
        self._is_perf = any(type(s) is str and s.startswith("py::") for s in tables.strings)

    def place(self, stack: int) -> tuple[int, int]:
        """The place of the frame on top of a stack."""
        index = line_number(_at(self._tables.frames, stack))
        if index not in self._known:
            self._known[index] = self._place(self._frame(index))
        return self._known[index]

    def _frame(self, index: int) -> FrameText:
        tables = self._tables
        line = line_number(_at(tables.lines, index) or 0)
        if tables.locations:
            location = tables.string(_at(tables.locations, index))
            symbol, is_perf, _ = location.rpartition(" (in ")
            frame = parse(symbol if is_perf else location)
            return frame._replace(line=line) if line else frame
        function = line_number(_at(tables.functions, index))
        name, path = tables.string(_at(tables.names, function)), tables.file(function)
        frame = FrameText(name, path) if path and not name.startswith("py::") else parse(name)
        return frame._replace(line=frame.line or line)

    def _place(self, frame: FrameText) -> tuple[int, int]:
        if self._is_perf and not frame.path:
            return c_frame(frame.name), 0
        return self._places.place(frame)
