"""The values of the likely types: sets of atoms, and a heap of containers by the place that makes them."""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perf_advise.facts.types.specs import any_of
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.facts.likely.calls import Calls

_CONTAINERS = frozenset({"list", "tuple", "set", "dict", "range", "iterator", "collections.deque"})
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Atom:
    """One possible kind of object: `cell` of a container, dtype and dimensions of an array, class of an instance."""

    name: str
    cell: int = 0
    dtype: str | None = None
    ndim: int | None = None


Value = frozenset[Atom]
NOTHING: Value = frozenset()
UNKNOWN: Value = frozenset({Atom("?")})


@dataclass
class Cell:
    """What containers made at one place hold; `fields` by position, for tuples."""

    items: Value = NOTHING
    keys: Value = NOTHING
    fields: list[Value] = field(default_factory=list)


def of(*names: str) -> Value:
    """A value of plain types."""
    return frozenset(Atom(name) for name in names)


def join(*values: Value) -> Value:
    """Either of them."""
    return NOTHING.union(*values)


def array(dtype: str | None, ndim: int | None) -> Value:
    """An ndarray."""
    return frozenset({Atom("numpy.ndarray", 0, dtype, ndim)})


def scalar_of(dtype: str | None) -> Value:
    """A cell of an array of this dtype."""
    return of(f"numpy.{dtype}") if dtype else UNKNOWN


def to_pytype(value: Value, heap: dict[int, Cell], depth: int = 0) -> PyType | None:
    """The type of a value; None where it can be anything, or nothing is known to be put there."""
    kinds = _kinds(value, heap, depth)
    return any_of(*kinds) if kinds else None


def _kinds(value: Value, heap: dict[int, Cell], depth: int) -> tuple[PyType, ...]:
    """The alternatives; none where one of them is not known. Lists of different items are one list of either."""
    if not value or depth > _DEEPEST or any(atom.name in ("?", "instance") for atom in value):
        return ()
    found: dict[PyType, None] = {}
    for name in sorted({a.name for a in value}):
        same = [a for a in value if a.name == name]
        if name == "tuple":
            found[_tuple(same, heap, depth)] = None
        elif name in _CONTAINERS:
            cells = [heap[a.cell] for a in same]
            items = _kinds(join(*(c.items for c in cells)), heap, depth + 1)
            keys = _kinds(join(*(c.keys for c in cells)), heap, depth + 1)
            found[PyType(name, (any_of(*keys), any_of(*items)) if keys and items else items)] = None
        else:
            for atom in same:
                found[PyType(atom.name, dtype=atom.dtype, ndim=atom.ndim)] = None
    return tuple(found)


def _tuple(atoms: list[Atom], heap: dict[int, Cell], depth: int) -> PyType:
    sizes = {len(heap[a.cell].fields) for a in atoms}
    if len(sizes) == 1 and sizes != {0}:
        fields = zip(*(heap[a.cell].fields for a in atoms), strict=True)
        columns = [_kinds(join(*column), heap, depth + 1) for column in fields]
        if all(columns):
            return PyType("tuple", tuple(any_of(*column) for column in columns))
    items = _kinds(join(*(heap[a.cell].items for a in atoms)), heap, depth + 1)
    return PyType("tuple", items, homogeneous=True)


def bind(calls: "Calls", target: ast.expr, value: Value, scope: str) -> None:
    """Assign to a target: a name, an attribute, an item, or several."""
    if isinstance(target, ast.Name):
        calls.set_name(calls.scope_of(target.id, scope), target.id, value)
    elif isinstance(target, ast.Tuple | ast.List):
        for position, element in enumerate(target.elts):
            bind(calls, element, calls.field(value, position), scope)
    elif isinstance(target, ast.Starred):
        bind(calls, target.value, UNKNOWN, scope)
    elif isinstance(target, ast.Subscript):
        _store(calls, target, value, scope)
    elif isinstance(target, ast.Attribute):
        for atom in calls.value(target.value, scope):
            if atom.name.startswith("class "):
                calls.set_name(atom.name, target.attr, value)


def _store(calls: "Calls", target: ast.Subscript, value: Value, scope: str) -> None:
    key = calls.value(target.slice, scope) if not isinstance(target.slice, ast.Slice) else NOTHING
    for atom in calls.value(target.value, scope):
        if atom.cell:
            items = calls.items(value) if isinstance(target.slice, ast.Slice) else value
            calls.fill(atom.cell, items, key if atom.name == "dict" else NOTHING)
