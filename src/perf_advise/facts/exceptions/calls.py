"""Why calls may raise: functions and methods of the table, and a few whose arguments decide."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.exceptions.table import FUNCTIONS, HASHABLE, METHODS, REAL, SIZED
from perf_advise.facts.intervals import Interval

if TYPE_CHECKING:
    from perf_advise.facts.exceptions.raising import Exceptions

_INTEGERS = ("int", "bool")
_TEXT = frozenset({"str"})


def call_reasons(known: "Exceptions", node: cst.Call) -> Iterator[str]:
    """Why a call may raise, if it may."""
    name = known.types.world.meaning(node.func)
    if any(arg.star or arg.keyword is not None for arg in node.args):
        yield "a call with spread or named arguments"
    elif name is not None:
        yield from _function(known, name, node)
    elif isinstance(node.func, cst.Attribute):
        yield from _method(known, node, node.func)
    else:
        yield "a call of an unknown function"


def _function(known: "Exceptions", name: str, node: cst.Call) -> Iterator[str]:
    args = [arg.value for arg in node.args]
    if name == "builtins.range":
        yield from _range_call(known, args)
    elif name in ("builtins.min", "builtins.max") and len(args) > 1:
        if not any(all(known.value(a).only_types(*kinds) for a in args) for kinds in (tuple(REAL), ("str",))):
            yield "the least of values of unknown type"
    elif name in ("builtins.str", "builtins.repr") and len(args) == 1 and known.is_printable(args[0]):
        return
    elif name == "math.sqrt" and len(args) == 1:
        found = known.range(args[0])
        if found is None or found.low < 0 or not known.is_small(args[0]):
            yield "the root of a number that may be negative"
    elif name in ("builtins.set", "builtins.frozenset", "builtins.sorted") and len(args) == 1:
        yield from _collected(known, args[0], name == "builtins.sorted")
    else:
        allowed, most = FUNCTIONS.get(name, (frozenset(), -1))
        if len(args) > most or not all(known.value(arg).only_types(*allowed) for arg in args):
            yield f"`{name.removeprefix('builtins.')}()` may raise for what it is given"


def _range_call(known: "Exceptions", args: list[cst.BaseExpression]) -> Iterator[str]:
    step = known.range(args[2]) if len(args) > 2 else Interval(1, 1)
    if not args or not all(known.value(arg).only_types(*_INTEGERS) for arg in args) or step is None or 0 in step:
        yield "`range()` may raise for what it is given"


def _collected(known: "Exceptions", source: cst.CSTNode, in_order: bool) -> Iterator[str]:
    value = known.value(source)
    items = known.types.flow.machine.items(value, source)
    kinds: tuple[frozenset[str], ...] = (REAL, _TEXT) if in_order else (HASHABLE,)
    fits = items.never or any(items.only_types(*kind) for kind in kinds)
    if not value.only_types(*SIZED) or not fits:
        yield "items of unknown or unfit types"


def _method(known: "Exceptions", node: cst.Call, func: cst.Attribute) -> Iterator[str]:
    receiver = known.value(func.value)
    args = [arg.value for arg in node.args]
    if not receiver.known:
        yield f"`.{func.attr.value}()` of a value of unknown type"
    for atom in receiver:
        allowed = METHODS.get(atom.type.name, {}).get(func.attr.value)
        if allowed is None:
            yield f"`{atom.type.name}.{func.attr.value}()` may raise"
        elif "*" not in allowed and not all(known.value(arg).only_types(*allowed) for arg in args):
            yield f"`{atom.type.name}.{func.attr.value}()` may raise for what it is given"
