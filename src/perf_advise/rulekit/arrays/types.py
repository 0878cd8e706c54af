"""What the arrays and numbers of a nest have to be, as needs; one place for all array rules."""

from collections.abc import Sequence

import libcst as cst

from perf_advise.facts.iteration import Access, Apply, Constant, Expr, Index, Invariant, Node, Read, Scalar
from perf_advise.facts.loop_nouns import Domain, Step
from perf_advise.facts.patterns import Assumption
from perf_advise.model.facts import Answer
from perf_advise.rulekit.matches import Need, NeedKind
from perf_advise.rulekit.view import View

DTYPES = ("float64", "int64")
NUMBERS = ("int", "float", "bool", "numpy.float64", "numpy.int64")
FLOATS = {"float", "numpy.float64"}


class ArrayTypes:
    """Questions about one nest; `needs` is what the answers rest on.

    `private` are names that have one value per iteration: their array text, and the loops along its axes.
    """

    def __init__(self, view: View, steps: Sequence[Step] = ()) -> None:
        self._view = view
        self._steps = steps
        self.numpy = view.name_of("numpy")
        self._arrays: dict[str, Need] = {}
        self._numbers: dict[str, Need] = {}
        self.dtypes: dict[str, str] = {}
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

    def is_float(self, expression: Expr) -> bool | None:
        """Whether the numbers that it gives are floats; None where that is not known."""
        if isinstance(expression, Read):
            self.require_array(expression.access)  # an unknown array is refused by this need
            return self.dtypes.get(expression.access.array, "float64") == "float64"
        if isinstance(expression, Constant | Index):
            return isinstance(expression, Constant) and isinstance(expression.value, float)
        if isinstance(expression, Apply) and (expression.op == "/" or expression.op.startswith("math.")):
            return True
        kinds = {kind.name for kind in self._view.facts.type_of(expression.node).alternatives}
        if kinds and not kinds - set(NUMBERS):
            return kinds <= FLOATS or (None if kinds & FLOATS else False)
        parts = {self.is_float(part) for part in expression.parts}
        return True if True in parts and isinstance(expression, Apply) and expression.op in ("+", "-", "*") else None

    def require_array(self, access: Access) -> None:
        """The base of an access is an ndarray with as many dimensions as it has subscripts."""
        name = access.array
        if name in self._arrays:
            return
        typed = self._view.facts.type_of(access.base)
        claim = f"`{name}` is an ndarray of {' or '.join(DTYPES)} in {len(access.subscripts)} dimensions"
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

    def require_number(self, expression: Invariant) -> None:
        """A value from outside the nest is a number, not an array that would broadcast."""
        text = self.code(expression.node)
        if text not in self._numbers:
            answer = self._view.facts.is_type(expression.node, *NUMBERS)
            self._numbers[text] = Need(answer, f"`{text}` is a number")

    def sizes(self, access: Access) -> list[str]:
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


def assumption_need(assumption: Assumption) -> Need | None:
    """What a plan rests on, as a need; signs and integers are values, objects and aliases are not."""
    if assumption.kind == "sequence":
        return None  # the array's own need says more
    if assumption.kind in ("not negative", "integer"):
        difference = f"`{assumption.subjects[0]}` below zero counts from the end"
        return Need(assumption.answer, str(assumption), NeedKind.VALUE, difference)
    return Need(assumption.answer, str(assumption))
