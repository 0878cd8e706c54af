"""The source texts that a report speaks of, and how places in them are written."""

import os
from itertools import pairwise
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.places import Location
from perf_advise.model.report import Report
from perf_advise.source.lines import LineTable
from perf_advise.source.text import PythonFile, SourceFile, read_source


class Texts:
    """The files of a report, each read once: as they stand, or as they stood before `--fix` wrote them."""

    def __init__(self, report: Report) -> None:
        self._before = {change.path: PythonFile(change.path, change.before) for change in report.changes}
        self._now: dict[Path, SourceFile | None] = {}
        if report.stdin is not None:
            self._now[report.stdin[0]] = PythonFile(*report.stdin)

    def of(self, finding: Finding) -> SourceFile | None:
        """The text that the places of `finding` are places of; None when it cannot be read any more."""
        edits = finding.fix.edits if finding.fix else ()
        for file in (self._read(finding.path), self._before.get(finding.path)):
            if file is not None and all(file.text[e.span.start : e.span.end] == e.old for e in edits):
                return file
        return None

    def _read(self, path: Path) -> SourceFile | None:
        if path not in self._now:
            try:
                self._now[path] = read_source(path)
            except UserError:
                self._now[path] = None
        return self._now[path]


def short(path: Path) -> str:
    """The path relative to the working directory when it is below it, as people type it."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    relative = os.path.relpath(absolute)
    return str(absolute) if relative.startswith("..") else relative


def place(path: Path, at: Location) -> str:
    """`src/grid.py:92:9`, or `analysis.ipynb:cell 7:12:5`."""
    cell = f"cell {at.cell}:" if at.cell is not None else ""
    return f"{short(path)}:{cell}{at.row}:{at.column}"


def spot(path: Path, line: int) -> str:
    """`src/grid.py:92`, or `analysis.ipynb:cell 7:12` for a line of the notebook's text."""
    at = _in_cell(path, line) if path.suffix == ".ipynb" else None
    return f"{short(path)}:cell {at.cell}:{at.row}" if at is not None and at.cell else f"{short(path)}:{line}"


def _in_cell(path: Path, line: int) -> Location | None:
    try:
        file = read_source(path)
        return file.location(file.offset_of_line(line))
    except (UserError, IndexError):
        return None


def link(path: Path, row: int) -> str:
    """A `file://` address with the line as its fragment."""
    return f"{path.absolute().as_uri()}#{row}"


def lines_of(text: str) -> list[str]:
    """The lines with their endings, as the Python tokenizer sees them: a form feed ends none."""
    return [text[start:end] for start, end in pairwise((*LineTable(text).starts, len(text))) if start < end]
