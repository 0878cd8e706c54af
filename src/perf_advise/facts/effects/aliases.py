"""Which objects may be one: answers from the cells that the type inference found."""

from collections.abc import Iterable

from perf_advise.facts.effects.events import Events, Touch
from perf_advise.facts.types.heap import CONTAINERS, IMMUTABLE, Cell, Value, holds_unknown, is_numpy_scalar, reachable

_CLOSED = CONTAINERS | {"numpy.ndarray", "bytearray"}


class Aliases:
    """Alias answers for one solved slice.

    `exposed` are the cells that code outside can reach, `touched` those that it may have changed.
    """

    def __init__(self, exposed: frozenset[Cell], touched: frozenset[Cell]) -> None:
        self.exposed = exposed
        self.touched = touched

    def is_private(self, cell: Cell) -> bool:
        """Whether only this code can reach the object."""
        return cell.fresh and cell not in self.exposed

    def same_cells(self, a: Cell, b: Cell) -> bool:
        """Whether two cells may be one object, or share memory."""
        if a is b:
            return True
        if (a.fresh and b.fresh) or _hold_different_types(a, b):
            return False
        if (a.fresh and (b.entry or self.is_private(a))) or (b.fresh and (a.entry or self.is_private(b))):
            return False
        return _may_be_same_type(a, b)

    def may_share(self, a: Value, b: Value) -> bool:
        """Whether an object that `a` is or holds may be one that `b` is or holds."""
        left, right = reachable(a), reachable(b)
        if any(self.same_cells(x, y) for x in left for y in right):
            return True
        if is_immutable(a) or is_immutable(b):
            return False
        unknown = holds_unknown(a, self.touched), holds_unknown(b, self.touched)
        reached = any(not self.is_private(cell) for cell in left), any(not self.is_private(cell) for cell in right)
        return all(unknown) or (unknown[0] and reached[1]) or (unknown[1] and reached[0])

    def hits(self, write: Touch, value: Value, attr: str | None = None, *, deep: bool = True) -> bool:
        """Whether a write may change what is read of `value`: an attribute, its contents, (`deep`) what it holds."""
        if write.attr is not None and attr is not None and write.attr != attr:
            return False
        if attr in _METADATA and write.attr is None and not write.deep and not write.resizes:
            return False
        if is_immutable(value):
            return False
        changed, mine = _touched(write.value, write.deep), _touched(value, deep)
        if any(self.same_cells(x, y) for x in changed for y in mine):
            return True
        unknown_write = write.value.open or (write.deep and holds_unknown(write.value, self.touched))
        if unknown_write and (holds_unknown(value, self.touched) or any(not self.is_private(cell) for cell in mine)):
            return True
        unknown_read = holds_unknown(value, self.touched) if deep else value.open
        return unknown_read and any(not self.is_private(cell) for cell in changed)

    def anything_hits(self, value: Value) -> bool:
        """Whether code about which nothing is known may change the value."""
        if is_immutable(value):
            return False
        return value.open or holds_unknown(value, self.touched) or any(not self.is_private(c) for c in reachable(value))

    def changes(self, events: Events, value: Value, attr: str | None = None, *, deep: bool = True) -> Iterable[str]:
        """Why the value may be changed by the events; none: it is not."""
        for write in events.writes:
            if self.hits(write, value, attr, deep=deep):
                yield f"`{write.text}` is changed"
        if (events.unknown or events.awaits or events.yields) and self.anything_hits(value):
            yield from events.unknown
            if events.awaits or events.yields:
                yield "other code runs in between"


def _touched(value: Value, deep: bool) -> set[Cell]:
    """The objects that a value is, or (`deep`) is or holds."""
    return reachable(value) if deep else {atom.cell for atom in value if atom.cell is not None}


def is_immutable(value: Value) -> bool:
    """Whether the value is of types whose objects never change, and holds no others."""
    if value.open:
        return False
    for atom in value:
        name = atom.type.name
        if name in IMMUTABLE or is_numpy_scalar(name):
            continue
        parts = () if atom.cell is None else (atom.cell.items, *(atom.cell.fields or ()))
        if name not in ("tuple", "frozenset") or not all(map(is_immutable, parts)):
            return False
    return True


_METADATA = frozenset({"shape", "size", "ndim", "dtype", "nbytes", "itemsize"})


def _hold_different_types(a: Cell, b: Cell) -> bool:
    """Whether two containers are promised to hold items of types that have nothing in common."""
    promised = a.declared and b.declared and a.items.known and b.items.known
    return promised and not a.items.names() & b.items.names()


def _may_be_same_type(a: Cell, b: Cell) -> bool:
    """Whether one object can have the types of both cells: of two classes one may derive from the other."""
    left, right = ({type_.name for type_ in cell.atoms} for cell in (a, b))
    if not left or not right or left & right or "object" in left | right:
        return True
    return not (left <= _CLOSED or right <= _CLOSED)
