"""What names, attributes and containers may hold, for the likely types."""

import ast
from collections.abc import Mapping

from perf_advise.facts.likely.values import NOTHING, UNKNOWN, Atom, Cell, Value, array, join, of, scalar_of
from perf_advise.source.nodes import all_nodes


class State:
    """The state of the analysis: what names, attributes and containers hold."""

    def __init__(self, imports: Mapping[str, str]) -> None:
        self.imports = imports
        self.names: dict[tuple[str, str], Value] = {}
        self.heap: dict[int, Cell] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.parameters: dict[str, tuple[str, ...]] = {}
        self.bound: dict[str, frozenset[str]] = {}
        self.passed: dict[str, dict[int, list[ast.expr]]] = {}
        """The arguments of each call of a function, by the call; the instance first for a method."""
        self.changed = False

    def declare(self, tree: ast.Module) -> None:
        """The functions and classes of the module."""
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
                for member in node.body:
                    self._declare(member, f"{node.name}.")
            self._declare(node, "")

    def _declare(self, node: ast.stmt, prefix: str) -> None:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        name = f"{prefix}{node.name}"
        self.functions[name] = node
        self.parameters[name] = tuple(a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
        inside = all_nodes(node)
        stored = {n.id for n in inside if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        outer = {g for n in inside if isinstance(n, ast.Global | ast.Nonlocal) for g in n.names}
        self.bound[name] = frozenset({*self.parameters[name], *stored, "return"} - outer)
        for inner in node.body:
            self._declare(inner, f"{name}.<locals>.")

    # -- names and containers ---------------------------------------------------------------------------------

    def scope_of(self, name: str, scope: str) -> str:
        """The scope whose name is meant."""
        while scope:
            if name in self.bound.get(scope, ()):
                return scope
            scope = scope.rpartition(".<locals>.")[0]
        return ""

    def set_name(self, scope: str, name: str, value: Value) -> None:
        """A name may hold this too."""
        key = (scope, name)
        before = self.names.get(key, NOTHING)
        if not value <= before or key not in self.names:
            self.names[key] = before | value
            self.changed = True

    def fill(self, cell: int, items: Value, keys: Value = NOTHING) -> None:
        """A container may hold this too."""
        held = self.heap[cell]
        if not (items <= held.items and keys <= held.keys):
            held.items, held.keys = held.items | items, held.keys | keys
            self.changed = True

    def made(self, node: ast.AST, name: str, items: Value, keys: Value = NOTHING, part: int = 0) -> Value:
        """The container that a node makes."""
        cell = id(node) * 8 + part
        self.heap.setdefault(cell, Cell())
        self.fill(cell, items, keys)
        return frozenset({Atom(name, cell)})

    def tuple_of(self, node: ast.AST, fields: list[Value], part: int = 0) -> Value:
        """A tuple with these items by position."""
        made = self.made(node, "tuple", join(*fields) if fields else NOTHING, part=part)
        cell = self.heap[next(iter(made)).cell]
        old = cell.fields or [NOTHING] * len(fields)
        new = [a | b for a, b in zip(old, fields, strict=False)]
        self.changed = self.changed or new != cell.fields
        cell.fields = new
        return made

    def field(self, value: Value, position: int) -> Value:
        """The item at a constant position."""
        found = NOTHING
        for atom in value:
            fields = self.heap[atom.cell].fields if atom.cell else []
            found |= fields[position] if -len(fields) <= position < len(fields) else self.items(frozenset({atom}))
        return found

    def items(self, value: Value) -> Value:
        """What iterating gives."""
        found = NOTHING
        for atom in value:
            if atom.name == "dict":
                found |= self.heap[atom.cell].keys
            elif atom.cell:
                found |= self.heap[atom.cell].items
            elif atom.name == "numpy.ndarray" and atom.ndim:
                found |= array(atom.dtype, atom.ndim - 1) if atom.ndim > 1 else scalar_of(atom.dtype)
            else:
                found |= of("str") if atom.name == "str" else UNKNOWN
        return found

    def members(self, owner: str) -> dict[str, Value]:
        """What the attributes of a class's instances hold; those of its bases too."""
        found: dict[str, Value] = {}
        for name in reversed(self._lineage(owner)):
            found |= {n: v for (scope, n), v in self.names.items() if scope == f"class {name}"}
        return found

    def _lineage(self, owner: str) -> list[str]:
        bases = [b.id for b in self.classes[owner].bases if isinstance(b, ast.Name) and b.id in self.classes]
        return [owner, *(name for base in bases if base != owner for name in self._lineage(base))][:8]
