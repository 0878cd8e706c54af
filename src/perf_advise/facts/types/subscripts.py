"""Reading and writing `base[index]`, unpacking, and every other way to bind."""

from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.literals import number
from perf_advise.facts.types.frames import is_pandas, item_of
from perf_advise.facts.types.heap import NOTHING, Atom, Value, join, join_all, of_atom, plain, scalar, unknown
from perf_advise.facts.types.machine import Binder, Machine
from perf_advise.facts.types.specs import array
from perf_advise.model.pytypes import PyType

_SEQUENCES = ("list", "tuple", "collections.deque", "array.array")
_MAPPINGS = ("dict", "collections.defaultdict", "collections.OrderedDict", "collections.Counter")
_INTEGERS = frozenset({"int", "bool"} | {f"numpy.{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a subscript: `value` of an index, None for a slice."""

    value: Value | None
    node: cst.CSTNode


def parts_of(machine: Machine, node: cst.Subscript) -> list[Part]:
    """Evaluate the parts of a subscript in order."""
    found: list[Part] = []
    for element in node.slice:
        if isinstance(element.slice, cst.Slice):
            for bound in (element.slice.lower, element.slice.upper, element.slice.step):
                if bound is not None:
                    machine.value(bound)
            found.append(Part(None, element.slice))
        elif isinstance(element.slice, cst.Index):
            found.append(Part(machine.value(element.slice.value), element.slice.value))
    return found


def load(machine: Machine, node: cst.Subscript) -> Value:
    """`base[index]` where it is read."""
    base = machine.value(node.value)
    parts = parts_of(machine, node)
    found = join_all(_load(machine, atom, parts, node) for atom in base)
    return join(found, unknown("item of a value of unknown type")) if base.open else found


def _load(machine: Machine, atom: Atom, parts: list[Part], node: cst.Subscript) -> Value:
    name = atom.type.name
    if name == "numpy.ndarray":
        return _array_load(machine, atom, parts, node)
    if name in _MAPPINGS and atom.cell is not None:
        if machine.is_touched(atom.cell):
            return unknown("the dict may have been changed by code that is not known")
        if name == "collections.defaultdict":
            machine.put(atom.cell, NOTHING, _key(machine, parts, node))  # reading inserts
        return atom.cell.items
    if len(parts) != 1:
        return unknown(f"item of {name}")
    if is_pandas(name):
        return item_of(atom, parts[0].value)
    index = parts[0].value
    if index is None:
        return _slice_of(machine, atom, node)
    if index.never:
        return NOTHING
    item = _item_of(machine, atom, parts[0])
    # An index of unknown type could be a slice object.
    return item if index.only_types(*_INTEGERS) else join(item, _slice_of(machine, atom, node))


def _item_of(machine: Machine, atom: Atom, part: Part) -> Value:
    name, cell = atom.type.name, atom.cell
    position = number(part.node)
    parts = cell.fields if name == "tuple" and cell is not None else None
    if parts is not None and isinstance(position, int) and -len(parts) <= position < len(parts):
        return parts[position]
    if name in (*_SEQUENCES, "str", "bytes", "range"):
        return machine.items(of_atom(atom, "sequence"), part.node)
    return scalar("int", "byte") if name == "bytearray" else unknown(f"item of {name}")


def _slice_of(machine: Machine, atom: Atom, node: cst.Subscript) -> Value:
    name = atom.type.name
    if name in ("str", "bytes"):
        return scalar(name, "slice")
    if name == "range":
        return of_atom(atom, "slice of a range")
    if name not in ("list", "tuple") or atom.cell is None:
        return unknown(f"slice of {name}")
    cell = machine.fresh(node, name)
    machine.heap.store(cell, machine.items(of_atom(atom, name), node))
    if name == "tuple":
        machine.heap.set_fields(cell, None)
    return of_atom(cell.atom(PyType(name)), f"slice of a {name}")


# -- arrays ---------------------------------------------------------------------------------------------------


def _array_load(machine: Machine, atom: Atom, parts: list[Part], node: cst.Subscript) -> Value:
    removed, added, advanced = 0, 0, 0
    spread = [_spread(part) for part in parts]
    for part in [p for group in spread for p in group]:
        kind = _kind_of(part)
        if kind is None:
            return join(machine.array_part(atom, None), unknown("an index of unknown type"))
        removed, added, advanced = removed + kind[0], added + kind[1], max(advanced, kind[2])
    ndim = atom.type.ndim
    if advanced:
        whole = None if ndim is None else ndim - removed + added + advanced
        return machine.operators.array(atom.type.dtype, whole, id(node))
    if ndim is None and removed == 0:
        type_ = array(atom.type.dtype)
        return of_atom(atom.cell.atom(type_) if atom.cell is not None else plain(type_), "slice of an array")
    return machine.array_part(atom, None if ndim is None else ndim - removed + added)


def _spread(part: Part) -> list[Part]:
    """The parts of an index that is a tuple of known length."""
    only = part.value.only if part.value is not None else None
    if only is None or only.type.name != "tuple" or only.cell is None or only.cell.fields is None:
        return [part]
    return [Part(field, part.node) for field in only.cell.fields]


def _kind_of(part: Part) -> tuple[int, int, int] | None:
    """Dimensions that an index part removes, adds, and adds by fancy indexing; None when unknown."""
    if part.value is None or isinstance(part.node, cst.Ellipsis):
        return 0, 0, 0
    if part.value.only_types("NoneType"):
        return 0, 1, 0
    if part.value.only_types(*(_INTEGERS - {"bool"})):
        return 1, 0, 0
    only = part.value.only
    if only is None:
        return None
    if only.type.name == "numpy.ndarray" and only.type.ndim and only.type.dtype:
        return (only.type.ndim, 0, 1) if only.type.dtype == "bool" else (1, 0, only.type.ndim)
    if only.type.name in ("list", "range") and only.cell is not None and only.cell.items.only_types(*_INTEGERS):
        return (1, 0, 1)
    return None


# -- writing --------------------------------------------------------------------------------------------------


def store(machine: Machine, target: cst.CSTNode, value: Value) -> None:
    """`base[index] = value`."""
    assert isinstance(target, cst.Subscript)
    base = machine.value(target.value)
    parts = parts_of(machine, target)
    if base.open:
        machine.expose(value)
    for atom in base:
        if atom.type.name in _SEQUENCES and atom.cell is not None and len(parts) == 1:
            index = parts[0].value
            if index is None or not index.only_types(*_INTEGERS):
                machine.put(atom.cell, machine.items(value, target))
            if index is not None:
                machine.put(atom.cell, value)
        elif atom.type.name in _MAPPINGS and atom.cell is not None:
            key = _key(machine, parts, target)
            machine.put(atom.cell, value, key)
        elif atom.type.name != "numpy.ndarray":
            machine.expose(value)


def _key(machine: Machine, parts: list[Part], target: cst.Subscript) -> Value:
    values = [part.value for part in parts if part.value is not None]
    if len(parts) == 1:
        return values[0] if values else scalar("slice")
    cell = machine.heap.cell((id(target), "key"), "key")
    machine.heap.set_fields(cell, tuple(values) if len(values) == len(parts) else None)
    machine.heap.store(cell, join_all(values))
    return of_atom(cell.atom(PyType("tuple")), "tuple key")


def unpack(machine: Machine, target: cst.CSTNode, value: Value) -> None:
    """`a, *b = value`."""
    assert isinstance(target, cst.Tuple | cst.List)
    elements = target.elements
    starred = [i for i, element in enumerate(elements) if isinstance(element, cst.StarredElement)]
    if not starred:
        for element, part in zip(elements, positions(machine, value, len(elements), target), strict=True):
            machine.bind(element.value, part)
        return
    item = machine.items(value, target)
    for element in elements:
        if isinstance(element, cst.StarredElement):
            cell = machine.fresh(element, "list")
            machine.heap.store(cell, item)
            machine.bind(element.value, of_atom(cell.atom(PyType("list")), "starred part"))
        else:
            machine.bind(element.value, item)


def positions(machine: Machine, value: Value, count: int, site: object) -> list[Value]:
    """The values that unpacking into `count` targets gives."""
    found = [unknown("part of a value of unknown type") if value.open else NOTHING] * count
    for atom in value:
        fields = atom.cell.fields if atom.cell is not None else None
        if fields is not None and len(fields) == count:
            parts = list(fields)
        else:
            parts = [machine.items(of_atom(atom, value.why), site)] * count
        found = list(map(join, found, parts))
    return found


def bind_name(machine: Machine, target: cst.CSTNode, value: Value) -> None:
    """`name = value`."""
    assert isinstance(target, cst.Name)
    machine.values[id(target)] = value
    machine.set_name(target.value, value)


def bind_attribute(machine: Machine, target: cst.CSTNode, value: Value) -> None:
    """`base.name = value`: the object behind the base holds the value from now on."""
    assert isinstance(target, cst.Attribute)
    machine.value(target.value)
    machine.expose(value)


BINDERS: dict[type[cst.CSTNode], Binder] = {
    cst.Name: bind_name,
    cst.Attribute: bind_attribute,
    cst.Subscript: store,
    cst.Tuple: unpack,
    cst.List: unpack,
}
