"""What running code touches: the record that effects, aliases and invariance are answered from."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.tables.words import words
from perf_advise.facts.types.heap import CONTAINERS, GENERIC, IMMUTABLE, MAPPINGS, Atom, Value
from perf_advise.facts.types.machine import Machine


@dataclass(frozen=True, slots=True)
class Touch:
    """An object that is read or changed: one attribute of it, or (None) what it holds.

    `text` is how the code names it.
    """

    value: Value
    attr: str | None
    text: str
    deep: bool = True
    resizes: bool = True
    """Whether the object may have another length afterwards."""
    """Whether what it holds, directly or not, is read or changed as well."""


@dataclass(slots=True)
class Events:
    """Everything that some code may do."""

    reads: list[Touch] = field(default_factory=list)
    writes: list[Touch] = field(default_factory=list)
    names_read: set[str] = field(default_factory=set)
    names_bound: set[str] = field(default_factory=set)
    outer_reads: set[str] = field(default_factory=set)
    """Module-level variables that called functions read, as `module.name`."""
    unknown: list[str] = field(default_factory=list)
    """Code about which nothing is known runs; each with its text."""
    assumed: list[str] = field(default_factory=list)
    """What the record rests on besides the text, in words."""
    io: bool = False
    awaits: bool = False
    yields: bool = False
    random: bool = False
    unsteady: bool = False
    """Depends on more than it reads: time, identity, the environment."""

    def change(self, value: Value, attr: str | None, text: str, resizes: bool = True) -> None:
        """Note a change of the object itself, or of one attribute, not of what it holds."""
        self.writes.append(Touch(value, attr, text, deep=False, resizes=resizes))

    def add_unknown(self, text: str) -> None:
        """Note that anything may happen."""
        if text not in self.unknown:
            self.unknown.append(text)

    @property
    def effects(self) -> Iterator[str]:
        """The side effects and sources of chance, in words; none: pure."""
        yield from (f"changes `{touch.text}`" for touch in self.writes)
        yield from (f"{text} may do anything" for text in self.unknown)
        flags = (self.io, self.awaits, self.yields, self.random, self.unsteady)
        yield from (text for flag, text in zip(flags, _FLAGS, strict=True) if flag)


_FLAGS = ("input or output", "awaits", "yields", "draws random numbers", "depends on time or identity")
_TAME = (
    IMMUTABLE
    | CONTAINERS
    | words("numpy.ndarray numpy.dtype bytearray memoryview hashlib.HASH random.Random object _io.TextIOWrapper")
    | words("_io.BufferedReader numpy.random.Generator")
    | {f"numpy.{scalar}" for scalar in SCALARS}
    | {GENERIC}
)
ITERATORS = words("enumerate zip map filter generator reversed iterator _io.TextIOWrapper _io.BufferedReader")
_DEEPEST = 4


def is_tame(machine: Machine, value: Value, deep: bool, depth: int = _DEEPEST) -> bool:
    """Whether operators on the value run no code of the user's: builtin types and NumPy's, what they hold included when
    `deep`."""
    if value.open or depth == 0:
        return False
    return all(_is_tame_atom(machine, atom, deep, depth) for atom in value)


def _is_tame_atom(machine: Machine, atom: Atom, deep: bool, depth: int) -> bool:
    if atom.type.name not in _TAME:
        return False
    cell = atom.cell
    if not deep or cell is None or atom.type.name not in CONTAINERS:
        return True
    if machine.is_touched(cell):
        return False
    return all(is_tame(machine, part, True, depth - 1) for part in (cell.items, cell.keys))


def is_hashable_tame(machine: Machine, value: Value) -> bool:
    """Whether looking something up in the value (a dict, a set, a sequence) runs no code of the user's."""
    if value.open:
        return False
    for atom in value:
        whole = atom.cell is None or atom.type.name not in MAPPINGS
        if not is_tame(machine, Value(frozenset({atom})), deep=whole):
            return False
        if (
            not whole
            and atom.cell is not None
            and not (not machine.is_touched(atom.cell) and is_tame(machine, atom.cell.keys, deep=True))
        ):
            return False
    return True


def is_iterator(value: Value) -> bool:
    """Whether iterating over the value may use it up."""
    return value.open or bool(value.names() & ITERATORS)
