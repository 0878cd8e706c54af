"""Types as data, and the values that they stand for."""

from perf_advise.facts.types.heap import (
    CONTAINERS,
    IMMUTABLE,
    MAPPINGS,
    NOTHING,
    Atom,
    Cell,
    Heap,
    Origin,
    Value,
    is_numpy_scalar,
    join_all,
    of_atom,
    plain,
)
from perf_advise.facts.types.heap_types import NEVER, UNION
from perf_advise.model.pytypes import PyType

INT, FLOAT, COMPLEX, BOOL = PyType("int"), PyType("float"), PyType("complex"), PyType("bool")
STR, BYTES, NONE = PyType("str"), PyType("bytes"), PyType("NoneType")
NDARRAY = PyType("numpy.ndarray")


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

    def __init__(self, heap: Heap) -> None:
        self.heap = heap

    def value(self, type_: PyType, site: object, why: str, origin: Origin = Origin.FRESH) -> Value:
        """The value of a type; its objects, and those that they hold, are of one origin."""
        if type_.name == UNION:
            return join_all(self.value(t, (site, i), why, origin) for i, t in enumerate(type_.args))
        if type_ == NEVER:
            return NOTHING
        if type_.name == "object" and origin is not Origin.FRESH:
            return self.anything(site, f"{why}, which can be anything", origin)
        return of_atom(self._atom(type_, site, why, origin), why)

    def anything(self, site: object, why: str, origin: Origin) -> Value:
        """An object of which nothing is known but that it is one."""
        cell = self.heap.cell((site, "object"), why, origin)
        return Value(frozenset({cell.atom(PyType("object"))}), True, why)

    def _atom(self, type_: PyType, site: object, why: str, origin: Origin) -> Atom:
        bare = PyType(type_.name, dtype=type_.dtype, ndim=type_.ndim)
        if type_.name in IMMUTABLE or is_numpy_scalar(type_.name):
            return plain(bare)
        cell = self.heap.cell((site, type_.name), why, origin)
        if type_.name in CONTAINERS:
            self._fill(cell, type_, site, why, origin)
        return cell.atom(bare)

    def _fill(self, cell: Cell, type_: PyType, site: object, why: str, origin: Origin) -> None:
        parts = [self.value(arg, (site, i), why, origin) for i, arg in enumerate(type_.args)]
        if type_.name == "tuple" and parts and not type_.homogeneous:
            self.heap.set_fields(cell, tuple(parts))
            self.heap.store(cell, join_all(parts))
        elif type_.name in MAPPINGS and len(parts) == 2:
            self.heap.store(cell, parts[1], parts[0])
        elif type_.name == "range":
            self.heap.store(cell, of_atom(plain(INT), "a number of a range"))
        elif parts:
            self.heap.store(cell, join_all(parts))
        else:
            nothing_known = self.anything((site, "item"), f"{why}: what it holds is not known", origin)
            self.heap.store(cell, nothing_known, nothing_known if type_.name in MAPPINGS else NOTHING)


_MUTABLE = CONTAINERS - {"tuple", "frozenset", "range"}


def shallow(type_: PyType) -> PyType:
    """The type without what a mutable container holds, which others may change."""
    if type_.name == UNION:
        return any_of(*dict.fromkeys(map(shallow, type_.args)))
    if type_.name in _MUTABLE:
        return PyType(type_.name)
    return PyType(type_.name, tuple(map(shallow, type_.args)), type_.dtype, type_.ndim, homogeneous=type_.homogeneous)


def is_whole(type_: PyType) -> bool:
    """Whether a type leaves nothing open: items of containers, dtype and dimensions of arrays."""
    if type_.name == "numpy.ndarray":
        return type_.dtype is not None and type_.ndim is not None
    return all(map(is_whole, type_.args)) if type_.args else type_.name not in CONTAINERS or type_.name == "range"
