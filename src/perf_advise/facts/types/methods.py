"""What methods of builtin types, the standard library's and NumPy's give and keep."""

from collections.abc import Callable

import libcst as cst

from perf_advise.facts.tables.effects import effects_of
from perf_advise.facts.types.arrays import array_call, array_method
from perf_advise.facts.types.calls import act, fields, fill_mapping, lazy, made
from perf_advise.facts.types.frame_calls import frame_method
from perf_advise.facts.types.frames import is_pandas
from perf_advise.facts.types.heap import NOTHING, Atom, Value, join, join_all, of_atom, scalar, unknown
from perf_advise.facts.types.library import copied
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.results import METHOD_RESULTS
from perf_advise.facts.types.state import Arguments

_BASE = {"collections.defaultdict": "dict", "collections.OrderedDict": "dict", "collections.Counter": "dict",
         "frozenset": "set"}  # fmt: skip

_GENERATORS = ("numpy.random.Generator", "numpy.random.RandomState")

Method = Callable[[Machine, Atom, cst.Call, Arguments], Value]


def known_method(machine: Machine, atom: Atom, name: str, call: cst.Call, args: Arguments) -> Value | None:
    """The result of a method on one kind of receiver; None when the method is not known."""
    if is_pandas(atom.type.name):
        return frame_method(machine, atom, name, call, args)
    flags = effects_of(f"{atom.type.name}.{name}")
    if flags is None:
        return None
    result = _result(machine, atom, name, flags, call, args)
    if result.open and (atom.type.name != "numpy.ndarray" or "v" in flags):
        # What is not known may hold the receiver and the arguments.
        machine.expose(of_atom(atom, "receiver"))
        for value in args.all():
            machine.expose(value)
    return result


def _result(machine: Machine, atom: Atom, name: str, flags: str, call: cst.Call, args: Arguments) -> Value:
    owner = atom.type.name
    qualified = f"{owner}.{name}"
    base = _BASE.get(owner, owner)
    if (base, name) not in _STORING:
        act(machine, qualified, flags, call, of_atom(atom, owner), args)
    if owner == "numpy.ndarray":
        return array_method(machine, atom, name, call, args)
    if owner in _GENERATORS:
        return array_call(machine, f"numpy.random.{name}", call, args)
    special = _SPECIAL.get((base, name))
    if special is not None:
        return unknown(f"`{name}` with `*` arguments") if args.spread else special(machine, atom, call, args)
    result = METHOD_RESULTS.get((base, name))
    if result is None:
        return unknown(f"the result of `{qualified}` is not known")
    return machine.maker.value(result, (id(call), qualified), f"{owner}.{name}()")


def _item(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return machine.items(of_atom(atom, "container"), call)


def _values(machine: Machine, atom: Atom) -> Value:
    """The values of a dict."""
    if atom.cell is None or machine.is_touched(atom.cell):
        return unknown("the dict may have been changed by code that is not known")
    return atom.cell.items


def _get(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return join(_values(machine, atom), args.get(1, "default") or scalar("NoneType", "a missing key"))


def _pop(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return join(_values(machine, atom), args.get(1) or NOTHING)


def _setdefault(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    default = args.get(1) or scalar("NoneType")
    if atom.cell is not None:
        machine.put(atom.cell, default, args.get(0) or NOTHING)
    return join(_values(machine, atom), default)


def _update(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    if atom.cell is not None:
        for value in args.positional:
            if atom.type.name == "collections.Counter":
                machine.put(atom.cell, unknown("counts were updated"), machine.items(value, call))
            else:
                fill_mapping(machine, atom.cell, value, call)
        for value in args.keywords.values():
            machine.put(atom.cell, value, scalar("str"))
    return scalar("NoneType")


def _keys(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return lazy(machine, call, "dict_keys", machine.items(of_atom(atom, "dict"), call), of_atom(atom, "dict"))


def _dict_values(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return lazy(machine, call, "dict_values", _values(machine, atom), of_atom(atom, "dict"))


def _items(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    pair = fields(machine, id(call), machine.items(of_atom(atom, "dict"), call), _values(machine, atom))
    return lazy(machine, call, "dict_items", pair, of_atom(atom, "dict"))


def _popitem(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return fields(machine, id(call), machine.items(of_atom(atom, "dict"), call), _values(machine, atom))


def _copy(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    return copied(machine, of_atom(atom, "container"), call)


def _combined(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    """`a.union(b)` and its kin: a new set."""
    items = [machine.items(value, call) for value in args.positional]
    return made(machine, call, atom.type.name, join_all([machine.items(of_atom(atom, "set"), call), *items]))


def _most_common(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    pair = fields(machine, id(call), machine.items(of_atom(atom, "counter"), call), _values(machine, atom))
    return made(machine, call, "list", pair)


def _group(machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
    several = len(args.positional) > 1
    return unknown("several groups") if several else join(scalar("str"), scalar("NoneType", "a group not matched"))


_STORING = frozenset({("dict", "setdefault"), ("dict", "update")})
_SPECIAL: dict[tuple[str, str], Method] = {
    ("list", "pop"): _item,
    ("list", "copy"): _copy,
    ("set", "pop"): _item,
    ("set", "copy"): _copy,
    ("collections.deque", "pop"): _item,
    ("collections.deque", "popleft"): _item,
    ("collections.deque", "copy"): _copy,
    ("dict", "get"): _get,
    ("dict", "pop"): _pop,
    ("dict", "setdefault"): _setdefault,
    ("dict", "update"): _update,
    ("dict", "keys"): _keys,
    ("dict", "values"): _dict_values,
    ("dict", "items"): _items,
    ("dict", "popitem"): _popitem,
    ("dict", "copy"): _copy,
    ("dict", "most_common"): _most_common,
    ("dict", "total"): lambda machine, atom, call, args: scalar("int"),
    ("set", "union"): _combined,
    ("set", "intersection"): _combined,
    ("set", "difference"): _combined,
    ("set", "symmetric_difference"): _combined,
    ("re.Match", "group"): _group,
}
