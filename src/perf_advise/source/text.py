"""A source file as decoded text that can be written back byte for byte."""

import ast
import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Location, Span
from perf_advise.source.functions import FunctionNode, FunctionSite, collect_functions
from perf_advise.source.lines import LineTable, dominant_newline
from perf_advise.source.nodes import ByKind, nodes_by_kind
from perf_advise.source.parsing import parse_text

_BOM = b"\xef\xbb\xbf"
_TWO_LINES = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n)?([^\r\n]*)")
NOTEBOOK_SUFFIX = ".ipynb"


class SourceFile(Protocol):
    """A Python file, standard input under a file's name, or a notebook; all as one text.

    `text` is decoded with its line endings as they stand and without a byte order mark; for a notebook it is
    the code cells joined by line feeds. `opaque` are the spans of `text` that stand for what is not Python
    (magics, shell lines, skipped cells) and must not be edited; `opaque_names` are the names mentioned there,
    which may be bound there. `regions` are where import statements may go. `warnings` are for the user.
    """

    def __hash__(self) -> int: ...
    @property
    def path(self) -> Path: ...
    @property
    def text(self) -> str: ...
    @property
    def lines(self) -> LineTable: ...
    @property
    def newline(self) -> str: ...
    @property
    def indent(self) -> str: ...
    @property
    def tree(self) -> ast.Module: ...
    @property
    def functions(self) -> tuple[tuple[FunctionSite, FunctionNode], ...]: ...
    @property
    def nodes(self) -> ByKind: ...
    def may_read(self, name: str) -> bool: ...
    @property
    def opaque(self) -> tuple[Span, ...]: ...
    @property
    def opaque_names(self) -> frozenset[str]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def regions(self) -> tuple[Span, ...]: ...
    def location(self, offset: int) -> Location: ...
    def offset_of_line(self, line: int) -> int: ...
    def encode(self, edits: Sequence[Edit]) -> bytes: ...


class ModuleText:
    """What every kind of source file derives from its `path` and `text`."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> LineTable:
        """Line starts of `text`."""
        return LineTable(self.text)

    @cached_property
    def newline(self) -> str:
        """The line ending that new lines get: the most frequent one."""
        return dominant_newline(self.text)

    @cached_property
    def tree(self) -> ast.Module:
        """The `ast` tree; UserError when the text is not valid Python."""
        return parse_text(self.text, str(self.path))

    @cached_property
    def functions(self) -> tuple[tuple[FunctionSite, FunctionNode], ...]:
        """Every function in the order of the text with its node; here, since every index of the file needs it."""
        return collect_functions(self.tree, self.lines)

    @cached_property
    def nodes(self) -> ByKind:
        """Every node of the tree by its type."""
        return nodes_by_kind(self.tree)

    def may_read(self, name: str) -> bool:
        """Whether a name may stand in the text other than behind `def`; not all letters have one spelling only."""
        return self.text.count(name) > self.text.count(f"def {name}") or not self.text.isascii()

    @cached_property
    def indent(self) -> str:
        """The indentation of the first indented block, four spaces when there is none."""
        return _first_indent(self.tree, self.lines) or "    "

    @property
    def opaque(self) -> tuple[Span, ...]:
        """Spans that stand for text which is not Python; none in a Python file."""
        return ()

    @property
    def opaque_names(self) -> frozenset[str]:
        """Names that such text mentions."""
        return frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """One-liners for the user."""
        return ()

    def offset_of_line(self, line: int) -> int:
        """Offset where a 1-based line of `text` starts."""
        return self.lines.start_of(line)


@dataclass(frozen=True)
class PythonFile(ModuleText):
    """A `.py`, `.pyi` or `.pyw` file, or standard input under such a name."""

    path: Path
    text: str
    encoding: str = "utf-8"
    has_bom: bool = False

    @property
    def regions(self) -> tuple[Span, ...]:
        """Where imports may go: anywhere in the one text."""
        return (Span(0, len(self.text)),)

    def location(self, offset: int) -> Location:
        """Row and column (from 1, in characters) of an offset."""
        row = self.lines.line_of(offset)
        return Location(row, offset - self.lines.start_of(row) + 1)

    def encode(self, edits: Sequence[Edit]) -> bytes:
        """The bytes of the file with `edits` (checked and in order, see `edits.apply_edits`) made."""
        text = spliced(self.text, edits)
        try:
            data = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            raise UserError(f"{self.path}: {letter!r} cannot be written in {self.encoding}") from None
        return _BOM + data if self.has_bom else data


def spliced(text: str, edits: Sequence[Edit]) -> str:
    """`text` with edits that do not overlap made; their offsets are those of `text`."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits):
        parts += (text[done : edit.span.start], edit.new)
        done = edit.span.end
    return "".join((*parts, text[done:]))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; UserError when it is missing, a folder or unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None


def read_source(path: Path) -> SourceFile:
    """The file at `path`.

    UserError when it is missing, unreadable, wrongly encoded, or a notebook that is damaged or not Python.
    """
    return source_from_bytes(path, read_bytes(path))


def source_from_bytes(path: Path, data: bytes) -> SourceFile:
    """The file that `path` would be with these bytes (standard input, bytes not written yet); errors as above."""
    if path.suffix.lower() == NOTEBOOK_SUFFIX:
        # Notebooks need json and the magics, which a hook on Python files should not pay for.
        from perf_advise.source.notebook import notebook_from_bytes

        return notebook_from_bytes(path, data)
    has_bom = data.startswith(_BOM)
    encoding = _encoding(path, data)
    text = _decoded(path, data[len(_BOM) :] if has_bom else data, encoding)
    return PythonFile(path, text, encoding, has_bom)


def _encoding(path: Path, data: bytes) -> str:
    # tokenize.detect_encoding reads lines that end in \n only; files of old Macs end theirs in \r.
    head = _TWO_LINES.match(data)
    stream = io.BytesIO(b"\n".join(head.groups(b"")) if head else b"")
    try:
        name, _ = tokenize.detect_encoding(stream.readline)
    except SyntaxError as error:
        raise UserError(f"{path}: {error.msg}", "save it as UTF-8 or declare its encoding") from None
    return "utf-8" if name == "utf-8-sig" else name


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        faithful = encoding == "utf-8" or text.encode(encoding) == data
    except (UnicodeError, LookupError) as error:
        raise UserError(f"{path}: not valid {encoding} ({error})", "save it as UTF-8 or declare its encoding") from None
    if not faithful:
        raise UserError(f"{path}: cannot be written back in {encoding} as it stands", "save it as UTF-8")
    return text


def _first_indent(tree: ast.Module, lines: LineTable) -> str:
    todo: list[tuple[ast.stmt, ast.stmt | None]] = [(node, None) for node in reversed(tree.body)]
    while todo:
        node, parent = todo.pop()
        if parent is not None and node.lineno > parent.lineno:
            start, outer = lines.start_of(node.lineno), lines.start_of(parent.lineno)
            own, base = (lines.text[start : start + node.col_offset], lines.text[outer : outer + parent.col_offset])
            if own.startswith(base) and own.isspace():
                return own[len(base) :].lstrip("\f")
        for field in ("finalbody", "orelse", "handlers", "cases", "body"):
            inner = getattr(node, field, ())
            todo += [(child, node) for child in reversed(inner) if isinstance(child, ast.stmt)]
    return ""
