"""What the arrays and numbers of a nest have to be, as needs; one place for all array rules."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.entry import value_before
from perf_advise.facts.loops.iteration import (
    Access,
    Apply,
    Constant,
    Expr,
    Index,
    Invariant,
    Node,
    Read,
    Scalar,
)
from perf_advise.facts.loops.nouns import Domain, Guard, Step
from perf_advise.facts.loops.patterns import Pattern
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Answer
from perf_advise.rulekit.arrays.axes import CannotLower, Extent
from perf_advise.rulekit.arrays.kinds import is_float_by_parts
from perf_advise.rulekit.arrays.shapes import ALIKE, MADE, shapes_of
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.view import View

if TYPE_CHECKING:
    from perf_advise.rulekit.arrays.views import WindowView

FLOAT_DTYPES = ("float64", "float32")
DTYPES = (*FLOAT_DTYPES, "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "bool")
WIDE = ("float64", "int64")
NUMBERS = ("int", "float", "bool", "numpy.float64", "numpy.int64")
FLOATS = {"float", "numpy.float64"}


class ArrayTypes:
    """Questions about one nest; `needs` is what the answers rest on.

    `private` are names that have one value per iteration: their array text, and the loops along its axes; those in
    `outgrown` would be larger than every array that they are made from, `full` says over which loops they are whole,
    `made` are arrays of the nest's own that nothing else holds.
    """

    def __init__(self, view: View, steps: Sequence[Step] = ()) -> None:
        self._view = view
        self._steps = steps
        self.numpy = view.name_of("numpy")
        self._arrays: dict[str, Need] = {}
        self._numbers: dict[str, Need] = {}
        self.dtypes: dict[str, str] = {}
        self.of_cells: set[str] = set()
        self.outgrown: set[str] = set()
        self.made: set[str] = set()
        self.full: dict[str, set[Domain]] = {}
        self.row_domains: tuple[Domain, ...] = ()
        self.copies_rows = False
        self.views: list[WindowView] = []
        self._derived: dict[str, list[Extent]] = {}
        self.private_floats: dict[str, bool | None] = {}
        self.private: dict[str, tuple[str, tuple[Domain, ...]]] = {}

    @property
    def needs(self) -> tuple[Need, ...]:
        """Every need that came up, once."""
        return (*self._arrays.values(), *self._numbers.values())

    def reads(self, name: str) -> int:
        """How often the nest reads a name that it assigns, its own accumulation left aside."""
        steps = [s for s in self._steps if not (s.operator and name in s.scalars_written)]
        return sum(isinstance(e, Scalar) and e.name == name for s in steps for e in s.reads)

    def code(self, node: Node) -> str:
        """The source text of a node."""
        return self._view.code(node)

    def is_own_name(self, access: Access) -> bool:
        """Whether the array is a variable of the function: `a += 1` would make a variable of any other name."""
        base = access.base
        return isinstance(base, cst.Name) and self._view.facts.scope(base.value) in ("local", "parameter")

    def dtype(self, access: Access) -> str:
        """The dtype of an array; that of an unknown one, which its need refuses, is taken for float64."""
        self.require_array(access)
        return self.dtypes.get(access.array, "float64")

    def is_float_array(self, name: str) -> bool:
        """Whether an array that was asked for holds floats."""
        return self.dtypes.get(name, "float64") in FLOAT_DTYPES

    def reads_cells(self, expression: Expr) -> bool:
        """Whether its numbers come from arrays, itself or through a name; Python's own integers have no bounds."""
        parts = list(expression.walk())
        cells = any(isinstance(part, Read) and part.access.subscripts for part in parts)
        return cells or any(isinstance(part, Scalar) and part.name in self.of_cells for part in parts)

    def may_have_floats(self, pattern: Pattern, value: Expr) -> bool:
        """Whether floats may be in what is combined: in a cell that is read, or in a name whose kind is not known."""
        cells = any(self.dtype(a) in FLOAT_DTYPES for a in pattern.reads if a.subscripts)
        return cells or self.is_float(value) is not False

    def keeps_kind(self, value: Expr, target: Access) -> bool:
        """Whether storing the value to the array changes no number."""
        dtype = self.dtype(target)
        if isinstance(value, Constant) and isinstance(value.value, bool | int | float):
            return dtype in FLOAT_DTYPES or (dtype in ("int64", "int32") and isinstance(value.value, int))
        return dtype == "float64" or (dtype == "int64" and self.is_float(value) is False)

    def require_wide(self, pattern: Pattern) -> None:
        """All cells are of 64 bits: of others, sums of NumPy are wider than those of the loop."""
        for access in pattern.reads:
            if access.subscripts and self.dtype(access) not in WIDE:
                raise CannotLower(f"`{access.array}` holds {self.dtype(access)}, which is summed otherwise")

    def refuse_truths(self, operands: Sequence[Expr]) -> None:
        """Refuse arithmetic on truths, which are no numbers to NumPy."""
        for operand in operands:
            is_truth = isinstance(operand, Read) and self.dtype(operand.access) == "bool"
            if is_truth or (isinstance(operand, Apply) and operand.op in ("<", "<=", ">", ">=", "==", "!=", "not")):
                raise CannotLower("arithmetic on truths")

    def refuse_narrow(self, operands: Sequence[Expr]) -> None:
        """Refuse cells of less than 64 bits, of which NumPy's functions give less than `math`'s."""
        for part in (part for operand in operands for part in operand.walk()):
            if isinstance(part, Read) and part.access.subscripts and self.dtype(part.access) not in WIDE:
                raise CannotLower("a function of `math` of numbers of less than 64 bits")

    def require_stored(self, value: Expr, target: Access) -> None:
        """A value from outside that is stored as it is."""
        if isinstance(value, Invariant):
            self.require_number(value)

    def before(self, domain: Domain, name: str) -> str:
        """The text of what a name is set to right before a loop; "" where that is not plain to see."""
        entry = value_before(domain.node, name, self._view.facts)
        return self.code(entry.value) if entry is not None else ""

    def is_filled_once(self, target: Access, steps: int) -> bool:
        """Whether no more than these many steps of the nest touch the array, all by storing to it."""
        touched = [a for step in self._steps for a in _accesses(step) if a.array == target.array]
        return len(touched) == steps and not self._view.facts.is_captured(target.array)

    def is_made(self, domain: Domain, target: Access, by: frozenset[str] = MADE | ALIKE) -> bool:
        """Whether the array is made right before the loop, of a shape and nothing else."""
        entry = value_before(domain.node, target.array, self._view.facts)
        call = entry.value if entry is not None else None
        if not isinstance(call, cst.Call) or self._view.facts.qualified_name(call.func) not in by:
            return False
        return all(arg.keyword is None or arg.keyword.value == "dtype" for arg in call.args)

    def start_line(self, domain: Domain, name: str) -> tuple[cst.CSTNode, str] | None:
        """The line `name = value` before a loop that nothing else needs, and the text of its value."""
        entry = value_before(domain.node, name, self._view.facts)
        line = self._view.parent(entry.statement) if entry is not None else None
        if entry is None or not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            return None
        targets = entry.statement.targets if isinstance(entry.statement, cst.Assign) else ()
        is_alone = len(targets) == 1 and isinstance(targets[0].target, cst.Name)
        if not is_alone or self._view.slice.comments_in(self._view.slice.lines_span(line)):
            return None
        if any(isinstance(holder, cst.Try | cst.TryStar) for holder in self._view.ancestors(line)):
            return None
        block = list(self._view.siblings(line))
        if domain.node not in block:
            return None
        between = block[block.index(line) + 1 : block.index(domain.node)]
        used = {n.value for part in between for n in walk(part) if isinstance(n, cst.Name)}
        return None if name in used else (line, self.code(entry.value))

    def is_live(self, name: str, domain: Domain) -> bool:
        """Whether a name is read after a loop."""
        return name in self._view.facts.live_after(domain.node)

    def fresh(self, wanted: str) -> str:
        """A name that is free."""
        return self._view.fresh(wanted)

    def is_read_under(self, name: str, guards: Sequence[Guard]) -> bool:
        """Whether all that reads a name runs under these conditions, and nothing else assigns it."""
        readers = [s for s in self._steps if name in s.scalars_read]
        writers = [s for s in self._steps if name in s.scalars_written]
        return len(writers) == 1 and all(set(guards) <= set(s.guards) for s in readers)

    def is_float(self, expression: Expr) -> bool | None:
        """Whether the numbers that it gives are floats; None where that is not known."""
        if isinstance(expression, Read) and expression.access.subscripts:
            return self.dtype(expression.access) in FLOAT_DTYPES
        if isinstance(expression, Constant | Index):
            return isinstance(expression, Constant) and isinstance(expression.value, float)
        if isinstance(expression, Apply) and (expression.op == "/" or expression.op.startswith("math.")):
            return True
        kinds = {kind.name for kind in self._view.facts.type_of(expression.node).alternatives}
        if kinds and not kinds - set(NUMBERS) and (kinds <= FLOATS or not kinds & FLOATS):
            return kinds <= FLOATS
        if isinstance(expression, Scalar) and expression.name in self.private_floats:
            return self.private_floats[expression.name]
        return is_float_by_parts(expression, self.is_float)

    def require_array(self, access: Access) -> None:
        """The base of an access is an ndarray with as many dimensions as it has subscripts."""
        name = access.array
        if name in self._arrays or name in self._derived:
            return
        typed = self._view.facts.type_of(access.base)
        count = len(access.subscripts)
        claim = f"`{name}` is an ndarray of numbers in {count} dimension{'s' if count != 1 else ''}"
        kind = typed.type
        if kind is None:
            answer = Answer.unknown(typed.why)
        elif kind.name != "numpy.ndarray":
            answer = Answer.no(f"it is a {kind} ({typed.why})", typed.evidence)
        elif kind.dtype is None or kind.ndim is None:
            answer = Answer.unknown(f"{typed.why}: its dtype or number of dimensions is not known")
        else:
            holds = kind.dtype in DTYPES and kind.ndim == len(access.subscripts)
            answer = (Answer.yes if holds else Answer.no)(
                typed.why if str(kind) in typed.why else f"{kind} ({typed.why})", typed.evidence
            )
            self.dtypes[name] = kind.dtype
        self._arrays[name] = Need(answer, claim)

    def dimensions(self, access: Access) -> int:
        """How many dimensions an array has, as far as is known; else as many as are indexed."""
        kind = self._view.facts.type_of(access.base).type
        found = kind.ndim if kind is not None and kind.name == "numpy.ndarray" else None
        return found if found is not None and access.subscripts else len(access.subscripts)

    def rank(self, access: Access) -> int:
        """How many dimensions what is accessed has: 0 of a cell, 1 of a row."""
        spans = sum(s.span is not None for s in access.subscripts)
        return spans + self.dimensions(access) - len(access.subscripts)

    def dimensions_of(self, expression: Expr) -> int:
        """How many dimensions a value from outside the nest has, as far as is known."""
        kind = self._view.facts.type_of(expression.node).type
        return (kind.ndim or 0) if kind is not None and kind.name == "numpy.ndarray" else 0

    def require_number(self, expression: Invariant) -> None:
        """A value from outside the nest is a number, not an array that would broadcast."""
        text = self.code(expression.node)
        if text not in self._numbers:
            answer = self._view.facts.is_type(expression.node, *NUMBERS)
            self._numbers[text] = Need(answer, f"`{text}` is a number")

    def derive(self, name: str, access: Access, sizes: list[Extent]) -> None:
        """Note a view of an array, under a name of its own, and the lengths of its dimensions."""
        self.dtypes[name] = self.dtype(access)
        self._derived[name] = sizes

    def sizes(self, access: Access) -> list[Extent]:
        """The lengths of the dimensions."""
        if access.array in self._derived:
            return self._derived[access.array]
        shapes = shapes_of(self._view)
        lengths = [shapes.of(access.array, i) for i in range(len(access.subscripts))]
        return [Extent(t, n, shapes.in_first_terms) for t, n in zip(self._sizes(access), lengths, strict=True)]

    def _sizes(self, access: Access) -> list[str]:
        """The texts of the lengths of the dimensions, as the source would write them."""
        self.require_array(access)
        shape = [f"{access.array}.shape[{i}]" for i in range(len(access.subscripts))]
        if len(shape) == 1:
            return [self._length(access.array)]
        first = f"len({access.array})"
        used = self._view.code(self._view.slice.node)
        return [first if first in used and shape[0] not in used else shape[0], *shape[1:]]

    def _length(self, array: str) -> str:
        used = self._view.code(self._view.slice.node)
        return next((t for t in (f"len({array})", f"{array}.shape[0]", f"{array}.size") if t in used), f"len({array})")


def _accesses(step: Step) -> Iterator[Access]:
    if isinstance(step.target, Access):
        yield step.target
    for expression in step.expressions:
        yield from (part.access for part in expression.walk() if isinstance(part, Read))
