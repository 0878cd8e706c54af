"""Whether statements that no edit touches still stand in the tree, with the same meaning and in the same block."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from perf_advise.model.finding import Edit
from perf_advise.source.lines import LineTable

_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MODULE = -1


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement whose keyword no edit wrote.

    `parent` is the place of the statement that holds it, None where an edit wrote that one; `ancestor` is that of
    the nearest one that no edit wrote.
    """

    node: ast.stmt
    parent: int | None
    ancestor: int

    def stays_in_block(self, new: "_Statement") -> bool:
        """Whether it stands where it stood, or its block was the edit's and it stays inside of what held that."""
        if self.parent is not None:
            return self.parent == new.parent
        return new.parent in (None, self.ancestor)


@dataclass(frozen=True)
class _Shift:
    """How offsets move when `edits`, which are in order and do not overlap, are made."""

    edits: Sequence[Edit]

    def moved(self, offset: int) -> int | None:
        """The new offset of a character; None when an edit takes it away."""
        shift = 0
        for edit in self.edits:
            if edit.span.end > offset:
                return None if edit.span.start <= offset else offset + shift
            shift += len(edit.new) - len(edit.old)
        return offset + shift

    def kept(self, offset: int) -> int | None:
        """The same offset of the new text; None when an edit wrote the character there."""
        shift = 0
        for edit in self.edits:
            start = edit.span.start + shift
            if start <= offset < start + len(edit.new):
                return None
            if offset < start:
                break
            shift += len(edit.new) - len(edit.old)
        return offset

    def touches(self, start: int, end: int) -> bool:
        """Whether an edit reaches into, or stands directly at, a range of the old text."""
        return any(edit.span.start <= end and start <= edit.span.end for edit in self.edits)


def first_change(
    old: ast.Module, old_lines: LineTable, new: ast.Module, new_lines: LineTable, edits: Sequence[Edit]
) -> str:
    """What differs outside of `edits` (in order, not overlapping) between the trees before and after; "" for nothing.

    An untouched statement may not be lost, differ or stand in another block, and text that no edit wrote may not
    become a statement.
    """
    shift = _Shift(edits)
    before = dict(_statements(old, old_lines, shift.moved))
    after = dict(_statements(new, new_lines, shift.kept))
    for offset, statement in before.items():
        other = after.get(offset)
        if other is None or type(other.node) is not type(statement.node):
            return _told(statement.node, "would be lost")
        if not statement.stays_in_block(other):
            return _told(statement.node, "would move into another block")
    for offset in after.keys() - before.keys():
        return _told(after[offset].node, "would become code")
    for offset, statement in before.items():
        if not _same(*_heads(statement.node, after[offset].node, old_lines, shift)):
            return _told(statement.node, "would change")
    return ""


def _statements(
    tree: ast.Module, lines: LineTable, place: Callable[[int], int | None]
) -> Iterator[tuple[int, _Statement]]:
    """The statements of all blocks by the offset of their keyword (a decorated `def`'s is behind its decorators)."""
    todo: list[tuple[ast.AST, int | None, int]] = [(tree, _MODULE, _MODULE)]
    while todo:
        block, parent, ancestor = todo.pop()
        for node in _inner(block):
            offset = place(lines.offset(node.lineno, node.col_offset))
            if offset is not None:
                yield offset, _Statement(node, parent, ancestor)
            if hasattr(node, "body") or isinstance(node, ast.Match):
                todo.append((node, offset, ancestor if offset is None else offset))


def _inner(block: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly inside a statement or module, those of its handlers and cases too."""
    for name in _BLOCKS:
        for child in getattr(block, name, ()):
            if isinstance(child, ast.stmt):
                yield child
            else:
                yield from child.body


def _heads(old: ast.stmt, new: ast.stmt, lines: LineTable, shift: _Shift) -> tuple[Sequence[object], Sequence[object]]:
    """What two partners must have in common: all but their blocks, which are compared one by one; nothing where an
    edit reaches into it."""
    first = old.decorator_list[0] if isinstance(old, _DECORATED) and old.decorator_list else old
    block = next(_inner(old), None)
    start = lines.offset(first.lineno, first.col_offset)
    if block is None:
        assert old.end_lineno is not None and old.end_col_offset is not None
        end = lines.offset(old.end_lineno, old.end_col_offset)
    else:
        end = lines.offset(block.lineno, block.col_offset) - 1
    if shift.touches(start, end):
        return (), ()
    return _outside_blocks(old), _outside_blocks(new)


def _outside_blocks(node: ast.stmt) -> list[object]:
    return [getattr(node, name, None) for name in node._fields if name not in _BLOCKS]


def _same(old: object, new: object) -> bool:
    """Whether two trees are equal, places aside; as comparing `ast.dump`, in a third of its time."""
    todo = [(old, new)]
    while todo:
        first, second = todo.pop()
        if first.__class__ is not second.__class__:
            return False
        if isinstance(first, ast.AST):
            todo += [(getattr(first, name, None), getattr(second, name, None)) for name in first._fields]
        elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
            if len(first) != len(second):
                return False
            todo += zip(first, second, strict=True)
        elif first != second:
            return False
    return True


def _told(node: ast.stmt, how: str) -> str:
    return f"the statement at line {node.lineno}, outside of the edits, {how}"
