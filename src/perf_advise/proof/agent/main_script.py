"""Which statements of a script a replay runs: definitions and what they need, never the script's own work."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_SETTINGS = {"sys", "warnings", "numpy", "np", "decimal", "pd", "pandas", "locale"}
_NEVER = {"exit"}
_CLASS_MAKERS = {
    "namedtuple",
    "NamedTuple",
    "TypedDict",
    "NewType",
    "TypeVar",
    "Enum",
    "IntEnum",
    "make_dataclass",
    "type",
}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_BRANCHES = (ast.If, ast.Try)


def needed_statements(tree: ast.Module, wanted: set[str], kept: set[str]) -> Iterator[ast.stmt]:
    """Imports, definitions, settings of the interpreter, and what binds a name that the wanted functions mention.

    All definitions are made: kept arguments may be instances of any class. A computed global whose value was `kept`
    with the calls is not computed again.
    """
    needed = _closure(tree, set(wanted), kept)
    for statement in tree.body:
        is_setting = isinstance(statement, ast.Expr) and _is_setting(statement.value)
        if is_setting or isinstance(statement, (*_IMPORTS, *_DEFINITIONS)) or _is_needed(statement, needed, kept):
            yield statement


def _closure(tree: ast.Module, needed: set[str], kept: set[str]) -> set[str]:
    for statement in tree.body:
        if isinstance(statement, _DEFINITIONS):
            needed |= set(_names_when_defined(statement))
        elif _makes_a_class(statement):
            needed |= bound_names(statement)
    grown = True
    while grown:
        before = len(needed)
        for statement in tree.body:
            if _is_needed(statement, needed, kept):
                needed |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        grown = len(needed) > before
    return needed


def _names_when_defined(node: ast.AST) -> Iterator[str]:
    """Names that a definition reads while it is made: decorators, defaults, bases, class bodies."""
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Name):
            yield part.id
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            todo += [*part.decorator_list, part.args]
        elif not isinstance(part, ast.Lambda):
            todo += ast.iter_child_nodes(part)


def _makes_a_class(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign) or not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return name in _CLASS_MAKERS


def _is_needed(statement: ast.stmt, needed: set[str], kept: set[str]) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return statement.name in needed
    if isinstance(statement, _ASSIGNMENTS):
        bound = bound_names(statement)
        computed = any(isinstance(n, ast.Call) for n in ast.walk(statement))
        return bool(bound & needed) and not (computed and bound <= kept)
    if isinstance(statement, _BRANCHES) and not _asks_for_main(statement):
        return bool(bound_names(statement) & needed) or any(isinstance(n, _IMPORTS) for n in ast.walk(statement))
    return False


def bound_names(node: ast.AST) -> set[str]:
    """Every name that a statement binds, blocks included."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.name for n in ast.walk(node) if isinstance(n, _DEFINITIONS)}


def _asks_for_main(statement: ast.stmt) -> bool:
    test = getattr(statement, "test", None)
    return test is not None and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(test))


def _is_setting(value: ast.expr) -> bool:
    """`sys.setrecursionlimit(...)`, `warnings.filterwarnings(...)`, `np.seterr(...)`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr in _NEVER:
        return False
    root: ast.expr = value.func
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in _SETTINGS
