"""The lines that a fix takes and brings, row by row, whatever shows them."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from perf_advise.model.finding import Edit
from perf_advise.model.places import Span
from perf_advise.report.texts import lines_of
from perf_advise.source.text import SourceFile, spliced

_CONTEXT = 2

Row = tuple[Literal["  ", "- ", "+ "], str]
"""A line that stays, goes or comes, with its text."""
CUT: Row = ("  ", "...")
"""Stands for lines that are left out."""


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
            yield CUT
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (("  ", text) for text in hunk.before[i:j])
            else:
                yield from (("- ", text) for text in hunk.before[i:j])
                yield from (("+ ", text) for text in hunk.after[k:m])
