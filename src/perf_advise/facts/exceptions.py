"""Which expressions raise nothing: the operators of known types within known ranges, and the functions of a table.

Left aside: running out of memory or stack, interrupts, NumPy's `errstate(all="raise")`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from perf_advise.facts.bounds import within_length
from perf_advise.facts.events import is_tame
from perf_advise.facts.exceptions_calls import call_reasons
from perf_advise.facts.exceptions_statements import step_reasons
from perf_advise.facts.exceptions_table import HASHABLE, REAL, SCALAR, SIZED
from perf_advise.facts.heap import MAPPINGS, Value, is_numpy_scalar
from perf_advise.facts.intervals import Interval
from perf_advise.facts.purity import Purity
from perf_advise.facts.tree import COMPREHENSIONS, children, comp_fors
from perf_advise.facts.types_state import Env
from perf_advise.facts.values_known import KnownValues
from perf_advise.model.facts import Answer

_LARGEST = 2**1000
_SHOWN = 10**600
_INTEGERS = ("int", "bool")
_ARRAY_ATTRIBUTES = frozenset({"shape", "size", "ndim", "dtype", "T", "nbytes", "itemsize"})
_ORDERED = (tuple(REAL), ("str",), ("bytes",))
_SIMPLE = ("Add", "Subtract", "Multiply")
_WHOLE = ("BitAnd", "BitOr", "BitXor")
_DIVISIONS = ("Divide", "FloorDivide", "Modulo")


class Exceptions:
    """Finds the first reason why evaluating something may raise."""

    def __init__(self, purity: Purity, values: KnownValues) -> None:
        self.purity = purity
        self.types = purity.types
        self.code = purity.code
        self.values = values

    def cannot_raise(self, nodes: Sequence[cst.CSTNode]) -> Answer:
        """Whether evaluating expressions, or running statements, raises nothing."""
        for node in nodes:
            for reason in self._node_reasons(node):
                return Answer.unknown(reason)
        return Answer.yes("no operation in it raises for these types and ranges", self.types.evidence)

    def _node_reasons(self, node: cst.CSTNode) -> Iterator[str]:
        machine = self.types.flow.machine
        steps = self.code.steps_of(node)
        if not steps:
            yield "code in a nested function"
        elif isinstance(node, cst.BaseExpression | cst.Arg):
            machine.env = Env({}, self.types.touched(node))
            yield from self.reasons(node)
        else:
            for step in steps:
                machine.env = Env({}, self.types.flow.touched(step.index))
                yield from step_reasons(self, step)

    # -- expressions --------------------------------------------------------------------------------------------

    def reasons(self, node: cst.CSTNode) -> Iterator[str]:
        """Why evaluating may raise, if it may."""
        check = _CHECKS.get(type(node))
        if check is not None:
            yield from check(self, node)
        elif not isinstance(node, _HARMLESS):
            yield f"`{type(node).__name__}` is not followed"
        for child in self._operands(node):
            yield from self.reasons(child)

    def _operands(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What is evaluated on the way to `node`; comprehensions look after their parts themselves."""
        if isinstance(node, (*COMPREHENSIONS, cst.Lambda, cst.Name)):
            return
        if isinstance(node, cst.Attribute) and self.types.world.meaning(node) is not None:
            return
        for child in children(node):
            if isinstance(node, cst.Call) and child is node.func:
                # The method itself is looked up in the call's own check.
                if self.types.world.meaning(child) is None and isinstance(child, cst.Attribute):
                    yield child.value
            elif not (isinstance(node, cst.NamedExpr) and child is node.target):
                yield child

    def value(self, node: cst.CSTNode) -> Value:
        """The solved value of an expression."""
        return self.types.value(node)

    def range(self, node: cst.CSTNode) -> Interval | None:
        """The range of a number."""
        return self.values.interval(node)

    def is_small(self, node: cst.CSTNode) -> bool:
        """Whether a number converts to a float."""
        if self.value(node).only_types("float", "bool", "numpy.float64"):
            return True
        found = self.range(node)
        return found is not None and found.low >= -_LARGEST and found.high <= _LARGEST

    def _name(self, node: cst.Name) -> Iterator[str]:
        bound = self.code.is_bound(node)
        if not bound.holds:
            yield f"`{node.value}`: {bound.why}"
        elif self.code.bindings.scope(node.value) == "global" and not self.code.is_module:
            known = self.code.index.globals.get(node.value)
            if known is not None and known.conditional:
                yield f"`{node.value}` is bound conditionally at module level"

    def _attribute(self, node: cst.Attribute) -> Iterator[str]:
        if self.types.world.meaning(node) is not None:
            return
        base = self.value(node.value)
        if base.only_types("numpy.ndarray") and node.attr.value in _ARRAY_ATTRIBUTES:
            return
        for atom in base:
            if not self.types.world.callees.always_has(atom.type.name, node.attr.value):
                yield f"`{node.attr.value}` may be missing from {atom.type.name}"
        if not base.known:
            yield f"attribute `{node.attr.value}` of a value of unknown type"

    def _binary(self, node: cst.BinaryOperation) -> Iterator[str]:
        yield from self.operation(type(node.operator).__name__, node.left, node.right)

    def operation(self, name: str, left: cst.CSTNode, right: cst.CSTNode) -> Iterator[str]:
        """Why `left op right` may raise."""
        a, b = self.value(left), self.value(right)
        if a.only_types(*REAL) and b.only_types(*REAL):
            yield from self._numeric(name, left, right)
        elif _is_inexact(a) and _is_inexact(b):
            both_python = "float" in a.names() and "float" in b.names()
            if name not in _SIMPLE and (name != "Divide" or both_python):
                yield f"`{name}` of NumPy values"
        elif not _joins(name, a, b):
            yield f"`{name}` of values of unknown or unfit types"

    def _numeric(self, name: str, left: cst.CSTNode, right: cst.CSTNode) -> Iterator[str]:
        whole = self.value(left).only_types(*_INTEGERS) and self.value(right).only_types(*_INTEGERS)
        divisor = self.range(right)
        if name in _DIVISIONS and (divisor is None or 0 in divisor):
            yield "the divisor may be zero"
        if (not whole or name == "Divide") and not (self.is_small(left) and self.is_small(right)):
            yield "a whole number may be too large for a float"
        if name in ("LeftShift", "RightShift") and (not whole or divisor is None or divisor.low < 0):
            yield "a negative shift"
        if name == "Power" and (not whole or divisor is None or divisor.low < 0):
            yield "a power may be too large, or of zero to a negative number"
        if name in _WHOLE and not whole:
            yield f"`{name}` of floats"
        if name not in (*_SIMPLE, *_WHOLE, *_DIVISIONS, "Power", "LeftShift", "RightShift"):
            yield f"`{name}` of numbers"

    def _unary(self, node: cst.UnaryOperation) -> Iterator[str]:
        value = self.value(node.expression)
        if isinstance(node.operator, cst.Not):
            yield from self.truth(node.expression)
        elif not value.only_types(*(_INTEGERS if isinstance(node.operator, cst.BitInvert) else REAL)):
            yield "the sign of a value of unknown type"

    def truth(self, node: cst.CSTNode) -> Iterator[str]:
        """Why testing a value may raise."""
        value = self.value(node)
        if not (value.known and all(n in SCALAR or n in SIZED or is_numpy_scalar(n) for n in value.names())):
            yield "the truth of a value of unknown type"

    def _boolean(self, node: cst.BooleanOperation) -> Iterator[str]:
        yield from self.truth(node.left)

    def _conditional(self, node: cst.IfExp) -> Iterator[str]:
        yield from self.truth(node.test)

    def _comparison(self, node: cst.Comparison) -> Iterator[str]:
        left: cst.BaseExpression = node.left
        for part in node.comparisons:
            a, b = self.value(left), self.value(part.comparator)
            if isinstance(part.operator, cst.In | cst.NotIn):
                yield from self._membership(a, b)
            elif isinstance(part.operator, cst.Equal | cst.NotEqual):
                if not (self._is_flat(a) and self._is_flat(b)):
                    yield "a comparison of values of unknown type"
            elif not isinstance(part.operator, cst.Is | cst.IsNot):
                ordered = any(a.only_types(*kinds) and b.only_types(*kinds) for kinds in _ORDERED)
                if not ordered:
                    yield "an order of values of unknown or unfit types"
            left = part.comparator

    def _is_flat(self, value: Value) -> bool:
        """Whether `==` on it is plain: scalars, and containers of scalars."""
        if not value.known:
            return False
        for atom in value:
            if atom.type.name in SCALAR or is_numpy_scalar(atom.type.name):
                continue
            inner = atom.cell.items if atom.cell is not None else None
            if atom.type.name not in SIZED or inner is None or not (inner.never or inner.only_types(*SCALAR)):
                return False
        return True

    def _membership(self, probe: Value, container: Value) -> Iterator[str]:
        hashed = container.names() & (MAPPINGS | {"set", "frozenset", "dict_keys"})
        if not container.only_types(*SIZED):
            yield "membership in a value of unknown type"
        elif hashed and not probe.only_types(*HASHABLE):
            yield "the value looked up may not be hashable"
        elif "str" in container.names() and not probe.only_types("str"):
            yield "membership of something else in a text"
        elif not (self._is_flat(probe) and is_tame(self.types.flow.machine, container, deep=True)):
            yield "membership of a value of unknown type"

    def _subscript(self, node: cst.Subscript) -> Iterator[str]:
        base = self.value(node.value)
        if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
            yield from self._slice(base, node.slice[0].slice)
            return
        index = node.slice[0].slice.value if isinstance(node.slice[0].slice, cst.Index) else None
        if len(node.slice) != 1 or index is None or not base.only_types("list", "tuple", "str", "range", "bytes"):
            yield "an index or key may be missing"
            return
        position, length = self.range(index), self.values.length(node.value)
        fits = position is not None and position.low >= -length.low and position.high < length.low
        if not fits and not within_length(self.purity, self.values, node.value, index):
            yield "an index may be out of range"

    def key(self, node: cst.Subscript) -> Iterator[str]:
        """Why a key of a dict may not do."""
        for element in node.slice:
            part = element.slice.value if isinstance(element.slice, cst.Index) else None
            if part is None or not self.value(part).only_types(*HASHABLE):
                yield "a key may not be hashable"
            else:
                yield from self.reasons(part)

    def _slice(self, base: Value, part: cst.Slice) -> Iterator[str]:
        if not base.only_types("list", "tuple", "str", "bytes"):
            yield "a slice of a value of unknown type"
        for bound in (part.lower, part.upper):
            if bound is not None and not self.value(bound).only_types("int", "bool", "NoneType"):
                yield "a slice with bounds of unknown type"
        step = self.range(part.step) if part.step is not None else Interval(1, 1)
        if step is None or 0 in step:
            yield "a slice whose step may be zero"

    def _display(self, node: cst.Set | cst.Dict) -> Iterator[str]:
        for element in node.elements:
            key = element.key if isinstance(element, cst.DictElement) else element.value
            if not isinstance(element, cst.StarredDictElement) and not self.value(key).only_types(*HASHABLE):
                yield "a key may not be hashable"

    def _starred(self, node: cst.StarredElement | cst.StarredDictElement) -> Iterator[str]:
        if not self.value(node.value).only_types(*SIZED):
            yield "spreading a value of unknown type"

    def _formatted(self, node: cst.FormattedStringExpression) -> Iterator[str]:
        value = self.value(node.expression)
        if node.format_spec:
            yield "a format specification"
        elif not value.only_types("str", "float", "bool", "NoneType") and not self.is_printable(node.expression):
            yield "formatting a value of unknown type"

    def is_printable(self, node: cst.CSTNode) -> bool:
        """Whether a whole number has few enough digits to be shown."""
        found = self.range(node)
        whole = self.value(node).only_types(*_INTEGERS)
        return whole and found is not None and found.low >= -_SHOWN and found.high <= _SHOWN

    def _comprehension(self, node: cst.CSTNode) -> Iterator[str]:
        for clause in comp_fors(node):
            yield from self.reasons(clause.iter)
            yield from self.iteration(clause.iter, clause.target)
            for condition in clause.ifs:
                yield from self.reasons(condition.test)
                yield from self.truth(condition.test)
        hashed = isinstance(node, cst.SetComp | cst.DictComp)
        for name in ("key", "value", "elt"):
            part = getattr(node, name, None)
            if isinstance(part, cst.CSTNode):
                yield from self.reasons(part)
                if hashed and name != "value" and not self.value(part).only_types(*HASHABLE):
                    yield "a key may not be hashable"

    def iteration(self, source: cst.CSTNode, target: cst.CSTNode) -> Iterator[str]:
        """Why iterating over `source` and binding `target` may raise."""
        value = self.value(source)
        if not value.only_types(*SIZED, "enumerate", "zip", "reversed"):
            yield "iterating over a value of unknown type"
        elif isinstance(target, cst.Tuple | cst.List):
            for atom in self.types.flow.machine.items(value, target):
                fields = atom.cell.fields if atom.cell is not None else None
                if fields is None or len(fields) != len(target.elements):
                    yield "unpacking may not fit"
        elif not isinstance(target, cst.Name):
            yield "a loop target that is not a name"


def _joins(name: str, a: Value, b: Value) -> bool:
    """Whether an operator puts texts or sequences together."""
    if name == "Add":
        return any(a.only_types(kind) and b.only_types(kind) for kind in ("str", "bytes", "list", "tuple"))
    return name == "Multiply" and a.only_types("str", "list", "tuple") and b.only_types(*_INTEGERS)


def _is_inexact(value: Value) -> bool:
    """Whether NumPy answers with NaN or infinity instead of raising: floats of NumPy or Python."""
    return value.known and all(
        atom.type.name == "float" or (is_numpy_scalar(atom.type.name) and "float" in atom.type.name) for atom in value
    )


_HARMLESS = (
    cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.Ellipsis,
    cst.FormattedStringText, cst.List, cst.Tuple, cst.Element, cst.DictElement, cst.Lambda, cst.Arg, cst.Index,
    cst.NamedExpr, cst.ComparisonTarget, cst.SubscriptElement, cst.Slice,
)  # fmt: skip
_CHECKS: dict[type[cst.CSTNode], Callable[[Exceptions, Any], Iterator[str]]] = {
    cst.Name: Exceptions._name,
    cst.Attribute: Exceptions._attribute,
    cst.BinaryOperation: Exceptions._binary,
    cst.UnaryOperation: Exceptions._unary,
    cst.BooleanOperation: Exceptions._boolean,
    cst.IfExp: Exceptions._conditional,
    cst.Comparison: Exceptions._comparison,
    cst.Subscript: Exceptions._subscript,
    cst.Set: Exceptions._display,
    cst.Dict: Exceptions._display,
    cst.StarredElement: Exceptions._starred,
    cst.StarredDictElement: Exceptions._starred,
    cst.FormattedStringExpression: Exceptions._formatted,
    cst.ListComp: Exceptions._comprehension,
    cst.SetComp: Exceptions._comprehension,
    cst.DictComp: Exceptions._comprehension,
    cst.GeneratorExp: Exceptions._comprehension,
    cst.Call: call_reasons,
}
