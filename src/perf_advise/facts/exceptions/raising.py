"""Which expressions raise nothing: the operators of known types within known ranges, and the functions of a table.

Left aside: running out of memory or stack, interrupts, NumPy's `errstate(all="raise")`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from perf_advise.facts.exceptions.calls import call_reasons
from perf_advise.facts.exceptions.operators import Operations
from perf_advise.facts.exceptions.statements import step_reasons
from perf_advise.facts.exceptions.table import HASHABLE, SIZED
from perf_advise.facts.intervals import Interval
from perf_advise.facts.tree import COMPREHENSIONS, children, comp_fors
from perf_advise.facts.types.heap import Value
from perf_advise.facts.types.state import Env
from perf_advise.facts.values.bounds import within_length
from perf_advise.model.facts import Answer

_ARRAY_ATTRIBUTES = frozenset({"shape", "size", "ndim", "dtype", "T", "nbytes", "itemsize"})


class Exceptions(Operations):
    """Finds the first reason why evaluating something may raise."""

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
