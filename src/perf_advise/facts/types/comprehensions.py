"""Comprehensions and generators: scopes of their own, evaluated until one more item tells nothing new."""

import libcst as cst

from perf_advise.facts.tree import comp_fors, target_names, walk
from perf_advise.facts.types.heap import (
    NOTHING,
    Cell,
    Value,
    join,
    of_atom,
    reachable,
    unknown,
)
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.narrow import narrowed
from perf_advise.facts.types.state import Env
from perf_advise.model.pytypes import PyType

_ROUNDS = 4


def comprehension(machine: Machine, node: cst.BaseComp) -> Value:
    """List, set and dict comprehensions, and generators."""
    outer = machine.env
    machine.env = outer.copy()
    hidden = _clauses(machine, list(comp_fors(node)))
    item, key = _element(machine, node)
    for _ in range(_ROUNDS):
        # What one item does to objects and names, the next one sees.
        seen = machine.env.copy()
        item, key = join(item, (again := _element(machine, node))[0]), join(key, again[1])
        if not machine.env.merge(seen):
            break
    inner = machine.env
    machine.env = outer
    close(machine, inner, hidden)
    name = {cst.ListComp: "list", cst.SetComp: "set", cst.DictComp: "dict"}.get(type(node), "generator")
    cell = machine.fresh(node, name)
    if name == "generator":
        item = _lazily(machine, node, item, cell)
    machine.heap.store(cell, item, key)
    return of_atom(cell.atom(PyType(name)), name if name == "generator" else f"{name} comprehension")


def _lazily(machine: Machine, node: cst.BaseComp, item: Value, cell: Cell) -> Value:
    """The items of a generator, which runs later: what it reads may be another object or have changed by then."""
    names = {part.value for part in walk(node) if isinstance(part, cst.Name)}
    for name in sorted(names & set(machine.env.vars)):
        if name in machine.rebound:
            return unknown(f"the generator reads `{name}`, which is bound more than once")
        cell.sources |= reachable(machine.env.vars[name])
    return item


def _element(machine: Machine, node: cst.BaseComp) -> tuple[Value, Value]:
    if isinstance(node, cst.DictComp):
        key = machine.value(node.key)
        return machine.value(node.value), key
    assert isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp)
    return machine.value(node.elt), NOTHING


def _clauses(machine: Machine, clauses: list[cst.CompFor]) -> set[str]:
    hidden: set[str] = set()
    for clause in clauses:
        items = machine.items(machine.value(clause.iter), clause.iter)
        hidden |= {name.value for name in target_names(clause.target)}
        machine.bind(clause.target, items)
        for condition in clause.ifs:
            machine.value(condition.test)
            machine.env = narrowed(machine.env.copy(), condition.test, True, machine.world.meaning, machine.make)
    return hidden


def close(machine: Machine, inner: Env, hidden: set[str]) -> None:
    """Leave a scope: what it did to objects stays, and so do names bound with `:=`."""
    outer = machine.env
    outer.absorb(inner)
    for name, value in inner.vars.items():
        old = outer.vars.get(name)
        if name not in hidden and value is not old:
            outer.vars[name] = value if old is None else join(old, value)
