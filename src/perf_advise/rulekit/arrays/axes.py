"""Cells over a range as slices: `a[i + 1, j]` for i in range(n) is `a[1:n + 1, j]`."""

from collections.abc import Sequence

from perf_advise.facts.affine import Affine
from perf_advise.facts.iteration import Access, Subscript
from perf_advise.facts.loop_nouns import Domain


class CannotLower(Exception):
    """The nest has no array form that is written here; the text says why."""


def axes_of(access: Access, loops: Sequence[Domain]) -> tuple[Domain, ...]:
    """The loops that the dimensions of an access run over, in the order of its dimensions."""
    if access.strides:
        raise CannotLower(f"`{access.array}` is indexed by one computed position")
    found = [d for d in (_axis(s, loops) for s in access.subscripts) if d is not None]
    if len(set(map(id, found))) != len(found):
        raise CannotLower(f"`{access}` uses one loop in two dimensions")
    return tuple(found)


def _axis(subscript: Subscript, loops: Sequence[Domain]) -> Domain | None:
    if subscript.affine is None:
        raise CannotLower("an index is computed from data")
    inside = [d for d in loops if d.own_names & subscript.affine.names]
    if len(inside) > 1:
        raise CannotLower("an index mixes several loops")
    return inside[0] if inside else None


def sliced(access: Access, loops: Sequence[Domain], order: Sequence[Domain], sizes: Sequence[str]) -> str:
    """The text of the access over the loops, with `None` where it has to broadcast along `order`.

    `sizes` are the texts of the lengths of its dimensions ("" where unknown): a slice of all of it is `:`.
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


def _subscripted(access: Access, loops: Sequence[Domain], sizes: Sequence[str], gaps: tuple[int, ...]) -> str:
    parts: list[str] = []
    axis = 0
    for subscript, size in zip(access.subscripts, sizes, strict=True):
        domain = _axis(subscript, loops)
        affine = subscript.affine
        assert affine is not None
        if domain is None:
            parts.append(str(affine))
            continue
        while axis in gaps:
            parts.append("None")
            axis += 1
        parts.append(slice_text(affine, domain, size))
        axis += 1
    while axis in gaps:
        parts.append("None")
        axis += 1
    if all(part == ":" for part in parts):
        return access.array
    while parts[-1] == ":":
        parts.pop()
    return f"{access.array}[{', '.join(parts)}]"


def stays_inside(access: Access, loops: Sequence[Domain], sizes: Sequence[str]) -> bool:
    """Whether every slice goes to the end of its own array: none is cut short, or counts from the end."""
    over = [(s.affine, _axis(s, loops), size) for s, size in zip(access.subscripts, sizes, strict=True)]
    return all(slice_text(a, d, size).split(":")[1] == "" for a, d, size in over if a is not None and d is not None)


def slice_text(affine: Affine, domain: Domain, size: str) -> str:
    """`start:stop:step` of the positions that an affine index takes over a domain."""
    factor = affine.coefficient(domain.index)
    step = domain.step.value
    if factor is None or factor.value is None or step is None:
        raise CannotLower("an index does not go by a known step")
    stride = factor.value * step
    if stride <= 0:
        raise CannotLower("an index goes backwards")
    rest = affine.without(domain.index)
    start, stop = rest + domain.start * factor, rest + domain.stop * factor
    if start.value is not None and start.value < 0:
        raise CannotLower("an index starts before the first cell")
    low = "" if start.value == 0 else str(start)
    high = "" if str(stop) == size else str(stop)
    return f"{low}:{high}" + (f":{stride}" if stride != 1 else "")


def length_text(domain: Domain) -> str:
    """The positions of a domain as an array of numbers."""
    arguments = [str(domain.start), str(domain.stop), str(domain.step)]
    if domain.step.value == 1:
        arguments.pop()
        if domain.start.value == 0:
            arguments.pop(0)
    return ", ".join(arguments)
