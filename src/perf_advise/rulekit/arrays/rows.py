"""Array expressions on rows inside of a loop: `np.sum((X[i, :] - Y[j, :]) ** 2)` for all j is one sum along an axis.

What a loop does to a row per iteration, array code does to all rows: the row is one more loop that has vanished
already, the last one, whose length nothing needs to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from perf_advise.facts.affine import Affine
from perf_advise.facts.iteration import Access, Apply, Choose, Expr, Invariant, Read, Scalar, Span, Subscript
from perf_advise.facts.loop_nouns import Domain, Step
from perf_advise.facts.patterns import Map, Pattern, Reduction
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.lowered import ROUNDING, Lowered
from perf_advise.rulekit.arrays.made import full_over
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import WIDE, ArrayTypes

_IN_FLOATS = frozenset({"mean", "std", "var", "norm"})
_ROUNDED = _IN_FLOATS | {"sum", "prod"}
_EXACT = frozenset({"max", "min", "amax", "amin", "argmax", "argmin", "any", "all", "median", "count_nonzero"})
_NONEMPTY = frozenset({"max", "min", "amax", "amin", "argmax", "argmin"})
_METHODS = frozenset({"sum", "prod", "mean", "std", "var", "max", "min", "argmax", "argmin", "any", "all"})
_PRODUCTS = frozenset({"numpy.dot", "numpy.inner", "numpy.vdot", ".dot()", "@"})
_WHOLE = Subscript(span=Span(None, None, None))


def with_rows(pattern: Pattern, types: ArrayTypes, out: Lowered) -> Pattern:
    """The pattern with what it does to rows as names that have a value per iteration; the same where it has none."""
    step = pattern.steps[-1]
    if not isinstance(pattern, Map | Reduction) or not _has_rows(step, types):
        return pattern
    rows = _Rows(pattern, types, out)
    value = rows.read(step.value)
    target = rows.access(pattern.target) if isinstance(pattern.target, Access) else pattern.target
    found = rows.pattern_of(pattern, replace(step, value=value, target=target))
    is_row = found.varies(value, rows.domain)
    fills_row = isinstance(target, Access) and any(s.span is not None for s in target.subscripts)
    if not is_row and not fills_row:
        return found
    if not isinstance(found, Map) or found.guards or not (fills_row or isinstance(target, Scalar)):
        raise CannotLower("a row that is combined, or kept under a condition")
    if is_row:
        rows.require_room(value, found)
    assert isinstance(target, Access | Scalar)
    return replace(found, loops=(*found.loops, rows.domain), target=target)


def _has_rows(step: Step, types: ArrayTypes) -> bool:
    """Whether some part of what is computed or stored is a row, as far as the text says."""
    if isinstance(step.target, Access) and types.rank(step.target):
        return True
    for part in step.value.walk():
        if isinstance(part, Read) and part.access.subscripts and types.rank(part.access):
            return True
        if isinstance(part, Scalar) and types.row_domain in types.private.get(part.name, ("", ()))[1]:
            return True
    return False


def row_domain(loop: Domain) -> Domain:
    """The places in a row, as a loop."""
    return Domain(loop.node, "row", "@row", Affine.number(0), Affine.symbol("@row.stop"), Affine.number(1))


@dataclass
class _Rows:
    """The rows of one step: reads expressions, and puts names in the place of what is computed of a row."""

    pattern: Pattern
    types: ArrayTypes
    out: Lowered

    def __post_init__(self) -> None:
        self.domain = self.types.row_domain or row_domain(self.pattern.loops[-1])
        self.types.row_domain = self.domain
        self.names: dict[str, tuple[Domain, ...]] = {}

    @property
    def scalars(self) -> Mapping[str, tuple[Domain, ...]]:
        """The loops over which names differ, the rows among them."""
        private = {n: axes for n, (_, axes) in self.types.private.items() if self.domain in axes}
        return {**self.pattern.scalars, **private, **self.names}

    def pattern_of(self, pattern: Pattern, step: Step) -> Pattern:
        return replace(pattern, steps=(*pattern.steps[:-1], step), scalars=self.scalars)

    def read(self, expression: Expr) -> Expr:
        """The expression with rows as cells of the row's own loop."""
        if isinstance(expression, Read) and expression.access.subscripts:
            return replace(expression, access=self.access(expression.access))
        if isinstance(expression, Invariant):
            return self._outside(expression)
        if isinstance(expression, Choose):
            parts = [self.read(part) for part in expression.parts]
            return Choose(expression.node, *parts)
        if isinstance(expression, Apply):
            return self._applied(replace(expression, operands=tuple(map(self.read, expression.operands))))
        return expression

    def access(self, access: Access) -> Access:
        """A cell or row with a subscript for each dimension."""
        missing = self.types.dimensions(access) - len(access.subscripts)
        return replace(access, subscripts=(*access.subscripts, *[_WHOLE] * missing))

    def _outside(self, expression: Invariant) -> Expr:
        """A row from outside of the loops; any other value is a number."""
        count = self.types.dimensions_of(expression)
        if count == 0:
            self.types.require_number(expression)
            return expression
        if count > 1 or not expression.text.replace(".", "").isidentifier():
            raise CannotLower(f"`{expression}` is an array of its own")
        return Read(expression.node, Access(expression.text, (_WHOLE,), expression.node, expression.node))

    def _applied(self, call: Apply) -> Expr:
        name = call.op.removeprefix("numpy.").removeprefix("linalg.").removesuffix("()").removeprefix(".")
        is_known = call.op in (f"numpy.{name}", f"numpy.linalg.{name}") and name in _ROUNDED | _EXACT
        is_method = call.op == f".{name}()" and name in _METHODS
        if call.op in _PRODUCTS and len(call.operands) == 2 and not call.keywords:
            return self._product(call)
        if not (is_known or is_method) or len(call.operands) != 1 or call.keywords:
            return call
        return self._reduced(call, name, call.operands[0])

    def _loops(self, *expressions: Expr) -> tuple[Domain, ...]:
        """The loops that expressions differ over, in the order of the nest."""
        found = self._inner(expressions)
        return tuple(d for d in self.pattern.loops if any(found.varies(e, d) for e in expressions))

    def _inner(self, expressions: tuple[Expr, ...]) -> Map:
        """Expressions of a row, as a pattern over the row too."""
        step = self.pattern.steps[-1]
        value = Apply(step.node, "tuple", expressions)
        steps = (replace(step, value=value, guards=(), payload=(), operator=""),)
        return Map((*self.pattern.loops, self.domain), steps, self.scalars, Scalar(step.node, "@row"))

    def _is_row(self, expression: Expr) -> bool:
        return self._inner((expression,)).varies(expression, self.domain)

    def _print(self, expression: Expr, order: tuple[Domain, ...], is_operand: bool = False) -> str:
        inner = self._inner((expression,))
        printer = Printer(inner, order, self.types)
        text = printer.operand(expression) if is_operand else printer.text(expression)
        self.out.note(printer, inner, self.types)
        return text

    def _reduced(self, call: Apply, name: str, operand: Expr) -> Expr:
        """`np.sum(row)` for all rows: the function along the axis of the row."""
        free = self._loops(operand)
        if not free or not self._is_row(operand):
            return call
        self.require_room(operand)
        is_method = call.op.startswith(".")
        order = self._order(operand, free)
        text, axis = self._print(operand, order, is_method), order.index(self.domain)
        function = f"{self.types.numpy}.{'linalg.' * (name == 'norm')}{name}"
        whole = f"{text}.{name}(axis={axis})" if is_method else f"{function}({text}, axis={axis})"
        self._note(operand, name)
        return self._named(call, whole, free)

    def _order(self, operand: Expr, free: tuple[Domain, ...]) -> tuple[Domain, ...]:
        """The axes of what is reduced: the row last, unless it is first in what is read (`a[:, j]`)."""
        reads = [part.access for part in operand.walk() if isinstance(part, Read)]
        is_first = [a.subscripts[0].span is not None for a in reads if len(a.subscripts) > 1]
        return (self.domain, *free) if is_first and all(is_first) else (*free, self.domain)

    def _note(self, operand: Expr, name: str) -> None:
        self.out.uses_numpy = True
        if name in _IN_FLOATS or (name in _ROUNDED and self.types.is_float(operand) is not False):
            self.out.differences.append(ROUNDING)
        if name in _NONEMPTY:
            self.out.differences.append("an array without elements raises ValueError")

    def _product(self, call: Apply) -> Expr:
        """The dot product of two rows for all of them: a matrix product, or the sum of what is multiplied."""
        left, right = call.operands
        first, second = self._loops(left), self._loops(right)
        if not (first or second) or not (self._is_row(left) and self._is_row(right)):
            return call
        self._require_wide(left, right)
        if set(first) & set(second):
            return self._reduced(replace(call, op="numpy.sum"), "sum", Apply(call.node, "*", (left, right)))
        if [*first, *second] != [d for d in self.pattern.loops if d in (*first, *second)]:
            left, right, first, second = right, left, second, first
        if len(second) > 1 or [*first, *second] != [d for d in self.pattern.loops if d in (*first, *second)]:
            raise CannotLower("a product over several loops")
        for operand in (left, right):
            self.require_room(operand)
        texts = (self._print(left, (*first, self.domain), True), self._print(right, (self.domain, *second), True))
        self._note(Apply(call.node, "*", (left, right)), "sum")
        return self._named(call, " @ ".join(texts), (*first, *second))

    def _require_wide(self, *operands: Expr) -> None:
        for access in (part.access for operand in operands for part in operand.walk() if isinstance(part, Read)):
            if self.types.dtype(access) not in WIDE:
                raise CannotLower(f"`{access.array}` holds {self.types.dtype(access)}, whose products are others")

    def require_room(self, operand: Expr, found: Pattern | None = None) -> None:
        """Some array that is read is as large as all rows together; numbers of one kind meet in it."""
        free = {*self._loops(operand), self.domain}
        inner = found if found is not None else self._inner((operand,))
        parts = [part for part in operand.walk() if isinstance(part, Read | Scalar)]
        if not any(all(inner.varies(part, d) for d in free) for part in parts):
            raise CannotLower("a temporary would be larger than every array of the loops")
        kinds = {self.types.dtype(part.access) for part in parts if isinstance(part, Read) and part.access.subscripts}
        if len(kinds) > 1 and not kinds <= set(WIDE):
            raise CannotLower("rows and numbers of several kinds")

    def _named(self, call: Apply, text: str, loops: tuple[Domain, ...]) -> Scalar:
        """A name for the text of what rows are reduced to."""
        name = f"@{text} by {', '.join(d.index for d in loops)}"
        self.types.private[name] = (text, loops)
        self.types.private_floats[name] = self.types.is_float(call)
        self.types.of_cells.add(name)
        self.types.full[name] = full_over(self._inner(call.operands), self.types) & set(loops)
        self.names[name] = loops
        return Scalar(call.node, name)
