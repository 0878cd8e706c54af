"""Whether Numba compiles expressions to the same results; see `numba_walk` for statements.

The guards come from measurements of CPython 3.11 against Numba 0.68: exact 64-bit dtypes only, no reflected lists, no
mutable globals, no random streams. What cannot be shown of values (64-bit overflow, zero divisors) is a difference.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from perf_advise.facts.tree import dotted
from perf_advise.rulekit.numba.containers import Container, Containers
from perf_advise.rulekit.numba.infinite import is_unbounded, only_infinities
from perf_advise.rulekit.numba.integers import SHIFTS, fits, growth_of, may_pass
from perf_advise.rulekit.numba.sums import generator_of, is_of_floats, obstacle
from perf_advise.rulekit.numba.table import COMPARED, DIVISIONS, GROWING, KNOWN, MATH, OPERATIONS
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View


class Unsupported(Exception):
    """Numba does not compile this to the same; the text says where and what."""


@dataclass
class Found:
    """What the walk came upon."""

    differences: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    attributes: dict[str, cst.Attribute] = field(default_factory=dict)
    globals: list[str] = field(default_factory=list)
    divisors: set[str] = field(default_factory=set)
    indexes: bool = False
    returned: set[str] = field(default_factory=set)
    unbounded: list[cst.Call] = field(default_factory=list)
    passed: dict[str, dict[int, Container]] = field(default_factory=dict)
    """Containers that helpers are given, by helper and position."""


class Expressions:
    """Walks expressions of `roots`; `lifted` ones become a kernel, whose lists from outside are arrays by then."""

    def __init__(
        self,
        view: View,
        roots: Sequence[cst.CSTNode],
        lifted: bool = False,
        given: Mapping[str, Container] | None = None,
    ) -> None:
        self._view = view
        self._facts = view.facts
        self._roots = roots
        self._lifted = lifted
        self.kinds = Kinds(view)
        self.containers = Containers(view, self.kinds, roots, lifted, given or {})
        self.found = Found()
        self._items: set[str] = set()

    def _is_own(self, name: str) -> bool:
        """Whether the name is a variable of the code: at the top level of a module, whatever it binds."""
        scope = self._facts.scope(name)
        if scope == "global" and self._view.hot.is_module:
            return name not in self._functions
        return scope in ("local", "parameter")

    @cached_property
    def _functions(self) -> frozenset[str]:
        """The names of functions and classes of the module."""
        tree = self._view.index.tree.body
        return frozenset(n.name for n in tree if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))

    def _each(self, nodes: Sequence[cst.CSTNode]) -> None:
        for node in nodes:
            self._expression(node)

    def _index(self, node: cst.BaseSlice) -> None:
        parts = [node.value] if isinstance(node, cst.Index) else [node.lower, node.upper, node.step]  # type: ignore[attr-defined]
        self._each([part for part in parts if part is not None])

    # -- expressions ------------------------------------------------------------------------------------

    def _expression(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseExpression) and not isinstance(node, OPERATIONS):
            self._problem(node, "an expression that it does not compile")
        if isinstance(node, cst.Call):
            self._call(node)
        elif isinstance(node, cst.Attribute):
            self._attribute(node)
        elif isinstance(node, cst.Subscript):
            self._subscript(node)
        elif isinstance(node, cst.Comparison):
            self._comparison(node)
        else:
            self._plain(node)

    def _plain(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Name):
            self._name(node)
        elif isinstance(node, cst.SimpleString | cst.List):
            self._problem(node, "text or a list")
        elif isinstance(node, cst.Integer):
            self._require(node.evaluated_value < 2**63, node, "a constant beyond 63 bits")
        elif isinstance(node, cst.BinaryOperation):
            self._arithmetic(node.left, node.operator, node.right, node)
        for child in node.children:
            self._parts(child)

    def _parts(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseExpression):
            self._expression(node)
        else:
            for child in node.children:
                self._parts(child)

    def _comparison(self, node: cst.Comparison) -> None:
        parts = [node.left, *(c.comparator for c in node.comparisons)]
        characters = [self.containers.is_character(part) for part in parts]
        if any(characters):
            self._require(all(characters), node, "a character compared with something else")
            for part in parts:
                for element in part.slice if isinstance(part, cst.Subscript) else ():
                    self._index(element.slice)
            return
        for part, target in zip(parts, [None, *node.comparisons], strict=True):
            if target is not None and isinstance(target.operator, cst.In | cst.NotIn):
                plain = isinstance(part, cst.Tuple) and all(is_number_node(e.value) for e in part.elements)
                self._require(plain, node, "a test of membership")
                continue
            compares = target is None or isinstance(target.operator, COMPARED)
            self._require(compares, node, "a test of identity")
            self._expression(part)

    def _name(self, node: cst.Name) -> None:
        scope = self._facts.scope(node.value)
        if node.value in ("True", "False") or node.value in self._items:
            return
        if self._is_own(node.value):
            held = self.containers.of(node)
            self._require(held is None or held.kind == "array", node, f"`{node.value}` as a whole")
            return
        bound = self._view.index.globals.get(node.value)
        if scope == "global" and bound is not None and bound.bound == 1 and self.kinds.is_number(node):
            self.found.globals.append(node.value)
            return
        self._problem(node, f"`{node.value}` is neither a local nor a constant number")

    def _attribute(self, node: cst.Attribute) -> None:
        own = isinstance(node.value, cst.Name) and node.value.value == self._view.receiver
        if self._lifted and own:
            numeric = self.kinds.is_number(node) or not self.kinds.of(node).alternatives
            self._require(numeric, node, f"an attribute that is no number (`{self._view.code(node)}`)")
            self.found.attributes[self._view.code(node)] = node
            return
        if self._facts.qualified_name(node) in KNOWN:
            return
        if node.attr.value in ("shape", "size", "ndim") and self.kinds.is_array(node.value):
            return
        if node.attr.value in ("real", "imag") and self.kinds.names(node.value) == {"complex"}:
            self._expression(node.value)
            return
        self._problem(node, "an attribute that it does not know")

    def _subscript(self, node: cst.Subscript) -> None:
        """One cell: `a[i, j]` or `a[i][j]` with as many indices as dimensions; `a.shape[k]`."""
        if isinstance(node.value, cst.Attribute) and node.value.attr.value == "shape":
            self._attribute(node.value)
            return
        held = self.containers.of(node.value)
        self._require(held is not None, node, "an index into something else than an array or list of numbers")
        assert held is not None
        if held.kind == "list" and not isinstance(node.slice[0].slice, cst.Index):
            self._require(held.depth == 1, node, "a slice of a list of lists")
        else:
            whole = held.depth == len(node.slice) and held.kind != "text"
            self._require(whole, node, "an index that is not one cell")
            self.found.indexes = self.found.indexes or held.kind != "list"
        self._indices(node)

    def _indices(self, node: cst.CSTNode) -> None:
        while isinstance(node, cst.Subscript):
            for element in node.slice:
                self._index(element.slice)
            node = node.value
        if isinstance(node, cst.Attribute):
            self.found.attributes.pop(dotted(node) or "", None)

    def _call(self, node: cst.Call) -> None:
        name = self._facts.qualified_name(node.func) or ""
        if name == "builtins.len" and len(node.args) == 1:
            held = self.containers.of(node.args[0].value)
            self._require(held is not None, node, "the length of something else than an array or list of numbers")
            return
        if name == "builtins.float" and len(node.args) == 1 and is_unbounded(node.args[0].value):
            self.found.unbounded.append(node)
            return
        generator = generator_of(self._view, node)
        if generator is not None:
            self._sum(node, generator)
            return
        plain = all(a.keyword is None and not a.star for a in node.args)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "copy" and not node.args:
            self._require(self.kinds.is_array(node.func.value), node, "a copy of something else than an array")
            return
        is_helper = name.startswith(f"{self._facts.code.bindings.module}.") and plain
        for position, arg in enumerate(node.args):
            held = self.containers.of(arg.value) if is_helper else None
            if held is not None and held.kind != "text":
                kept = self.found.passed.setdefault(name, {}).setdefault(position, held)
                self._require((kept.kind, kept.depth) == (held.kind, held.depth), node, "lists of different depths")
            elif arg.keyword is None:
                self._expression(arg.value)
        if name in KNOWN and (plain or self._is_typed_array(node)):
            self._known_call(node, name)
        elif is_helper:
            self.found.helpers.append(name)
        else:
            self._problem(node, "a call that it does not compile alike")

    def _sum(self, node: cst.Call, generator: cst.GeneratorExp) -> None:
        """A sum of a generator, which becomes a loop of the kernel."""
        self._require(self._lifted, node, "a generator")
        problem = obstacle(self._view, node, generator)
        self._require(not problem, node, problem)
        self._items.add(cst.ensure_type(generator.for_in.target, cst.Name).value)
        self._each([generator.for_in.iter, *(condition.test for condition in generator.for_in.ifs), generator.elt])
        floats = "a sum of no floats is 0.0, not 0, and `sum` rounds less from Python 3.12 on"
        is_of_ints = not is_of_floats(self._view, generator)
        self.found.differences.append("integers beyond 64 bits wrap around" if is_of_ints else floats)

    def _is_typed_array(self, node: cst.Call) -> bool:
        """`np.zeros(n, dtype=np.float64)`."""
        given = [a for a in node.args if a.keyword is not None]
        names = {a.keyword.value for a in given if a.keyword is not None}
        dtypes = {self._facts.qualified_name(a.value) for a in given}
        return names == {"dtype"} and dtypes <= {"numpy.float64", "numpy.int64", "builtins.float"}

    def _known_call(self, node: cst.Call, name: str) -> None:
        if name in MATH:
            self.found.differences.append(f"{name} gives nan or inf where it raises ValueError or OverflowError")
        if name == "builtins.range":
            self._require(all(self.kinds.is_int(a.value) for a in node.args), node, "a range over something else")
        if name == "builtins.round":
            self._require(len(node.args) == 1, node, "rounding to digits")
        if name in ("builtins.min", "builtins.max"):
            kinds = {kind for a in node.args for kind in self.kinds.names(a.value)}
            alike = len(kinds) == 1 or (kinds == {"int", "float"} and self._lifted and only_infinities(self._view))
            self._require(len(node.args) > 1 and alike, node, "min or max of mixed types")

    def _arithmetic(self, left: cst.CSTNode, operator: cst.CSTNode, right: cst.CSTNode, whole: cst.CSTNode) -> None:
        if isinstance(operator, DIVISIONS):
            cells = self.kinds.is_cell(left) or self.kinds.is_cell(right)
            self.found.divisors.add("cell" if cells else "number")
            if not _is_nonzero(right):
                self.found.differences.append("the text of ZeroDivisionError")
            if isinstance(operator, cst.Modulo | cst.ModuloAssign):
                self._require(not may_pass(self._view, left, right), whole, "a product that may pass 64 bits")
        if isinstance(operator, SHIFTS) or (
            isinstance(operator, GROWING) and self.kinds.is_int(left) and self.kinds.is_int(right)
        ):
            problem = growth_of(self._view, self.kinds, left, operator, right, whole)
            self._require(not problem, whole, problem)
            if isinstance(operator, GROWING) and not fits(self._view, whole):
                self.found.differences.append(
                    "integers beyond 64 bits wrap around, or raise OverflowError where they are passed"
                )
        elif isinstance(operator, cst.Power | cst.PowerAssign):
            self.found.differences.append("a power may differ in the last bits")

    def _require(self, condition: bool, node: cst.CSTNode, problem: str) -> None:
        if not condition:
            self._problem(node, problem)

    def _problem(self, node: cst.CSTNode, problem: str) -> None:
        raise Unsupported(f"line {self._view.line(node)}: {problem}")


def parts_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from parts_of(child)


def is_number_node(node: cst.CSTNode) -> bool:
    """Whether this is a number written out."""
    inner = node.expression if isinstance(node, cst.UnaryOperation) else node
    return isinstance(inner, cst.Integer | cst.Float)


def _is_nonzero(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Integer | cst.Float) and node.evaluated_value != 0
