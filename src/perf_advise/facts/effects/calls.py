"""The events of calls: known functions and methods by the tables, project functions by their summaries."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.events import is_hashable_tame, is_iterator, is_tame
from perf_advise.facts.tables.effects import called_arguments, effects_of
from perf_advise.facts.tree import dotted
from perf_advise.facts.types.heap import Atom, Value, of_atom

if TYPE_CHECKING:
    from perf_advise.facts.effects.expressions import ExpressionWalker as Walker


def call_events(walker: "Walker", node: cst.Call) -> None:
    """Note what a call does."""
    qualified = walker.types.world.meaning(node.func)
    for arg in node.args:
        walker.expression(arg.value)
        if arg.star:
            walker.iterate(arg.value)
    if qualified is not None:
        walker.events.names_read.add((dotted(node.func) or "").partition(".")[0])
        _function(walker, qualified, node)
    elif isinstance(node.func, cst.Attribute):
        walker.expression(node.func.value)
        _method(walker, node, node.func)
    else:
        walker.expression(node.func)
        walker.events.add_unknown(f"`{walker.text(node.func)}()`")


def _function(walker: "Walker", name: str, node: cst.Call) -> None:
    flags = effects_of(name)
    if flags is None:
        walker.callees.call_events(walker, name, node)
        return
    first = node.args[0].value if node.args else None
    if "m" in flags and first is not None and not _is_temporary(first, walker.value(first)):
        walker.events.change(walker.value(first), None, walker.text(first))
    _act(walker, name, flags, node)


def _method(walker: "Walker", node: cst.Call, func: cst.Attribute) -> None:
    receiver = walker.value(func.value)
    text = f"`{walker.text(func)}()`"
    if receiver.open:
        walker.events.add_unknown(text)
    for atom in receiver:
        flags = effects_of(f"{atom.type.name}.{func.attr.value}")
        if flags is None:
            walker.callees.method_events(walker, atom, node)
            continue
        one = of_atom(atom, receiver.why)
        if "m" in flags and not _is_temporary(func.value, one):
            walker.events.change(one, None, walker.text(func.value))
        inside = _looks_inside(flags, atom)
        if not (is_hashable_tame(walker.machine, one) if inside else is_tame(walker.machine, one, False)):
            walker.events.add_unknown(text)
        walker.read(one, walker.text(func.value))
        _act(walker, f"{atom.type.name}.{func.attr.value}", flags, node)


def _looks_inside(flags: str, atom: Atom) -> bool:
    """Whether a method of a container looks at what the container holds."""
    return "o" not in flags and "a" not in flags and atom.cell is not None


def _is_temporary(node: cst.CSTNode, value: Value) -> bool:
    """Whether the object was made by the very expression, so that nobody sees it change."""
    made = isinstance(node, cst.Call | cst.List | cst.Dict | cst.Set | cst.BaseComp | cst.BinaryOperation)
    return made and all(atom.cell is not None and atom.cell.fresh for atom in value)


def _act(walker: "Walker", name: str, flags: str, node: cst.Call) -> None:
    """What a call with these flags does to the world and to its arguments."""
    events = walker.events
    events.io |= "i" in flags
    events.random |= "r" in flags
    events.unsteady |= "t" in flags
    functions = set(map(id, called_arguments(name, node))) if "f" in flags else set()
    for arg in node.args:
        if id(arg.value) in functions:
            apply_events(walker, arg.value)
            continue
        value = walker.value(arg.value)
        if "a" not in flags:
            walker.read(value, walker.text(arg.value))
        if arg.keyword is not None and arg.keyword.value == "out":
            events.change(value, None, walker.text(arg.value))
        if "a" not in flags and not is_tame(walker.machine, value, deep="o" not in flags):
            events.add_unknown(f"`{name.removeprefix('builtins.')}()` of a value of unknown type")
        elif "c" in flags and is_iterator(value):
            walker.use_up(arg.value)
    if name == "numpy.nan_to_num" and any(a.keyword and a.keyword.value == "copy" for a in node.args):
        first = node.args[0].value
        events.change(walker.value(first), None, walker.text(first))


def apply_events(walker: "Walker", function: cst.BaseExpression) -> None:
    """Note what calling a function that is given as an argument does."""
    if isinstance(function, cst.Lambda):
        names = {param.name.value for param in function.params.params}
        walker.hide(names, function.body)
        return
    if walker.value(function).only_types("NoneType"):
        return
    name = walker.types.world.meaning(function)
    flags = effects_of(name) if name is not None else None
    if name is not None and flags is None:
        walker.callees.applied_events(walker, name)
    elif flags is None or set(flags) & set("mirtf"):
        walker.events.add_unknown(f"`{walker.text(function)}()`")
