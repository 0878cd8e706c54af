"""What a loop runs over: `range`, sequences, `enumerate`, `zip`, `reversed`, and `while` with a counter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from perf_advise.facts.loops.affine import Affine, canonical
from perf_advise.facts.loops.counting import trip_count
from perf_advise.facts.loops.iteration import Access, Expr, Index, Item, Read, Subscript
from perf_advise.facts.loops.nouns import Domain, Kind
from perf_advise.facts.loops.place import Place
from perf_advise.facts.loops.subscripts import read_access
from perf_advise.facts.tree import dotted, target_names

SEQUENCES = frozenset({"list", "tuple", "str", "bytes", "bytearray", "range", "array.array", "numpy.ndarray"})
_ZERO, _ONE = Affine(), Affine.number(1)


@dataclass(frozen=True, slots=True)
class _Source:
    """One thing that is iterated: its item at a position, or its parts where the items are tuples.

    `item` is None where nothing is known of the items; `length` where the number of items is not known.
    """

    length: Affine | None
    item: Expr | None = None
    parts: "tuple[_Source, ...]" = ()
    sequences: tuple[tuple[str, cst.CSTNode], ...] = ()
    why: str = ""


def for_domain(node: cst.For | cst.CompFor, place: Place) -> Domain:
    """The domain of a `for` clause that stands at `place`."""
    counted = _counted_range(node, place) if node.asynchronous is None else None
    if counted is not None:
        return counted
    hidden = _hidden_index(node.target, place)
    source = _source(node.iter, place, Affine.symbol(hidden))
    names = dict(_bound(node.target, source))
    if node.asynchronous is not None:
        source = _Source(None, why="asynchronous iteration")
    if source.length is None:
        count = Affine.symbol(f"{hidden}@trips")
        return Domain(node, "iterator", hidden, _ZERO, count, _ONE, names, source.sequences, why=source.why)
    domain = Domain(node, _kind(node, place), hidden, _ZERO, source.length, _ONE, names, source.sequences)
    return _with_visible_index(domain)


def _kind(node: cst.For | cst.CompFor, place: Place) -> Kind:
    name = place.facts.qualified_name(node.iter.func) if isinstance(node.iter, cst.Call) else None
    kinds: dict[str | None, Kind] = {
        "builtins.enumerate": "enumerate",
        "builtins.zip": "zip",
        "builtins.range": "range",
    }
    return kinds.get(name, "direct")


def _hidden_index(target: cst.BaseExpression, place: Place) -> str:
    """A symbol for the position, named after the first name of the target, new among the loops around."""
    first = next((name.value for name in target_names(target)), "_")
    candidates = (f"@{first}" + (f"_{n}" if n else "") for n in range(len(place.domains) + 1))
    return next(c for c in candidates if c not in place.indices)


# -- range ------------------------------------------------------------------------------------------------


def _counted_range(node: cst.For | cst.CompFor, place: Place) -> Domain | None:
    """`for i in range(...)`, also under `reversed`: the user's own name is the index."""
    bounds = _range(node.iter, place)
    if bounds is None or not isinstance(node.target, cst.Name) or node.target.value in place.indices:
        return None
    start, stop, step = bounds
    name = node.target.value
    index = Index(node.target, Affine.symbol(name))
    direction = direction_of(step, place)
    return Domain(node, "range", name, start, stop, step, {name: index}, direction=direction)


def direction_of(step: Affine, place: Place) -> int:
    """1 for a step that is shown to be positive, -1 for a negative one, else 0."""
    if step.value is not None:
        return 1 if step.value > 0 else -1
    if place.constraints.imply(step - 1):
        return 1
    return -1 if place.constraints.imply(-step - 1) else 0


def _range(node: cst.BaseExpression, place: Place) -> tuple[Affine, Affine, Affine] | None:
    """Start, stop and step of a `range` call; None where one of them is not an integer expression."""
    call = _call(node, place, "builtins.reversed")
    if call is not None and (inner := _range(call.args[0].value, place)) is not None:
        return _turned(*inner)
    call = _call(node, place, "builtins.range")
    if call is None or any(arg.keyword for arg in call.args):
        return None
    found = [place.integer(arg.value) for arg in call.args]
    known = [bound for bound in found if bound is not None]
    if len(known) < len(found) or not 1 <= len(known) <= 3 or known[2:] == [_ZERO]:
        return None
    if len(known) == 1:
        return _ZERO, known[0], _ONE
    return known[0], known[1], known[2] if len(known) == 3 else _ONE


def _turned(start: Affine, stop: Affine, step: Affine) -> tuple[Affine, Affine, Affine] | None:
    """The same numbers in the opposite order."""
    if step.value in (1, -1):
        return stop - step, start - step, -step
    trips = trip_count(start, stop, step)
    return (start + step * (trips - 1), start - step, -step) if step.value and trips.value else None


def _call(node: cst.BaseExpression, place: Place, *names: str) -> cst.Call | None:
    """`node` where it is a call of one of these with plain arguments."""
    if not isinstance(node, cst.Call) or not node.args or any(arg.star for arg in node.args):
        return None
    return node if place.facts.qualified_name(node.func) in names else None


# -- sequences --------------------------------------------------------------------------------------------


def _source(node: cst.BaseExpression, place: Place, position: Affine) -> _Source:
    bounds = _range(node, place)
    if bounds is not None:
        start, stop, step = bounds
        return _Source(trip_count(start, stop, step), Index(node, start + step * position))
    if (call := _call(node, place, "builtins.enumerate")) is not None:
        return _enumerated(call, place, position)
    if (call := _call(node, place, "builtins.zip")) is not None:
        return _zipped(call, place, position)
    if (call := _call(node, place, "builtins.reversed")) is not None:
        inner = _source(call.args[0].value, place, position)
        return inner if inner.length is None else _source(call.args[0].value, place, inner.length - 1 - position)
    return _sequence(node, place, position)


def _enumerated(call: cst.Call, place: Place, position: Affine) -> _Source:
    inner = _source(call.args[0].value, place, position)
    first = place.integer(call.args[1].value) if len(call.args) > 1 else _ZERO
    number = _Source(None, Index(call, position + first)) if first is not None else _Source(None)
    return _Source(inner.length, parts=(number, inner), sequences=inner.sequences, why=inner.why)


def _zipped(call: cst.Call, place: Place, position: Affine) -> _Source:
    inner = tuple(_source(arg.value, place, position) for arg in call.args if arg.keyword is None)
    lengths = [part.length for part in inner if part.length is not None]
    sequences = tuple(s for part in inner for s in part.sequences)
    if len(lengths) < len(inner):
        why = next(part.why for part in inner if part.length is None)
        return _Source(None, parts=inner, sequences=sequences, why=why)
    shortest = lengths[0]
    if any(length != shortest for length in lengths):
        shortest = Affine.symbol(f"min({', '.join(map(str, dict.fromkeys(lengths)))})")
    return _Source(shortest, parts=inner, sequences=sequences)


def _sequence(node: cst.BaseExpression, place: Place, position: Affine) -> _Source:
    """A list, array or string, a slice or row of one, a display, or a call that makes one."""
    text = place.text(node)
    refusal = _not_a_sequence(node, place)
    if refusal:
        return _Source(None, sequences=((text, node),), why=refusal)
    if isinstance(node, cst.List | cst.Tuple):
        length: Affine = Affine.number(len(node.elements))
    else:
        length = Affine.symbol(f"len({text})")
    access = _items(node, place)
    if access is None:
        access = Access(text, (), node, node)
    elif access.subscripts and access.subscripts[-1].span is not None:
        return _sliced(node, access, text, place, position)
    item = replace(access, subscripts=(*access.subscripts, Subscript(position)))
    return _Source(length, Read(node, item), sequences=((text, node),))


def _items(node: cst.BaseExpression, place: Place) -> Access | None:
    """The row or array that a name, attribute or subscript is."""
    name = dotted(node)
    if name is not None:
        return place.access_of(name) or Access(name, (), node, node)
    return read_access(node, place, lambda inner, _: Item(inner, canonical(inner)))


def _not_a_sequence(node: cst.BaseExpression, place: Place) -> str:
    """Why the items cannot be told by position; "" where they can (a type that is not known passes)."""
    known = place.facts.type_of(node).type
    if known is not None and known.name not in SEQUENCES:
        return f"`{canonical(node)}` is a {known.name}"
    root = place.root(node)
    if root is not None and root in place.changes.resized:
        return f"`{root}` may change its length in the loop"
    if isinstance(node, cst.Call) and known is None:
        return f"`{canonical(node)}` gives items one at a time"
    if not isinstance(
        node, cst.Name | cst.Attribute | cst.Subscript | cst.List | cst.Tuple | cst.SimpleString | cst.Call
    ):
        return f"`{canonical(node)}` is not a plain sequence"
    name = dotted(node)
    if name is not None and isinstance(place.names.get(name), Index):
        return f"`{name}` is a number"
    return "" if _stays(node, place) else f"`{canonical(node)}` changes in the nest"


def _stays(node: cst.BaseExpression, place: Place) -> bool:
    """Whether the sequence is the same object with the same length whenever the loop is reached."""
    if isinstance(node, cst.Name | cst.Attribute | cst.Subscript):
        return place.keeps_length(node)
    return place.is_stable(node)


def _sliced(node: cst.BaseExpression, access: Access, text: str, place: Place, position: Affine) -> _Source:
    """`a[lo:]` and `a[lo:-k]`: items from `lo` on; other slices may be clamped, so their length is their own."""
    span = access.subscripts[-1].span
    assert span is not None
    lower = span.lower if span.lower is not None else _ZERO
    whole = Access(access.array, access.subscripts[:-1], access.node, access.base)
    copied = not place.changes.keeps_cells(access.array)
    if copied or span.step is not None or not place.constraints.imply(lower):
        return _Source(None, sequences=((text, node),), why=f"`{canonical(node)}` is a slice of its own")
    item = replace(whole, subscripts=(*whole.subscripts, Subscript(lower + position)))
    length = Affine.symbol(f"len({text})")
    if span.upper is None or (span.upper.value or 0) < 0:
        base = canonical(node.value) if isinstance(node, cst.Subscript) else text
        length = Affine.symbol(f"len({base})") + (span.upper or _ZERO) - lower
    return _Source(length, Read(node, item), sequences=((text, node),))


# -- names ------------------------------------------------------------------------------------------------


def _bound(target: cst.BaseExpression, source: _Source) -> Iterator[tuple[str, Expr]]:
    """What each name of a target is in an iteration."""
    if isinstance(target, cst.Name):
        yield target.value, replace(source.item, node=target) if source.item else Item(target, target.value)
        return
    elements = list(target.elements) if isinstance(target, cst.Tuple | cst.List) else []
    plain = not any(isinstance(e, cst.StarredElement) for e in elements)
    for place, element in enumerate(elements):
        yield from _bound(element.value, _part(source, place, len(elements) if plain else -1))


def _part(source: _Source, place: int, count: int) -> _Source:
    """The component of a tuple item."""
    if source.parts:
        return source.parts[place] if len(source.parts) == count else _Source(None)
    if isinstance(source.item, Read) and count > 0:
        access = source.item.access
        inner = replace(access, subscripts=(*access.subscripts, Subscript(Affine.number(place))))
        return _Source(None, Read(source.item.node, inner))
    return _Source(None)


def _with_visible_index(domain: Domain) -> Domain:
    """The same domain counted by a name of the source where one is the position plus a constant."""
    hidden = Affine.symbol(domain.index)
    for name, meaning in domain.names.items():
        if isinstance(meaning, Index) and (shift := meaning.affine - hidden).symbols.isdisjoint({domain.index}):
            names = {n: _moved(e, domain.index, Affine.symbol(name) - shift) for n, e in domain.names.items()}
            return replace(domain, index=name, start=shift, stop=domain.stop + shift, names=names)
    return domain


def _moved(meaning: Expr, index: str, value: Affine) -> Expr:
    """A header name's meaning with another expression for the position."""
    if isinstance(meaning, Index):
        return replace(meaning, affine=meaning.affine.substitute(index, value))
    if not isinstance(meaning, Read):
        return meaning
    subscripts = tuple(
        replace(s, affine=s.affine.substitute(index, value)) if s.affine is not None else s
        for s in meaning.access.subscripts
    )
    return replace(meaning, access=replace(meaning.access, subscripts=subscripts))


def without_names(domain: Domain, dropped: frozenset[str], place: Place) -> tuple[Domain, Mapping[str, Expr]]:
    """The domain without header names that do not keep their meaning, and what these mean at the start of an iteration.

    Where the index is among them, the position gets a symbol of its own.
    """
    index, names = domain.index, domain.names
    if index in dropped and not isinstance(domain.node, cst.While):
        index = _hidden_index(domain.node.target, place)
        names = {n: _moved(e, domain.index, Affine.symbol(index)) for n, e in names.items()}
    kept = {n: e for n, e in names.items() if n not in dropped}
    return replace(domain, index=index, names=kept), {n: names[n] for n in dropped}
