"""Dependence tests between two accesses: which iterations touch the same cell, in which order.

Subscripts are compared dimension by dimension: equations between the two iterations, to which the GCD test
applies, under the loops' bounds, to which Fourier-Motzkin elimination applies (`constraints`); directions are tried
hierarchically from the outermost loop inwards. What is not shown to be independent counts as dependent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.iteration import Access, Subscript
from perf_advise.facts.loops.nouns import Domain

Direction = Literal["<", "=", ">"]
Vector = tuple[Direction, ...]
Sign = Literal["natural", "negative", "assumed", "wraps"]
_NOTHING = Constraints()
_ONE = Affine.number(1)


@dataclass(frozen=True, slots=True)
class Event:
    """An access of a step in the loops around it (those of comprehensions included).

    `where` is what conditions around it say of the indices.
    """

    access: Access
    domains: tuple[Domain, ...]
    is_write: bool
    where: Constraints = _NOTHING

    @property
    def constraints(self) -> Constraints:
        """What holds of the indices when the access happens."""
        return domain_constraints(self.domains) & self.where


@dataclass(frozen=True, slots=True)
class Meeting:
    """The directions in which a first and a second access may touch the same cell, and the distances known.

    `vectors` are over the loops that both stand in: "<" means that the second is in a later iteration.
    A distance counts iterations from the first to the second; None where it is not one number.
    """

    vectors: frozenset[Vector]
    distance: tuple[int | None, ...]


def meeting(first: Event, second: Event, around: Constraints = _NOTHING) -> Meeting:
    """Where two accesses to one array meet; no vectors when they are shown never to."""
    common = common_domains(first.domains, second.domains)
    simple = _strong_distances(first, second, common, around)
    if simple is not None:
        return simple
    primes = {name: f"{name}'" for domain in second.domains for name in _moving_names(domain)}
    known = around & first.constraints & _primed(second.constraints, primes)
    known &= Constraints(tuple(_equations(first, second, primes, around)))
    known &= Constraints(natural=(*_slice_bounds(first, {}, "", around), *_slice_bounds(second, primes, "'", around)))
    equal = tuple(_equal_symbols(first, second, common, primes))
    vectors = frozenset(_vectors(common, known, (), equal))
    distance = tuple(_distance(domain, known, {v[at] for v in vectors}) for at, domain in enumerate(common))
    return Meeting(vectors, distance)


def _strong_distances(first: Event, second: Event, common: Sequence[Domain], around: Constraints) -> Meeting | None:
    """The answer without elimination where every dimension is `index + constant` with the same index on both sides
    (strong SIV), or nothing is subscripted; of the bounds only a known number of iterations counts. None
    where it takes more."""
    distances: dict[str, int] = {}
    if first.access.strides != second.access.strides:
        return None
    indices = {domain.index: domain for domain in common if abs(domain.step.value or 0) == 1}
    varying = {name for domain in (*first.domains, *second.domains) for name in domain.own_names}
    for one, other in zip(first.access.subscripts, second.access.subscripts, strict=False):
        if one.affine is None or other.affine is None or one.value is not None or other.value is not None:
            return None
        moving = (one.affine.names | other.affine.names) & varying
        shift = (one.affine - other.affine).value
        if len(moving) != 1 or not moving <= indices.keys() or shift is None:
            return None
        (index,) = moving
        if one.affine.coefficient(index) != _ONE or not _comparable(one, other, first, second, around):
            return None
        trips = indices[index].trips.value
        if distances.setdefault(index, shift) != shift or (trips is not None and abs(shift) >= trips):
            return Meeting(frozenset(), (None,) * len(common))
    return _along(common, {indices[index]: d // (indices[index].step.value or 1) for index, d in distances.items()})


def _along(common: Sequence[Domain], distances: Mapping[Domain, int]) -> Meeting:
    """The directions that go with distances; loops without one take any."""
    choices: list[tuple[Direction, ...]] = []
    for domain in common:
        if domain in distances:
            ahead = distances[domain]
            choices.append(("<",) if ahead > 0 else (">",) if ahead < 0 else ("=",))
        else:
            choices.append(("<", "=", ">"))
    return Meeting(frozenset(product(*choices)), tuple(distances.get(domain) for domain in common))


def common_domains(first: Sequence[Domain], second: Sequence[Domain]) -> tuple[Domain, ...]:
    """The loops around both."""
    shared: list[Domain] = []
    for one, other in zip(first, second, strict=False):
        if one is not other:
            break
        shared.append(one)
    return tuple(shared)


def domain_constraints(domains: Iterable[Domain]) -> Constraints:
    """What holds of the indices of nested loops."""
    found = Constraints()
    for domain in domains:
        found &= domain.constraints
    return found


# -- the later iteration ------------------------------------------------------------------------------------


def _moving_names(domain: Domain) -> Iterator[str]:
    yield from domain.own_names
    yield f"{domain.index}@count"


def _primed(constraints: Constraints, primes: dict[str, str]) -> Constraints:
    return Constraints(
        tuple(_prime(e, primes) for e in constraints.zero), tuple(_prime(e, primes) for e in constraints.natural)
    )


def _prime(expression: Affine, primes: dict[str, str]) -> Affine:
    """The expression in the second access's iteration: symbols that vary with its loops become others."""
    moving = {s for s in expression.symbols if s in primes or Affine.symbol(s).names & primes.keys()}
    return expression.renamed({s: f"{s}'" for s in moving})


# -- equations ----------------------------------------------------------------------------------------------


def _equations(first: Event, second: Event, primes: dict[str, str], around: Constraints) -> Iterator[Affine]:
    """What holds when both touch the same cell, as far as it can be told."""
    if first.access.strides != second.access.strides:
        yield from _flat_equation(first, second, primes)
        return
    pairs = zip(first.access.subscripts, second.access.subscripts, strict=False)
    for at, (one, other) in enumerate(pairs):
        left, right = _position(one, at, ""), _position(other, at, "'")
        if left is None or right is None:
            continue
        if _comparable(one, other, first, second, around):
            yield left - _prime(right, primes)


def _flat_equation(first: Event, second: Event, primes: dict[str, str]) -> Iterator[Affine]:
    """Flat indices of which only one could be taken apart are compared as they were."""
    left, right = first.access.flat, second.access.flat
    if left is not None and right is not None:
        yield left - _prime(right, primes)


def _position(subscript: Subscript, at: int, prime: str) -> Affine | None:
    """The index in one dimension; somewhere in a slice is an unknown of its own."""
    if subscript.affine is not None:
        return subscript.affine
    if _is_plain_slice(subscript):
        return Affine.symbol(f"@slice{at}{prime}")
    return None


def _is_plain_slice(subscript: Subscript) -> bool:
    span = subscript.span
    return span is not None and (span.step is None or span.step.value == 1)


def _slice_bounds(event: Event, primes: dict[str, str], prime: str, around: Constraints) -> Iterator[Affine]:
    """The bounds between which a position in a slice lies, where they count from the front."""
    for at, subscript in enumerate(event.access.subscripts):
        span = subscript.span
        if span is None or not _is_plain_slice(subscript):
            continue
        position = Affine.symbol(f"@slice{at}{prime}")
        if sign_of(subscript, event.domains, around & event.where) in ("natural", "assumed"):
            if span.lower is not None:
                yield position - _prime(span.lower, primes)
            if span.upper is not None:
                yield _prime(span.upper, primes) - position - 1


def _comparable(one: Subscript, other: Subscript, first: Event, second: Event, around: Constraints) -> bool:
    """Whether equal index values mean equal cells and different values different cells."""
    signs = {sign_of(one, first.domains, around & first.where), sign_of(other, second.domains, around & second.where)}
    return "wraps" not in signs and ("negative" not in signs or len(signs) == 1)


def sign_of(subscript: Subscript, domains: Sequence[Domain], around: Constraints) -> Sign:
    """Whether an index counts from the front, from the end, both ("wraps"), or from the front only by assumption."""
    if subscript.span is not None:
        bounds = [b for b in (subscript.span.lower, subscript.span.upper) if b is not None]
        signs = {sign_of(Subscript(b), domains, around) for b in bounds}
        return (
            "natural"
            if not signs or signs == {"natural"}
            else "assumed"
            if signs <= {"natural", "assumed"}
            else "wraps"
        )
    return "assumed" if subscript.affine is None else _sign(subscript.affine, tuple(domains), around)


@lru_cache(maxsize=512)
def _sign(index: Affine, domains: tuple[Domain, ...], around: Constraints) -> Sign:
    known = around & domain_constraints(domains)
    if known.imply(index):
        return "natural"
    if known.imply(-index - 1):
        return "negative"
    return "wraps" if any(corner < 0 for corner in _corners(index, domains)) else "assumed"


def _corners(index: Affine, domains: Sequence[Domain]) -> Iterator[int]:
    """The values of an index in the first and in the last iteration, where they are numbers."""
    for last in (False, True):
        value = index
        for domain in reversed(domains):
            step = domain.step.value
            end = domain.start if not last or step not in (1, -1) else domain.stop - step
            value = value.substitute(domain.index, end)
        if value.value is not None:
            yield value.value


# -- directions ---------------------------------------------------------------------------------------------


def _vectors(
    domains: Sequence[Domain], known: Constraints, done: Vector, equal: Sequence[tuple[int, Affine]]
) -> Iterator[Vector]:
    """The direction vectors that nothing contradicts, refined loop by loop."""
    if known.contradictory:
        return
    if len(done) == len(domains):
        yield done
        return
    directions: tuple[Direction, ...] = ("<", "=", ">")
    for direction in directions:
        vector = (*done, direction)
        same = Constraints(tuple(e for depth, e in equal if depth == len(vector)) if set(vector) == {"="} else ())
        for limits in _direction(domains[len(done)], direction):
            yield from _vectors(domains, known & limits & same, vector, equal)


def _equal_symbols(
    first: Event, second: Event, common: Sequence[Domain], primes: dict[str, str]
) -> Iterator[tuple[int, Affine]]:
    """Symbols such as `w[i]` are the same in both iterations once the loops they name are: how many, the equation."""
    own = {name for domain in common for name in domain.own_names}
    affines = [s.affine for e in (first, second) for s in e.access.subscripts if s.affine is not None]
    for symbol in sorted({s for affine in affines for s in affine.symbols if s not in primes}):
        names = Affine.symbol(symbol).names & primes.keys()
        if names and names <= own:
            depth = max(at + 1 for at, domain in enumerate(common) if names & domain.own_names)
            yield depth, Affine.symbol(f"{symbol}'") - Affine.symbol(symbol)


def _direction(domain: Domain, direction: Direction) -> tuple[Constraints, ...]:
    """What a direction says of the two index values: alternatives where the sign of the step is not known."""
    ahead = Affine.symbol(f"{domain.index}'") - Affine.symbol(domain.index)
    if direction == "=":
        return (Constraints((ahead,)),)
    later, earlier = Constraints(natural=(ahead - 1,)), Constraints(natural=(-ahead - 1,))
    if not domain.direction:
        return later, earlier
    return (later,) if (domain.direction > 0) == (direction == "<") else (earlier,)


def _distance(domain: Domain, known: Constraints, directions: set[Direction]) -> int | None:
    if directions == {"="}:
        return 0
    ahead = known.value_of(Affine.symbol(f"{domain.index}'") - Affine.symbol(domain.index))
    size = domain.step.value
    return ahead // size if ahead is not None and size else None
