"""The diff of a fix: unified where the screen is narrow, side by side where it is wide."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from perf_advise.model.finding import Edit
from perf_advise.report.hunks import Row, hunks, rows_of
from perf_advise.report.lines import Line, Piece, Style, line
from perf_advise.source.text import SourceFile

WIDE = 160
_BLANK: Row = ("  ", "")
_STYLES: dict[str, Style] = {"  ": "muted", "- ": "removed", "+ ": "added"}


def draw(file: SourceFile, edits: Sequence[Edit], width: int, indent: str) -> list[Line]:
    """The lines of the diff, indented."""
    drawn: list[Line] = []
    for hunk in hunks(file, edits):
        rows = list(rows_of(hunk))
        drawn += _side_by_side(rows, width, indent) if width >= WIDE else _unified(rows, indent)
    return drawn


def _unified(rows: Iterable[Row], indent: str) -> Iterator[Line]:
    for sign, text in rows:
        yield line(Piece(f"{indent}{sign}{text}", _STYLES[sign]))


def _side_by_side(rows: Sequence[Row], width: int, indent: str) -> Iterator[Line]:
    half = (width - len(indent) - 3) // 2
    for left, right in _paired(rows):
        for before, after in zip_longest(_folded(left, half), _folded(right, half), fillvalue=_BLANK):
            yield (Piece(indent), _cell(before, half), Piece(" | ", "muted"), _cell(after, half))


def _paired(rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """What goes beside what comes, and what stays beside itself."""
    for stays, group in groupby(rows, key=lambda row: row[0] == "  "):
        if stays:
            yield from ((row, row) for row in group)
            continue
        changed = list(group)
        gone = [row for row in changed if row[0] == "- "]
        come = [row for row in changed if row[0] == "+ "]
        yield from zip_longest(gone, come, fillvalue=_BLANK)


def _folded(row: Row, width: int) -> list[Row]:
    """The row in pieces that fit, sign included; later pieces hang by four."""
    sign, text = row
    first, rest, step = text[: width - 2], text[width - 2 :], width - 6
    later: list[Row] = [(sign, "    " + rest[i : i + step]) for i in range(0, len(rest), step)]
    return [(sign, first), *later]


def _cell(row: Row, width: int) -> Piece:
    sign, text = row
    return Piece(f"{sign}{text}".ljust(width), _STYLES[sign])
