"""What a rewrite changes in a module, statement by statement: which functions, what it adds, whether the rest stays."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class ChangedFunction:
    """A function whose body differs; lines are those of `def` in either text."""

    qualname: str
    name: str
    old_line: int
    new_line: int


@dataclass(frozen=True, slots=True)
class Changes:
    """`added` are places of new statements in the new module's body, to be run in the old module's globals.

    `whole` says that more changes than bodies and additions (decorators, defaults, class bodies, constants), so that
    old and new need a process each. `rebound` are globals that the fix binds otherwise: their recorded values do
    not count.
    """

    functions: tuple[ChangedFunction, ...]
    added: tuple[int, ...]
    whole: bool
    rebound: tuple[str, ...] = ()
    mentioned: frozenset[str] = frozenset()
    """Names that the new text of changed functions and added statements mentions."""


def changes_between(old: str, new: str) -> Changes:
    """Compare two modules; raises SyntaxError."""
    comparison = _Comparison()
    before, after = ast.parse(old), ast.parse(new)
    comparison.module(before.body, after.body)
    rebound = tuple(sorted(comparison.rebound))
    touched = [*comparison.touched, *(after.body[place] for place in comparison.added)]
    mentioned = frozenset(n.id for node in touched for n in ast.walk(node) if isinstance(n, ast.Name))
    mentioned |= {function.qualname.partition(".")[0] for function in comparison.functions}
    return Changes(tuple(comparison.functions), tuple(comparison.added), comparison.whole, rebound, mentioned)


class _Comparison:
    def __init__(self) -> None:
        self.functions: list[ChangedFunction] = []
        self.added: list[int] = []
        self.whole = False
        self.rebound: set[str] = set()
        self.touched: list[ast.stmt] = []

    def module(self, before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> None:
        """Definitions are matched by name; every other statement must stay, imports may be merged."""
        known = _definitions(before)
        if known is None or _definitions(after) is None:
            self.whole = [ast.dump(s) for s in before] != [ast.dump(s) for s in after]
            return
        rest = {ast.dump(s) for s in before if not isinstance(s, _Definition)}
        bound = set(known) | {name for s in before for name in _bound(s)}
        for place, statement in enumerate(after):
            if isinstance(statement, _Definition) and statement.name in known:
                self._definition(known[statement.name], statement, "")
            elif ast.dump(statement) not in rest:
                self._addition(place, statement, bound)
        self._removed(before, after)

    def _addition(self, place: int, statement: ast.stmt, bound: set[str]) -> None:
        if isinstance(statement, _IMPORTS) or not _bound(statement) & bound:
            self.added.append(place)
        else:
            self.whole = True
            self.rebound |= _bound(statement)

    def _removed(self, before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> None:
        kept = {ast.dump(s) for s in after if not isinstance(s, _Definition)}
        names = {s.name for s in after if isinstance(s, _Definition)}
        for statement in before:
            if isinstance(statement, _Definition):
                self.whole |= statement.name not in names
            elif not isinstance(statement, _IMPORTS):
                self.whole |= ast.dump(statement) not in kept

    def _definition(self, before: _Definition, after: _Definition, prefix: str) -> None:
        if ast.dump(before) == ast.dump(after):
            return
        self.touched.append(after)
        if isinstance(before, ast.ClassDef) and isinstance(after, ast.ClassDef):
            self._class(before, after, f"{prefix}{before.name}.")
        elif type(before) is not type(after) or _frame(before) != _frame(after):
            self.whole = True
        else:
            change = ChangedFunction(prefix + before.name, before.name, before.lineno, after.lineno)
            self.functions.append(change)

    def _class(self, before: ast.ClassDef, after: ast.ClassDef, prefix: str) -> None:
        left, right = _definitions(before.body), _definitions(after.body)
        if left is None or right is None or set(left) != set(right) or _frame(before) != _frame(after):
            self.whole = True
            return
        if _other_statements(before.body) != _other_statements(after.body):
            self.whole = True
        for name, statement in left.items():
            self._definition(statement, right[name], prefix)


def _definitions(body: Sequence[ast.stmt]) -> dict[str, _Definition] | None:
    """Definitions by name; None when a name is defined twice, or below another statement."""
    found: dict[str, _Definition] = {}
    for statement in body:
        if isinstance(statement, _Definition):
            if statement.name in found:
                return None
            found[statement.name] = statement
    return found


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, _Definition):
        return {statement.name}
    names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.name for n in ast.walk(statement) if isinstance(n, _Definition)}


def _frame(node: _Definition) -> list[str]:
    """Everything but the body: decorators, arguments with defaults, bases."""
    if isinstance(node, ast.ClassDef):
        parts: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
    else:
        parts = [*node.decorator_list, node.args]
    return [ast.dump(part) for part in parts]


def _other_statements(body: Sequence[ast.stmt]) -> list[str]:
    return [ast.dump(s) for s in body if not isinstance(s, _Definition)]


def find_function(source: str, qualname: str) -> FunctionNode | None:
    """The one definition with this qualified name, at any depth of classes and of `if`, `try`, `with`."""
    found = [node for name, node in _functions(ast.parse(source).body, "") if name == qualname]
    return found[0] if len(found) == 1 else None


def _functions(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, FunctionNode]]:
    for statement in body:
        if isinstance(statement, FunctionNode):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement.body, f"{prefix}{statement.name}.")
        else:
            for block in ("body", "orelse", "finalbody"):
                yield from _functions(getattr(statement, block, []), prefix)
            for handler in getattr(statement, "handlers", []):
                yield from _functions(handler.body, prefix)


def common_decorators(old: FunctionNode, new: FunctionNode) -> int:
    """How many outermost decorators both have in common: below those, recorded arguments go in."""
    count = 0
    for left, right in zip(old.decorator_list, new.decorator_list, strict=False):
        if ast.dump(left) != ast.dump(right):
            break
        count += 1
    return count
