"""Calls of functions that are in the tables."""

import libcst as cst

from perf_advise.facts.tables.effects import effects_of
from perf_advise.facts.types.arrays import array_call
from perf_advise.facts.types.builtins import BUILTINS
from perf_advise.facts.types.calls import Special, act
from perf_advise.facts.types.frame_calls import frame_call
from perf_advise.facts.types.heap import Value, unknown
from perf_advise.facts.types.library import LIBRARY
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.results import RESULTS
from perf_advise.facts.types.state import Arguments

_SPECIAL: dict[str, Special] = BUILTINS | LIBRARY
_ONE_OR_MORE = frozenset(_SPECIAL) - {"builtins.dict", "builtins.list", "builtins.tuple", "builtins.set",
                                      "builtins.frozenset", "builtins.range", "builtins.zip", "itertools.count",
                                      "collections.deque", "collections.Counter", "collections.OrderedDict",
                                      "collections.defaultdict", "itertools.chain", "itertools.product",
                                      "builtins.enumerate", "heapq.merge"}  # fmt: skip


def known_call(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value | None:
    """The result of a function of the tables; None when it is not among them."""
    flags = effects_of(name)
    if flags is None:
        return frame_call(machine, name, call, args)
    act(machine, name, flags, call, None, args)
    result = _result(machine, name, call, args)
    if result.open and (set(flags) & set("kv") or not name.startswith(("numpy.", "math."))):
        # What is not known may hold the arguments.
        for value in args.all():
            machine.expose(value)
    return result


def _result(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value:
    special = _SPECIAL.get(name)
    if special is not None:
        if args.spread or (name in _ONE_OR_MORE and not args.positional):
            return unknown(f"`{name}` with arguments that are not written out")
        return special(machine, call, args)
    result = RESULTS.get(name)
    if result is not None:
        return machine.maker.value(result, (id(call), name), f"result of {name.removeprefix('builtins.')}")
    if name.startswith("numpy."):
        return array_call(machine, name, call, args)
    return unknown(f"the result of `{name}` is not known")
