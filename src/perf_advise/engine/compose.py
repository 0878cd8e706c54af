"""A rule's rewrite becomes a fix: edits of the file, nothing else moved by a byte."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from perf_advise.engine.judge import Judgement
from perf_advise.engine.layout import indented
from perf_advise.engine.meanings import new_names, obstacle
from perf_advise.engine.overlap import joined
from perf_advise.model.finding import Edit, Fix
from perf_advise.model.places import Span
from perf_advise.rulekit.matches import Insertion, LineInsertion, Replacement, Rewrite
from perf_advise.rulekit.view import View
from perf_advise.source.imports import available_name, import_edits

_STATEMENT = (cst.SimpleStatementLine, cst.BaseCompoundStatement)


class CannotCompose(Exception):
    """The rewrite would lose something of the user's, or mean something else there; the reason is the text."""


def compose_fix(view: View, rewrite: Rewrite, judgement: Judgement, message: str) -> Fix:
    """The fix of a rewrite; raises CannotCompose where it would lose a comment or a name means something else."""
    reason = obstacle(view, rewrite)
    if reason:
        raise CannotCompose(reason)
    imports = tuple(_import_statements(view, rewrite.imports))
    edits = [_replace(view, r, rewrite.definitions) for r in rewrite.replacements]
    edits += [_insert(view, i) for i in rewrite.insertions]
    edits += [_line_above(view, line) for line in rewrite.lines]
    edits = _at_one_place([*_define(view, rewrite), *edits])
    for_imports = import_edits(view.slice.file, imports)
    return Fix(
        applicability=judgement.applicability,
        message=rewrite.message or message,
        edits=joined([*for_imports, *edits]),
        differences=tuple(dict.fromkeys((*judgement.differences, *rewrite.differences))),
        assumptions=judgement.assumptions,
        packages=rewrite.packages,
        imports=imports,
        own_edits=tuple(edits),
        trial=rewrite.trial,
        names=tuple(sorted(new_names(view, rewrite))),
    )


def _at_one_place(edits: list[Edit]) -> list[Edit]:
    """A definition that stands right before what is replaced becomes part of the replacement."""
    found: dict[int, Edit] = {}
    for edit in edits:
        first = found.get(edit.span.start)
        if first is not None and not first.old and first.span.start == first.span.end and edit.old:
            edit = replace(edit, new=first.new + edit.new)
            del found[edit.span.start]
        key = edit.span.start if edit.span.start not in found else -len(found) - 1
        found[key] = edit
    return list(found.values())


def _replace(view: View, replacement: Replacement, definitions: tuple[str, ...]) -> Edit:
    nodes = replacement.nodes
    piece = view.slice
    span = Span(piece.span(nodes[0]).start, piece.span(nodes[-1]).end)
    if not replacement.code:
        return _delete(view, nodes, span)
    moved = "\n".join((replacement.code, *definitions))
    comments = [c for c in piece.comments_in(span) if c.strip() not in moved]
    if not isinstance(nodes[0], _STATEMENT):
        if comments:
            raise CannotCompose("a comment inside of the expression would be lost")
        own = view.slice.file.text[span.start : span.end]
        return _edit(view, span, indented(replacement.code, _base(view, span.start), _unit(view), _newline(view), own))
    code = "\n".join([*(c.strip() for c in comments), replacement.code])
    return _edit(view, span, indented(code, _base(view, span.start), _unit(view), _newline(view)))


def _delete(view: View, nodes: tuple[cst.CSTNode, ...], span: Span) -> Edit:
    """Whole lines go; a block that would be empty gets `pass`."""
    lines = Span(view.slice.lines_span(nodes[0]).start, view.slice.lines_span(nodes[-1]).end)
    if view.slice.comments_in(lines):
        raise CannotCompose("a comment beside the statement would be lost")
    if len(view.siblings(nodes[0])) == len(nodes):
        return _edit(view, span, "pass")
    return _edit(view, lines, "")


def _insert(view: View, insertion: Insertion) -> Edit:
    """Statements at the level of the anchor, on lines of their own."""
    newline = _newline(view)
    span = view.slice.span(_own_line(view, insertion.anchor))
    base = _base(view, span.start)
    code = indented(insertion.code, base, _unit(view), newline)
    if not insertion.after:
        return _edit(view, Span(span.start, span.start), f"{code}{newline}{base}")
    end = view.slice.lines_span(_own_line(view, insertion.anchor)).end
    text = view.slice.file.text
    gap = "" if end == 0 or text[end - 1] in "\r\n" else newline
    return _edit(view, Span(end, end), f"{gap}{base}{code}{newline}")


def _line_above(view: View, insertion: LineInsertion) -> Edit:
    offset = view.slice.file.offset_of_line(insertion.line)
    return _edit(view, Span(offset, offset), f"{insertion.code}{_newline(view)}")


def _own_line(view: View, statement: cst.CSTNode) -> cst.CSTNode:
    """The statement, or the `if` that it is an `elif` of: nothing can stand between the two."""
    holder = view.parent(statement)
    while isinstance(statement, cst.If) and isinstance(holder, cst.If):
        statement, holder = holder, view.parent(holder)
    return statement


def _define(view: View, rewrite: Rewrite) -> Iterator[Edit]:
    """Module-level definitions before the top-level statement that holds the hot code."""
    if not rewrite.definitions:
        return
    newline = _newline(view)
    anchor = view.slice.node if not view.hot.is_module else rewrite.replacements[0].nodes[0]
    line = view.hot.line if not view.hot.is_module else view.line(anchor)
    offset = view.slice.file.offset_of_line(_top_level_line(view, line))
    code = "\n\n\n".join(d.strip("\n") for d in rewrite.definitions)
    yield _edit(view, Span(offset, offset), indented(code, "", _unit(view), newline) + newline * 3)


def _top_level_line(view: View, line: int) -> int:
    """The line where the top-level statement around `line` begins, decorators and comments above included."""
    for statement in view.index.tree.body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)])
        if first <= line <= (statement.end_lineno or statement.lineno):
            return _above_comments(view, first)
    return line


def _above_comments(view: View, first: int) -> int:
    lines = view.slice.file.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while first > 1 and lines[first - 2].startswith("#") and not lines[first - 2].startswith(("#!", "# %%")):
        first -= 1
    return first


def _import_statements(view: View, targets: Iterable[str]) -> Iterator[str]:
    for target in dict.fromkeys(targets):
        if available_name(view.index, target) is None:
            yield import_statement(target, view.name_of(target))


def import_statement(target: str, name: str) -> str:
    """`import numpy as np` for `numpy`, `from collections import deque` for `collections.deque`."""
    module, _, last = target.rpartition(".")
    if not module:
        return f"import {target}" if name == target else f"import {target} as {name}"
    return f"from {module} import {last}" if name == last else f"from {module} import {last} as {name}"


def _edit(view: View, span: Span, new: str) -> Edit:
    file = view.slice.file
    return Edit(file.path, span, file.text[span.start : span.end], new)


def _base(view: View, offset: int) -> str:
    """The indentation of the line that holds `offset`."""
    text = view.slice.file.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def _unit(view: View) -> str:
    return view.slice.module.default_indent


def _newline(view: View) -> str:
    return view.slice.module.default_newline
