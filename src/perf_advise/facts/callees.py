"""Project functions and classes as the functions that use them see them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.heap import Atom, Value, scalar, unknown
from perf_advise.facts.types_machine import Machine
from perf_advise.facts.types_state import Arguments

if TYPE_CHECKING:
    from perf_advise.facts.events_walk import Walker
    from perf_advise.facts.types_outer import Outer


class Callees:
    """What calls of project functions give and do."""

    def constant(self, qualified: str) -> Value | None:
        """The value of a member of a project module."""
        return scalar("type") if qualified in _TYPES else None

    def attribute(self, outer: "Outer", class_name: str, name: str) -> Value:
        """An attribute of an instance of a project class."""
        return unknown(f"attribute `{name}` of {class_name}")

    def called(self, machine: Machine, qualified: str, call: cst.Call, args: Arguments) -> Value:
        """The result of a project function."""
        return machine.unknown_call(args, f"result of `{qualified}`, which is not known")

    def method(self, machine: Machine, atom: Atom, call: cst.Call, args: Arguments) -> Value:
        """The result of a method of a project class."""
        return machine.unknown_call(args, "result of a method that is not known")

    # -- effects ------------------------------------------------------------------------------------------------

    def attribute_events(self, outer: "Outer", atom: Atom, name: str) -> Iterator[str]:
        """Why reading an attribute of an instance may run code, if it may."""
        yield f"{atom.type.name} is not known"

    def store_events(self, outer: "Outer", atom: Atom, name: str) -> Iterator[str]:
        """Why setting an attribute of an instance may run code, if it may."""
        yield f"{atom.type.name} is not known"

    def call_events(self, walker: "Walker", qualified: str, node: cst.Call) -> None:
        """Note what a call of a project function does."""
        walker.events.add_unknown(f"`{qualified}()`")

    def applied_events(self, walker: "Walker", qualified: str) -> None:
        """Note what a function does that is called with arguments which are not known."""
        walker.events.add_unknown(f"`{qualified}()`")

    def method_events(self, walker: "Walker", atom: Atom, node: cst.Call) -> None:
        """Note what a method of a project class does."""
        walker.events.add_unknown(f"`{walker.text(node.func)}()`")


_TYPES = frozenset({"builtins.int", "builtins.float", "builtins.str", "builtins.list", "builtins.dict", "builtins.set"})
