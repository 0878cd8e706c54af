"""Names that never hold one object: each is only given objects of its own, or swapped with others of the kind.

`u, u_next = u_next, u` is what hides from a may-alias analysis that two buffers stay two.
"""

import ast
from collections.abc import Callable, Iterator, Sequence

from perf_advise.facts.names.bindings import ModuleNames
from perf_advise.facts.project.classes import ClassModel, self_name
from perf_advise.facts.tables.words import words

MAKERS = words(
    """numpy.zeros numpy.ones numpy.empty numpy.full numpy.zeros_like numpy.ones_like numpy.empty_like numpy.full_like
    numpy.copy numpy.arange numpy.linspace numpy.eye numpy.identity numpy.random.rand numpy.random.randn
    numpy.random.random numpy.random.randint numpy.random.normal numpy.random.uniform copy.deepcopy"""
)
_DRAWS = words("standard_normal normal uniform integers randint randn rand")
_Name = Callable[[ast.expr], str | None]


def names_apart(node: ast.AST, names: ModuleNames) -> frozenset[str]:
    """The variables of a function, or of the top level, that always hold different objects."""
    declared = {name for part in ast.walk(node) if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names}
    statements = list(_own_statements(node))
    found = _Bindings(names, lambda target: target.id if isinstance(target, ast.Name) else None)
    found.read(statements)
    return frozenset((_with_one_parameter(found, node) or found.solved()) - declared)


def _with_one_parameter(found: "_Bindings", node: ast.AST) -> set[str]:
    """The names with the one parameter that is swapped with new objects: what a caller passes is none of these."""
    arguments = getattr(node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return set()
    places = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    swapped = [place.arg for place in places if place.arg not in found.other and found.is_swapped(place.arg)]
    rest = [place.arg for place in (*places, arguments.vararg, arguments.kwarg) if place is not None]
    found.other |= set(rest) - set(swapped[:1])
    if not swapped:
        return set()
    found.new.add(swapped[0])
    apart = found.solved()
    if swapped[0] in apart and not apart & found.holders:
        return apart
    found.other.add(swapped[0])
    return set()


def attributes_apart(model: ClassModel, names: ModuleNames) -> frozenset[str]:
    """The attributes of an instance that always hold different objects."""
    found = _Bindings(names, lambda target: None)
    for method in (method for methods in model.methods.values() for method in methods):
        owner = self_name(method)
        found.name = lambda target, owner=owner: _attribute(target, owner)  # type: ignore[misc]
        found.read(list(_own_statements(method)))
    return frozenset(found.solved()) if model.is_plain else frozenset()


class _Bindings:
    """How names are bound: to `new` objects (`holders`: that hold what they are made of), in swaps, or `other`wise."""

    def __init__(self, names: ModuleNames, name: _Name) -> None:
        self.name = name
        self.other: set[str] = set()
        self._names = names
        self.new: set[str] = set()
        self.holders: set[str] = set()
        self._swaps: list[frozenset[str]] = []

    def solved(self) -> set[str]:
        """The names whose every binding keeps them apart."""
        found = (self.new | {name for swap in self._swaps for name in swap}) - self.other
        while broken := {name for swap in self._swaps if not swap <= found for name in swap & found}:
            found -= broken
        return found & self.new

    def is_swapped(self, name: str) -> bool:
        """Whether a name takes part in a swap."""
        return any(name in swap for swap in self._swaps)

    def read(self, statements: Sequence[ast.AST]) -> None:
        """Take in the bindings of consecutive statements of all blocks."""
        swapped: set[int] = set()
        for at, statement in enumerate(statements):
            three = statements[at : at + 3]
            if id(statement) not in swapped and (names := self._by_hand(three)):
                self._swaps.append(names)
                swapped |= set(map(id, three))
            if id(statement) not in swapped:
                self._statement(statement)

    def _statement(self, statement: ast.AST) -> None:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            names, sources = self._parts(target), self._parts(value)
            if (
                isinstance(target, ast.Tuple)
                and None not in names
                and sorted(map(str, names)) == sorted(map(str, sources))
            ):
                self._swaps.append(frozenset(map(str, names)))
                return
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                pairs = list(zip(target.elts, value.elts, strict=True))
            for part, source in pairs:
                name = self.name(part)
                if name is not None and self._is_new(source):
                    self.new.add(name)
                    self.holders |= set() if isinstance(source, ast.Call) else {name}
                else:
                    self.other |= self._bound(part)
        elif not isinstance(statement, ast.AugAssign):
            self.other |= self._bound(statement)

    def _by_hand(self, three: Sequence[ast.AST]) -> frozenset[str]:
        """The two names of `spare = a; a = b; b = spare`."""
        pairs = [
            (self.name(s.targets[0]) or _variable(s.targets[0]), self.name(s.value) or _variable(s.value))
            for s in three
            if isinstance(s, ast.Assign) and len(s.targets) == 1
        ]
        if len(pairs) != 3 or any(None in pair for pair in pairs):
            return frozenset()
        (spare, a), (first, b), (second, last) = pairs
        if (spare, a, b) != (last, first, second) or len({spare, a, b}) != 3:
            return frozenset()
        self.other.add(str(spare))
        return frozenset((str(a), str(b)))

    def _parts(self, target: ast.expr) -> list[str | None]:
        return [self.name(part) for part in target.elts] if isinstance(target, ast.Tuple) else [self.name(target)]

    def _bound(self, node: ast.AST) -> set[str]:
        """The names that a statement or target binds, however it does."""
        headers = (part for part in _header(node) if not isinstance(getattr(part, "ctx", ast.Store()), ast.Load))
        found = {self.name(part) for part in headers if isinstance(part, ast.expr)}
        return {name for name in (*found, getattr(node, "name", None)) if isinstance(name, str)}

    def _is_new(self, value: ast.expr) -> bool:
        """Whether an expression gives an object that nothing else holds."""
        if isinstance(value, ast.List | ast.ListComp):
            return True
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
            return isinstance(value.left, ast.List) or isinstance(value.right, ast.List)
        if not isinstance(value, ast.Call):
            return False
        if isinstance(value.func, ast.Attribute) and (value.func.attr in _DRAWS or _is_copy(value)):
            return True
        name = self._meaning(value.func)
        return name in MAKERS or (name == "numpy.array" and not any(k.arg == "copy" for k in value.keywords))

    def _meaning(self, func: ast.expr) -> str | None:
        parts: list[str] = []
        while isinstance(func, ast.Attribute):
            parts.append(func.attr)
            func = func.value
        root = self._names.module_meaning(func.id) if isinstance(func, ast.Name) else None
        return None if root is None else ".".join((root, *reversed(parts)))


def _header(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement outside of the blocks that it holds; bindings inside expressions are among them."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("body", "orelse", "finalbody", "handlers", "cases") and isinstance(value, list):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _header(child)


def _own_statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements of a function or module in order, those of nested functions and classes left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            yield from _own_statements(child)


def _is_copy(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "copy" and not call.args


def _attribute(target: ast.expr, owner: str | None) -> str | None:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == owner:
        return target.attr
    return None


def _variable(target: ast.expr) -> str | None:
    """A plain variable, told apart from attributes of the same name."""
    return f"{target.id} (variable)" if isinstance(target, ast.Name) else None
