"""Edits made on a file: never stale, never overlapping, never a change outside of them."""

from collections.abc import Sequence
from itertools import pairwise

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.source.lines import LineTable
from perf_advise.source.parsing import compile_text, parse_text
from perf_advise.source.text import NOTEBOOK_SUFFIX, SourceFile, spliced
from perf_advise.source.unchanged import first_change
from perf_advise.source.writing import write_atomically

__all__ = ["apply_edits", "checked_edits", "edited_text", "write_atomically"]


def apply_edits(file: SourceFile, edits: Sequence[Edit]) -> bytes:
    """The bytes of the file with all `edits` made.

    UserError when an edit is stale or overlaps another one, when the result does not compile, or when a statement
    that no edit touches would come to mean something else.
    """
    wanted = checked_edits(file, edits)
    _require_sound(file, wanted)
    return file.encode(wanted)


def edited_text(file: SourceFile, edits: Sequence[Edit]) -> str:
    """`file.text` with the edits made, for showing a difference; UserError for stale or overlapping edits."""
    return spliced(file.text, checked_edits(file, edits))


def checked_edits(file: SourceFile, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits in the order of the text, repeated ones once; UserError when one is stale or two overlap."""
    wanted = tuple(sorted(set(edits)))
    for edit in wanted:
        _require_fresh(file, edit)
    for first, second in pairwise(wanted):
        if first.span.overlaps(second.span):
            raise _refused(file, second, "overlaps another edit")
    return wanted


def _require_fresh(file: SourceFile, edit: Edit) -> None:
    if file.text[edit.span.start : edit.span.end] != edit.old or edit.span.end > len(file.text):
        raise _refused(file, edit, "the text has changed since")
    for span in file.opaque:
        if edit.span.start < span.end and span.start < edit.span.end:
            raise _refused(file, edit, "touches a line that is not Python")


def _require_sound(file: SourceFile, edits: Sequence[Edit]) -> None:
    name = f"{file.path} (edited)"
    new = LineTable(spliced(file.text, edits))
    tree = parse_text(new.text, name)
    # In a notebook, `await` and `from __future__` may stand where a module does not let them.
    if file.path.suffix.lower() != NOTEBOOK_SUFFIX:
        compile_text(tree, name)
    change = first_change(file.tree, file.lines, tree, new, edits)
    if change:
        raise UserError(f"{name}: {change}", "nothing was changed")


def _refused(file: SourceFile, edit: Edit, why: str) -> UserError:
    row = file.location(min(edit.span.start, len(file.text))).row
    return UserError(f"{file.path}:{row}: edit refused: {why}", "run again")
