"""What calls of known functions give: the table of results, and what the parts of it need."""

from collections.abc import Callable

import libcst as cst

from perf_advise.facts.tables.effects import called_arguments, effects_of
from perf_advise.facts.types.heap import MAPPINGS, NOTHING, Cell, Value, join_all, of_atom, scalar, unknown
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.results import RESULTS
from perf_advise.facts.types.state import Arguments
from perf_advise.facts.types.subscripts import positions
from perf_advise.model.pytypes import PyType

Special = Callable[[Machine, cst.Call, Arguments], Value]


def act(machine: Machine, name: str, flags: str, call: cst.Call, receiver: Value | None, args: Arguments) -> None:
    """What a call with these flags does to objects: stores arguments, calls functions it is given."""
    if "f" in flags:
        for node in called_arguments(name, call):
            apply(machine, node, None)
    if "s" not in flags:
        return
    others = list(args.all())
    if receiver is None and others:
        receiver = others.pop(0)
    for value in others:
        item = machine.items(value, call) if "c" in flags else value
        put_all(machine, receiver, item)


def put_all(machine: Machine, receiver: Value | None, item: Value, key: Value = NOTHING) -> None:
    """Whatever container `receiver` is takes in the item."""
    if receiver is None or receiver.open:
        machine.expose(item)
    for atom in receiver or NOTHING:
        if atom.cell is not None:
            machine.put(atom.cell, item, key)


def apply(machine: Machine, function: cst.CSTNode, args: list[Value] | None) -> Value:
    """The result of calling a function given as an expression; without `args` with anything."""
    if isinstance(function, cst.Lambda):
        return machine.apply_lambda(function, args or [])
    name = machine.world.meaning(function) if isinstance(function, cst.BaseExpression) else None
    result = RESULTS.get(name or "")
    if result is not None:
        return machine.maker.value(result, (id(function), "applied"), f"result of {name}")
    if name is not None and effects_of(name) is not None:
        return unknown(f"the result of `{name}` is not known")
    value = machine.value(function)
    if not value.only_types("NoneType"):
        for value in args or ():
            machine.expose(value)
        machine.suspend()
    return unknown("result of a function that is not known")


def made(machine: Machine, call: cst.CSTNode, name: str, item: Value = NOTHING, key: Value = NOTHING) -> Value:
    """A new container with items."""
    cell = machine.fresh(call, name)
    machine.heap.store(cell, item, key)
    return of_atom(cell.atom(PyType(name)), f"{name.rpartition('.')[2]}(...)")


def lazy(machine: Machine, call: cst.CSTNode, name: str, item: Value, *sources: Value) -> Value:
    """An iterator over `sources`, which it reads when it is used."""
    cell = machine.fresh(call, name)
    machine.heap.store(cell, item)
    for source in sources:
        for atom in source:
            if atom.cell is not None:
                cell.sources |= {atom.cell, *atom.cell.sources}
    return of_atom(cell.atom(PyType(name)), f"{name}(...)")


def fields(machine: Machine, site: object, *parts: Value) -> Value:
    """A tuple with these positions."""
    cell = machine.heap.cell((site, "fields"), "tuple")
    machine.heap.set_fields(cell, parts)
    machine.heap.store(cell, join_all(parts))
    return of_atom(cell.atom(PyType("tuple")), "tuple")


def collect(name: str) -> Special:
    """`list(xs)` and its kin."""

    def collected(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        source = args.get(0)
        result = made(machine, call, name, NOTHING if source is None else machine.items(source, call))
        only = source.only if source is not None else None
        if name == "tuple":
            known = only.cell.fields if only is not None and only.cell is not None else None
            machine.heap.set_fields(cell_of(result), () if source is None else known)
        return result

    return collected


def cell_of(value: Value) -> Cell:
    """The cell of a value that is one container."""
    only = value.only
    assert only is not None and only.cell is not None
    return only.cell


def mapping(name: str) -> Special:
    """`dict(...)` and its kin."""

    def filled(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        result = made(machine, call, name)
        for value in args.positional:
            fill_mapping(machine, cell_of(result), value, call)
        for value in args.keywords.values():
            machine.heap.store(cell_of(result), value, scalar("str"))
        return result

    return filled


def fill_mapping(machine: Machine, cell: Cell, value: Value, site: object) -> None:
    """`dict.update` with a mapping or with pairs."""
    if not value.open and value.names() <= MAPPINGS:
        machine.absorb_mapping(cell, value)
        return
    key, item = positions(machine, machine.items(value, site), 2, site)
    machine.put(cell, item, key)
