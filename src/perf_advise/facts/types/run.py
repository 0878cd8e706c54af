"""One run of type inference over a slice: with what the text says, or with what was seen while recording as well."""

from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.answers import Typed
from perf_advise.facts.names.code import Code
from perf_advise.facts.types.entry import Entry, Given, entry_of
from perf_advise.facts.types.flow import TypeFlow
from perf_advise.facts.types.heap import Cell, Heap, Value, unknown
from perf_advise.facts.types.heap_types import to_typed
from perf_advise.facts.types.outer import SliceWorld
from perf_advise.facts.types.specs import Maker
from perf_advise.facts.types.state import Env
from perf_advise.model.facts import Evidence

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees


class Types:
    """Abstract values of every expression of a slice."""

    def __init__(self, code: Code, callees: "Callees", given: Given) -> None:
        self.code = code
        self.heap = Heap()
        self.world = SliceWorld(code.bindings, callees, self.heap, given.fill)
        self.given = given

    @property
    def evidence(self) -> Evidence:
        """What answers of this run rest on."""
        return Evidence.SEEN if self.given.fill else Evidence.STATIC

    @cached_property
    def entry(self) -> Entry:
        """The parameters."""
        node = self.code.slice.node
        if not isinstance(node, cst.FunctionDef):
            return Entry()
        return entry_of(node, self.world.annotations, Maker(self.heap), self.given, self._owner())

    def _owner(self) -> str | None:
        """The class of `self` in a method."""
        site = self.code.slice.site
        if site is None or site.class_name is None or "<locals>" in site.class_name:
            return None
        if any(d in ("staticmethod", "classmethod") for d in site.decorators) or site.name == "__new__":
            return None
        return f"{self.code.bindings.module}.{site.class_name}"

    @cached_property
    def flow(self) -> TypeFlow:
        """The solved types."""
        scopes = self.code.scopes
        shared = scopes.captured | scopes.own.globals | scopes.own.nonlocals
        if self.code.is_module:
            shared |= self.code.read_in_functions
        return TypeFlow(
            self.code.flow,
            self.world,
            self.heap,
            self.entry.values,
            captured=frozenset(shared),
            volatile=self._volatile(),
            rebound=self.code.rebound,
        )

    def _volatile(self) -> frozenset[str]:
        """Names that other code may bind while this code runs."""
        scopes = self.code.scopes
        found = set(scopes.rebound_inside) | scopes.own.globals | scopes.own.nonlocals
        if scopes.dynamic is not None:
            found |= set(scopes.own.bound)
        if self.code.is_module:
            found |= {
                n for n, found_ in self.code.index.globals.items() if found_.bound > len(scopes.own.bound.get(n, ()))
            }
        return frozenset(found)

    def value(self, node: cst.CSTNode) -> Value:
        """What an expression can be where it stands."""
        if isinstance(node, cst.Param):
            return self.entry.values.get(node.name.value, unknown("not a parameter of this function"))
        found = self.flow.value(node)
        if found is not None:
            return found
        if self.flow.gave_up:
            return unknown("the function is too large to follow")
        return unknown("never runs, or stands in a nested function")

    def touched(self, node: cst.CSTNode) -> frozenset[Cell]:
        """The cells that unknown code may have changed when the node has been evaluated."""
        step = self.code.step_of(node)
        return self.flow.touched(step.index) if step is not None else frozenset()

    def known_before(self, name: cst.Name, place: cst.CSTNode) -> bool:
        """Whether nothing but what a variable is known to be at `name` can be in it where `place` begins."""
        steps = self.code.steps_of(place)
        env = self.flow.before[steps[0].index] if steps else None
        earlier = env.vars.get(name.value) if env is not None else None
        now = self.value(name)
        if earlier is None or now.open:
            return True
        return not earlier.open and {atom.type for atom in earlier} <= {atom.type for atom in now}

    def typed(self, node: cst.CSTNode) -> Typed:
        """The answer for an expression."""
        return to_typed(self.value(node), self.touched(node), self.evidence)

    def typed_items(self, node: cst.CSTNode) -> Typed:
        """The answer for what iterating over an expression gives."""
        value, touched = self.value(node), self.touched(node)
        machine = self.flow.machine
        machine.env = Env({}, touched)
        return to_typed(machine.items(value, node), touched, self.evidence)
