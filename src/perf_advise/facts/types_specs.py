"""Types as data, and the values that they stand for."""

from collections.abc import Iterable

from perf_advise.facts.heap import MAPPINGS, NOTHING, Atom, Cell, Heap, Value, join_all, of_atom, plain, unknown
from perf_advise.facts.words import words
from perf_advise.model.pytypes import PyType

INT, FLOAT, COMPLEX, BOOL = PyType("int"), PyType("float"), PyType("complex"), PyType("bool")
STR, BYTES, NONE = PyType("str"), PyType("bytes"), PyType("NoneType")
NDARRAY = PyType("numpy.ndarray")
UNION = "|"
"""The name of a type that only exists inside specifications: any of its arguments."""
CONTAINERS = words(
    """list tuple dict set frozenset collections.deque collections.defaultdict collections.OrderedDict
    collections.Counter range enumerate zip map filter generator reversed iterator dict_keys dict_values
    dict_items array.array"""
)
_HAS_IDENTITY = CONTAINERS | {"numpy.ndarray", "bytearray"}


def list_of(item: PyType) -> PyType:
    """`list[item]`."""
    return PyType("list", (item,))


def tuple_of(*items: PyType) -> PyType:
    """`tuple[a, b]`."""
    return PyType("tuple", items)


def any_of(*types: PyType) -> PyType:
    """Any of several types; for specifications only."""
    return types[0] if len(types) == 1 else PyType(UNION, types)


def array(dtype: str | None = None, ndim: int | None = None) -> PyType:
    """An ndarray."""
    return PyType("numpy.ndarray", dtype=dtype, ndim=ndim)


class Maker:
    """Makes values from types; the cells of one site are made once."""

    def __init__(self, heap: Heap, entry: bool = False) -> None:
        self.heap = heap
        self.entry = entry

    def value(self, type_: PyType, site: object, why: str, *, fresh: bool = True) -> Value:
        """The value of a type. What is not `fresh` comes from outside, and what it holds is a promise."""
        if type_.name == UNION:
            parts = [self.value(t, (site, i), why, fresh=fresh) for i, t in enumerate(type_.args)]
            return join_all(parts)
        if type_.name == "object" and not fresh:
            return unknown(f"{why}, which can be anything")
        return of_atom(self._atom(type_, site, why, fresh), why)

    def _atom(self, type_: PyType, site: object, why: str, fresh: bool) -> Atom:
        bare = PyType(type_.name, dtype=type_.dtype, ndim=type_.ndim)
        if type_.name not in _HAS_IDENTITY and (fresh or "." not in type_.name):
            return plain(bare)
        known = (site, type_.name) in self.heap.cells
        cell = self.heap.cell((site, type_.name), why, fresh, declared=not fresh, entry=self.entry)
        if not known and type_.name in CONTAINERS:
            self._fill(cell, type_, site, why, fresh)
        return cell.atom(bare)

    def _fill(self, cell: Cell, type_: PyType, site: object, why: str, fresh: bool) -> None:
        parts = [self.value(arg, (site, i), why, fresh=fresh) for i, arg in enumerate(type_.args)]
        if type_.name == "tuple" and parts and not type_.homogeneous:
            self.heap.set_fields(cell, tuple(parts))
            self.heap.store(cell, join_all(parts))
        elif type_.name in MAPPINGS and len(parts) == 2:
            self.heap.store(cell, parts[1], parts[0])
        elif type_.name == "range":
            self.heap.store(cell, of_atom(plain(INT), "a number of a range"))
        elif parts:
            self.heap.store(cell, join_all(parts))
        elif not fresh:
            nothing_known = unknown(f"{why}: what it holds is not known")
            self.heap.store(cell, nothing_known, nothing_known if type_.name in MAPPINGS else NOTHING)


def is_container(names: Iterable[str]) -> bool:
    """Whether all these types hold items that are followed."""
    return all(name in CONTAINERS for name in names)
