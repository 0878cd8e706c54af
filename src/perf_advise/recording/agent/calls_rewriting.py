"""Instruments functions at the level of their code: no wrapper, so that frames, recursion depth, signatures,
decorators and `inspect` see the function itself.

The body goes into a `try`, its `return`s hand over their value, and an innermost decorator that returns the function
unchanged tells the keeper which object it is (for its default values and globals).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Union

from .calls_paths import flag_branches

KEEPER = "__perf_advise_keeper__"
TOKEN = "__perf_advise_call__"
PATH = "__perf_advise_path_"
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_FRAME_READERS = {"locals", "vars", "dir", "exec", "eval"}
_COMPILERS = {"njit", "jit", "vectorize", "guvectorize", "cfunc", "stencil", "pyfunc", "overload", "pythran"}
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]  # noqa: UP007 (3.9)


def instrument(tree: ast.Module, wanted: dict[str, int]) -> dict[str, str]:
    """Change the wanted functions (qualified name -> number) in place; the answer says why others were left alone."""
    skipped = {name: "a closure: kept through the function around it" for name in wanted if "<locals>" in name}
    found: dict[str, list[Function]] = {}
    for qualname, function in definitions(tree.body, ""):
        found.setdefault(qualname, []).append(function)
    for name, number in wanted.items():
        if name in skipped:
            continue
        why = _why_not(found.get(name, []))
        if why:
            skipped[name] = why
        else:
            _rewrite(found[name][0], number)
    ast.fix_missing_locations(tree)
    return skipped


def definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    """Functions and methods with their qualified names, those under `if`, `try`, `with` and loops included."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from definitions(statement.body, f"{prefix}{statement.name}.")
        else:
            for block in ("body", "orelse", "finalbody"):
                yield from definitions(getattr(statement, block, []), prefix)
            for handler in getattr(statement, "handlers", []):
                yield from definitions(handler.body, prefix)


def _why_not(functions: list[Function]) -> str:
    if not functions:
        return "not found in the file"
    if len(functions) > 1:
        return "defined more than once"
    function = functions[0]
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    if names & _FRAME_READERS:
        return f"uses {', '.join(sorted(names & _FRAME_READERS))}, which could see what is added"
    compiled = {_last_name(d) for d in function.decorator_list} & _COMPILERS
    if compiled:
        return f"compiled by its decorator ({', '.join(sorted(compiled))})"
    return ""


def _last_name(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _rewrite(function: Function, number: int) -> None:
    place = function.body[0]
    is_generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(function))
    start = _at(place, ast.Assign([_name(TOKEN, ast.Store())], _handed_over("enter", function, number)))
    paths = [] if is_generator else flag_branches(function, PATH)
    docstring, body = _split_docstring(function.body)
    if not is_generator:
        body = _watched(function, number, body, paths)
    flags = [_at(place, ast.Assign([_name(path, ast.Store())], ast.Constant(False))) for path in paths]
    function.body = [*docstring, *flags, start, *(_at(place, statement) for statement in body)]
    note = ast.Call(_attribute("note"), [ast.Constant(number)], [])
    function.decorator_list.append(_at(function, note))


def _watched(function: Function, number: int, body: list[ast.stmt], paths: list[str]) -> list[ast.stmt]:
    """The body with its ends reported: by `return`, by an exception, by falling off."""
    taken = ast.Tuple([_name(path) for path in paths], ast.Load())
    returns = _Returns(taken)
    body = [returns.visit(statement) for statement in body]
    end = ast.If(_is_kept(), [ast.Expr(_report("returned", ast.Constant(None), taken))], [])
    return [_guarded(body, function, number, taken), end]


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that are not those of a nested one."""
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            todo += ast.iter_child_nodes(node)


def _split_docstring(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    first = body[0]
    has = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return (body[:1], body[1:]) if has else ([], body)


def _handed_over(method: str, function: Function, number: int) -> ast.expr:
    """`keeper.enter(number, (a, b), rest, {"c": c}, more)`."""
    a = function.args
    positional = ast.Tuple([_name(p.arg) for p in (*a.posonlyargs, *a.args)], ast.Load())
    rest: ast.expr = _name(a.vararg.arg) if a.vararg else ast.Constant(None)
    keywords = ast.Dict([ast.Constant(p.arg) for p in a.kwonlyargs], [_name(p.arg) for p in a.kwonlyargs])
    more: ast.expr = _name(a.kwarg.arg) if a.kwarg else ast.Constant(None)
    return ast.Call(_attribute(method), [ast.Constant(number), positional, rest, keywords, more], [])


def _guarded(body: list[ast.stmt], function: Function, number: int, taken: ast.expr) -> ast.stmt:
    """The exception of a call that was not kept is worth keeping, with the parameters as they are by then."""
    report: list[ast.stmt] = [ast.Expr(_report("raised", taken))]
    escaped: list[ast.stmt] = []
    if not any(isinstance(node, ast.Delete) for node in own_nodes(function)):
        escaped = [ast.Expr(_handed_over("escaped", function, number))]
    has_arguments = ast.Attribute(_name(TOKEN), "has_arguments", ast.Load())
    kept = ast.BoolOp(ast.And(), [_is_kept(), has_arguments])
    handler = ast.ExceptHandler(_name("BaseException"), None, [ast.If(kept, report, escaped), ast.Raise()])
    return ast.Try(body or [ast.Pass()], [handler], [], [])


class _Returns(ast.NodeTransformer):
    """`return x` -> `return keeper.returned(call, x) if call is not None else x`, not inside of nested functions."""

    def __init__(self, taken: ast.expr) -> None:
        self._taken = taken

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        value = node.value or ast.Constant(None)
        kept = _report("returned", value, self._taken)
        return ast.copy_location(ast.Return(_at(node, ast.IfExp(_is_kept(), kept, value))), node)

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave


def _is_kept() -> ast.expr:
    return ast.Compare(_name(TOKEN), [ast.IsNot()], [ast.Constant(None)])


def _report(method: str, *values: ast.expr) -> ast.expr:
    return ast.Call(_attribute(method), [_name(TOKEN), *values], [])


def _attribute(name: str) -> ast.expr:
    return ast.Attribute(_name(KEEPER), name, ast.Load())


def _name(name: str, context: ast.expr_context | None = None) -> ast.expr:
    return ast.Name(name, context or ast.Load())


def _at(place: ast.AST, node: Any) -> Any:
    """`node` with the position of `place`, in all its parts that have none."""
    ast.copy_location(node, place)
    for child in ast.walk(node):
        if "lineno" in child._attributes and not hasattr(child, "lineno"):
            ast.copy_location(child, place)
    return node
