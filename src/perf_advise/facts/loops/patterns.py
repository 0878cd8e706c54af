"""The classes that a loop nest, or a part of it, falls into; each with everything that a rewrite needs.

`loops` are the domains that vanish when the part becomes one array operation, outermost first; loops
around them are kept. A part that has no array form says why (`Kept`, `Plain`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from perf_advise.facts.loops.assumption import Assumption as Assumption
from perf_advise.facts.loops.entry import Entry
from perf_advise.facts.loops.iteration import Access, Expr, Fold, Node, Read, Scalar
from perf_advise.facts.loops.nouns import Domain, Exit, Growth, Guard, Loop, Step
from perf_advise.facts.loops.variation import factors_of, is_shift, leaf_varies


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A part that can be one array operation.

    `steps` are the statements that it stands for. `scalars` says over which loops a name that the nest assigns has a
    value of its own per iteration: over those of them that vanish, it becomes an array.
    """

    loops: tuple[Domain, ...]
    steps: tuple[Step, ...]
    scalars: Mapping[str, tuple[Domain, ...]] = field(repr=False)

    def varies(self, expression: Expr, domain: Domain) -> bool:
        """Whether an expression may differ between iterations of a loop."""
        return any(leaf_varies(part, domain, self.scalars) for part in expression.walk())

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The conditions that differ between iterations of the loops that vanish."""
        return tuple(g for g in self.steps[-1].guards if any(self.varies(g.condition, d) for d in self.loops))

    @property
    def outer_guards(self) -> tuple[Guard, ...]:
        """The conditions that are the same for all iterations: they stay `if` statements."""
        return tuple(g for g in self.steps[-1].guards if g not in self.guards)

    @property
    def value(self) -> Expr:
        """What one iteration computes."""
        return self.steps[-1].value

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that it evaluates."""
        return tuple(e for step in self.steps for e in step.expressions)

    @property
    def gathers(self) -> tuple[Access, ...]:
        """Reads whose index is itself computed from data (`b[idx[i]]`)."""
        return tuple(a for a in self.reads if any(s.is_computed_in(d) for s in a.subscripts for d in self.loops))

    @property
    def reads(self) -> tuple[Access, ...]:
        """Every cell that it reads."""
        return tuple(e.access for x in self.expressions for e in x.walk() if isinstance(e, Read))

    @property
    def name(self) -> str:
        """The class in words."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Map(Pattern):
    """Every iteration stores to a cell of its own: `target operator= value`, where the guards hold.

    `target` is a cell, or a private scalar that becomes an array over `loops`. No iteration reads what another
    one stores, except where it reads the old value (`reads_ahead`): the right side has to be evaluated whole, first.
    """

    target: Access | Scalar
    operator: str = ""
    reads_ahead: bool = False

    @property
    def name(self) -> str:
        if isinstance(self.target, Access) and self.shifts:
            return "stencil"
        if self.gathers:
            return "gather"
        if self.is_fill and any(d.step.value not in (1, -1) for d in self.loops):
            return "strided store"
        return "masked map" if self.guards else "map"

    @property
    def is_fill(self) -> bool:
        """Whether every iteration stores the same value."""
        return not any(self.varies(self.value, d) for d in self.loops)

    @property
    def shifts(self) -> tuple[Access, ...]:
        """Reads of neighbours: cells a constant distance from another one of the same array."""
        own = (*self.reads, self.target) if isinstance(self.target, Access) else self.reads
        return tuple(a for a in self.reads if any(is_shift(a, b) for b in own if b.array == a.array))


@dataclass(frozen=True, slots=True, eq=False)
class Reduction(Pattern):
    """`target = target op value` over the loops `over`, for each iteration of `free`.

    `loops` are `free` and `over` together. `op` is `+ - * | & ^ min max and or any last count...` as in `ScalarRole`.
    `target` is None where the result is the value of an expression (`node`: the call around a generator).
    `start` is the value that the nest itself sets before each reduction, `entry` the assignment
    before the nest; None where neither was found: the old value of the target then counts.
    """

    op: str
    target: Access | Scalar | None
    free: tuple[Domain, ...]
    over: tuple[Domain, ...]
    start: Expr | None = None
    entry: Entry | None = None
    tie: Literal["", "first", "last"] = ""
    node: Node | None = None

    @property
    def name(self) -> str:
        return "contraction" if len(self.factors) > 1 else "reduction"

    @property
    def factors(self) -> tuple[Expr, ...]:
        """The factors of a sum of products, where at least two differ between iterations; else nothing."""
        value = self.value.value if isinstance(self.value, Fold) else self.value
        if self.op not in ("+", "-") or self.guards:
            return ()
        found = tuple(factors_of(value))
        varying = [f for f in found if any(self.varies(f, d) for d in self.over)]
        return found if len(varying) > 1 and all(isinstance(f, Read | Scalar) for f in varying) else ()


@dataclass(frozen=True, slots=True, eq=False)
class ArgReduction(Pattern):
    """The extreme of `value` over `over` and what was stored where it is first (or last) reached.

    `op` is "min" or "max". `best` is the name or cell of the extreme, or None where only the position is kept
    (`if a[i] > a[k]: k = i`). `payload` are the names stored beside it with their values.
    """

    op: str
    best: Access | Scalar | None
    payload: tuple[tuple[str, Expr], ...]
    tie: Literal["", "first", "last"]
    free: tuple[Domain, ...]
    over: tuple[Domain, ...]
    start: Expr | None = None
    entry: Entry | None = None

    @property
    def name(self) -> str:
        return "argreduce"


@dataclass(frozen=True, slots=True, eq=False)
class Scan(Pattern):
    """A running reduction along the last loop: `c[i] = c[i - 1] op term`, or a scalar read while it accumulates.

    `target` is the cell of the series, the growing list, or the scalar; `previous` the value carried into an
    iteration. Steps that read the scalar are parts of their own after this one; `readers` says for each whether it
    sees the value with the term of its own iteration ("inclusive") or without ("exclusive"). `gap` is what is
    added to the carried value before an extreme is taken (`min(c[i - 1] + 1, x)`). `regrouped` as in `Step`.
    """

    op: str
    target: Access | Scalar | Growth
    term: Expr
    previous: Expr
    readers: tuple[tuple[Step, Literal["inclusive", "exclusive"]], ...] = ()
    gap: Expr | None = None
    entry: Entry | None = None
    regrouped: bool = False

    @property
    def axis(self) -> Domain:
        """The loop along which it runs."""
        return self.loops[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Scatter(Pattern):
    """Stores to cells whose index is computed from data, perhaps several times to one: `target operator= value`."""

    target: Access
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Collect(Pattern):
    """A list or set grown by `value` per iteration of `over`, for each of `free`; `start`, `entry` as in `Reduction`.

    The target of a comprehension (`node`) has the name "".
    """

    target: Growth
    free: tuple[Domain, ...]
    over: tuple[Domain, ...]
    start: Expr | None = None
    entry: Entry | None = None
    node: Node | None = None

    @property
    def name(self) -> str:
        return "filter" if self.guards else "map"


@dataclass(frozen=True, slots=True, eq=False)
class Search(Pattern):
    """A loop that is left at the first iteration where the guards of `exit` hold; `on_hit` run there, before it leaves.

    `steps` are private to an iteration (they compute what the condition needs). `otherwise` is the loop's
    `else` clause.
    """

    exit: Exit
    on_hit: tuple[Step, ...] = ()
    otherwise: Node | None = None

    @property
    def guards(self) -> tuple[Guard, ...]:
        return self.exit.guards

    @property
    def expressions(self) -> tuple[Expr, ...]:
        inside = tuple(e for step in (*self.steps, *self.on_hit) for e in step.expressions)
        return (*inside, *(g.condition for g in self.exit.guards))


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Statements that stay as they are: no loop is left for them to be taken out of."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A loop that has to run in order, why, and what its body becomes.

    With `is_split`, `parts` are the whole body in an order that may differ from the source. Without, they are
    only the inner loops that have a form of their own: all else in the body stays as it is.
    """

    domain: Domain
    why: str
    parts: "tuple[Part, ...]"
    is_split: bool = True


Part = Pattern | Plain | Kept


def patterns_in(parts: tuple[Part, ...]) -> Iterator[Pattern]:
    """The array operations among parts, those inside kept loops included, in order."""
    for part in parts:
        yield from (part,) if isinstance(part, Pattern) else ()
        yield from patterns_in(part.parts) if isinstance(part, Kept) else ()


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a loop nest can become: its parts in order, and what they rest on.

    `live_out` are names that the nest binds and that are read after it: they then have to hold the value of the
    last iteration.
    """

    loop: Loop
    parts: tuple[Part, ...]
    assumptions: tuple[Assumption, ...] = ()
    live_out: frozenset[str] = frozenset()

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The array operations, those inside kept loops included."""
        return tuple(patterns_in(self.parts))

    @property
    def name(self) -> str:
        """The class of the nest where one operation is all of it; "" otherwise."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only.name if isinstance(only, Pattern) else ""

    @property
    def why(self) -> str:
        """Why loops are kept, outermost first; "" where none is."""
        return "; ".join(dict.fromkeys(_reasons(self.parts)))


def _reasons(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in (part for part in parts if isinstance(part, Kept)):
        yield part.why
        yield from _reasons(part.parts)
