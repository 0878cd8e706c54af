"""Results of standard-library functions that depend on their arguments."""

import libcst as cst

from perf_advise.facts.types.calls import Special, apply, cell_of, collect, fields, lazy, made, mapping
from perf_advise.facts.types.heap import NOTHING, Value, join, join_all, of_atom, scalar, unknown
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.state import Arguments
from perf_advise.model.pytypes import PyType

_DEEPEST = 4


def _item_of(position: int) -> Special:
    """Functions that give an item of an argument."""

    def item(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        source = args.get(position)
        return machine.items(source, call) if source is not None else unknown("no argument")

    return item


def _list_of_items(position: int) -> Special:
    def items(machine: Machine, call: cst.Call, args: Arguments) -> Value:
        source = args.get(position, "population")
        return made(
            machine, call, "list", machine.items(source, call) if source is not None else unknown("no argument")
        )

    return items


def _same_items(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    """Iterators over the items of all their iterables."""
    item = join_all(machine.items(source, call) for source in args.positional)
    return lazy(machine, call, "iterator", item, *args.positional)


def _first_items(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return lazy(machine, call, "iterator", machine.items(args.positional[0], call), args.positional[0])


def _tested_items(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[1], call)
    apply(machine, args.nodes[0], [item])
    return lazy(machine, call, "iterator", item, args.positional[1])


def _nested_items(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    inner = machine.items(args.positional[0], call)
    return lazy(machine, call, "iterator", machine.items(inner, call), args.positional[0], inner)


def _combinations(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[0], call)
    cell = machine.heap.cell((id(call), "combination"), "combination")
    machine.heap.set_fields(cell, None)
    machine.heap.store(cell, item)
    return lazy(machine, call, "iterator", of_atom(cell.atom(PyType("tuple")), "combination"), args.positional[0])


def _product(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    parts = [machine.items(source, call) for source in args.positional]
    if "repeat" not in args.keywords:
        return lazy(machine, call, "iterator", fields(machine, id(call), *parts), *args.positional)
    cell = machine.heap.cell((id(call), "product"), "tuple")
    machine.heap.set_fields(cell, None)
    machine.heap.store(cell, join_all(parts))
    return lazy(machine, call, "iterator", of_atom(cell.atom(PyType("tuple")), "tuple"), *args.positional)


def _pairwise(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[0], call)
    return lazy(machine, call, "iterator", fields(machine, id(call), item, item), args.positional[0])


def _count(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    start = args.get(0, "start") or scalar("int")
    step = args.get(1, "step") or scalar("int")
    item = join(start, machine.operators.binary(cst.Add(), start, step, id(call)))
    return lazy(machine, call, "iterator", item)


def _repeat(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return lazy(machine, call, "iterator", args.positional[0], args.positional[0])


def _accumulate(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) != 1 or args.keywords:
        return unknown("accumulate with a function")
    item = machine.items(args.positional[0], call)
    total = join(item, machine.operators.binary(cst.Add(), item, item, id(call)))
    return lazy(machine, call, "iterator", total, args.positional[0])


def _copy(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    """`copy.copy`: another object with the same items."""
    source = args.positional[0]
    return unknown("copy of a value of unknown type") if source.open else copied(machine, source, call)


def copied(machine: Machine, source: Value, site: cst.CSTNode) -> Value:
    """A shallow copy of a container, array or immutable value."""
    found = NOTHING
    for atom in source:
        name, cell = atom.type.name, atom.cell
        if cell is None:
            if "." in name:
                return unknown(f"copy of {name}")
            found = join(found, of_atom(atom, "copy"))
            continue
        twin = machine.fresh(site, name)
        lost = unknown("copy of a container that unknown code may have changed")
        touched = name != "numpy.ndarray" and machine.is_touched(cell)
        key = cell.keys if not touched else (lost if cell.keys is not NOTHING else NOTHING)
        machine.heap.store(twin, lost if touched else cell.items, key)
        if name == "tuple":
            machine.heap.set_fields(twin, cell.fields)
        found = join(found, of_atom(twin.atom(atom.type), "copy"))
    return found


def _deepcopy(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    """`copy.deepcopy`: as the original, in objects of their own."""
    return _deep(machine, args.positional[0], call, _DEEPEST)


def _deep(machine: Machine, value: Value, site: cst.CSTNode, depth: int) -> Value:
    if value.open or depth == 0:
        return unknown("deep copy of a value of unknown type")
    found = NOTHING
    for atom in value:
        name, cell = atom.type.name, atom.cell
        if cell is None or ("." in name and not name.startswith(("collections.", "numpy."))):
            found = join(found, of_atom(atom, "deep copy") if cell is None else unknown(f"deep copy of {name}"))
            continue
        twin = machine.heap.cell((id(site), "deep", id(cell)), "deep copy")
        lost = unknown("copied after code that is not known may have changed it")
        touched = machine.is_touched(cell)
        for part, is_key in ((cell.items, False), (cell.keys, True)):
            inner = _deep(machine, part, site, depth - 1) if part is not NOTHING and not touched else NOTHING
            inner = lost if touched and part is not NOTHING else inner
            machine.heap.store(twin, NOTHING if is_key else inner, inner if is_key else NOTHING)
        if name == "tuple":
            machine.heap.set_fields(twin, None)
        found = join(found, of_atom(twin.atom(atom.type), "deep copy"))
    return found


def _defaultdict(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    result = mapping("collections.defaultdict")(machine, call, _rest(args))
    if args.nodes:
        machine.heap.store(cell_of(result), _default(machine, args.nodes[0], call))
    return result


def _rest(args: Arguments) -> Arguments:
    rest = Arguments()
    rest.positional, rest.nodes, rest.keywords = args.positional[1:], args.nodes[1:], args.keywords
    return rest


def _default(machine: Machine, factory: cst.BaseExpression, call: cst.Call) -> Value:
    name = machine.world.meaning(factory)
    made_by = {"builtins.list": "list", "builtins.set": "set", "builtins.dict": "dict",
               "collections.deque": "collections.deque"}.get(name or "")  # fmt: skip
    if made_by is not None:
        return made(machine, factory, made_by)
    if name in ("builtins.int", "builtins.float", "builtins.str", "builtins.bool"):
        return scalar(name.removeprefix("builtins."))
    return apply(machine, factory, [])


def _counter(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    result = made(machine, call, "collections.Counter", scalar("int", "count"))
    source = args.get(0)
    if source is not None:
        values = source.open or bool(source.names() & {"dict", "collections.Counter"})
        counts = unknown("count taken from a mapping") if values else NOTHING
        machine.heap.store(cell_of(result), counts, machine.items(source, call))
    return result


LIBRARY: dict[str, Special] = {
    "random.choice": _item_of(0),
    "random.choices": _list_of_items(0),
    "random.sample": _list_of_items(0),
    "heapq.heappop": _item_of(0),
    "heapq.heapreplace": _item_of(0),
    "heapq.heappushpop": lambda machine, call, args: join(machine.items(args.positional[0], call), args.positional[1]),
    "heapq.nlargest": _list_of_items(1),
    "heapq.nsmallest": _list_of_items(1),
    "heapq.merge": _same_items,
    "itertools.chain": _same_items,
    "itertools.chain.from_iterable": _nested_items,
    "itertools.islice": _first_items,
    "itertools.cycle": _first_items,
    "itertools.compress": _first_items,
    "itertools.takewhile": _tested_items,
    "itertools.dropwhile": _tested_items,
    "itertools.filterfalse": _tested_items,
    "itertools.combinations": _combinations,
    "itertools.permutations": _combinations,
    "itertools.combinations_with_replacement": _combinations,
    "itertools.batched": _combinations,
    "itertools.product": _product,
    "itertools.pairwise": _pairwise,
    "itertools.count": _count,
    "itertools.repeat": _repeat,
    "itertools.accumulate": _accumulate,
    "copy.copy": _copy,
    "copy.deepcopy": _deepcopy,
    "collections.deque": collect("collections.deque"),
    "collections.OrderedDict": mapping("collections.OrderedDict"),
    "collections.defaultdict": _defaultdict,
    "collections.Counter": _counter,
}
