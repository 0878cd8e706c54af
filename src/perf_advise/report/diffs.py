"""The diff of a fix: unified where the screen is narrow, side by side where it is wide."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Literal

from perf_advise.model.finding import Edit
from perf_advise.model.places import Span
from perf_advise.report.lines import Line, Piece, Style, line
from perf_advise.report.texts import lines_of
from perf_advise.source.text import SourceFile, spliced

WIDE = 160
_CONTEXT = 2

Row = tuple[Literal["  ", "- ", "+ "], str]
"""A line that stays, goes or comes, with its text."""
_CUT: Row = ("  ", "...")
_BLANK: Row = ("  ", "")
_STYLES: dict[str, Style] = {"  ": "muted", "- ": "removed", "+ ": "added"}


@dataclass(frozen=True, slots=True)
class Hunk:
    """Whole lines before and after, from the 1-based line `start` of the file."""

    start: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def hunks(file: SourceFile, edits: Sequence[Edit]) -> list[Hunk]:
    """The lines that the edits touch; edits that share or touch a line are in one hunk."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(edits):
        first, last = _touched(file, edit)
        if groups and first <= groups[-1][1]:
            start, end, group = groups[-1]
            groups[-1] = (start, max(end, last), [*group, edit])
        else:
            groups.append((first, last, [edit]))
    return [_hunk(file, *group) for group in groups]


def _touched(file: SourceFile, edit: Edit) -> tuple[int, int]:
    """The first line touched and the first one after it that is not (equal for whole new lines)."""
    first, last = file.lines.line_of(edit.span.start), file.lines.line_of(edit.span.end)
    begins, ends = edit.span.start == file.lines.start_of(first), edit.span.end == file.lines.start_of(last)
    whole = ends and (edit.new.endswith(("\n", "\r")) if edit.new else begins)
    return first, last if whole else last + 1


def _hunk(file: SourceFile, first: int, last: int, edits: Sequence[Edit]) -> Hunk:
    start, end = file.lines.start_of(first), file.lines.start_of(last)
    before = file.text[start:end]
    moved = [Edit(e.path, Span(e.span.start - start, e.span.end - start), e.old, e.new) for e in edits]
    return Hunk(first, _rows(before), _rows(spliced(before, moved)))


def _rows(text: str) -> tuple[str, ...]:
    return tuple(row.rstrip("\r\n").expandtabs(4) for row in lines_of(text))


def rows_of(hunk: Hunk) -> Iterator[Row]:
    """The hunk row by row; of long stretches that stay only the ends are given."""
    matcher = difflib.SequenceMatcher(None, hunk.before, hunk.after, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if number:
            yield _CUT
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (("  ", text) for text in hunk.before[i:j])
            else:
                yield from (("- ", text) for text in hunk.before[i:j])
                yield from (("+ ", text) for text in hunk.after[k:m])


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
