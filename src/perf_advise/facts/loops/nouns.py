"""The nouns of the loop model: domains, steps and loops; each is itself (compared by identity)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.counting import trip_count
from perf_advise.facts.loops.iteration import Access, Expr, Node, Read, Scalar, Unclear

ASSOCIATIVE = frozenset({"+", "-", "*", "&", "|", "^", "min", "max", "and", "or", "argmin", "argmax"})
"""Accumulations whose terms can be taken together ("-" subtracts their sum)."""
Kind = Literal["range", "direct", "enumerate", "zip", "while", "row", "rows", "iterator", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """What a loop runs over: `index` goes from `start` by `step` and stops before `stop`.

    `index` is the user's name where the source has one, else a symbol with `@` in front (the position in a
    sequence that is iterated directly); `direction` is 1, -1, or 0 where the sign of a symbolic step is not
    known. `names` says what each name bound by the header is in an iteration. `sequences` are the texts of what
    is iterated, with their nodes. A `while` counter is set to `start` before the loop (`i@entry` where that was
    not found) and steps at `stepper`. For kind "iterator" and "unknown" the index only counts iterations,
    `stop` is a symbol of its own, and `why` says what is missing. Kinds "row" and "rows" are no loops of the
    source: they run over what a slice takes, along its last dimension and along the one before.
    """

    node: cst.For | cst.While | cst.CompFor
    kind: Kind
    index: str
    start: Affine
    stop: Affine
    step: Affine
    names: Mapping[str, Expr] = field(default_factory=dict)
    sequences: tuple[tuple[str, Node], ...] = ()
    direction: int = 1
    stepper: Node | None = None
    why: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether the iterations can be counted before the loop starts."""
        return self.kind not in ("iterator", "unknown")

    @property
    def is_visible(self) -> bool:
        """Whether the index has a name in the source."""
        return not self.index.startswith("@")

    @property
    def own_names(self) -> frozenset[str]:
        """The index and every name that the header binds: what differs between iterations."""
        return frozenset({self.index, *self.names})

    def varies_with(self, other: "Domain") -> bool:
        """Whether the bounds depend on the iteration of an enclosing loop (a triangular nest)."""
        bounds = self.start.names | self.stop.names | self.step.names
        held = {n.value for _, node in self.sequences for n in _names_in(node)}
        return bool((bounds | held) & other.own_names)

    @property
    def constraints(self) -> Constraints:
        """What holds of the index inside the body; nothing where the direction is not known."""
        index, size = Affine.symbol(self.index), self.step.value
        inside = ((index - self.start) * self.direction, (self.stop - index) * self.direction - 1)
        if not self.direction or not self.is_counted:
            return Constraints()
        if size is None or abs(size) == 1:
            return Constraints(natural=inside)
        count = Affine.symbol(f"{self.index}@count")
        return Constraints((index - self.start - count * size,), (*inside, count))

    @property
    def trips(self) -> Affine:
        """The number of iterations where the loop runs at all (a negative number means none)."""
        return trip_count(self.start, self.stop, self.step)

    def __str__(self) -> str:
        if not self.is_counted:
            return f"{self.index} ({self.why})"
        if not self.sequences:
            return f"{self.index} in range({self._range_arguments()})"
        return f"{', '.join(self.names) or self.index} in {', '.join(text for text, _ in self.sequences)}"

    def _range_arguments(self) -> str:
        """What `range` would be called with, in its shortest form."""
        if self.step.value != 1:
            return f"{self.start}, {self.stop}, {self.step}"
        return str(self.stop) if not self.start.terms else f"{self.start}, {self.stop}"


def _names_in(node: Node) -> Iterator[cst.Name]:
    if isinstance(node, cst.Name):
        yield node
    for child in node.children:
        yield from _names_in(child)


# -- statements -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Growth:
    """A list or set that grows by one item; the name is "" for the result of a comprehension."""

    name: str
    method: Literal["append", "add", "element"]

    def __str__(self) -> str:
        return f"{self.name or 'result'}.{self.method}" if self.method != "element" else "element"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition under which a step runs: the `if` it stands in, and on which side."""

    node: Node
    negated: bool
    condition: Expr = field(compare=False)

    def __str__(self) -> str:
        return f"not {self.condition}" if self.negated else str(self.condition)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One assignment, normalised: `target = value`, or `target = target operator value`.

    `operator` is `+ - * / | & ^ min max and or argmin argmax ...`, "" for a plain store. For min and max, `tie`
    says which of equal candidates stays ("first", "last"), and `payload` what is stored beside the new extreme.
    For argmin and argmax the target is the position itself, and in the payload too; `value` is what is compared.
    `guards` are the conditions around it inside the nest, outermost first. `is_row` marks `row = a[i]`, after
    which `row[j]` is read as a[i, j]; `regrouped` marks `s + a + b` read as `s + (a + b)`. A step without a
    target is opaque: `why` says what it is.
    """

    node: Node
    target: Access | Scalar | Growth | None
    value: Expr
    operator: str = ""
    guards: tuple[Guard, ...] = ()
    domains: tuple[Domain, ...] = ()
    payload: tuple[tuple[str, Expr], ...] = ()
    tie: Literal["", "first", "last"] = ""
    regrouped: bool = False
    is_row: bool = False
    why: str = ""

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that it evaluates: conditions, index expressions of the target, the value."""
        inside = self.target.parts if isinstance(self.target, Access) else ()
        stored = tuple(value for _, value in self.payload)
        return (*(g.condition for g in self.guards), *inside, self.value, *stored)

    @property
    def reads(self) -> Iterator[Expr]:
        """Every expression below it that reads a name or a cell; its own target too, where it accumulates."""
        for expression in self.expressions:
            yield from expression.walk()
        if self.operator and isinstance(self.target, Access):
            yield Read(self.target.node, self.target)
        elif self.operator and isinstance(self.target, Scalar):
            yield self.target

    @property
    def unclear(self) -> str:
        """Why its effects or reads are not known; "" where they are."""
        return self.why or next((e.why for e in self.reads if isinstance(e, Unclear)), "")

    @property
    def family(self) -> str:
        """The operator whose combinations may be taken in another order; "" where it is not associative."""
        if self.operator not in ASSOCIATIVE:
            return ""
        return (
            f"arg{self.operator.removeprefix('arg')}" if self.payload else {"-": "+"}.get(self.operator, self.operator)
        )

    @property
    def scalars_read(self) -> frozenset[str]:
        """The assigned names that it reads."""
        return frozenset(e.name for e in self.reads if isinstance(e, Scalar))

    @property
    def scalars_written(self) -> frozenset[str]:
        """The names that it assigns."""
        own = {self.target.name} if isinstance(self.target, Scalar) else set()
        return frozenset(own | {name for name, _ in self.payload})

    def __str__(self) -> str:
        if self.target is None:
            return f"opaque: {self.why}"
        head = "".join(f"if {guard}: " for guard in self.guards)
        if isinstance(self.target, Growth):
            return f"{head}{self.target}({self.value})"
        stored = "".join(f", {name} = {value}" for name, value in self.payload)
        return f"{head}{self.target} {self.operator + '=' if self.operator else '='} {self.value}{stored}"


ExitKind = Literal["break", "return", "raise", "condition", "else"]


@dataclass(frozen=True, slots=True)
class Exit:
    """A way to leave a loop early, with the conditions inside the nest under which it is taken.

    "condition" is a data part of a `while` test (left when it is false); "else" is the loop's `else` clause.
    `value` is what is tested or returned.
    """

    kind: ExitKind
    node: Node
    guards: tuple[Guard, ...] = ()
    value: Expr | None = None

    @property
    def reads(self) -> Iterator[Expr]:
        """Every expression below its conditions and value."""
        for guard in self.guards:
            yield from guard.condition.walk()
        if self.value is not None:
            yield from self.value.walk()

    def __str__(self) -> str:
        head = "".join(f"if {guard}: " for guard in self.guards)
        return f"{head}{self.kind}" + (f" {self.value}" if self.value is not None else "")


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop with its body in source order; nested loops and exits stand where they run.

    `owner` is the comprehension that a loop belongs to, else None. `enclosing` are the domains around it, as
    far as the nest was built (outermost first). `header_reads` are the names that its header evaluates.
    """

    node: cst.For | cst.While | cst.CompFor
    domain: Domain
    body: "tuple[Step | Loop | Exit, ...]"
    enclosing: tuple[Domain, ...] = ()
    guards: tuple[Guard, ...] = ()
    owner: Node | None = None
    header_reads: frozenset[str] = frozenset()

    @property
    def depth(self) -> int:
        """How many loops of the nest are around it."""
        return len(self.enclosing)

    @property
    def children(self) -> "tuple[Loop, ...]":
        """The loops directly inside."""
        return tuple(item for item in self.body if isinstance(item, Loop))

    @property
    def exits(self) -> tuple[Exit, ...]:
        """The ways to leave this loop early (not those of loops inside, unless they return or raise)."""
        inner = (e for child in self.children for e in child.exits if e.kind in ("return", "raise"))
        return (*(item for item in self.body if isinstance(item, Exit)), *inner)

    @property
    def loops(self) -> "Iterator[Loop]":
        """This loop and all inside it, in source order."""
        yield self
        for child in self.children:
            yield from child.loops

    @property
    def steps(self) -> Iterator[Step]:
        """All steps inside, in source order."""
        for item in self.body:
            if isinstance(item, Loop):
                yield from item.steps
            elif isinstance(item, Step):
                yield item

    @property
    def accesses(self) -> tuple[tuple[Access, Step, bool], ...]:
        """Every access with its step and whether it writes, in order of evaluation within a step."""
        found: list[tuple[Access, Step, bool]] = []
        for step in self.steps:
            found += ((e.access, step, False) for e in step.reads if isinstance(e, Read))
            if isinstance(step.target, Access):
                found.append((step.target, step, True))
        return tuple(found)

    def nest(self) -> "tuple[Loop, ...]":
        """This loop and those perfectly nested in it: nothing but the next loop in each body."""
        only = self.body[0] if len(self.body) == 1 else None
        return (self, *only.nest()) if isinstance(only, Loop) and not only.exits else (self,)
