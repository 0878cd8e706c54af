"""Abstract values: which types an expression can have, and which objects it can be.

An object is a `Cell`: one per place in the code that makes one (allocation site), per parameter and per attribute. What
containers hold is kept per cell, whatever the order of statements, so that aliases agree; whether unknown code
may have touched a cell depends on the place in the flow and is kept in the environment.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.tables.words import words
from perf_advise.model.pytypes import PyType

_MOST = 6
_LONGEST = 160
MAPPINGS = frozenset({"dict", "collections.defaultdict", "collections.OrderedDict", "collections.Counter"})
CONTAINERS = words(
    """list tuple dict set frozenset collections.deque collections.defaultdict collections.OrderedDict
    collections.Counter range enumerate zip map filter generator reversed iterator dict_keys dict_values
    dict_items array.array"""
)
IMMUTABLE = words(
    """int float bool complex str bytes NoneType range slice ellipsis function type module method
    builtin_function_or_method fractions.Fraction decimal.Decimal re.Pattern re.Match pathlib.Path datetime.datetime
    datetime.date datetime.timedelta datetime.time"""
)


GENERIC = "numpy.generic"
"""The type of array items of unknown dtype: some number. Arrays of objects say `dtype=object`."""


def is_numpy_scalar(name: str) -> bool:
    """Whether a type is one of NumPy's scalars."""
    return name == GENERIC or (name.startswith("numpy.") and name.removeprefix("numpy.") in SCALARS)


class Origin(enum.Enum):
    """Where an object comes from, and so who can hold it and change it."""

    FRESH = enum.auto()
    """Made by the code: nobody else holds it until it is exposed."""
    OUTSIDE = enum.auto()
    """Anyone may hold it and change what it holds."""
    PROMISED = enum.auto()
    """From outside, but what it holds is promised to keep its types (an annotation, a module-level constant)."""
    ENTRY = enum.auto()
    """As PROMISED, and there before the code ran: a parameter that is annotated or was seen."""
    GIVEN = enum.auto()
    """A parameter whose types are those of one call: there before the code ran, changed by whoever gets hold of it."""


_FLAT = words("""numpy.ndarray bytearray memoryview hashlib.HASH _io.TextIOWrapper _io.BufferedReader random.Random
    numpy.random.Generator numpy.random.RandomState""")


class Cell:
    """An object, or all objects that one place in the code makes.

    `items` are elements or dict values, `keys` dict keys, `fields` the positions of a tuple, unless its length
    `varied`. `sources` are the containers that an iterator or a view reads when it is used.
    """

    __slots__ = ("atoms", "fields", "items", "keys", "label", "origin", "sources", "varied")

    def __init__(self, label: str, origin: Origin) -> None:
        self.label = label
        self.origin = origin
        self.items = NOTHING
        self.keys = NOTHING
        self.fields: tuple[Value, ...] | None = None
        self.varied = False
        self.sources: frozenset[Cell] = frozenset()
        self.atoms: dict[PyType, Atom] = {}

    @property
    def fresh(self) -> bool:
        """Whether the code itself made it."""
        return self.origin is Origin.FRESH

    @property
    def declared(self) -> bool:
        """Whether what it holds is promised to keep its types."""
        return self.origin is Origin.PROMISED or self.origin is Origin.ENTRY

    @property
    def entry(self) -> bool:
        """Whether it was there before the code ran."""
        return self.origin is Origin.ENTRY or self.origin is Origin.GIVEN

    def atom(self, type_: PyType) -> "Atom":
        """The one atom for this object under a type."""
        found = self.atoms.get(type_)
        if found is None:
            found = self.atoms[type_] = Atom(type_, self)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One type that a value can have, with the object it then is (None: immutable, or of no interest)."""

    type: PyType
    cell: Cell | None = None


@cache
def plain(type_: PyType) -> Atom:
    """The one atom of a type without identity."""
    return Atom(type_)


@dataclass(frozen=True, slots=True)
class Value:
    """The set of atoms a value can be; when `open`, anything from outside besides. No atoms, not open: never computed.

    An object that only the code itself can reach is always among the atoms.
    """

    atoms: frozenset[Atom]
    open: bool = False
    why: str = field(default="", compare=False)

    @property
    def known(self) -> bool:
        """Whether the types are bounded, and there is one."""
        return bool(self.atoms) and not self.open

    @property
    def never(self) -> bool:
        """Whether the value was never computed."""
        return not self.atoms and not self.open

    @property
    def only(self) -> Atom | None:
        """The single atom, when there is just one."""
        return next(iter(self.atoms)) if len(self.atoms) == 1 and not self.open else None

    def __iter__(self) -> Iterator[Atom]:
        """The atoms, in an order that does not change from run to run: reasons name them."""
        return iter(self.atoms if len(self.atoms) < 2 else sorted(self.atoms, key=_by_name))

    def names(self) -> frozenset[str]:
        """The names of the types of the atoms."""
        return frozenset(atom.type.name for atom in self.atoms)

    def only_types(self, *names: str) -> bool:
        """Whether every possible type is one of these."""
        return self.known and all(atom.type.name in names for atom in self)


def _by_name(atom: Atom) -> tuple[str, str]:
    return str(atom.type), atom.cell.label if atom.cell is not None else ""


NOTHING = Value(frozenset(), why="never computed")


@lru_cache(maxsize=1024)
def unknown(why: str) -> Value:
    """Anything at all."""
    return Value(frozenset(), True, why)


@lru_cache(maxsize=1024)
def scalar(name: str, why: str = "") -> Value:
    """A value of one immutable type."""
    return Value(frozenset({plain(PyType(name))}), False, why or name)


def of_atom(atom: Atom, why: str) -> Value:
    """A value that can be one thing only."""
    return Value(frozenset({atom}), False, why)


def join(a: Value, b: Value) -> Value:
    """What is either."""
    if a is b or b.never:
        return a
    if a.never:
        return b
    if b.atoms <= a.atoms and a.open >= b.open:
        return a
    atoms = a.atoms | b.atoms
    if a.open or b.open:
        return _opened(atoms, a.why if a.open else b.why)
    if len(atoms) > _MOST:
        return _opened(atoms, "has more types than are followed")
    return Value(atoms, False, a.why if b.why in a.why else f"{a.why}; {b.why}"[:_LONGEST])


def _opened(atoms: frozenset[Atom], why: str) -> Value:
    """Anything, these objects of the code's own included."""
    return Value(frozenset(atom for atom in atoms if atom.cell is not None), True, why)


def without_none(value: Value) -> Value:
    """The value where it is not None."""
    return Value(frozenset(a for a in value if a.type.name != "NoneType"), value.open, value.why)


def join_all(values: Iterable[Value]) -> Value:
    """What is any of these."""
    found = NOTHING
    for value in values:
        found = join(found, value)
    return found


class Heap:
    """All cells of one analysis; `version` grows whenever a cell learns something."""

    def __init__(self) -> None:
        self.cells: dict[object, Cell] = {}
        self.version = 0

    def cell(self, site: object, label: str, origin: Origin = Origin.FRESH) -> Cell:
        """The cell of a site, made on first use."""
        found = self.cells.get(site)
        if found is None:
            found = self.cells[site] = Cell(label, origin)
        return found

    def store(self, cell: Cell, item: Value, key: Value = NOTHING) -> None:
        """Note that the container may hold `item` (under `key`)."""
        items, keys = join(cell.items, item), join(cell.keys, key)
        if items != cell.items or keys != cell.keys:
            cell.items, cell.keys = items, keys
            self.version += 1

    def set_fields(self, cell: Cell, fields: tuple[Value, ...] | None) -> None:
        """Note the positions of a tuple; once two lengths met, only the items are known."""
        old = cell.fields
        if cell.varied:
            return
        if fields is None or (old is not None and len(old) != len(fields)):
            cell.varied, cell.fields = True, None
            self.version += 1
            return
        new = fields if old is None else tuple(map(join, old, fields))
        if new != old:
            cell.fields = new
            self.version += 1


def reachable(value: Value) -> set[Cell]:
    """The objects that a value is or holds, directly or not."""
    found: set[Cell] = set()
    todo = [value]
    while todo:
        for atom in todo.pop():
            cell = atom.cell
            if cell is not None and cell not in found:
                found |= {cell, *cell.sources}
                todo += (cell.items, cell.keys, *(cell.fields or ()))
    return found


def holds_unknown(value: Value, touched: frozenset[Cell]) -> bool:
    """Whether it is, or holds, an object that is not followed; `touched` are cells that unknown code changed."""
    return value.open or any(_is_opaque(cell, touched) for cell in reachable(value))


def _is_opaque(cell: Cell, touched: frozenset[Cell]) -> bool:
    """Whether an object may hold others than those that are known of it."""
    if any(type_.name not in CONTAINERS and type_.name not in _FLAT for type_ in cell.atoms):
        return True
    parts = (cell.items, cell.keys, *(cell.fields or ()))
    if any(part.open for part in parts) or (cell.fresh and cell in touched):
        return True
    # Under another name, anything that is exposed may have been put into what comes from outside.
    return not cell.fresh and any(atom.cell is not None for part in parts for atom in part)
