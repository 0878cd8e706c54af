"""What shows that something is a list, where no type tells so, and that it grows: in the file, or in a loop."""

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.rulekit.list_uses import is_append
from perf_advise.rulekit.patterns import same_code
from perf_advise.rulekit.view import View

_GROWING = frozenset({"append", "extend", "insert"})
_OF_LISTS = _GROWING | {"sort", "reverse"}
_OF_OTHERS = frozenset(
    {"add", "discard", "setdefault", "items", "keys", "values", "appendleft", "popleft", "startswith"}
)
_METHODS = frozenset(dir(list))
_LISTS = (ast.List, ast.ListComp)
_SPLITTING = frozenset({"split", "rsplit", "splitlines", "readlines", "findall"})
_WITH_DEFAULT = frozenset({"get", "setdefault", "pop"})
_OTHERS = (ast.Set, ast.SetComp, ast.Dict, ast.DictComp, ast.JoinedStr, ast.Constant)


def shown_as_list(view: View, expr: cst.CSTNode) -> Answer:
    """Whether the expression is a list: by its type, else by what the file does with that attribute or name.

    What the file shows counts like what was seen: another file may do otherwise.
    """
    typed = view.facts.is_type(expr, "list")
    if typed.truth is not Truth.UNKNOWN:
        return typed
    uses = tuple(_uses(view, expr))
    made = [use for use in uses if isinstance(use, ast.AST)]
    called = {use for use in uses if isinstance(use, str)}
    others = any(isinstance(value, _OTHERS) or _makes_other(value) for value in made)
    if called & _OF_OTHERS or others or _is_node(view, expr):
        return typed
    asked = called & _OF_LISTS and not _is_own(
        view, expr
    )  # a variable may hold an element of a tree, which has them too
    if asked or any(isinstance(value, _LISTS) or _makes_list(value) for value in made):
        return Answer.yes("this file uses it as a list", Evidence.SEEN)
    return typed


def _is_node(view: View, expr: cst.CSTNode) -> bool:
    """Whether it is an object of a tree: a parent, or something whose attributes are no methods of a list."""
    name = view.code(expr).rpartition(".")[2]
    if not isinstance(expr, cst.Attribute) or name.strip("_") == "parent":
        return isinstance(expr, cst.Attribute)
    asked = (n for n in view.index.nodes(ast.Attribute) if _is(n.value, ast.Attribute, name))
    return any(node.attr not in _METHODS for node in asked)


def grows(view: View, expr: cst.CSTNode) -> bool:
    """Whether the file appends to a list of that attribute or name."""
    return any(use in _GROWING for use in _uses(view, expr) if isinstance(use, str))


def grows_in(view: View, items: cst.BaseExpression, loops: Iterable[cst.CSTNode]) -> bool:
    """Whether a line in one of the loops appends to the list."""
    code = view.code(items)
    return any(
        isinstance(call.func, cst.Attribute) and is_append(view, call) and view.code(call.func.value) == code
        for loop in loops
        for call in view.walk(cst.Call)
        if view.inside(call, loop)
    )


def is_of_the_turn(view: View, items: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether the loop binds the list, or what holds it, anew in each turn."""
    root = items
    while isinstance(root, cst.Attribute | cst.Subscript | cst.Call):
        if not isinstance(root, cst.Attribute):
            return True
        root = root.value
    if not isinstance(root, cst.Name):
        return True
    return any(view.inside(d, loop) and not _is_update(view, d, root.value) for d in view.facts.definitions(root.value))


def _is_update(view: View, definition: cst.CSTNode, name: str) -> bool:
    """Whether an assignment makes the value from the one before: `xs += ys`, `xs = xs + ys`."""
    line = view.statement(definition)
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(statement, cst.Assign):
        return any(view.inside(read, statement.value) for read in view.named(name))
    return isinstance(statement, cst.AugAssign)


def is_one_of_many(view: View, items: cst.BaseExpression) -> bool:
    """Whether the function has the lists of several objects at hand (`parent.parts`, `node.parts`): short ones."""
    if not isinstance(items, cst.Attribute):
        return False
    alike = (n for n in view.walk(cst.Attribute) if isinstance(n, cst.Attribute) and n.attr.value == items.attr.value)
    return any(not same_code(node, items) for node in alike)


def _uses(view: View, expr: cst.CSTNode) -> Iterator[ast.AST | str]:
    """Values that are assigned to it and the names of its methods that are called, in the file or function."""
    if not isinstance(expr, cst.Attribute | cst.Name):
        return
    kind: type[ast.AST] = ast.Attribute if isinstance(expr, cst.Attribute) else ast.Name
    name = view.code(expr).rpartition(".")[2]
    site = view.slice.site
    for node in ast.walk(view.index.node(site) if site is not None and _is_own(view, expr) else view.index.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is(node.func.value, kind, name):
            yield node.func.attr
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and value and any(_is(t, kind, name) for t in targets):
            yield value


def _is_own(view: View, expr: cst.CSTNode) -> bool:
    """Whether it is a variable of the function."""
    return isinstance(expr, cst.Name) and view.facts.scope(expr.value) != "global"


def _is(node: ast.AST, kind: type[ast.AST], name: str) -> bool:
    return isinstance(node, kind) and name in (getattr(node, "attr", None), getattr(node, "id", None))


def _makes_list(value: ast.AST) -> bool:
    if not isinstance(value, ast.Call):
        return False
    if isinstance(value.func, ast.Attribute):
        default = value.func.attr in _WITH_DEFAULT and len(value.args) == 2 and isinstance(value.args[1], ast.List)
        of_column = isinstance(value.func.value, ast.Attribute) and value.func.value.attr == "str"
        return default or (value.func.attr in _SPLITTING and not of_column)
    return isinstance(value.func, ast.Name) and value.func.id in ("list", "sorted")


def _makes_other(value: ast.AST) -> bool:
    """Whether a call makes something else, for all that is known: every callee but `list` and `sorted`."""
    return isinstance(value, ast.Call) and not _makes_list(value)
