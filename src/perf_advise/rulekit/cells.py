"""Single cells of frames, read or written by label or position: `df.loc[i, "a"]`, `df["a"].iloc[i]`."""

from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.escapes import is_target, variable_uses
from perf_advise.rulekit.frames import is_simple, label_of
from perf_advise.rulekit.patterns import match_pattern
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the whole expression, the frame, the column's label, the row, and whether that is a position."""

    node: cst.Subscript
    frame: cst.BaseExpression
    label: str
    row: cst.BaseExpression
    by_position: bool


def cell_of(node: cst.CSTNode) -> Cell | None:
    """The cell that a subscript is; None for anything else."""
    if not isinstance(node, cst.Subscript):
        return None
    indices = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
    if len(indices) != len(node.slice):
        return None
    if len(indices) == 2:
        return _by_both(node, *indices)
    label = label_of(node)
    return _row_first(node, label) if label is not None else _column_first(node, indices[0])


def _by_both(node: cst.Subscript, row: cst.BaseExpression, column: cst.BaseExpression) -> Cell | None:
    """`df.loc[i, "a"]`, `df.at[i, "a"]`."""
    base = node.value
    label = column.evaluated_value if isinstance(column, cst.SimpleString) else None
    if isinstance(base, cst.Attribute) and base.attr.value in ("loc", "at") and isinstance(label, str):
        return Cell(node, base.value, label, row, False)
    return None


def _row_first(node: cst.Subscript, label: str) -> Cell | None:
    """`df.iloc[i]["a"]`, `df.loc[i]["a"]`."""
    inner = node.value
    if isinstance(inner, cst.Subscript) and isinstance(inner.value, cst.Attribute) and len(inner.slice) == 1:
        name, index = inner.value.attr.value, inner.slice[0].slice
        if name in ("iloc", "loc") and isinstance(index, cst.Index):
            return Cell(node, inner.value.value, label, index.value, name == "iloc")
    return None


def _column_first(node: cst.Subscript, row: cst.BaseExpression) -> Cell | None:
    """`df["a"].iloc[i]`, `df["a"].at[i]`, `df["a"].values[i]`, `df["a"][i]`."""
    base = node.value
    column, accessor = (base.value, base.attr.value) if isinstance(base, cst.Attribute) else (base, "")
    label = label_of(column)
    known = accessor in ("iloc", "iat", "loc", "at", "values", "")
    if not known or label is None or not isinstance(column, cst.Subscript) or isinstance(row, cst.Comparison):
        return None
    return Cell(node, column.value, label, row, accessor in ("iloc", "iat", "values"))


def cells_in(view: View, body: cst.CSTNode, frame: str) -> tuple[list[Cell], list[Cell]] | None:
    """The cells of a frame that `body` reads and writes; None where it does anything else with the frame but `len`."""
    found = [cell for node in view.walk(cst.Subscript) if view.inside(node, body) and (cell := cell_of(node))]
    own = [cell for cell in found if view.code(cell.frame) == frame]
    own = [cell for cell in own if not any(cell is not c and view.inside(cell.node, c.node) for c in own)]
    for use in variable_uses(view, frame.partition(".")[0]):
        inside = view.inside(use, body)
        if inside and not any(view.inside(use, cell.node) for cell in own) and not _is_length(view, use):
            return None
    written = [cell for cell in own if is_target(view, cell.node)]
    return [cell for cell in own if cell not in written], written


def _is_length(view: View, use: cst.Name) -> bool:
    """Whether it is `len(df)` or `df.shape`."""
    holder = view.parent(use)
    if isinstance(holder, cst.Arg):
        call = view.parent(holder)
        return isinstance(call, cst.Call) and view.facts.qualified_name(call.func) == "builtins.len"
    return isinstance(holder, cst.Attribute) and holder.attr.value == "shape"


def rows_of_loop(view: View, loop: cst.For) -> tuple[str, cst.BaseExpression | None]:
    """The variable that goes through all rows of a frame, and the frame."""
    several = isinstance(loop.target, cst.Tuple)
    target = loop.target.elements[0].value if isinstance(loop.target, cst.Tuple) else loop.target
    patterns = ("$frame.iterrows()",) if several else ("$frame.index", "range(len($frame))", "range($frame.shape[0])")
    source: cst.BaseExpression = loop.iter
    if (
        several
        and isinstance(source, cst.Call)
        and view.facts.qualified_name(source.func) == "builtins.zip"
        and source.args
    ):
        source, patterns = source.args[0].value, ("$frame.index",)
    bound = next((b for p in patterns if (b := match_pattern(p, source, view.facts)) is not None), None)
    simple = bound is not None and is_simple(bound["frame"])
    return (target.value if isinstance(target, cst.Name) else ""), bound[
        "frame"
    ] if bound is not None and simple else None


def writes_at_end(block: cst.BaseSuite | None, cells: set[int]) -> int:
    """How many of the cells are written by what ends the block, if each way through it writes one; else 0."""
    last = block.body[-1] if isinstance(block, cst.IndentedBlock) else None
    if isinstance(last, cst.SimpleStatementLine) and len(last.body) == 1:
        assign = last.body[0]
        written = isinstance(assign, cst.Assign) and len(assign.targets) == 1 and id(assign.targets[0].target) in cells
        return int(written)
    if isinstance(last, cst.If) and last.orelse is not None:
        other = last.orelse.body if isinstance(last.orelse, cst.Else) else cst.IndentedBlock([last.orelse])
        counts = writes_at_end(last.body, cells), writes_at_end(other, cells)
        return sum(counts) if all(counts) else 0
    return 0
