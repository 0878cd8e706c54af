"""Whether Numba compiles code to the same results: a static check of the subset in which it does.

The guards come from measurements of CPython 3.11 against Numba 0.68 (DESIGN: semantics of Numba): exact 64-bit
dtypes only, one type per name, no reflected lists, no frozen mutable globals, no random streams, no typed `except`.
What cannot be shown of values (64-bit overflow, zero divisors) is named as a difference.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.model.pytypes import PyType
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba_table import (
    COMPARED,
    COMPOUND,
    DIVISIONS,
    DTYPES,
    GROWING,
    KNOWN,
    MATH,
    OPERATIONS,
    SCALARS,
    STATEMENTS,
)
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class Support:
    """The outcome: what must hold, which differences may show, how the decorator has to be written."""

    needs: tuple[Need, ...]
    differences: tuple[str, ...]
    indexes: bool
    divides_cells: bool
    helpers: tuple[str, ...]
    globals: tuple[str, ...]


def support_of(view: View, function: cst.FunctionDef) -> Support:
    """What compiling the whole function rests on."""
    check = Check(view, [function.body])
    return check.support(lambda: _signature(view, function, check))


def whole_function(view: View) -> cst.FunctionDef | None:
    """The function, where a decorator could compile it: at module level, undecorated, neither generator nor async."""
    function, site = view.slice.node, view.slice.site
    if not isinstance(function, cst.FunctionDef) or site is None or "." in site.qualname:
        return None
    plain = not function.decorators and function.asynchronous is None and not any(view.walk(cst.Yield))
    return function if plain and any(view.walk(cst.For, cst.While)) else None


def compiles_whole(view: View) -> bool:
    """Whether nothing is known that would keep the whole function from being compiled."""
    function = whole_function(view)
    if function is None:
        return False
    support = support_of(view, function)
    return not support.helpers and not any(need.answer.truth is not Truth.YES for need in support.needs)


class _Unsupported(Exception):
    """Numba does not compile this to the same; the text says where and what."""


class Check:
    """Walks statements; `lists` are lists of numbers by name, with their depth, that will be arrays by then.

    `attributes` collects what is read of `self`, by its text.
    """

    def __init__(self, view: View, roots: Sequence[cst.CSTNode], lists: Mapping[str, int] | None = None) -> None:
        self._view = view
        self._facts = view.facts
        self._roots = roots
        self._lists = lists
        self.attributes: dict[str, cst.Attribute] = {}
        self._differences: list[str] = []
        self._helpers: list[str] = []
        self._globals: list[str] = []
        self._divisors: set[str] = set()
        self._indexes = False

    def support(self, also: Callable[[], Iterable[Need]] = tuple) -> Support:
        """What the walk found; the first thing that Numba does not take ends it, before costlier questions."""
        try:
            for root in self._roots:
                self._top(root)
        except _Unsupported as problem:
            return Support((needs.holds(False, "Numba gives the same", str(problem)),), (), False, False, (), ())
        stated = [*also(), *self._names()]
        if {"cell", "number"} <= self._divisors:
            self._differences.append("a zero divisor that is an array element raises ZeroDivisionError, not inf")
        return Support(
            tuple(stated),
            tuple(dict.fromkeys(self._differences)),
            self._indexes,
            self._divisors == {"cell"},
            tuple(dict.fromkeys(self._helpers)),
            tuple(dict.fromkeys(self._globals)),
        )

    # -- the frame --------------------------------------------------------------------------------------

    def _top(self, root: cst.CSTNode) -> None:
        if isinstance(root, cst.For):
            self._loop(root)
        elif isinstance(root, cst.While):
            self._expression(root.test)
        self._statements(root)

    def _names(self) -> Iterator[Need]:
        """Every local has one type on all paths; an accumulator that starts as int and turns float is named."""
        for name in sorted(self._variables.keys() - (self._lists or {}).keys()):
            typed = [self._facts.type_of(n) for n in self.reads(name)]
            open_ = next((t for t in typed if not t.alternatives), None)
            if open_ is not None:
                yield Need(Answer.unknown(open_.why), f"`{name}` is a number or an array")
                continue
            kinds = {_as_python(t.name) for one in typed for t in one.alternatives}
            if kinds == {"int", "float"}:
                self._differences.append(f"`{name}` is a float throughout, also where it stays the int it starts as")
            elif len(kinds) > 1:
                yield needs.holds(False, f"`{name}` keeps one type", f"it is {' and '.join(sorted(kinds))}")

    @cached_property
    def _variables(self) -> Mapping[str, Sequence[cst.Name]]:
        """The names of locals and parameters in the statements, where they stand."""
        found: dict[str, list[cst.Name]] = {}
        for name in self._view.walk(cst.Name):
            if any(self._view.inside(name, root) for root in self._roots) and not self._is_attribute(name):
                found.setdefault(name.value, []).append(name)
        return {name: nodes for name, nodes in found.items() if self._facts.scope(name) in ("local", "parameter")}

    def reads(self, name: str) -> Iterator[cst.Name]:
        """Where the statements read the name."""
        return (n for n in self._variables.get(name, ()) if not self._is_target(n))

    def _is_attribute(self, name: cst.Name) -> bool:
        holder = self._view.parent(name)
        own = isinstance(holder, cst.Attribute) and holder.attr is name
        return own or (isinstance(holder, cst.Attribute) and name.value == "self" and self._lists is not None)

    def _is_target(self, name: cst.Name) -> bool:
        holder = self._view.parent(name)
        while isinstance(holder, cst.Element | cst.Tuple):
            holder = self._view.parent(holder)
        return isinstance(holder, cst.AssignTarget) or (isinstance(holder, cst.For) and name in _inside(holder.target))

    # -- statements -------------------------------------------------------------------------------------

    def _statements(self, block: cst.CSTNode) -> None:
        for node in block.children:
            if isinstance(node, cst.For):
                self._loop(node)
            elif isinstance(node, cst.While | cst.If):
                self._expression(node.test)
            elif isinstance(node, STATEMENTS):
                self._statement(node)
                continue
            elif isinstance(node, cst.BaseStatement) and not isinstance(node, COMPOUND):
                self._problem(node, "a statement that it does not compile")
                continue
            if isinstance(node, COMPOUND):
                self._statements(node)

    def _loop(self, node: cst.For) -> None:
        called = self._facts.qualified_name(node.iter.func) if isinstance(node.iter, cst.Call) else None
        if called == "builtins.range" or self._is_array(node.iter):
            self._expression(node.iter)
        else:
            self._problem(node.iter, "a loop over something else than a range or an array")

    def _statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString):
            return
        if isinstance(node, cst.Raise):
            plain = isinstance(node.exc, cst.Call | cst.Name) and node.cause is None
            self._require(plain, node, "a raise with a cause")
            return
        if isinstance(node, cst.AugAssign):
            self._arithmetic(node.target, node.operator, node.value, node.target)
        for child in node.children:
            for part in _values(child):
                self._expression(part)

    # -- expressions ------------------------------------------------------------------------------------

    def _expression(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseExpression) and not isinstance(node, OPERATIONS):
            self._problem(node, "an expression that it does not compile")
            return
        if isinstance(node, cst.Call):
            self._call(node)
            return
        if isinstance(node, cst.Attribute):
            self._attribute(node)
            return
        if isinstance(node, cst.Name):
            self._name(node)
        elif isinstance(node, cst.SimpleString | cst.List):
            self._problem(node, "text or a list")
        elif isinstance(node, cst.Integer):
            self._require(node.evaluated_value < 2**63, node, "a constant beyond 63 bits")
        elif isinstance(node, cst.BinaryOperation):
            self._arithmetic(node.left, node.operator, node.right, node)
        elif isinstance(node, cst.Comparison):
            self._require(
                all(isinstance(c.operator, COMPARED) for c in node.comparisons),
                node,
                "a test of identity or membership",
            )
        elif isinstance(node, cst.Subscript):
            self._subscript(node)
            return
        for child in node.children:
            self._parts(child)

    def _parts(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseExpression):
            self._expression(node)
        else:
            for child in node.children:
                self._parts(child)

    def _name(self, node: cst.Name) -> None:
        scope = self._facts.scope(node.value)
        if scope in ("local", "parameter") or node.value in ("True", "False"):
            return
        found = self._view.index.globals.get(node.value)
        if scope == "global" and found is not None and found.bound == 1 and _is_number(self._view, node.value):
            self._globals.append(node.value)
            return
        self._problem(node, f"`{node.value}` is neither a local nor a constant number")

    def _attribute(self, node: cst.Attribute) -> None:
        if self._lists is not None and isinstance(node.value, cst.Name) and node.value.value == "self":
            self._require(_is_plain_number(self._facts.type_of(node).type), node, "an attribute that is no number")
            self.attributes[self._view.code(node)] = node
            return
        if self._facts.qualified_name(node) in KNOWN:
            return
        if node.attr.value in ("shape", "size", "ndim") and self._is_array(node.value):
            return
        self._problem(node, "an attribute that it does not know")

    def _subscript(self, node: cst.Subscript) -> None:
        """One cell: `a[i, j]` or `a[i][j]` with as many indices as dimensions; `a.shape[k]`."""
        if isinstance(node.value, cst.Attribute) and node.value.attr.value == "shape":
            self._attribute(node.value)
            return
        self._indexes = True
        base, indices = _cell(node)
        self._require(self._dimensions(base) == len(indices), node, "an index that is not one cell of an array")
        for index in indices:
            self._expression(index)

    def _dimensions(self, base: cst.CSTNode) -> int | None:
        if isinstance(base, cst.Name) and self._lists and base.value in self._lists:
            return self._lists[base.value]
        typed = self._facts.type_of(base).type
        return typed.ndim if typed is not None and typed.name == "numpy.ndarray" else None

    def _call(self, node: cst.Call) -> None:
        name = self._facts.qualified_name(node.func)
        plain = all(a.keyword is None and not a.star for a in node.args)
        if name != "builtins.len":
            for arg in node.args:
                self._expression(arg.value)
        if name == "builtins.len" and self._lists is not None and self._is_list(node.args[0].value):
            return
        if name in KNOWN and plain:
            self._known_call(node, name or "")
        elif name and name.startswith(self._module) and plain:
            self._helpers.append(name)
        elif not (_is_copy(node) and self._is_array(cst.ensure_type(node.func, cst.Attribute).value)):
            self._problem(node, "a call that it does not compile alike")

    def _known_call(self, node: cst.Call, name: str) -> None:
        if name in MATH:
            self._differences.append(f"{name} gives nan or inf where it raises ValueError or OverflowError")
        if name in ("builtins.round", "builtins.int", "builtins.range"):
            only_ints = name == "builtins.range" and all(self._is_int(a.value) for a in node.args)
            self._require(only_ints or name != "builtins.range", node, "a range over something else than ints")
            self._require(name != "builtins.round" or len(node.args) == 1, node, "rounding to digits")
        if name in ("builtins.min", "builtins.max"):
            kinds = {_as_python(t.name) for a in node.args for t in self._facts.type_of(a.value).alternatives}
            self._require(len(node.args) > 1 and len(kinds) == 1, node, "min or max of mixed types")

    def _arithmetic(self, left: cst.CSTNode, operator: cst.CSTNode, right: cst.CSTNode, whole: cst.CSTNode) -> None:
        if isinstance(operator, DIVISIONS):
            self._divisors.add("cell" if self._is_cell(left) or self._is_cell(right) else "number")
            if not _is_nonzero(right):
                self._differences.append("the text of ZeroDivisionError")
        if not isinstance(operator, GROWING):
            return
        if self._is_int(left) and self._is_int(right):
            power = isinstance(operator, cst.Power | cst.PowerAssign)
            exponent_known = isinstance(right, cst.Integer)
            self._require(not power or exponent_known, whole, "an integer power that may be negative")
            if not self._fits(whole):
                self._differences.append("integers beyond 64 bits wrap around")
        elif isinstance(operator, cst.Power | cst.PowerAssign):
            self._differences.append("a power may differ in the last bits")

    # -- questions --------------------------------------------------------------------------------------

    @property
    def _module(self) -> str:
        return self._facts.code.bindings.module + "."

    def _fits(self, node: cst.CSTNode) -> bool:
        interval = self._facts.interval(node)
        return interval is not None and interval.low >= -(2**63) and interval.high < 2**63

    def _is_int(self, node: cst.CSTNode) -> bool:
        found = {t.name for t in self._facts.type_of(node).alternatives}
        return not found or bool(found & {"int", "bool", "numpy.int64"})

    def _is_list(self, node: cst.CSTNode) -> bool:
        base, _ = _cell(node)
        return isinstance(base, cst.Name) and base.value in (self._lists or {})

    def _is_array(self, node: cst.CSTNode) -> bool:
        typed = self._facts.type_of(node).type
        return typed is not None and typed.name == "numpy.ndarray"

    def _is_cell(self, node: cst.CSTNode) -> bool:
        typed = self._facts.type_of(node).type
        return typed is not None and typed.name.startswith("numpy.") and typed.name != "numpy.ndarray"

    def _require(self, condition: bool, node: cst.CSTNode, problem: str) -> None:
        if not condition:
            self._problem(node, problem)

    def _problem(self, node: cst.CSTNode, problem: str) -> None:
        raise _Unsupported(f"line {self._view.line(node)}: {problem}")


def _as_python(name: str) -> str:
    """The Python type whose values Numba has for a NumPy scalar type."""
    return {"numpy.float64": "float", "numpy.int64": "int", "numpy.bool": "bool"}.get(name, name)


def _numeric(kind: PyType, why: str, evidence: Evidence) -> Answer:
    if kind.name in SCALARS:
        return Answer.yes(why, evidence)
    if kind.name == "numpy.ndarray":
        if kind.dtype is None or kind.ndim is None:
            return Answer.unknown(f"{why}: its dtype or number of dimensions is not known")
        return Answer.yes(why, evidence) if kind.dtype in DTYPES else Answer.no(f"{kind.dtype} computes otherwise")
    return Answer.no(f"it is a {kind} ({why})", evidence)


def _signature(view: View, function: cst.FunctionDef, check: Check) -> Iterator[Need]:
    params = function.params
    plain = not params.kwonly_params and params.star_kwarg is None
    yield needs.holds(plain and isinstance(params.star_arg, cst.MaybeSentinel), "it takes plain positional parameters")
    for param in (*params.posonly_params, *params.params):
        read = next(check.reads(param.name.value), None)
        if read is not None:
            yield is_numeric(view, read)


def is_numeric(view: View, node: cst.BaseExpression) -> Need:
    """The expression is a number or an array of 64-bit numbers."""
    typed = view.facts.type_of(node)
    claim = f"`{view.code(node)}` is a number or an array of 64-bit numbers"
    if typed.type is None:
        return Need(Answer.unknown(typed.why), claim)
    return Need(_numeric(typed.type, typed.why, typed.evidence), claim)


def _is_plain_number(kind: PyType | None) -> bool:
    return kind is not None and kind.name in SCALARS


def _cell(node: cst.CSTNode) -> tuple[cst.CSTNode, list[cst.BaseExpression]]:
    """The base and the indices of `a[i][j]` or `a[i, j]`; a slice leaves the base with what it indexes."""
    indices: list[cst.BaseExpression] = []
    while isinstance(node, cst.Subscript):
        inside = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
        if len(inside) != len(node.slice):
            break
        indices = inside + indices
        node = node.value
    return node, indices


def _inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _inside(child)


def _values(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The expressions of a small statement; an annotation is none."""
    if isinstance(node, cst.Annotation):
        return
    if isinstance(node, cst.BaseExpression):
        yield node
    else:
        for child in node.children:
            yield from _values(child)


def _is_copy(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "copy" and not node.args


def _is_nonzero(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Integer | cst.Float) and node.evaluated_value != 0


def _is_number(view: View, name: str) -> bool:
    value = view.index.globals[name].value
    return type(getattr(value, "value", None)) in (int, float, bool)
