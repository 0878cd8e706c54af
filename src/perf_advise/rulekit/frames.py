"""What rules about pandas share: rows and their columns by constant label, names for the values of columns."""

import builtins
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import libcst as cst

from perf_advise.facts.types.frames import FRAME, SERIES, may_be_label
from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.rulekit import needs
from perf_advise.rulekit.escapes import is_target, variable_uses
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.view import View

_FRAME_ONLY = frozenset({"iterrows", "itertuples", "set_index", "pivot_table", "select_dtypes"})
_PANDAS_ONLY = frozenset(
    {"iloc", "loc", "groupby", "sort_values", "reset_index", "drop_duplicates", "dropna", "fillna"}
)
_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """`row["price"]` or `row.price`: where it stands, and the column's label."""

    node: cst.BaseExpression
    label: str


def is_frame(view: View, expr: cst.BaseExpression) -> Need:
    """The expression is a DataFrame: by its type or, where that is unknown, because the code uses it as one."""
    need = needs.is_type(view, expr, FRAME)
    return _by_use(need, _used_as_frame(view, expr))


def is_series(view: View, expr: cst.BaseExpression) -> Need:
    """The expression is a Series: by its type, or as a column of what the code uses as a frame."""
    need = needs.is_type(view, expr, SERIES)
    column = isinstance(expr, cst.Subscript) and label_of(expr) is not None
    return _by_use(need, _used_as_frame(view, expr.value) if column and isinstance(expr, cst.Subscript) else "")


def _by_use(need: Need, use: str) -> Need:
    if need.answer.truth is not Truth.UNKNOWN or not use:
        return need
    return Need(Answer.yes(f"the code uses it as one: `.{use}`", Evidence.SEEN), need.claim, need.kind)


def _used_as_frame(view: View, expr: cst.BaseExpression) -> str:
    """A member of the expression that only frames have, in a module that imports pandas; "" where there is none."""
    if not any(target.partition(".")[0] == "pandas" for target in view.index.imports.values()):
        return ""
    code = view.code(expr)
    members = [n.attr.value for n in view.walk(cst.Attribute) if view.code(n.value) == code]
    labelled = any(label_of(n) is not None and view.code(n.value) == code for n in view.walk(cst.Subscript))
    of_frame = [name for name in members if name in _FRAME_ONLY or (labelled and name in _PANDAS_ONLY)]
    return of_frame[0] if of_frame else ""


class MethodCall(NamedTuple):
    """`receiver.name(...)`."""

    receiver: cst.BaseExpression
    call: cst.Call
    name: str


def method_call(node: cst.CSTNode | None, *names: str) -> MethodCall | None:
    """The parts of `receiver.name(...)` for one of these names."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in names:
        return MethodCall(node.func.value, node, node.func.attr.value)
    return None


def keyword_of(call: cst.Call, name: str) -> cst.BaseExpression | None:
    """The value of a keyword argument."""
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def label_of(node: cst.CSTNode) -> str | None:
    """The label of `base["label"]`; None for any other subscript."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        index = node.slice[0].slice.value
        value = index.evaluated_value if isinstance(index, cst.SimpleString) else None
        return value if isinstance(value, str) else None
    return None


def column_reads(view: View, row: str, where: Sequence[cst.CSTNode]) -> list[ColumnRead] | None:
    """The reads of a row's items by constant label; None where the row is used in any other way."""
    reads: list[ColumnRead] = []
    for use in variable_uses(view, row):
        if any(view.inside(use, node) for node in where):
            read = _read(view, use)
            if read is None:
                return None
            reads.append(read)
    return reads


def _read(view: View, use: cst.Name) -> ColumnRead | None:
    holder = view.parent(use)
    if isinstance(holder, cst.Subscript) and holder.value is use:
        label = label_of(holder)
        return None if label is None or is_target(view, holder) else ColumnRead(holder, label)
    if isinstance(holder, cst.Attribute) and may_be_label(holder.attr.value):
        outer = view.parent(holder)
        called = isinstance(outer, cst.Call) and outer.func is holder
        return None if called or is_target(view, holder) else ColumnRead(holder, holder.attr.value)
    return None


def labels(reads: Sequence[ColumnRead]) -> tuple[str, ...]:
    """The labels that are read, each once, in the order of the code."""
    return tuple(dict.fromkeys(read.label for read in reads))


def quoted(label: str) -> str:
    """The label as a string literal."""
    return '"' + label + '"' if label.isprintable() and not set(label) & {'"', "\\"} else repr(label)


def value_names(view: View, columns: Sequence[str]) -> dict[str, str]:
    """A free variable name for the values of each column, after its label."""
    found: dict[str, str] = {}
    for label in columns:
        wanted = _NOT_WORD.sub("_", label).strip("_").lower()
        wanted = wanted if wanted.isidentifier() else f"column_{wanted}".strip("_")
        found[label] = free_name(view, wanted, frozenset(found.values()))
    return found


def free_name(view: View, wanted: str, taken: frozenset[str] = frozenset()) -> str:
    """`wanted`, or it with an ending, such that no variable of the function or module has that name."""
    used = {node.value for node in view.walk(cst.Name) if _is_variable(view, node)} | taken
    used |= view.index.globals.keys() | view.index.imports.keys()
    candidates = (wanted, f"{wanted}_value", *(f"{wanted}_{number}" for number in range(2, 100)))
    return next(c for c in candidates if c not in used and not keyword.iskeyword(c) and not hasattr(builtins, c))


def _is_variable(view: View, node: cst.Name) -> bool:
    holder = view.parent(node)
    return not (isinstance(holder, cst.Attribute) and holder.attr is node)


def root_name(expr: cst.CSTNode) -> str | None:
    """The variable at the left end of `df.loc[i, "a"]`."""
    while isinstance(expr, cst.Attribute | cst.Subscript):
        expr = expr.value
    return expr.value if isinstance(expr, cst.Name) else None


def is_simple(expr: cst.BaseExpression) -> bool:
    """Whether evaluating the expression twice is as good as once: a name, or attributes of one."""
    while isinstance(expr, cst.Attribute):
        expr = expr.value
    return isinstance(expr, cst.Name)


def is_repeatable(expr: cst.BaseExpression) -> bool:
    """Whether the expression is a simple one, or a column of one: `df`, `self.df`, `df["a"]`."""
    if label_of(expr) is not None and isinstance(expr, cst.Subscript):
        expr = expr.value
    return is_simple(expr)


def stored_labels(view: View, frame: str, where: Sequence[cst.CSTNode]) -> set[str] | None:
    """The columns of a frame that these nodes assign to; None where it cannot be told which."""
    found: set[str] = set()
    for use in variable_uses(view, frame):
        if not any(view.inside(use, node) for node in where):
            continue
        top: cst.CSTNode = use
        while isinstance(holder := view.parent(top), cst.Attribute | cst.Subscript) and holder.value is top:
            top = holder
        if top is use or is_target(view, top):
            texts = [n for n in _strings(top) if isinstance(n.evaluated_value, str)]
            if len(texts) != 1:
                return None
            found.add(str(texts[0].evaluated_value))
    return found


def _strings(node: cst.CSTNode) -> list[cst.SimpleString]:
    found = [node] if isinstance(node, cst.SimpleString) else []
    for child in node.children:
        found += _strings(child)
    return found


def renamed(view: View, expr: cst.BaseExpression, names: Mapping[int, str]) -> str:
    """The text of an expression with other texts for some of its nodes, by node id."""
    whole = view.slice.span(expr)
    parts = sorted((view.slice.span(n).start, view.slice.span(n).end, names[id(n)]) for n in _nodes(expr, names))
    text, end = "", whole.start
    for start, stop, name in parts:
        text += view.slice.file.text[end:start] + name
        end = stop
    return text + view.slice.file.text[end : whole.end]


def _nodes(node: cst.CSTNode, names: Mapping[int, str]) -> list[cst.CSTNode]:
    if id(node) in names:
        return [node]
    return [found for child in node.children for found in _nodes(child, names)]
