"""A Jupyter notebook as one text, written back by replacing only the source strings of edited cells."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Location, Span
from perf_advise.source.cellsource import CellSource, cell_source
from perf_advise.source.jsonspans import DamagedJson, JsonText
from perf_advise.source.magics import CellText, blank, readable
from perf_advise.source.text import ModuleText

_FORMAT = 4


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell: its number among code cells (from 1), where it stands in the notebook's text, its source."""

    number: int
    span: Span
    source: CellSource
    python: CellText


@dataclass(frozen=True)
class Notebook(ModuleText):
    """The code cells of a notebook joined by line feeds; what is not Python is replaced by text of the same length."""

    path: Path
    text: str
    cells: tuple[CodeCell, ...]
    data: bytes

    def location(self, offset: int) -> Location:
        """The cell, the row in that cell and the column (from 1) of an offset."""
        if not self.cells:
            return Location(1, 1)
        cell = self._cell_at(offset)
        row = self.lines.line_of(offset)
        first = self.lines.line_of(cell.span.start)
        return Location(row - first + 1, offset - self.lines.start_of(row) + 1, cell.number)

    def file_row(self, offset: int) -> int:
        """The row, from 1, that the line of code at `offset` has in the file itself, which is JSON."""
        if not self.cells:
            return 1
        cell = self._cell_at(offset)
        return self.data.count(b"\n", 0, cell.source.byte_at(offset - cell.span.start)) + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [cell.span.start for cell in self.cells]

    def _cell_at(self, offset: int) -> CodeCell:
        return self.cells[max(0, bisect_right(self._starts, offset) - 1)]

    @cached_property
    def opaque(self) -> tuple[Span, ...]:
        """Spans of magics, shell lines and skipped cells."""
        return tuple(
            Span(cell.span.start + span.start, cell.span.start + span.end)
            for cell in self.cells
            for span in cell.python.opaque
        )

    @cached_property
    def opaque_names(self) -> frozenset[str]:
        """The names that these may bind; "*" for any name."""
        return frozenset().union(*(cell.python.names for cell in self.cells))

    @cached_property
    def regions(self) -> tuple[Span, ...]:
        """The cells that imports may go to: Python without a cell magic, empty ones only when there is no other."""
        plain = [cell.span for cell in self.cells if cell.python.plain]
        return tuple(span for span in plain if span.start < span.end) or tuple(plain)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """One line for each cell that was left out because it is not valid."""
        return tuple(
            f"{self.path}: cell {cell.number} left out ({cell.python.problem})"
            for cell in self.cells
            if cell.python.problem
        )

    def encode(self, edits: Sequence[Edit]) -> bytes:
        """The bytes of the file with checked edits made; UserError for an edit that is not within one cell."""
        by_cell: dict[CodeCell, list[Edit]] = {}
        for edit in edits:
            cell = self._cell_at(edit.span.start) if self.cells else None
            if cell is None or not cell.span.contains(edit.span):
                raise UserError(f"{self.path}: edit refused: not within one cell")
            by_cell.setdefault(cell, []).append(edit)
        if not by_cell:
            return self.data
        # Views, so that outputs are copied once, into the result.
        view, parts, done = memoryview(self.data), list[bytes | memoryview](), 0
        for cell in sorted(by_cell, key=lambda cell: cell.number):
            parts += (view[done : cell.source.start], cell.source.edited(by_cell[cell], cell.span.start, self.data))
            done = cell.source.end
        return b"".join((*parts, view[done:]))


def notebook_from_bytes(path: Path, data: bytes) -> Notebook:
    """The notebook with these bytes; UserError when they are damaged, of another format, or for another language."""
    try:
        return _notebook(path, JsonText(data))
    except DamagedJson as error:
        raise UserError(f"{path}: damaged notebook ({error})", "open it in Jupyter and save it again") from None


def _notebook(path: Path, json: JsonText) -> Notebook:
    members = json.members(json.root())
    if "nbformat" not in members:
        raise UserError(f"{path}: not a notebook (it has no `nbformat`)")
    version = json.value(members["nbformat"])
    if version != _FORMAT or "cells" not in members:
        raise UserError(f"{path}: notebook format {version}, not {_FORMAT}", "convert it with `jupyter nbconvert`")
    language = _language(json, members)
    if language.lower() not in ("", "python"):
        raise UserError(f"{path}: its kernel runs {language}, not Python", "leave it out")
    sources = [source for at in json.items(members["cells"]) for source in _code(json, at)]
    texts = [readable(source.text) if python else blank(source.text) for source, python in sources]
    starts = [0, *accumulate(len(text.text) + 1 for text in texts)]
    cells = tuple(
        CodeCell(number, Span(start, start + len(text.text)), source, text)
        for number, (start, (source, _), text) in enumerate(zip(starts, sources, texts, strict=False), 1)
    )
    return Notebook(path, "\n".join(cell.python.text for cell in cells), cells, json.data)


def _language(json: JsonText, members: dict[str, int]) -> str:
    """The language of the kernel, "" when the notebook does not say."""
    metadata = json.members(members["metadata"]) if "metadata" in members else {}
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        inner = json.members(metadata[key]) if key in metadata else {}
        if name in inner:
            return str(json.value(inner[name]))
    return ""


def _code(json: JsonText, at: int) -> list[tuple[CellSource, bool]]:
    """The source of a code cell and whether it is Python; nothing for text cells."""
    members = json.members(at)
    if "cell_type" not in members or json.value(members["cell_type"]) != "code":
        return []
    if "source" not in members:
        raise DamagedJson(at)
    return [(cell_source(json, members["source"]), _is_python(json, members))]


def _is_python(json: JsonText, members: dict[str, int]) -> bool:
    """Editors that mix languages note that of a cell in its metadata."""
    metadata = json.members(members["metadata"]) if "metadata" in members else {}
    editor = json.value(metadata["vscode"]) if "vscode" in metadata else {}
    language = editor.get("languageId", "python") if isinstance(editor, dict) else "python"
    return str(language).lower() == "python"
