"""The libcst tree of one function, parsed from its text alone, with every node's place in the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import libcst as cst

from perf_advise.model.errors import UserError
from perf_advise.model.places import Span
from perf_advise.source.functions import FunctionSite
from perf_advise.source.positions import Positions, positions_of
from perf_advise.source.text import SourceFile

_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True)
class FunctionSlice:
    """One function (`site` None: the module's top-level code) as a tree.

    `module` is the slice's own: its `default_indent` and `default_newline` are the file's, so that
    `module.code_for_node` of a new node fits in. `node` is the function or, for top-level code, the module.
    All spans are offsets in `file.text`; all methods raise KeyError for a node that is not of this tree. The tree is
    that of `source`, which begins at `start`: before the function where a header was put in front.
    """

    file: SourceFile
    site: FunctionSite | None
    module: cst.Module
    node: cst.FunctionDef | cst.Module
    source: str
    start: int

    @cached_property
    def positions(self) -> Positions:
        """The place of every node; costs as much as the tree itself, and is made when it is first asked for."""
        return positions_of(self.module, self.start)

    def span(self, node: cst.CSTNode) -> Span:
        """A statement without leading comment lines, indentation, `;` and line ending, but with its decorators;
        an expression with its own parentheses, an argument or element without its comma."""
        return Span(*self.positions.span(node))

    def contains(self, holder: cst.CSTNode, node: cst.CSTNode) -> bool:
        """Whether the text of `node` lies within that of `holder`."""
        first, last = self.positions.span(holder)
        start, end = self.positions.span(node)
        return first <= start and end <= last

    def inner_span(self, node: cst.CSTNode) -> Span:
        """As `span`, but an expression without its own parentheses: what to replace when they should stay."""
        return Span(*self.positions.inner(node))

    def lines_span(self, node: cst.CSTNode) -> Span:
        """The whole lines of a statement: indentation, `;`, trailing comment and line ending too."""
        start, _ = self.positions.span(node)
        line_start = self.file.lines.start_of(self.file.lines.line_of(start))
        return Span(line_start, _lines_end(node, self.positions))

    def code(self, node: cst.CSTNode) -> str:
        """The exact text of `span(node)`."""
        start, end = self.positions.span(node)
        return self.file.text[start:end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds `node`; None for the function itself or the module."""
        return None if node is self.node else self.positions.parent(node)

    def line(self, node: cst.CSTNode) -> int:
        """The line of the file (from 1) on which the node's span starts."""
        return self.file.lines.line_of(self.positions.span(node)[0])

    def end_line(self, node: cst.CSTNode) -> int:
        """The line of the file (from 1) that holds the last character of the node's span."""
        start, end = self.positions.span(node)
        return self.file.lines.line_of(max(start, end - 1))

    def indent(self, node: cst.CSTNode) -> str:
        """The white space before the first token of the line on which the node starts."""
        lines = self.file.lines
        line = self.line(node)
        text = self.file.text[lines.start_of(line) : lines.content_end(line)]
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def comments_in(self, span: Span) -> tuple[str, ...]:
        """The comments inside a span of the file, from `#` to the end of the line each."""
        text = self.file.text
        return tuple(text[a:b] for a, b in self.positions.comments if span.start <= a and b <= span.end)


def _lines_end(node: cst.CSTNode, positions: Positions) -> int:
    """Behind the line ending of a statement's last line, without the comment lines that a block owns after it."""
    if isinstance(node, cst.IndentedBlock):
        return _lines_end(node.body[-1], positions) if node.body else positions.owned(node)[1]
    for field in ("finalbody", "orelse", "handlers", "cases"):
        last = getattr(node, field, None)
        if last:
            return _lines_end(last[-1] if isinstance(last, list | tuple) else last, positions)
    body = getattr(node, "body", None)
    if isinstance(body, cst.BaseSuite):
        return _lines_end(body, positions)
    return positions.owned(node)[1]


@lru_cache(maxsize=64)
def slice_function(file: SourceFile, site: FunctionSite) -> FunctionSlice:
    """The tree of one function from its own lines; of the whole file where these do not stand alone.

    The last ones are kept: a function is looked at for itself, for its callers and for what it calls. Raises
    UserError when libcst cannot give the text back exactly.
    """
    piece = _from_lines(file, site)
    return piece if piece is not None and _is_exact(piece) else _from_file(file, site)


def tree_of_function(file: SourceFile, site: FunctionSite) -> FunctionSlice:
    """As `slice_function`, for who only reads the tree: that its code is the text, byte for byte, is not checked."""
    return _from_lines(file, site) or slice_function(file, site)


def slice_module(file: SourceFile) -> FunctionSlice:
    """The tree of the whole module, for its top-level code; UserError when libcst cannot give the text back exactly."""
    piece = _whole(file)
    if piece is None:
        raise UserError(f"{file.path}: cannot be taken apart without loss")
    return piece


@lru_cache(maxsize=64)
def _from_lines(file: SourceFile, site: FunctionSite) -> FunctionSlice | None:
    lines = file.lines
    margin = file.text[lines.start_of(lines.line_of(site.span.start)) : site.span.start]
    # A form feed takes the indentation back to nothing.
    start = site.span.start - len(margin.rpartition("\f")[2])
    end = lines.start_of(lines.line_of(site.span.end) + 1)
    header = f"if True:{file.newline}" if start < site.span.start else ""
    source = _LONE_RETURN.sub("\n", header + file.text[start:end])
    module = _parsed(file, source)
    if module is None:
        return None
    holder = module.body[0] if header else module
    node = next((n for n in _statements(holder) if isinstance(n, cst.FunctionDef)), None)
    return FunctionSlice(file, site, module, node, source, start - len(header)) if node is not None else None


def _statements(holder: cst.CSTNode) -> Sequence[cst.CSTNode]:
    block = holder.body if isinstance(holder, cst.If) else holder
    return block.body if isinstance(block, cst.IndentedBlock | cst.Module) else ()


def _from_file(file: SourceFile, site: FunctionSite) -> FunctionSlice:
    piece = _whole(file)
    for node in piece.positions.order if piece is not None else ():
        if isinstance(node, cst.FunctionDef) and piece is not None and piece.span(node) == site.span:
            return replace(piece, site=site, node=node)
    raise UserError(f"{file.path}:{site.line}: `{site.qualname}` cannot be taken apart without loss")


def _whole(file: SourceFile) -> FunctionSlice | None:
    source = _LONE_RETURN.sub("\n", file.text)
    module = _parsed(file, source)
    piece = FunctionSlice(file, None, module, module, source, 0) if module is not None else None
    return piece if piece is not None and _is_exact(piece) else None


def _is_exact(piece: FunctionSlice) -> bool:
    """Whether the tree gives its text back, and the function stands where the file has it."""
    try:
        if _LONE_RETURN.sub("\n", piece.positions.code) != piece.source:
            return False
    except RecursionError:
        return False
    return piece.site is None or piece.span(piece.node) == piece.site.span


def _parsed(file: SourceFile, source: str) -> cst.Module | None:
    r"""The tree of a part of the file's text; None where it cannot be parsed.

    libcst loses line endings that are a lone `\r`: these come as `\n`, which is as long.
    """
    try:
        return _styled(source, file.indent, file.newline)
    except (cst.ParserSyntaxError, RecursionError):
        return None


def _styled(text: str, indent: str, newline: str) -> cst.Module:
    """The tree of a text with the default indentation and line ending of the file that it is from.

    libcst takes these from the first block and the first line, so a block in the file's style is parsed in front,
    and a statement between that keeps the block from taking in comments. A statement behind takes up the last
    comments and blank lines, of which libcst loses some at the end of a file. Then all three go.
    """
    ending = "\n" if newline == "\r" else newline
    style = f"if True:{ending}{indent}pass{ending}pass{ending}"
    is_complete = text.endswith("\n")
    module = cst.parse_module(f"{style}{text}{'' if is_complete else ending}pass{ending}")
    last = cst.ensure_type(module.body[-1], cst.SimpleStatementLine)
    return module.with_changes(
        body=module.body[2:-1],
        footer=last.leading_lines,
        default_newline=newline,
        has_trailing_newline=is_complete,
    )
