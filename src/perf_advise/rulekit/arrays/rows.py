"""Array expressions on rows inside of a loop: `np.sum((X[i, :] - Y[j, :]) ** 2)` for all j is one sum along an axis.

What a loop does to a row per iteration, array code does to all rows: the row is one more loop that has vanished
already, the last one, whose length nothing needs to say; a block of two dimensions is two of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Apply, Choose, Expr, Invariant, Read, Scalar, Span, Subscript
from perf_advise.facts.loops.nouns import Domain, Step
from perf_advise.facts.loops.patterns import Map, Pattern, Reduction
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.lowered import ROUNDING, Lowered
from perf_advise.rulekit.arrays.made import full_over
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import WIDE, ArrayTypes
from perf_advise.rulekit.arrays.views import WINDOW, moves, windowed

_IN_FLOATS = frozenset({"mean", "std", "var", "norm"})
_ROUNDED = _IN_FLOATS | {"sum", "prod"}
_EXACT = frozenset({"max", "min", "amax", "amin", "argmax", "argmin", "any", "all", "median", "count_nonzero"})
_OF_ONE = frozenset({"argmax", "argmin", "norm"})
_NONEMPTY = frozenset({"max", "min", "amax", "amin", "argmax", "argmin"})
_COPYING = frozenset({"std", "var", "norm", "median"})
_METHODS = frozenset({"sum", "prod", "mean", "std", "var", "max", "min", "argmax", "argmin", "any", "all"})
_PRODUCTS = frozenset({"numpy.dot", "numpy.inner", "numpy.vdot", ".dot()", "@"})
_MOST = 2


def with_rows(pattern: Pattern, types: ArrayTypes, out: Lowered) -> Pattern:
    """The pattern with what it does to rows as names that have a value per iteration; the same where it has none."""
    step = pattern.steps[-1]
    if not isinstance(pattern, Map | Reduction) or not _has_rows(step, types):
        return pattern
    rows = _Rows(pattern, types, out)
    value = rows.read(step.value)
    target = rows.access(pattern.target) if isinstance(pattern.target, Access) else pattern.target
    found = rows.pattern_of(pattern, replace(step, value=value, target=target))
    along = rows.along(value)
    filled = {s.span.place for s in target.subscripts if s.span} if isinstance(target, Access) else set()
    if not along and not filled:
        return found
    if not isinstance(found, Map) or found.guards or not (filled or isinstance(target, Scalar)):
        raise CannotLower("a row that is combined, or kept under a condition")
    if along:
        rows.require_room(value, is_computed=not isinstance(value, Read))
    assert isinstance(target, Access | Scalar)
    if isinstance(target, Scalar) and rows.has_windows(value):
        types.outgrown.add(target.name)
    over = tuple(d for d in types.row_domains if d in along or (0 if d.kind == "row" else 1) in filled)
    return replace(found, loops=(*found.loops, *over), target=target)


def _has_rows(step: Step, types: ArrayTypes) -> bool:
    """Whether some part of what is computed or stored is a row, as far as the text says."""
    if isinstance(step.target, Access) and types.rank(step.target):
        return True
    for part in step.value.walk():
        if isinstance(part, Read) and part.access.subscripts and types.rank(part.access):
            return True
        if isinstance(part, Scalar) and set(types.row_domains) & set(types.private.get(part.name, ("", ()))[1]):
            return True
    return False


def _row_domains(loop: Domain) -> tuple[Domain, Domain]:
    """The places in a block of two dimensions, as loops."""
    start, step = Affine.number(0), Affine.number(1)
    outer = Domain(loop.node, "rows", "@rows", start, Affine.symbol("@rows.stop"), step)
    return outer, Domain(loop.node, "row", "@row", start, Affine.symbol("@row.stop"), step)


@dataclass
class _Rows:
    """The rows of one step: reads expressions, and puts names in the place of what is computed of a row."""

    pattern: Pattern
    types: ArrayTypes
    out: Lowered

    def __post_init__(self) -> None:
        self.types.row_domains = self.types.row_domains or _row_domains(self.pattern.loops[-1])
        self.domains = self.types.row_domains
        self.names: dict[str, tuple[Domain, ...]] = {}

    @property
    def scalars(self) -> Mapping[str, tuple[Domain, ...]]:
        """The loops over which names differ, the rows among them."""
        private = {n: axes for n, (_, axes) in self.types.private.items() if set(self.domains) & set(axes)}
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
        rank, missing = self.types.rank(access), self.types.dimensions(access) - len(access.subscripts)
        if rank > _MOST:
            raise CannotLower("a block of more than two dimensions")
        whole = Subscript(span=Span(None, None, None))
        placed: list[Subscript] = []
        for subscript in (*access.subscripts, *[whole] * missing):
            if subscript.span is not None:
                rank -= 1
                subscript = replace(subscript, span=replace(subscript.span, place=rank))
            placed.append(subscript)
        found = replace(access, subscripts=tuple(placed))
        return self._window(found) if moves(found, self.pattern.loops) else found

    def _window(self, access: Access) -> Access:
        self.types.require_array(access)
        self.out.differences.append(WINDOW)
        self.out.uses_numpy = True
        return windowed(access, self.pattern.steps[-1].domains, self.types)

    def _outside(self, expression: Invariant) -> Expr:
        """A row from outside of the loops; any other value is a number."""
        count = self.types.dimensions_of(expression)
        if count == 0:
            self.types.require_number(expression)
            return expression
        if count > _MOST or not expression.text.replace(".", "").isidentifier():
            raise CannotLower(f"`{expression}` is an array of its own")
        subscripts = tuple(Subscript(span=Span(None, None, None, count - 1 - i)) for i in range(count))
        return Read(expression.node, Access(expression.text, subscripts, expression.node, expression.node))

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
        return Map((*self.pattern.loops, *self.domains), steps, self.scalars, Scalar(step.node, "@row"))

    def along(self, expression: Expr) -> tuple[Domain, ...]:
        """The dimensions of a row or block that an expression has."""
        found = self._inner((expression,))
        return tuple(d for d in self.domains if found.varies(expression, d))

    def has_windows(self, expression: Expr) -> bool:
        """Whether it reads windows, which overlap: together they are larger than the array."""
        views = {view.name for view in self.types.views}
        parts = list(expression.walk())
        outgrown = any(isinstance(p, Scalar) and p.name in self.types.outgrown for p in parts)
        return outgrown or any(isinstance(p, Read) and p.access.array in views for p in parts)

    def _print(self, expression: Expr, order: tuple[Domain, ...], is_operand: bool = False) -> str:
        inner = self._inner((expression,))
        printer = Printer(inner, order, self.types)
        text = printer.operand(expression) if is_operand else printer.text(expression)
        self.out.note(printer, inner, self.types)
        return text

    def _reduced(self, call: Apply, name: str, operand: Expr) -> Expr:
        """`np.sum(row)` for all rows: the function along the axis of the row."""
        free, along = self._loops(operand), self.along(operand)
        if not free or not along:
            return call
        if len(along) > 1 and name in _OF_ONE:
            raise CannotLower(f"`{name}` of a block")
        self.require_room(operand, is_computed=name in _COPYING or not isinstance(operand, Read | Scalar))
        is_method = call.op.startswith(".")
        order = self._order(operand, free, along)
        text, axes = self._print(operand, order, is_method), tuple(order.index(d) for d in along)
        axis = f"axis={axes[0] if len(axes) == 1 else axes}"
        function = f"{self.types.numpy}.{'linalg.' * (name == 'norm')}{name}"
        whole = f"{text}.{name}({axis})" if is_method else f"{function}({text}, {axis})"
        self._note(operand, name)
        return self._named(call, whole, free)

    def _order(self, operand: Expr, free: tuple[Domain, ...], along: tuple[Domain, ...]) -> tuple[Domain, ...]:
        """The axes of what is reduced: the row last, unless it is first in what is read (`a[:, j]`)."""
        reads = [part.access for part in operand.walk() if isinstance(part, Read)]
        is_first = [a.subscripts[0].span is not None for a in reads if len(a.subscripts) > 1]
        return (*along, *free) if len(along) == 1 and is_first and all(is_first) else (*free, *along)

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
        row = self.domains[-1:]
        if not (first or second) or not self.along(left) == self.along(right) == row:
            return call
        self._require_wide(left, right)
        if set(first) & set(second):
            return self._reduced(replace(call, op="numpy.sum"), "sum", Apply(call.node, "*", (left, right)))
        if [*first, *second] != [d for d in self.pattern.loops if d in (*first, *second)]:
            left, right, first, second = right, left, second, first
        if len(second) > 1 or [*first, *second] != [d for d in self.pattern.loops if d in (*first, *second)]:
            raise CannotLower("a product over several loops")
        for operand in (left, right):
            self.require_room(operand, is_computed=True)
        texts = (self._print(left, (*first, *row), True), self._print(right, (*row, *second), True))
        self._note(Apply(call.node, "*", (left, right)), "sum")
        return self._named(call, " @ ".join(texts), (*first, *second))

    def _require_wide(self, *operands: Expr) -> None:
        for access in (part.access for operand in operands for part in operand.walk() if isinstance(part, Read)):
            if self.types.dtype(access) not in WIDE:
                raise CannotLower(f"`{access.array}` holds {self.types.dtype(access)}, whose products are others")

    def require_room(self, operand: Expr, is_computed: bool) -> None:
        """Some array that is read is as large as all rows together; numbers of one kind meet in it."""
        self.types.copies_rows |= is_computed
        free = {*self._loops(operand), *self.along(operand)}
        if is_computed and len(self.pattern.loops) > 1 and self.has_windows(operand):
            raise CannotLower("a temporary would be larger than every array of the loops")
        inner = self._inner((operand,))
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
