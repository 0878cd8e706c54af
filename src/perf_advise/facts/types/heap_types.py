"""The types of abstract values: what a person or a rule is told, and what analyses tell each other."""

from perf_advise.facts.answers import Typed
from perf_advise.facts.types.heap import GENERIC, MAPPINGS, Atom, Cell, Value
from perf_advise.model.facts import Evidence
from perf_advise.model.pytypes import PyType

_DEPTH = 4
UNION = "|"
"""The name of a type that only exists inside of analyses: any of its arguments."""
NEVER = PyType("never")
"""What an empty container holds; only inside of analyses."""


def to_typed(value: Value, touched: frozenset[Cell], evidence: Evidence) -> Typed:
    """The answer for a value at a place where unknown code may have changed the cells in `touched`."""
    if not value.known or GENERIC in value.names():
        return Typed.unknown(value.why if not value.known else "part of an array of unknown dtype")
    types = sorted({_pytype(atom, touched, _DEPTH) for atom in value}, key=str)
    if len(types) == 1:
        return Typed(types[0], evidence, value.why, (types[0],))
    merged = _merged(types)
    if merged is not None:
        return Typed(merged, evidence, value.why, (merged,))
    why = f"{' or '.join(map(str, types))} ({value.why})"
    return Typed(None, evidence, why, tuple(types))


def _merged(types: list[PyType]) -> PyType | None:
    """One type for several of the same name, with what differs left out."""
    if len({t.name for t in types}) != 1:
        return None
    first = types[0]
    return PyType(
        first.name,
        args=first.args if all(t.args == first.args for t in types) else (),
        dtype=first.dtype if all(t.dtype == first.dtype for t in types) else None,
        ndim=first.ndim if all(t.ndim == first.ndim for t in types) else None,
        homogeneous=all(t.homogeneous for t in types),
    )


def marked(value: Value, touched: frozenset[Cell]) -> tuple[PyType, ...]:
    """The types of a value, with containers that are known to be empty told apart from those of unknown items."""
    return tuple(sorted({_pytype(atom, touched, _DEPTH, True) for atom in value}, key=str)) if value.known else ()


def _pytype(atom: Atom, touched: frozenset[Cell], depth: int, mark: bool = False) -> PyType:
    cell = atom.cell
    if cell is None or depth == 0 or (cell in touched and not cell.declared):
        return atom.type
    name = atom.type.name
    if name == "tuple" and cell.fields is not None:
        positions = [_single(part, touched, depth, mark) for part in cell.fields]
        whole = tuple(p for p in positions if p is not None)
        return PyType(name, args=whole if len(whole) == len(positions) else ())
    if name in MAPPINGS:
        key, item = _single(cell.keys, touched, depth, mark), _single(cell.items, touched, depth, mark)
        return PyType(name, args=(key, item) if key is not None and item is not None else ())
    if mark and cell.items.never and name in ("list", "set", "collections.deque"):
        return PyType(name, (NEVER,))
    if cell.items.known:
        args = tuple(sorted({_pytype(a, touched, depth - 1, mark) for a in cell.items}, key=str))
        merged = _merged(list(args))
        args = args if merged is None else (merged,)
        return PyType(
            name, args, dtype=atom.type.dtype, ndim=atom.type.ndim, homogeneous=name == "tuple" and len(args) == 1
        )
    return atom.type


def _single(value: Value, touched: frozenset[Cell], depth: int, mark: bool) -> PyType | None:
    if mark and value.never:
        return NEVER
    types = sorted({_pytype(atom, touched, depth - 1, mark) for atom in value}, key=str) if value.known else []
    found = _merged(types) if types else None
    return PyType(UNION, tuple(types)) if mark and types and found is None else found
