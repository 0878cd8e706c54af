"""Project functions and classes as the functions that use them see them."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.heap import Atom, Value, scalar, unknown
from perf_advise.facts.types_machine import Machine
from perf_advise.facts.types_state import Arguments

if TYPE_CHECKING:
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


_TYPES = frozenset({"builtins.int", "builtins.float", "builtins.str", "builtins.list", "builtins.dict", "builtins.set"})
