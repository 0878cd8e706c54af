"""Results of builtin functions that depend on their arguments."""

import libcst as cst

from perf_advise.facts.literals import number
from perf_advise.facts.types.calls import Special, apply, collect, fields, lazy, made, mapping
from perf_advise.facts.types.heap import (
    NOTHING,
    Value,
    join,
    join_all,
    of_atom,
    plain,
    scalar,
    unknown,
    without_none,
)
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.operators import Power, numpy_scalar
from perf_advise.facts.types.state import Arguments
from perf_advise.model.pytypes import PyType

_PYTHON_NUMBERS = ("bool", "int", "float", "complex", "fractions.Fraction", "decimal.Decimal")


def _enumerate(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    source = args.get(0, "iterable") or unknown("no iterable")
    item = fields(machine, id(call), scalar("int", "position"), machine.items(source, call))
    return lazy(machine, call, "enumerate", item, source)


def _zip(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = fields(machine, id(call), *(machine.items(source, call) for source in args.positional))
    return lazy(machine, call, "zip", item, *args.positional)


def _map(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    sources = args.positional[1:]
    item = apply(machine, args.nodes[0], [machine.items(source, call) for source in sources])
    return lazy(machine, call, "map", item, *sources)


def _filter(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[1], call)
    apply(machine, args.nodes[0], [item])
    if args.positional[0].only_types("NoneType"):
        item = without_none(item)
    return lazy(machine, call, "filter", item, args.positional[1])


def _reversed(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return lazy(machine, call, "reversed", machine.items(args.positional[0], call), args.positional[0])


def _iter(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) != 1:
        return unknown("iter() with a sentinel")
    return lazy(machine, call, "iterator", machine.items(args.positional[0], call), args.positional[0])


def _next(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[0], call)
    return join(item, args.positional[1]) if len(args.positional) > 1 else item


def _range(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return made(machine, call, "range", scalar("int", "a number of a range"))


def _sorted(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[0], call) if args.positional else unknown("no iterable")
    key = args.node(9, "key")
    if key is not None:
        apply(machine, key, [item])
    return made(machine, call, "list", item)


def _extreme(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    items = args.positional if len(args.positional) > 1 else [machine.items(v, call) for v in args.positional]
    key = args.node(9, "key")
    if key is not None:
        apply(machine, key, [join_all(items)])
    return join_all([*items, *(v for n, v in args.keywords.items() if n == "default")])


def _sum(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    item = machine.items(args.positional[0], call)
    total = args.get(1, "start") or scalar("int", "the sum of nothing")
    for step in range(3):
        more = join(total, machine.operators.binary(cst.Add(), total, item, (id(call), step)))
        if more == total:
            return total
        total = more
    return unknown("the sum has no fixed type")


def _abs(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    found = NOTHING
    for atom in args.positional[0]:
        name = atom.type.name
        if name in ("bool", "int"):
            found = join(found, scalar("int"))
        elif name == "complex":
            found = join(found, scalar("float"))
        elif name == "numpy.ndarray":
            dtype = atom.type.dtype
            real = {"complex128": "float64", "complex64": "float32"}.get(dtype or "", dtype)
            found = join(found, machine.operators.array(real, atom.type.ndim, id(call)))
        elif name in ("numpy.complex128", "numpy.complex64"):
            found = join(found, numpy_scalar({"numpy.complex128": "float64"}.get(name, "float32")))
        elif name in _PYTHON_NUMBERS or name.startswith("numpy."):
            found = join(found, of_atom(atom, "abs"))
        else:
            return unknown(f"abs of {name}")
    return unknown("abs of a value of unknown type") if args.positional[0].open else found


def _round(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    value = args.positional[0]
    if not value.only_types("bool", "int", "float"):
        return unknown("round of a value that is no Python number")
    digits = args.get(1, "ndigits")
    if digits is None:
        return scalar("int", "rounded")
    kept = Value(frozenset(plain(PyType("int")) if a.type.name == "bool" else a for a in value), False, "rounded")
    return kept if digits.only_types("int") else join(kept, scalar("int", "rounded"))


def _divmod(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    left, right = args.positional
    quotient = machine.operators.binary(cst.FloorDivide(), left, right, (id(call), 0))
    rest = machine.operators.binary(cst.Modulo(), left, right, (id(call), 1))
    return fields(machine, id(call), quotient, rest)


def _pow(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    if len(args.positional) == 3:
        return scalar("int") if args.positional[0].only_types("int", "bool") else unknown("pow with a modulus")
    power = Power(number(args.nodes[1]))
    return machine.operators.binary(cst.Power(), args.positional[0], args.positional[1], id(call), power)


def _open(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    mode = args.node(1, "mode")
    if mode is None:
        return machine.maker.value(PyType("_io.TextIOWrapper"), id(call), "open()")
    text = mode.evaluated_value if isinstance(mode, cst.SimpleString) else None
    if not isinstance(text, str):
        return unknown("open() with a mode that is not written out")
    if "b" not in text:
        return machine.maker.value(PyType("_io.TextIOWrapper"), id(call), "open()")
    plainly_read = text in ("rb", "br") and args.get(2, "buffering") is None
    return scalar("_io.BufferedReader", "open()") if plainly_read else unknown("a binary file")


def _int(machine: Machine, call: cst.Call, args: Arguments) -> Value:
    return scalar("int", "int(...)")


BUILTINS: dict[str, Special] = {
    "builtins.list": collect("list"),
    "builtins.tuple": collect("tuple"),
    "builtins.set": collect("set"),
    "builtins.frozenset": collect("frozenset"),
    "builtins.dict": mapping("dict"),
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.reversed": _reversed,
    "builtins.iter": _iter,
    "builtins.next": _next,
    "builtins.range": _range,
    "builtins.sorted": _sorted,
    "builtins.min": _extreme,
    "builtins.max": _extreme,
    "builtins.sum": _sum,
    "builtins.abs": _abs,
    "builtins.round": _round,
    "builtins.divmod": _divmod,
    "builtins.pow": _pow,
    "builtins.open": _open,
}
