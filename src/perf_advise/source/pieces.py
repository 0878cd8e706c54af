"""A module cut into its top-level statements, and which of them bear on each other.

Two functions or classes are connected where both mention a name that is bound for others to see: a function, class or
global by its bare name, unless that is a local variable there; a member of a class or an attribute that is stored, on
any object. Code that runs at the top level connects what it mentions; imports and literals do not.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from perf_advise.source.lines import LineTable
from perf_advise.source.nodes import all_nodes

_WORD = re.compile(r"[^\W\d]\w*")
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITION = (*_FUNCTION, ast.ClassDef)
_SCOPE = (*_DEFINITION, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__dict__", "__class__"})
"""With one of these a piece may bind names that stand nowhere."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a module: a top-level statement (several that share a line), or what stands between (none)."""

    start: int
    end: int
    statements: tuple[ast.stmt, ...] = ()

    @property
    def is_definition(self) -> bool:
        """Whether it only defines functions or classes."""
        return bool(self.statements) and all(isinstance(s, _DEFINITION) for s in self.statements)


class Pieces:
    """The pieces of one text, one behind the other without a gap."""

    def __init__(self, text: str, tree: ast.Module, lines: LineTable) -> None:
        self.text = text
        self.lines = lines
        self.all: Sequence[Piece] = tuple(_cut(tree, lines, len(text)))

    def code(self, at: int) -> str:
        """The text of a piece."""
        return self.text[self.all[at].start : self.all[at].end]

    def at(self, offset: int) -> int:
        """The piece that holds the character at an offset; the last one for the end of the text."""
        return next((at for at, piece in enumerate(self.all) if offset < piece.end), len(self.all) - 1)

    def bearing(self, at: int) -> frozenset[int]:
        """The pieces that bear on one of them: all but definitions that nothing connects with it."""
        found = {*self._always, at}
        left = [n for n in found if self.all[n].statements and not _only_names(self.all[n])]
        while left:
            shared = self._mentioned[left.pop()] & self.visible
            for n in range(len(self.all)):
                if n not in found and shared & self._mentioned[n]:
                    found.add(n)
                    left.append(n)
        return frozenset(found)

    def uses(self, bearing: frozenset[int]) -> tuple[tuple[int, str], ...]:
        """Where the other pieces have words that these define, whatever they mean there, each with what follows."""
        words = {name.lstrip(".") for at in bearing if self.all[at].is_definition for name in self._bound[at]}
        others = [n for n in range(len(self.all)) if n not in bearing]
        return tuple((n, use) for n in others for word in sorted(words & self._words[n]) for use in self._uses(n, word))

    def _uses(self, at: int, word: str) -> list[str]:
        return re.findall(rf"\b{word}\b(?:\s*\()?", self.code(at))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the text."""
        return frozenset().union(*self._words)

    @cached_property
    def visible(self) -> frozenset[str]:
        """The names that are bound for others to see, those of members behind a dot."""
        return frozenset().union(*self._bound)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """How the first line of each piece begins, to tell apart what they are."""
        return tuple(self.code(n).split(" ", 1)[0] if piece.statements else "" for n, piece in enumerate(self.all))

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [frozenset(_WORD.findall(self.code(n))) for n in range(len(self.all))]

    @cached_property
    def _mentioned(self) -> list[frozenset[str]]:
        return [frozenset(name for s in piece.statements for name in _mentioned(s)) for piece in self.all]

    @cached_property
    def _bound(self) -> list[frozenset[str]]:
        return [frozenset(name for s in piece.statements for name in _bound(s)) for piece in self.all]

    @cached_property
    def _always(self) -> frozenset[int]:
        """Top-level code, and definitions that may bind anything."""
        return frozenset(n for n, p in enumerate(self.all) if not p.is_definition or self._words[n] & _DYNAMIC)


def _cut(tree: ast.Module, lines: LineTable, length: int) -> Iterator[Piece]:
    done = 0
    group: list[ast.stmt] = []
    for statement, following in zip_longest(tree.body, tree.body[1:]):
        assert statement.end_lineno is not None
        group.append(statement)
        end = lines.start_of(statement.end_lineno + 1)
        if following is not None and _start(following, lines) < end:
            continue
        start = _start(group[0], lines)
        if start > done:
            yield Piece(done, start)
        yield Piece(start, end, tuple(group))
        done, group = end, []
    if done < length or not tree.body:
        yield Piece(done, length)


def _start(statement: ast.stmt, lines: LineTable) -> int:
    decorators = getattr(statement, "decorator_list", ())
    return lines.start_of(min(statement.lineno, *(d.lineno for d in decorators), statement.lineno))


def _only_names(piece: Piece) -> bool:
    """Whether the statements import, or assign or are literals: no value of a function goes through them."""
    for statement in piece.statements:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr) else None
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if value is None or any(isinstance(n, ast.Name | ast.Call | ast.Attribute) for n in all_nodes(value)):
            return False
    return True


def _bound(statement: ast.stmt) -> Iterator[str]:
    """What a top-level statement binds: its name or targets, globals; behind a dot the members of a class and the
    attributes that it stores."""
    if isinstance(statement, _DEFINITION):
        yield statement.name
    is_function = isinstance(statement, _FUNCTION)
    for node in all_nodes(statement):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield f".{node.attr}"
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        elif isinstance(node, _DEFINITION) and node is not statement:
            yield f".{node.name}"
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and not is_function:
            yield from (node.id, f".{node.id}")


def _mentioned(node: ast.AST) -> Iterator[str]:
    """Names and attributes (behind a dot), without the local variables of functions; what it binds too."""
    if isinstance(node, ast.stmt):
        yield from _bound(node)
    if isinstance(node, ast.ClassDef):
        for part in (*node.decorator_list, *node.bases, *node.keywords, *node.body):
            yield from _mentioned(part)
        return
    local = _own_names(node) if isinstance(node, _FUNCTION) else frozenset()
    for inner in all_nodes(node):
        if isinstance(inner, ast.Name) and inner.id not in local:
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield f".{inner.attr}"
            if isinstance(inner.value, ast.Name) and inner.value.id not in local:
                yield inner.attr  # `module.name`


def _own_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that a function binds in its own scope."""
    args = function.args
    found = {a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg) if a is not None}
    outer: set[str] = set()
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if not isinstance(node, _SCOPE):
            left += ast.iter_child_nodes(node)
    return frozenset(found - outer)
