"""Likely types: what a file suggests of parameters, attributes and globals when all its calls are taken at their word.

One abstract interpretation of the whole file without flow: names, attributes and containers hold whatever is ever put
into them (Andersen's points-to analysis over allocation sites). It knows nothing of callers in other files, so what
it says is an assumption, of no more weight than what was seen while recording. Only what bears on the function that
is asked about is run.
"""

import ast
from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from perf_advise.facts.likely.calls import Calls, long
from perf_advise.facts.likely.parts import Parts
from perf_advise.facts.likely.values import UNKNOWN, Value, bind, of, to_pytype
from perf_advise.model.pytypes import PyType
from perf_advise.source.index import ModuleIndex

_ROUNDS = 8
_LONGEST = 1500
_KNOWN: "WeakKeyDictionary[ast.Module, Likely]" = WeakKeyDictionary()


def likely_types(index: ModuleIndex) -> "Likely":
    """The likely types of one file, worked out once."""
    found = _KNOWN.get(index.tree)
    if found is None:
        found = _KNOWN[index.tree] = Likely(index)
    return found


def is_long(tree: ast.Module) -> bool:
    """Whether the file is too long for its likely types."""
    last = tree.body[-1].end_lineno if tree.body else 0
    return (last or 0) > _LONGEST


class Likely:
    """What one file suggests; nothing where it is longer than 1,500 lines."""

    def __init__(self, index: ModuleIndex) -> None:
        self._calls = Calls(index.imports)
        # Kept alive: containers are known by the id of the node that makes them.
        self._asked: dict[tuple[str, str], ast.expr | None] = {}
        self._body = [] if is_long(index.tree) else index.tree.body
        self.run: set[int] = set()
        """The positions of the top-level statements that were run so far."""
        self._around: dict[str, frozenset[int]] = {}
        if self._body:
            self._calls.declare(index.tree)
        self._parts = Parts(index.tree, self._calls)

    def _solve(self, qualname: str) -> Calls:
        """What is known once all that bears on a function has been run until nothing changes."""
        if self._body and qualname not in self._around:
            needed = self._around[qualname] = self._parts.around(qualname)
            if not needed <= self.run:
                self.run |= needed
                self._settle([self._body[at] for at in sorted(needed)])
        return self._calls

    def _settle(self, body: list[ast.stmt]) -> None:
        walker = _Walker(self._calls)
        for _ in range(_ROUNDS):
            self._calls.changed = False
            walker.block(body, "", "")
            if not self._calls.changed:
                break

    def of_function(self, qualname: str) -> Mapping[str, PyType]:
        """Types of a function's parameters, of the attributes of its instance (`self.n`) and of module-level names."""
        self._solve("")
        found = {name: value for (scope, name), value in self._calls.names.items() if scope in ("", qualname)}
        owner, _, _ = qualname.rpartition(".")
        parameters = self._calls.parameters.get(qualname, ())
        if owner in self._calls.classes and parameters:
            found.pop(parameters[0], None)
            for name, value in self._calls.members(owner).items():
                found[f"{parameters[0]}.{name}"] = value
        typed = {name: to_pytype(value, self._calls.heap) for name, value in found.items()}
        return {name: kind for name, kind in typed.items() if kind is not None}

    def type_of(self, expression: str, qualname: str) -> PyType | None:
        """The type of an expression as written in a function ("" for the top level); alternatives as one union."""
        key = (expression, qualname)
        if key not in self._asked:
            self._asked[key] = _parsed(expression)
        parsed = self._asked[key]
        if parsed is None:
            return None
        calls = self._solve(qualname)
        return to_pytype(calls.value(parsed, qualname), calls.heap)

    def are_apart(self, qualname: str, one: str, other: str) -> bool:
        """Whether two containers (`xs`, `self.grid`) are never one object, for all that this file does."""
        cells = [self._reachable(text, qualname) for text in (one, other)]
        return all(cells) and (not cells[0] & cells[1] or self._passed_apart(qualname, one, other))

    def is_called(self, qualname: str) -> bool:
        """Whether the file calls the function at all."""
        return bool(self._solve(qualname).passed.get(qualname))

    def _reachable(self, text: str, qualname: str) -> set[int]:
        """The containers that an expression can be, and those that they hold."""
        parsed = ast.parse(text, mode="eval").body
        left, found = list(self._solve(qualname).value(parsed, qualname)), set[int]()
        while left:
            atom = left.pop()
            if atom.cell and atom.cell not in found:
                found.add(atom.cell)
                left += self._calls.heap[atom.cell].items
        return found

    def _passed_apart(self, qualname: str, one: str, other: str) -> bool:
        """Whether two parameters are given differently named variables by every call."""
        names = self._calls.parameters.get(qualname, ())
        if one not in names or other not in names:
            return False
        places = [names.index(one), names.index(other)]
        calls = self._calls.passed.get(qualname, {}).values()
        texts = [[ast.dump(given[p]) for p in places if p < len(given) and given[p] is not None] for given in calls]
        return bool(texts) and all(len(pair) == 2 and pair[0] != pair[1] for pair in texts)


class _Walker:
    """Runs statements once; `scope` is the qualified name of the function, `owner` the class it is a method of."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def block(self, body: list[ast.stmt], scope: str, owner: str) -> None:
        """Statements one after the other, whatever the branch."""
        for statement in body:
            self._statement(statement, scope, owner)

    def _statement(self, node: ast.stmt, scope: str, owner: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = _inner(scope, node.name, owner)
            self.calls.enter(node, inner, owner)
            self.block(node.body, inner, "")
            return
        if isinstance(node, ast.ClassDef):
            self.block(node.body, scope, node.name)
            return
        self._effect(node, scope)
        for block in _blocks(node):
            self.block(block, scope, owner)

    def _effect(self, node: ast.stmt, scope: str) -> None:
        calls = self.calls
        if isinstance(node, ast.Assign):
            value = calls.value(node.value, scope)
            if _multiplies_itself(node.targets[0], node.value):
                value = self._longer(value, node.value)
            for target in node.targets:
                bind(calls, target, value, scope)
        elif isinstance(node, ast.AugAssign):
            value = calls.operated(calls.value(node.target, scope), node.op, calls.value(node.value, scope), node)
            if isinstance(node.op, ast.Mult | ast.Pow) and not isinstance(node.value, ast.Constant):
                value = long(value)
            bind(calls, node.target, value, scope)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            bind(calls, node.target, calls.value(node.value, scope), scope)
        elif isinstance(node, ast.For):
            bind(calls, node.target, calls.items(calls.value(node.iter, scope)), scope)
        elif isinstance(node, ast.Return):
            returned = calls.value(node.value, scope) if node.value is not None else of("NoneType")
            calls.set_name(scope, "return", returned)
        elif isinstance(node, ast.With):
            for item in node.items:
                if item.optional_vars is not None:
                    bind(calls, item.optional_vars, UNKNOWN, scope)
        else:
            for expression in _expressions(node):
                calls.value(expression, scope)

    def _longer(self, value: Value, node: ast.expr) -> Value:
        """The value, or the items of the tuple, with ints that may pass 64 bits."""
        if not isinstance(node, ast.Tuple):
            return long(value)
        fields = [long(self.calls.field(value, position)) for position in range(len(node.elts))]
        return self.calls.tuple_of(node, fields, part=1)


def _parsed(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError:
        return None


def _multiplies_itself(target: ast.expr, value: ast.expr) -> bool:
    """Whether this is `x = x * y`, or `a, b = b, a + b`: integers that grow with each pass."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        own = {e.id for e in target.elts if isinstance(e, ast.Name)}
        return any(
            isinstance(e, ast.BinOp)
            and isinstance(e.op, ast.Add | ast.Mult)
            and _names(e) <= own
            and len(_names(e)) > 1
            for e in value.elts
        )
    if not isinstance(target, ast.Name) or not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    return target.id in _names(value) and not isinstance(value.right, ast.Constant)


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _inner(scope: str, name: str, owner: str) -> str:
    if owner:
        return f"{owner}.{name}"
    return f"{scope}.<locals>.{name}" if scope else name


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if block:
            yield block
    for handler in getattr(node, "handlers", ()):
        yield handler.body


def _expressions(node: ast.stmt) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
