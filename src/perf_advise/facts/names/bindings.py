"""What a name means where it stands: the builtin, an import, a project function, or a variable."""

import ast
import builtins
from functools import cached_property
from typing import Literal

import libcst as cst

from perf_advise.facts.names.scopes import OwnNames, Scopes
from perf_advise.facts.tree import dotted
from perf_advise.model.facts import Answer
from perf_advise.source.bindings import import_statements
from perf_advise.source.index import GlobalName, ModuleIndex
from perf_advise.source.slices import FunctionSlice

Scope = Literal["local", "parameter", "global", "import", "builtin", "nonlocal", "unknown"]

_BUILTINS = frozenset(dir(builtins))
_MODULE_NAMES = frozenset({"__name__", "__file__", "__doc__", "__package__", "__spec__", "__builtins__"})
_CANONICAL = {"numpy.bool_": "numpy.bool", "numpy.float_": "numpy.float64", "numpy.int_": "numpy.int64"}


class ModuleNames:
    """What names mean at the top level of a module, whose dotted name is `module`."""

    def __init__(self, index: ModuleIndex, module: str) -> None:
        self.index = index
        self.module = module

    def module_meaning(self, name: str) -> str | None:
        """The dotted name of a top-level name of the module, or of a builtin."""
        found = self.index.globals.get(name)
        if self.index.star_imports and not self._bound_after_star(name, found):
            return None
        if found is None:
            return f"builtins.{name}" if name in _BUILTINS else None
        target = self.index.imports.get(name)
        if target is not None:
            only = found.bound == 1 or self._only_imported(name, found.bound)
            return self._absolute(target) if only else None
        if isinstance(found.value, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return f"{self.module}.{name}"
        return self._alias(found)

    def _alias(self, found: GlobalName) -> str | None:
        """What `sqrt = math.sqrt` at top level makes of a name."""
        value, parts = found.value, []
        while isinstance(value, ast.Attribute):
            parts.append(value.attr)
            value = value.value
        if not isinstance(value, ast.Name) or self.index.globals.get(value.id) is found:
            return None
        meaning = self.module_meaning(value.id)
        return None if meaning is None else ".".join((meaning, *reversed(parts)))

    def _bound_after_star(self, name: str, found: GlobalName | None) -> bool:
        return found is not None and found.bound == 1 and found.line > self._last_star

    @cached_property
    def _last_star(self) -> int:
        stars = (n for n in self.index.nodes(ast.ImportFrom) if n.names[0].name == "*")
        return max((n.lineno for n in stars), default=0)

    def _only_imported(self, name: str, bound: int) -> bool:
        """Whether all bindings are the one import, or None as set by `except ImportError`."""
        known = 0
        for node in self.index.nodes(ast.ExceptHandler):
            known += sum(_assigns_none(statement, name) for statement in node.body)
        for statement, _, _ in import_statements(self.index.tree):
            known += sum((alias.asname or alias.name.split(".")[0]) == name for alias in statement.names)
        return known == bound

    def _absolute(self, target: str) -> str | None:
        return None if target.startswith(".") else _canonical(target)

    def module_scope(self, name: str) -> Scope:
        """Where a name lives that no function around binds."""
        if name in self.index.globals:
            return "import" if name in self.index.imports else "global"
        if self.index.star_imports:
            return "unknown"
        if name in _MODULE_NAMES:
            return "global"
        return "builtin" if name in _BUILTINS else "unknown"


class Bindings(ModuleNames):
    """What names mean in one slice."""

    def __init__(self, piece: FunctionSlice, scopes: Scopes, index: ModuleIndex, module: str) -> None:
        super().__init__(index, module)
        self.slice = piece
        self.scopes = scopes
        self._meanings: dict[int, str | None] = {}

    def qualified_name(self, expr: cst.CSTNode) -> str | None:
        """The dotted name of what a name or attribute chain denotes, else None."""
        parts: list[str] = []
        root = expr
        while isinstance(root, cst.Attribute):
            parts.append(root.attr.value)
            root = root.value
        if not isinstance(root, cst.Name):
            return None
        meaning = self.meaning(root)
        if meaning is None:
            return None
        return _canonical(".".join((meaning, *reversed(parts))))

    def meaning(self, name: cst.Name) -> str | None:
        """The dotted name that a bare name stands for, else None."""
        if id(name) not in self.scopes.holders:  # made by a rule: it may be gone, and its identity another one's
            return self._bound_by(name.value, self.scopes.root if name.value in self.scopes.own.local else None)
        if id(name) not in self._meanings:
            self._meanings[id(name)] = self._bound_by(name.value, self.scopes.binder(name.value, name))
        return self._meanings[id(name)]

    def _bound_by(self, name: str, binder: cst.CSTNode | None) -> str | None:
        if binder is not None and not (binder is self.scopes.root and self._is_module):
            return self._local_import(name, binder)
        if name in self.scopes.own.globals & set(self.scopes.own.bound):
            return None
        return self.outer_meaning(name)

    @property
    def _is_module(self) -> bool:
        return self.slice.site is None

    def _local_import(self, name: str, binder: cst.CSTNode) -> str | None:
        """The target of a name that its scope binds by one import and nothing else."""
        names = self.scopes.names(binder)
        targets = names.imports.get(name, set())
        rebound = binder is self.scopes.root and name in self.scopes.rebound_inside
        if rebound or name in names.deleted:
            return None
        if len(targets) != 1:
            return self._local_alias(name, names) if binder is self.scopes.root else None
        if any(not isinstance(node, cst.Import | cst.ImportFrom) for node in names.bound[name]):
            return None
        return self._absolute(next(iter(targets)))

    def _local_alias(self, name: str, names: OwnNames) -> str | None:
        """What `sqrt = math.sqrt`, the only binding of a variable, makes of it."""
        bindings = names.bound[name]
        target = self.scopes.holders.get(id(bindings[0])) if len(bindings) == 1 else None
        statement = self.scopes.holders.get(id(target)) if isinstance(target, cst.AssignTarget) else None
        if not isinstance(statement, cst.Assign) or not isinstance(statement.value, cst.Name | cst.Attribute):
            return None
        return None if dotted(statement.value) == name else self.qualified_name(statement.value)

    def outer_meaning(self, name: str) -> str | None:
        """The dotted name of a name that the function takes from around it."""
        if self._scope_around(name) is not None:
            return None
        return self.module_meaning(name)

    # -- scopes -----------------------------------------------------------------------------------------

    def scope(self, name: str) -> Scope:
        """Where the name lives, as the function sees it."""
        own = self.scopes.own
        if name in own.nonlocals:
            return "nonlocal"
        if name in own.bound and name not in own.globals:
            if self._is_module:
                return "import" if name in self.index.imports else "global"
            return "parameter" if name in own.parameters else "local"
        if self._scope_around(name) is not None:
            return "nonlocal"
        return self.module_scope(name)

    def _scope_around(self, name: str) -> ast.AST | None:
        """The enclosing function that binds `name`, else None."""
        return next((node for node, names in self._around if name in names), None)

    @cached_property
    def _around(self) -> tuple[tuple[ast.AST, frozenset[str]], ...]:
        """The functions around the slice with the names that each binds, innermost first."""
        site = self.slice.site
        if site is None or "<locals>" not in site.qualname:
            return ()
        outer = [s for s in self.index.functions if s.line < site.line and s.end_line >= site.end_line]
        nodes = [self.index.node(s) for s in reversed(outer)]
        return tuple((node, _ast_names(node)) for node in nodes)

    def is_called(self, call: cst.CSTNode, *names: str) -> Answer:
        """Whether `call` calls one of these qualified names."""
        if not isinstance(call, cst.Call):
            return Answer.no("not a call")
        meant = self.qualified_name(call.func)
        if meant in names:
            return Answer.yes(f"`{dotted(call.func)}` is {meant}")
        if meant is not None:
            return Answer.no(f"`{dotted(call.func)}` is {meant}")
        return Answer.unknown(f"`{dotted(call.func) or 'the callee'}` is not a known function")


def _canonical(name: str) -> str:
    return _CANONICAL.get(name, name)


def _assigns_none(statement: ast.stmt, name: str) -> bool:
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
        return False
    targets = [t.id for t in statement.targets if isinstance(t, ast.Name)]
    return statement.value.value is None and name in targets


def _ast_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that a function binds in its own scope (an upper bound: nested names too)."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found = {a.arg for a in (*every, arguments.vararg, arguments.kwarg) if a is not None}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return frozenset(found)
