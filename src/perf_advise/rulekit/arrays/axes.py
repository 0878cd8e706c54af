"""Cells over a range as slices: `a[i + 1, j]` for i in range(n) is `a[1:n + 1, j]`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Span, Subscript
from perf_advise.facts.loops.nouns import Domain


@dataclass(frozen=True, slots=True)
class Extent:
    """The length of a dimension: its text as the source writes it, and in terms of what was there first."""

    text: str
    length: Affine | None = None
    in_first_terms: Callable[[Affine], Affine | None] = lambda _: None

    def stop(self, stop: Affine) -> str:
        """Where a slice ends: "" for the end of the dimension, `-1` for one before it."""
        if str(stop) == self.text:
            return ""
        end = self.in_first_terms(stop) if self.length is not None else None
        short = (end - self.length).value if end is not None and self.length is not None else None
        if short is None or short > 0:
            return str(stop)
        return str(short) if short else ""

    def is_whole(self, affine: Affine, domain: Domain) -> bool:
        """Whether an index takes every position of the dimension, whose length is that of the loop."""
        start, stop, stride = _bounds(affine, domain)
        return start.value == 0 and stride in (1, -1) and self.length is not None and self.stop(stop) == ""


class CannotLower(Exception):
    """The nest has no array form that is written here; the text says why."""


def axes_of(access: Access, loops: Sequence[Domain]) -> tuple[Domain, ...]:
    """The loops that the dimensions of an access run over, in the order of its dimensions."""
    if access.strides:
        raise CannotLower(f"`{access.array}` is indexed by one computed position")
    found = [d for d in (axis_of(s, loops) for s in access.subscripts) if d is not None]
    if len(set(map(id, found))) != len(found):
        raise CannotLower(f"`{access}` uses one loop in two dimensions")
    return tuple(found)


def axis_of(subscript: Subscript, loops: Sequence[Domain]) -> Domain | None:
    """The loop that a dimension runs over; None where it stays at one place."""
    if subscript.span is not None:
        return _row_of(subscript.span, loops)
    if subscript.affine is None:
        raise CannotLower("an index is computed from data")
    inside = [d for d in loops if d.own_names & subscript.affine.names]
    if len(inside) > 1:
        raise CannotLower("an index mixes several loops")
    return inside[0] if inside else None


def _row_of(span: Span, loops: Sequence[Domain]) -> Domain:
    """The places of a row that a slice takes."""
    bounds = [bound for bound in (span.lower, span.upper, span.step) if bound is not None]
    if any(bound.names & domain.own_names for bound in bounds for domain in loops):
        raise CannotLower("a slice moves with the loop")
    found = [domain for domain in loops if domain.kind == ("rows" if span.place else "row")]
    if not found:
        raise CannotLower("a slice of an array in each iteration")
    return found[0]


def sliced(access: Access, loops: Sequence[Domain], order: Sequence[Domain], sizes: Sequence[Extent]) -> str:
    """The text of the access over the loops, with `None` where it has to broadcast along `order`.

    `sizes` are the lengths of its dimensions: a slice of all of one is `:`.
    """
    own = axes_of(access, loops)
    if not own:
        return str(access)
    wanted = [d for d in order if d in own]
    if list(own) != wanted:
        if len(own) == 2 and list(own) == wanted[::-1] and len(order) == 2:
            return f"{_subscripted(access, loops, sizes, ())}.T"
        raise CannotLower(f"`{access}` runs over its dimensions in another order")
    first = order.index(own[0])
    gaps = tuple(i for i, d in enumerate(order[first:]) if d not in own)
    return _subscripted(access, loops, sizes, gaps)


def _subscripted(access: Access, loops: Sequence[Domain], sizes: Sequence[Extent], gaps: tuple[int, ...]) -> str:
    parts: list[str] = []
    axis = 0
    for subscript, size in zip(access.subscripts, sizes, strict=True):
        domain = axis_of(subscript, loops)
        if domain is None:
            parts.append(str(subscript))
            continue
        while axis in gaps:
            parts.append("None")
            axis += 1
        parts.append(str(subscript) if subscript.affine is None else slice_text(subscript.affine, domain, size))
        axis += 1
    while axis in gaps:
        parts.append("None")
        axis += 1
    if all(part == ":" for part in parts):
        return access.array
    while parts[-1] == ":":
        parts.pop()
    return f"{access.array}[{', '.join(parts)}]"


def stays_inside(access: Access, loops: Sequence[Domain], sizes: Sequence[Extent]) -> bool:
    """Whether every slice goes by the end of its own array: none is cut short."""
    over = [(s.affine, axis_of(s, loops), size) for s, size in zip(access.subscripts, sizes, strict=True)]
    stops = [(_bounds(a, d)[1], size) for a, d, size in over if a is not None and d is not None]
    return all(size.stop(stop) != str(stop) for stop, size in stops)


def slice_text(affine: Affine, domain: Domain, size: Extent) -> str:
    """`start:stop:step` of the positions that an affine index takes over a domain."""
    start, stop, stride = _bounds(affine, domain)
    if stride < 0 and (start.value != 0 or size.stop(stop) or stride != -1):
        raise CannotLower("an index goes backwards, not over all of its dimension")
    low = "" if start.value == 0 else str(start)
    return f"{low}:{size.stop(stop)}" + (f":{stride}" if stride != 1 else "")


def _bounds(affine: Affine, domain: Domain) -> tuple[Affine, Affine, int]:
    """The first position, the one after the last, and the step; of an index that goes backwards, from its lower end."""
    factor = affine.coefficient(domain.index)
    step = domain.step.value
    if factor is None or factor.value is None or step is None:
        raise CannotLower("an index does not go by a known step")
    stride = factor.value * step
    rest = affine.without(domain.index)
    start, stop = rest + domain.start * factor, rest + domain.stop * factor
    if stride < 0:
        start, stop = stop + 1, start + 1
    if start.value is not None and start.value < 0:
        raise CannotLower("an index starts before the first cell")
    return start, stop, stride


def length_text(domain: Domain) -> str:
    """The positions of a domain as an array of numbers."""
    arguments = [str(domain.start), str(domain.stop), str(domain.step)]
    if domain.step.value == 1:
        arguments.pop()
        if domain.start.value == 0:
            arguments.pop(0)
    return ", ".join(arguments)
