"""Array accesses: chains of subscripts as one access, and flat indices taken apart into dimensions."""

from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.iteration import Access, Expr, Item, Span, Subscript
from perf_advise.facts.loops.place import Place
from perf_advise.facts.tree import dotted

ValueOf = Callable[[cst.BaseExpression, Place], Expr]


def read_access(node: cst.BaseExpression, place: Place, value_of: ValueOf) -> Access | None:
    """The access that a subscript is, or None where it is not a plain chain on a name or attribute.

    `a[i][j]`, `a[i, j]`, and `row[j]` after `row = a[i]` or in `for row in a` are the same access.
    """
    chain: list[cst.Subscript] = []
    base = node
    while isinstance(base, cst.Subscript):
        chain.append(base)
        base = base.value
    text = dotted(base)
    if not chain or text is None or isinstance(place.names.get(text), Item):
        return None
    subscripts: list[Subscript] = []
    for link in reversed(chain):
        for element in link.slice:
            found = _subscript(element.slice, place, value_of)
            if found is None:
                return None
            subscripts.append(found)
    around = place.access_of(text)
    if around is not None:
        return _unflattened(replace(around, subscripts=(*around.subscripts, *subscripts), node=node), place)
    return _unflattened(Access(text, tuple(subscripts), node, base), place)


def _subscript(element: cst.BaseSlice, place: Place, value_of: ValueOf) -> Subscript | None:
    if isinstance(element, cst.Slice):
        return _slice(element, place)
    if not isinstance(element, cst.Index) or element.star or isinstance(element.value, cst.Ellipsis):
        return None
    if isinstance(element.value, cst.Name) and element.value.value == "None":
        return None
    affine = place.integer(element.value)
    if affine is not None and _is_affine_here(affine, place):
        return Subscript(affine, node=element.value)
    return Subscript(affine, value=value_of(element.value, place), node=element.value)


def _is_affine_here(affine: Affine, place: Place) -> bool:
    """Whether only induction variables and invariants occur: `idx[i]` or an item would be a gather."""
    varying = (place.names.keys() | place.rows.keys()) - place.indices
    inside = {name for s in affine.symbols - place.indices for name in Affine.symbol(s).names}
    return not (inside & place.indices or affine.names & varying)


def _slice(element: cst.Slice, place: Place) -> Subscript | None:
    bounds: list[Affine | None] = []
    for node in (element.lower, element.upper, element.step):
        bound = place.integer(node) if node is not None else None
        if node is not None and (bound is None or not _is_affine_here(bound, place)):
            return None
        bounds.append(bound)
    lower, upper, step = bounds
    return Subscript(span=Span(lower, upper, step), node=element)


# -- flat indices -----------------------------------------------------------------------------------------


def _unflattened(access: Access, place: Place) -> Access:
    """`a[i * n + j]` as a[i, j] with stride n, where `0 <= j < n` is shown by the loops' bounds."""
    only = access.subscripts[0].affine if len(access.subscripts) == 1 else None
    if only is None or only.degree > 3:
        return access
    digits = _digits(only, place.constraints, place.indices)
    if digits is None:
        return access
    subscripts = tuple(Subscript(d, node=access.subscripts[0].node) for d, _ in digits)
    return replace(access, subscripts=subscripts, strides=tuple(s for _, s in digits[1:]))


def _digits(flat: Affine, known: Constraints, indices: frozenset[str]) -> list[tuple[Affine, Affine]] | None:
    """The mixed-radix digits of a flat index with the extent of each but the first: (i, _), (j, n)."""
    for extent in _extents(flat, indices):
        high, low = _divided(flat, extent)
        is_split = extent.value is None or low.symbols & indices
        if high.symbols & indices and is_split and known.imply_all((low, extent - low - 1)):
            above = _digits(high, known, indices)
            return [*(above or [(high, Affine.number(0))]), (low, extent)]
    return None


def _extents(flat: Affine, indices: frozenset[str]) -> list[Affine]:
    """What could be the extent of the last dimension: a factor of an induction variable, smallest products first."""
    found: dict[Affine, None] = {}
    for monomial, _ in sorted(flat.terms, key=lambda term: len(term[0])):
        if len(monomial) > 1 and any(s in indices for s in monomial):
            for symbol in monomial:
                if symbol not in indices:
                    found[Affine.symbol(symbol)] = None
    for index in sorted(indices):
        factor = flat.coefficient(index)
        if factor is not None and factor.value is not None and factor.value > 1:
            found[Affine.number(factor.value)] = None
    return list(found)


def _divided(flat: Affine, extent: Affine) -> tuple[Affine, Affine]:
    """Quotient and remainder of a flat index by an extent, term by term."""
    size = extent.value
    if size is not None:
        high = Affine.of({m: c // size for m, c in flat.terms})
        return high, flat - high * size
    symbol = str(next(iter(extent.symbols)))
    high = Affine.of({_less(m, symbol): c for m, c in flat.terms if symbol in m})
    return high, flat - high * extent


def _less(monomial: tuple[str, ...], symbol: str) -> tuple[str, ...]:
    at = monomial.index(symbol)
    return monomial[:at] + monomial[at + 1 :]
