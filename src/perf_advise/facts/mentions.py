"""Where the functions of a module are named: called, or used in another way."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from perf_advise.source.functions import FunctionSite
from perf_advise.source.index import ModuleIndex

_MAIN = "__main__"


@dataclass(slots=True)
class Mentions:
    """The callers of each bare name (None: top-level code), and the names that are more than called or bound."""

    is_script: bool = False
    _callers: dict[str, dict[int, FunctionSite | None]] = field(default_factory=dict)
    _otherwise: set[str] = field(default_factory=set)

    def callers(self, name: str) -> Iterable[FunctionSite | None]:
        """The functions with calls of `name` or of a method of that name, in the order of the text."""
        return self._callers.get(name, {}).values()

    def is_used_otherwise(self, name: str) -> bool:
        """Whether the name is passed on, stored, exported or used as a base, so that calls may stay unseen."""
        return name in self._otherwise

    def note(self, node: ast.Call, name: str, caller: FunctionSite | None) -> None:
        """Note one call."""
        self._callers.setdefault(name, {}).setdefault(caller.line if caller is not None else 0, caller)

    def note_otherwise(self, name: str) -> None:
        """Note another use."""
        self._otherwise.add(name)


def mentions_of(index: ModuleIndex) -> Mentions:
    """All calls and other uses in one module."""
    found = Mentions(_is_script(index.tree))
    called: set[ast.expr] = set()
    for node in ast.walk(index.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called.add(node.func)
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            found.note(node, name, index.enclosing(node.lineno))
    for node in ast.walk(index.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in called:
            found.note_otherwise(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node not in called:
            found.note_otherwise(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.note_otherwise(node.value)
    return found


def _is_script(tree: ast.Module) -> bool:
    """Whether top-level code runs the program: under the guard of `__main__`, or by a bare call."""
    for statement in tree.body:
        if isinstance(statement, ast.If) and any(
            isinstance(part, ast.Constant) and part.value == _MAIN for part in ast.walk(statement.test)
        ):
            return True
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return True
    return False
