"""Whether the names of new code mean there what the rule takes them for."""

import ast
import builtins
from collections.abc import Iterator

import libcst as cst

from perf_advise.engine.layout import flush_left
from perf_advise.rulekit.matches import Rewrite
from perf_advise.rulekit.view import View
from perf_advise.source.imports import available_name

_OWN = ("local", "parameter", "nonlocal")


def obstacle(view: View, rewrite: Rewrite) -> str:
    """Why the new code would mean something else where it goes; "" where nothing speaks against it."""
    imported = {view.name_of(target).partition(".")[0] for target in rewrite.imports}
    for code, old in _pieces(view, rewrite):
        for name in sorted({name.removesuffix("()") for name in _names(code) - _names(old)}):
            scope = view.facts.scope(name)
            if (scope != "builtin" and hasattr(builtins, name)) or (scope in _OWN and name in imported):
                return f"`{name}` means something else in the function"
    for definition in rewrite.definitions:
        for name in sorted(_free_names(definition)):
            if not _known_above(view, name) and name not in imported:
                return f"`{name}` is not known at module level"
    return next(filter(None, (_in_text(view, r.nodes[0], r.code) for r in rewrite.replacements)), "")


def new_names(view: View, rewrite: Rewrite) -> Iterator[str]:
    """The names that the new code binds and the file does not have: `function:name`, or `name` at module level."""
    for code, _ in _pieces(view, rewrite):
        yield from (f"{view.hot.qualname}:{name}" for name in _bound(_parsed(code)) - view.names)
    for definition in rewrite.definitions:
        for statement in ast.parse(definition).body:
            named = {statement.name} if isinstance(statement, ast.FunctionDef) else _bound(statement)
            yield from named - view.names


def _bound(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _pieces(view: View, rewrite: Rewrite) -> Iterator[tuple[str, str]]:
    for replacement in rewrite.replacements:
        yield replacement.code, view.code(replacement.nodes)
    for insertion in rewrite.insertions:
        yield insertion.code, ""


def _names(code: str) -> set[str]:
    """The names that code mentions, and as `name()` those that it calls."""
    nodes = list(ast.walk(_parsed(code)))
    called = {f"{n.func.id}()" for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return called | {node.id for node in nodes if isinstance(node, ast.Name)}


def _parsed(code: str) -> ast.AST:
    """The tree of an expression or of statements; an empty one for parts of them."""
    for text in (f"({code}\n)", code, flush_left(code)):
        try:
            return ast.parse(text)
        except SyntaxError:
            continue
    return ast.Module([], [])


def _free_names(definition: str) -> set[str]:
    """The names that a module-level definition reads and does not bind."""
    nodes = list(ast.walk(ast.parse(definition)))
    read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    bound |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return read - bound


def _known_above(view: View, name: str) -> bool:
    """Whether the module binds the name, or it is a builtin there."""
    is_bound = name in view.index.globals or available_name(view.index, name) is not None
    return is_bound != hasattr(builtins, name)


def _in_text(view: View, node: cst.CSTNode, code: str) -> str:
    """What an f-string around the new code would make of its quotes and braces."""
    if not any(isinstance(holder, cst.FormattedString) for holder in view.ancestors(node)):
        return ""
    old = view.code(node)
    quotes = any(code.count(mark) > old.count(mark) for mark in ("'", '"', "\\", "\n", "#"))
    return "in an f-string, quotes and braces of its own would end it" if quotes or code.startswith("{") else ""
