"""Loops and comprehensions over the rows of a frame, and what they read of each row."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit import frames, needs
from perf_advise.rulekit.escapes import variable_uses
from perf_advise.rulekit.matches import Insertion, Need, Replacement, Rewrite
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class RowLoop:
    """`for index, row in frame.iterrows()`; `reads` is None where the row is more than read by constant label.

    `body` is what runs for each row; `uses_index` and `uses_frame` tell whether it mentions the two.
    """

    loop: cst.For | cst.CompFor
    frame: cst.BaseExpression
    index: str
    row: str
    body: tuple[cst.CSTNode, ...]
    reads: tuple[frames.ColumnRead, ...] | None
    uses_index: bool
    uses_frame: bool

    @property
    def is_statement(self) -> bool:
        """Whether it is a `for` statement, before which a line can stand."""
        return isinstance(self.loop, cst.For)


def row_loops(view: View) -> Iterator[RowLoop]:
    """Every loop over `iterrows()` of anything, in source order."""
    for loop in view.walk(cst.For, cst.CompFor):
        assert isinstance(loop, cst.For | cst.CompFor)  # `walk` of two kinds gives the kind that both are
        called = frames.method_call(loop.iter, "iterrows")
        names = _names(loop.target)
        if called is not None and names is not None and loop.asynchronous is None:
            yield _row_loop(view, loop, called[0], *names)


def over_columns(view: View, found: RowLoop) -> Rewrite:
    """The loop over the columns that it reads."""
    reads = found.reads or ()
    names = frames.value_names(view, frames.labels(reads))
    source = view.code(found.frame) if frames.is_simple(found.frame) else frames.free_name(view, "rows")
    ending = ".tolist()" if found.uses_frame else ""
    columns = {names[label]: f"{source}[{frames.quoted(label)}]{ending}" for label in names}
    if found.uses_index or not columns:
        columns = {found.index: f"{source}.index"} | columns
    sources = ", ".join(columns.values())
    replacements = (
        Replacement.of(found.loop.target, ", ".join(columns)),
        Replacement.of(found.loop.iter, f"zip({sources})" if len(columns) > 1 else sources),
        *(Replacement.of(read.node, names[read.label]) for read in reads),
    )
    if frames.is_simple(found.frame):
        return Rewrite(replacements)
    return Rewrite(replacements, (Insertion(view.statement(found.loop), f"{source} = {view.code(found.frame)}"),))


def keeps_columns(view: View, found: RowLoop) -> Need:
    """The body writes no column that it reads: iterrows hands out rows as they were, or as they are, by dtypes."""
    root = frames.root_name(found.frame) or ""
    stored = frames.stored_labels(view, root, found.body)
    kept = stored is not None and not stored & {read.label for read in found.reads or ()}
    claim = f"the loop writes no column of `{root}` that it reads"
    return needs.holds(kept, claim, "a later row may see what is written")


def _row_loop(view: View, loop: cst.For | cst.CompFor, frame: cst.BaseExpression, index: str, row: str) -> RowLoop:
    body = tuple(_per_row(view, loop))
    reads = frames.column_reads(view, row, body)
    root = frames.root_name(frame)
    return RowLoop(
        loop,
        frame,
        index,
        row,
        body,
        None if reads is None else tuple(reads),
        uses_index=_mentions(view, index, body),
        uses_frame=root is not None and _mentions(view, root, body),
    )


def _mentions(view: View, name: str, body: tuple[cst.CSTNode, ...]) -> bool:
    return any(view.inside(use, node) for use in variable_uses(view, name) for node in body)


def _per_row(view: View, loop: cst.For | cst.CompFor) -> Iterator[cst.CSTNode]:
    """What runs once for each row: the body; the conditions, inner loops and element of a comprehension."""
    if isinstance(loop, cst.For):
        yield loop.body
        return
    yield from loop.ifs
    if loop.inner_for_in is not None:
        yield loop.inner_for_in
    comprehension = next(h for h in view.ancestors(loop) if isinstance(h, cst.BaseComp))
    if isinstance(comprehension, cst.DictComp):
        yield comprehension.key
        yield comprehension.value
    elif isinstance(comprehension, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        yield comprehension.elt


def _names(target: cst.BaseExpression) -> tuple[str, str] | None:
    """The names of `for index, row in ...`."""
    if not isinstance(target, cst.Tuple) or len(target.elements) != 2:
        return None
    index, row = (element.value for element in target.elements)
    return (index.value, row.value) if isinstance(index, cst.Name) and isinstance(row, cst.Name) else None
