"""Which top-level statements of a file bear on each other, for the likely types: the rest need not be run.

Two are connected where both name one function, class or global that is bound in the file: values go from one
statement to another by no other way. A global that is bound once, to a literal, brings in only what binds it.
"""

import ast
from collections.abc import Iterator
from functools import cached_property

from perf_advise.facts.likely.calls import Calls
from perf_advise.source.nodes import all_nodes

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Parts:
    """The connections between the top-level statements of one file, by their positions."""

    def __init__(self, tree: ast.Module, calls: Calls) -> None:
        self._body = tree.body
        self._calls = calls

    def around(self, qualname: str) -> frozenset[int]:
        """The statements that bear on a function; all, for the top level or a function that is not declared."""
        root = qualname.partition(".")[0]
        starts = self._binders.get(root, ()) if qualname in self._calls.functions else ()
        if not starts:
            return frozenset(range(len(self._body)))
        left, found = list(starts), set[int]()
        while left:
            at = left.pop()
            if at not in found:
                found.add(at)
                for name in self._named[at] & self._binders.keys():
                    left += self._binders[name] if name in self._literals else self._users[name]
        return frozenset(found)

    @cached_property
    def _named(self) -> list[frozenset[str]]:
        """The names that each statement may share with others."""
        return [frozenset(self._names(statement)) for statement in self._body]

    @cached_property
    def _users(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, names in enumerate(self._named):
            for name in names:
                found.setdefault(name, []).append(at)
        return found

    @cached_property
    def _binders(self) -> dict[str, list[int]]:
        """The statements that bind each name which others see."""
        found: dict[str, list[int]] = {}
        for at, statement in enumerate(self._body):
            for name in {*self._stored(statement)}:
                found.setdefault(name, []).append(at)
        return found

    @cached_property
    def _literals(self) -> frozenset[str]:
        once = (name for name, places in self._binders.items() if len(places) == 1)
        return frozenset(name for name in once if _is_literal(self._body[self._binders[name][0]]))

    def _names(self, statement: ast.stmt) -> Iterator[str]:
        if isinstance(statement, _Function | ast.ClassDef):
            yield statement.name
        for node, local in self._nodes(statement):
            if isinstance(node, ast.Name) and (node.id not in local or node.id in self._declared):
                yield node.id

    def _stored(self, statement: ast.stmt) -> Iterator[str]:
        if isinstance(statement, _Function | ast.ClassDef):
            yield statement.name
        for node, local in self._nodes(statement):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id not in local:
                yield node.id

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset({*self._calls.functions, *self._calls.classes})

    def _nodes(self, statement: ast.stmt) -> Iterator[tuple[ast.AST, frozenset[str]]]:
        """All nodes, with the names that are local where they stand; names in a class may be seen from outside."""
        if isinstance(statement, ast.ClassDef):
            for base in (*statement.bases, *statement.keywords, *statement.decorator_list):
                yield from ((node, frozenset()) for node in all_nodes(base))
            for member in statement.body:
                yield from self._inside(member, f"{statement.name}.")
        else:
            yield from self._inside(statement, "")

    def _inside(self, statement: ast.stmt, prefix: str) -> Iterator[tuple[ast.AST, frozenset[str]]]:
        local: frozenset[str] = frozenset()
        nodes = all_nodes(statement)
        if isinstance(statement, _Function) and not any(isinstance(node, ast.ClassDef) for node in nodes):
            local = self._calls.bound.get(f"{prefix}{statement.name}", local)
            for default in statement.args.defaults:  # evaluated outside
                yield from ((node, frozenset()) for node in all_nodes(default))
        yield from ((node, local) for node in nodes)


def _is_literal(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
