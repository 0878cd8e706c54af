"""The dependence graph of a nest: which step has to come before which, and which loops carry it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.dependence import Event, Meeting, Vector, domain_constraints, meeting
from perf_advise.facts.loops.guards import index_limits
from perf_advise.facts.loops.iteration import Access, Expr, Fold, Read, Scalar
from perf_advise.facts.loops.nouns import Domain, Growth, Loop, Step
from perf_advise.facts.loops.scalars import assigned_in, private_prefix

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts


@dataclass(frozen=True, slots=True)
class Dependence:
    """`sink` has to run after `source`: both touch a cell of `array` (or the scalar or list of that name).

    `vectors` are directions over the loops around both, outermost first ("<": the sink is in a later iteration);
    `distance` counts iterations where it is one number per loop (None in a place: any). With `commutes`, both
    combine into the cell with one associative operator, so their order matters for rounding only.
    """

    source: Step
    sink: Step
    array: str
    kind: Literal["flow", "anti", "output"]
    vectors: frozenset[Vector]
    distance: tuple[int | None, ...]
    commutes: bool = False

    def at(self, level: int) -> frozenset[Vector]:
        """The directions left once the first `level` loops run in order."""
        return frozenset(v for v in self.vectors if set(v[:level]) <= {"="})

    def carried_by(self, level: int) -> bool:
        """Whether the loop at that depth carries it."""
        return any(len(v) > level and v[level] == "<" for v in self.at(level))

    def __str__(self) -> str:
        distance = ", ".join("*" if d is None else str(d) for d in self.distance)
        return f"{self.kind} on {self.array} ({distance})"


@dataclass(frozen=True, slots=True)
class Touch:
    """One use of a name or cell by a step; `family` is the operator where it is what the step combines into."""

    step: Step
    order: int
    event: Event
    family: str = ""

    @property
    def name(self) -> str:
        """The array, scalar or list."""
        return self.event.access.array


class Graph:
    """Steps of a nest in source order with the dependences between them, if what is `assumed` is zero or more."""

    def __init__(self, loop: Loop, facts: "Facts", assumed: tuple[Affine, ...] = ()) -> None:
        self.loop = loop
        self.steps = tuple(loop.steps)
        self._facts = facts
        self._met: dict[tuple[object, ...], Meeting] = {}
        self.depth = loop.depth
        self.assumed = assumed
        self.around = domain_constraints(loop.enclosing) & Constraints(natural=assumed)

    @cached_property
    def scalars(self) -> Mapping[str, tuple[Domain, ...]]:
        """For each name that the nest assigns, the loops over which it is private to an iteration."""
        found: dict[str, tuple[Domain, ...]] = {}
        for name in assigned_in(self.loop):
            chains = {
                chain for chain in _chains(self.loop, ()) if any(name in s.scalars_written for s in _own(chain[-1]))
            }
            lengths = [private_prefix(name, chain, self._facts) for chain in chains]
            shortest = min(zip(lengths, chains, strict=True), key=lambda pair: pair[0])
            found[name] = tuple(loop.domain for loop in shortest[1][: shortest[0]])
        return found

    @cached_property
    def all_touches(self) -> tuple[Touch, ...]:
        """Every use of a name that the nest assigns, or of a cell, in source order."""
        return tuple(touch for order, step in enumerate(self.steps) for touch in self._touches(step, order))

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """Those of names and arrays that some step writes."""
        written = {touch.name for touch in self.all_touches if touch.event.is_write}
        return tuple(touch for touch in self.all_touches if touch.name in written)

    @property
    def pairs(self) -> int:
        """How many pairs of uses there are to compare."""
        counts = Counter(touch.name for touch in self.touches)
        return sum(count * count // 2 for count in counts.values())

    @cached_property
    def dependences(self) -> tuple[Dependence, ...]:
        """All dependences, loop-carried or not, in source order."""
        return tuple(d for pair in _pairs(self.touches) for d in self._between(*pair))

    # -- touches --------------------------------------------------------------------------------------

    def _touches(self, step: Step, order: int) -> Iterator[Touch]:
        domains = step.domains[self.depth :]
        if step.is_row:
            yield Touch(step, order, Event(_whole(str(step.target), step), domains, True))
            return
        where = index_limits(step.guards)
        conditions = [g.condition for g in step.guards]
        for expression in step.expressions:
            for access, inside in _reads(expression, domains):
                limits = Constraints() if expression in conditions else where
                yield Touch(step, order, Event(access, inside, False, limits))
        for name in sorted(self._header_reads(domains)):
            yield Touch(step, order, Event(_whole(name, step), domains, False))
        target = _as_access(step)
        if target is not None:
            if step.operator or isinstance(step.target, Growth):
                yield Touch(step, order, Event(target, domains, False, where), step.family)
            yield Touch(step, order, Event(target, domains, True, where), step.family)
        for name, _ in step.payload:
            yield Touch(step, order, Event(_whole(name, step), domains, False), step.family)
            yield Touch(step, order, Event(_whole(name, step), domains, True), step.family)

    def _header_reads(self, domains: tuple[Domain, ...]) -> set[str]:
        return {
            n for loop in self.loop.loops if loop.domain in domains for n in loop.header_reads
        } & self.scalars.keys()

    # -- pairs ----------------------------------------------------------------------------------------

    def _between(self, first: Touch, second: Touch) -> Iterator[Dependence]:
        found = self._meeting(first.event, second.event)
        private = self.scalars.get(first.name, ())
        vectors = {v for v in found.vectors if self._is_possible(v, first, second, private)}
        commutes = bool(first.family) and first.family == second.family
        commutes = commutes and (first.step is second.step or not first.family.startswith("arg"))
        forward = frozenset(v for v in vectors if _is_forward(v, first, second))
        backward = frozenset(_flipped(v) for v in vectors if _is_forward(_flipped(v), second, first))
        if first is second:
            backward = frozenset()
        distance = found.distance
        if forward:
            yield _dependence(first, second, forward, distance, commutes)
        if backward:
            turned = tuple(None if d is None else -d for d in distance)
            yield _dependence(second, first, backward, turned, commutes)

    def _meeting(self, first: Event, second: Event) -> Meeting:
        """The meeting of two uses; many share their subscripts."""
        key = (first.access, first.domains, first.where, second.access, second.domains, second.where)
        if key not in self._met:
            self._met[key] = meeting(first, second, self.around)
        return self._met[key]

    def meets_only_at_once(self, earlier: Touch, later: Touch) -> bool:
        """Whether two uses, taken as uses of one array, touch the same cell in the same iteration only."""
        return all(set(v) <= {"="} for v in self._meeting(earlier.event, later.event).vectors)

    def _is_possible(self, vector: Vector, first: Touch, second: Touch, private: tuple[Domain, ...]) -> bool:
        """A private name is another one in each iteration of its loops."""
        common = first.event.domains
        return all(direction == "=" for domain, direction in zip(common, vector, strict=False) if domain in private)


def _chains(loop: Loop, outer: tuple[Loop, ...]) -> Iterator[tuple[Loop, ...]]:
    """Each loop of a nest with the loops around it, outermost first."""
    chain = (*outer, loop)
    yield chain
    for child in loop.children:
        yield from _chains(child, chain)


def _own(loop: Loop) -> Iterator[Step]:
    return (item for item in loop.body if isinstance(item, Step))


def _reads(expression: Expr, domains: tuple[Domain, ...]) -> Iterator[tuple[Access, tuple[Domain, ...]]]:
    """The cells and scalars that an expression reads, with the loops that they are read in."""
    if isinstance(expression, Read):
        yield expression.access, domains
    elif isinstance(expression, Scalar):
        yield Access(expression.name, (), expression.node, expression.node), domains
    inside = (*domains, *expression.domains) if isinstance(expression, Fold) else domains
    for part in expression.parts:
        yield from _reads(part, inside)


def _whole(name: str, step: Step) -> Access:
    return Access(name, (), step.node, step.node)


def _as_access(step: Step) -> Access | None:
    """The target as an access: a scalar or a growing list is touched as a whole."""
    if isinstance(step.target, Access) or step.target is None:
        return step.target
    return _whole(step.target.name, step)


def _pairs(touches: Iterable[Touch]) -> Iterator[tuple[Touch, Touch]]:
    """Uses of the same name of which one writes, in order; a write also with itself."""
    names: dict[str, list[Touch]] = {}
    for touch in touches:
        names.setdefault(touch.name, []).append(touch)
    for group in names.values():
        for at, first in enumerate(group):
            for second in group[at:]:
                if first.event.is_write or second.event.is_write:
                    yield first, second


def _is_forward(vector: Vector, first: Touch, second: Touch) -> bool:
    """Whether the second use comes later: in a later iteration, or in a later step of the same one."""
    for direction in vector:
        if direction != "=":
            return direction == "<"
    return first.order < second.order


def _flipped(vector: Vector) -> Vector:
    return tuple({"<": ">", ">": "<", "=": "="}[d] for d in vector)  # type: ignore[misc]


def _dependence(
    source: Touch, sink: Touch, vectors: frozenset[Vector], distance: tuple[int | None, ...], commutes: bool
) -> Dependence:
    kind: Literal["flow", "anti", "output"] = "flow"
    if source.event.is_write and sink.event.is_write:
        kind = "output"
    elif sink.event.is_write:
        kind = "anti"
    length = min(map(len, vectors))
    exact = tuple(0 if {v[at] for v in vectors} == {"="} else distance[at] for at in range(length))
    return Dependence(source.step, sink.step, source.name, kind, vectors, exact, commutes)
