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

    def note(self, name: str, caller: FunctionSite | None) -> None:
        """Note one call."""
        self._callers.setdefault(name, {}).setdefault(caller.line if caller is not None else 0, caller)

    def note_otherwise(self, name: str) -> None:
        """Note another use."""
        self._otherwise.add(name)


def mentions_of(index: ModuleIndex) -> Mentions:
    """All calls and other uses in one module."""
    found = Mentions(_is_script(index.tree))
    called: set[ast.expr] = set()
    for call in index.nodes(ast.Call):
        if isinstance(call.func, ast.Name | ast.Attribute):
            called.add(call.func)
            name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
            found.note(name, index.enclosing(call.lineno))
    for name_node in index.nodes(ast.Name):
        if isinstance(name_node.ctx, ast.Load) and name_node not in called:
            found.note_otherwise(name_node.id)
    for attribute in index.nodes(ast.Attribute):
        if isinstance(attribute.ctx, ast.Load) and attribute not in called:
            found.note_otherwise(attribute.attr)
    for constant in index.nodes(ast.Constant):
        if isinstance(constant.value, str) and constant.value.isidentifier():
            found.note_otherwise(constant.value)
    return found


def _is_script(tree: ast.Module) -> bool:
    """Whether top-level code runs the program: under the guard of `__main__`, or by a bare call of a function here."""
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for statement in tree.body:
        if isinstance(statement, ast.If) and any(
            isinstance(part, ast.Constant) and part.value == _MAIN for part in ast.walk(statement.test)
        ):
            return True
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in own:
            return True
    return False
