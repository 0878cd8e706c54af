"""One import statement put into the text of an import block: merged, or on a line of its own in its sorted place."""

import ast
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from perf_advise.source.lines import LineTable

Import = ast.Import | ast.ImportFrom
_LONGEST = 88
_FUTURE, _STANDARD, _INSTALLED, _OWN, _RELATIVE = range(5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One imported name: `module` None for `import name`, else `from module import name` (dots first when relative)."""

    module: str | None
    name: str
    asname: str | None

    @property
    def local(self) -> str:
        """The name that it binds."""
        return self.asname or (self.name if self.module is not None else self.name.partition(".")[0])

    @property
    def target(self) -> str:
        """What the name stands for, dotted."""
        if self.module is not None:
            return f"{self.module}.{self.name}"
        return self.name if self.asname else self.local

    @property
    def alias(self) -> str:
        """The name as it stands in the statement."""
        return f"{self.name} as {self.asname}" if self.asname else self.name

    @property
    def statement(self) -> str:
        """The whole statement."""
        return f"import {self.alias}" if self.module is None else f"from {self.module} import {self.alias}"


@dataclass(frozen=True)
class _Block:
    text: str
    lines: LineTable
    body: list[ast.stmt]
    newline: str
    own: frozenset[str]

    @property
    def imports(self) -> list[Import]:
        """The statements that new ones are placed among."""
        found = [node for node in self.body if isinstance(node, Import)]
        return [node for node in found if self.section(node) != _FUTURE]

    def section(self, node: Import) -> int:
        return _section(_module(node), self.own)

    def start(self, node: ast.AST) -> int:
        return self.lines.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self.lines.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def with_line(self, offset: int, statement: str, *, gap_before: bool = False, gap_after: bool = False) -> str:
        """The text with a statement on a line of its own at the start of a line, or at the end of the text."""
        before, after = self.text[:offset], self.text[offset:]
        if before and not before.endswith(("\n", "\r")):
            before += self.newline
            statement_end = ""
        else:
            statement_end = self.newline
        head = self.newline if gap_before and before and not _ends_blank(before) else ""
        tail = self.newline if gap_after and after and after[0] not in "\r\n" else ""
        return before + head + statement + statement_end + tail + after


def with_import(text: str, item: Wanted, newline: str, own: Iterable[str]) -> str:
    """The text of an import block with one more import; modules named as one of `own` count as the project's."""
    block = _Block(text, LineTable(text), ast.parse(text).body, newline, frozenset(own))
    for node in block.imports:
        if isinstance(node, ast.ImportFrom) and item.module == _module(node) and node.names[0].name != "*":
            merged = _with_name(block, node, item)
            if merged is not None:
                return merged
    return _with_statement(block, item)


def _with_statement(block: _Block, item: Wanted) -> str:
    section = _section(item.module if item.module is not None else item.name, block.own)
    same = [node for node in block.imports if block.section(node) == section]
    gaps = _has_gaps(block)
    if same:
        return block.with_line(_sorted_place(block, same, item), item.statement)
    lower = [node for node in block.imports if block.section(node) < section]
    if lower:
        place = logical_end(block.lines, lower[-1], block.body)
        return block.with_line(place, item.statement, gap_before=gaps, gap_after=gaps)
    if block.imports:
        place = _logical_start(block, block.imports[0])
        return block.with_line(place, item.statement, gap_after=gaps)
    place = logical_end(block.lines, block.body[-1], block.body) if block.body else len(block.text)
    return block.with_line(place, item.statement, gap_before=True)


def _sorted_place(block: _Block, same: Sequence[Import], item: Wanted) -> int:
    """Behind the last statement of the section that sorts before the new one; behind all when they are not sorted."""
    wanted = ast.parse(item.statement).body[0]
    assert isinstance(wanted, Import)
    for key in (_plain_first, _by_module):
        keys = [key(node) for node in same]
        if all(a <= b for a, b in pairwise(keys)):
            before = [node for node in same if key(node) <= key(wanted)]
            if not before:
                return _logical_start(block, same[0])
            return logical_end(block.lines, before[-1], block.body)
    return logical_end(block.lines, same[-1], block.body)


def _plain_first(node: Import) -> tuple[bool, str]:
    """The order of isort: `import` before `from`."""
    return isinstance(node, ast.ImportFrom), _module(node).casefold()


def _by_module(node: Import) -> tuple[bool, str]:
    """The order of `force_sort_within_sections`."""
    return False, _module(node).casefold()


def _module(node: Import) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def _section(module: str, own: frozenset[str]) -> int:
    top = module.partition(".")[0]
    if top == "__future__":
        return _FUTURE
    if not top:
        return _RELATIVE
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _OWN if top in own else _INSTALLED


def _has_gaps(block: _Block) -> bool:
    """Whether blank lines separate the sections: unless two sections touch."""
    return not any(
        block.section(a) != block.section(b) and b.lineno == (a.end_lineno or a.lineno) + 1
        for a, b in pairwise(block.imports)
    )


def logical_end(lines: LineTable, node: ast.stmt, body: Iterable[ast.stmt]) -> int:
    """Behind the line ending of the last line of a statement and of those that share its lines."""
    last = node.end_lineno or node.lineno
    for other in body:
        if node.lineno <= other.lineno <= last:
            last = max(last, other.end_lineno or other.lineno)
    while lines.text[lines.start_of(last) : lines.content_end(last)].endswith("\\"):
        last += 1
    return lines.start_of(last + 1)


def _logical_start(block: _Block, node: ast.stmt) -> int:
    """The start of the first line of a statement and of those that share it."""
    first = node.lineno
    for other in reversed(block.body):
        if other.lineno <= first <= (other.end_lineno or other.lineno):
            first = other.lineno
    return block.lines.start_of(first)


def _ends_blank(text: str) -> bool:
    lines = LineTable(text).split()
    return not lines[-1].strip()


def _with_name(block: _Block, node: ast.ImportFrom, item: Wanted) -> str | None:
    """The text with a name added to a `from` import; None when the line would become too long."""
    place = _name_place(node.names, item)
    neighbour = node.names[min(place, len(node.names) - 1)]
    line = block.lines.line_of(block.start(neighbour))
    margin = block.text[block.lines.start_of(line) : block.start(neighbour)]
    in_parentheses = "(" in block.text[block.start(node) : block.start(node.names[0])]
    if in_parentheses and margin.isspace():
        return _with_name_line(block, neighbour, place < len(node.names), item.alias, margin)
    if place < len(node.names):
        at, added = block.start(neighbour), f"{item.alias}, "
    else:
        at, added = block.end(neighbour), f", {item.alias}"
    line = block.lines.line_of(at)
    if block.lines.content_end(line) - block.lines.start_of(line) + len(added) > _LONGEST:
        return None
    return block.text[:at] + added + block.text[at:]


def _with_name_line(block: _Block, neighbour: ast.alias, before: bool, alias: str, margin: str) -> str:
    """One more line before or behind a name on a line of its own, and a comma where there was none."""
    start, at = block.start(neighbour), block.end(neighbour)
    if before:
        return f"{block.text[:start]}{alias},{block.newline}{margin}{block.text[start:]}"
    end = block.lines.content_end(block.lines.line_of(at))
    rest = block.text[at:end]
    comma = "," if rest.lstrip().startswith(",") else ""
    if ")" in rest.partition("#")[0]:
        return f"{block.text[:at]},{block.newline}{margin}{alias}{block.text[at:]}"
    # A comment on the line stays with its name.
    head = rest if comma else f",{rest}"
    return f"{block.text[:at]}{head}{block.newline}{margin}{alias}{comma}{block.text[end:]}"


def _name_place(names: Sequence[ast.alias], item: Wanted) -> int:
    """Where a name belongs among sorted ones; behind all others when they are not sorted."""
    for key in (_by_kind, _by_letters):
        values = [key(alias.name) for alias in names]
        if all(a <= b for a, b in pairwise(values)):
            return sum(value <= key(item.name) for value in values)
    return len(names)


def _by_kind(name: str) -> tuple[int, str]:
    """The order of isort: CONSTANTS, Classes, functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name.casefold()


def _by_letters(name: str) -> tuple[int, str]:
    return 0, name.casefold()
