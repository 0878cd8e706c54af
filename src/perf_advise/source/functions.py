"""Where the functions of a module stand, with the qualified names that CPython gives their code objects."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from perf_advise.model.places import Span
from perf_advise.source.lines import LineTable

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_HOLDERS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Module: ("body",),
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.ClassDef: ("body",),
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}
"""What holds statements, in the order of the text: most statements hold none, and there are very many."""

_COMPREHENSIONS = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}


@dataclass(frozen=True, slots=True)
class FunctionSite:
    """One `def`: `qualname` as CPython's `co_qualname` (`A.m`, `f.<locals>.g`), lines from 1.

    `line` is that of `def`, `first_line` CPython's `co_firstlineno` (the first decorator), `body_line` that of
    the first statement of the body. `span` goes from the first `@` (or `def`) to the end of the last statement,
    without indentation or line ending. `class_name` is the qualified name of a method's class. `decorators`
    are their texts, normalised.
    """

    qualname: str
    name: str
    line: int
    first_line: int
    end_line: int
    body_line: int
    span: Span
    is_async: bool
    class_name: str | None = None
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scope:
    prefix: str = ""
    class_name: str | None = None
    declared_global: frozenset[str] = frozenset()

    def qualname(self, name: str) -> str:
        return name if name in self.declared_global else self.prefix + name


def collect_functions(tree: ast.Module, lines: LineTable) -> tuple[tuple[FunctionSite, FunctionNode], ...]:
    """Every function of the module in the order of the text, each with its node."""
    return tuple(_functions(tree, _Scope(), lines, "global" in lines.text))


def _functions(
    holder: ast.AST, scope: _Scope, lines: LineTable, has_global: bool
) -> Iterator[tuple[FunctionSite, FunctionNode]]:
    todo = list(blocks(holder))[::-1]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            site = _site(node, scope, lines)
            yield site, node
            yield from _functions(node, _inside(node, site.qualname, has_global), lines, has_global)
        elif isinstance(node, ast.ClassDef):
            inside = _inside(node, scope.qualname(node.name), has_global)
            yield from _functions(node, inside, lines, has_global)
        elif type(node) in _HOLDERS:
            todo += list(blocks(node))[::-1]


def blocks(node: ast.AST) -> Iterator[ast.AST]:
    """The statements, handlers and cases directly inside a statement, in the order of the text."""
    for field in _HOLDERS.get(type(node), ()):
        yield from getattr(node, field)


def _inside(node: FunctionNode | ast.ClassDef, qualname: str, has_global: bool) -> _Scope:
    names = frozenset(declared_global(node.body) if has_global else ())
    if isinstance(node, ast.ClassDef):
        return _Scope(f"{qualname}.", qualname, names)
    return _Scope(f"{qualname}.<locals>.", None, names)


def declared_global(body: list[ast.stmt]) -> Iterator[str]:
    """The names in `global` statements of a function or class, those of nested ones left out."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Global):
            yield from node.names
        elif type(node) in _HOLDERS and not isinstance(node, FunctionNode | ast.ClassDef):
            todo += blocks(node)


def _site(node: FunctionNode, scope: _Scope, lines: LineTable) -> FunctionSite:
    start = lines.offset(node.lineno, node.col_offset)
    if node.decorator_list:
        start = _decorator_start(node.decorator_list[0], lines)
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = lines.offset(node.end_lineno, node.end_col_offset)
    return FunctionSite(
        qualname=scope.qualname(node.name),
        name=node.name,
        line=node.lineno,
        first_line=node.decorator_list[0].lineno if node.decorator_list else node.lineno,
        end_line=node.end_lineno,
        body_line=node.body[0].lineno,
        # `ast` counts a `;` behind the last statement in, when that is in a block.
        span=Span(start, start + len(lines.text[start:end].rstrip("; \t\f"))),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        class_name=scope.class_name,
        decorators=tuple(ast.unparse(decorator) for decorator in node.decorator_list),
    )


def _decorator_start(decorator: ast.expr, lines: LineTable) -> int:
    """The `@` in front of a decorator; parentheses, which its own place leaves out, may put it lines above."""
    for line in range(decorator.lineno, 0, -1):
        start = lines.start_of(line)
        margin = re.match(r"[ \t\f]*", lines.text[start : lines.content_end(line)])
        at = start + (margin.end() if margin else 0)
        if lines.text.startswith("@", at):
            return at
    return lines.offset(decorator.lineno, decorator.col_offset)


def collect_owners(
    tree: ast.Module, sites: Mapping[ast.AST, FunctionSite]
) -> dict[tuple[str, int], FunctionSite | None]:
    """The function that each lambda and comprehension belongs to, by frame name and first line.

    Decorators and default values run outside of their function, which is where their lambdas belong.
    """
    owners: dict[tuple[str, int], FunctionSite | None] = {}
    todo: list[tuple[ast.AST, FunctionSite | None]] = [(tree, None)]
    while todo:
        node, owner = todo.pop()
        name = _COMPREHENSIONS.get(type(node))
        if name is not None:
            owners.setdefault((name, getattr(node, "lineno", 0)), owner)
        inner = sites.get(node)
        body = node.body if isinstance(node, FunctionNode) else ()
        own = {id(statement) for statement in body}
        todo += [(child, inner if id(child) in own else owner) for child in ast.iter_child_nodes(node)]
    return owners
