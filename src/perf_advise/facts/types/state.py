"""What an evaluation works on: the environment, the arguments of a call, and the world around the code."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import libcst as cst

from perf_advise.facts.types.heap import Cell, Value, join
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.facts.types.machine import Machine


class World(Protocol):
    """What lies around the code that is evaluated. `exact`: instances are taken to be of the very class annotated."""

    exact: bool

    def meaning(self, expr: cst.BaseExpression) -> str | None:
        """The qualified name of a name or attribute chain."""

    def outer(self, name: cst.Name) -> Value:
        """The value of a name that is not the code's own."""

    def attribute(self, type_: PyType, name: str) -> Value:
        """An attribute of an instance of a project class."""

    def constant(self, qualified: str) -> Value | None:
        """The value of a known module member that is not called."""

    def called(self, machine: "Machine", qualified: str, call: cst.Call, args: "Arguments") -> Value:
        """The result of a known function; keeps what it does to its arguments in the machine."""

    def annotation(self, machine: "Machine", node: cst.AnnAssign) -> Value | None:
        """What the annotation of a variable promises."""

    def method(self, machine: "Machine", receiver: Value, call: cst.Call, args: "Arguments") -> Value:
        """The result of `receiver.name(...)`."""


class Arguments:
    """Evaluated arguments of a call: `positional`, `keywords`, and whether some are spread with `*` or `**`."""

    def __init__(self) -> None:
        self.positional: list[Value] = []
        self.nodes: list[cst.BaseExpression] = []
        self.keywords: dict[str, Value] = {}
        self.keyword_nodes: dict[str, cst.BaseExpression] = {}
        self.spread: list[Value] = []

    def all(self) -> Iterable[Value]:
        """Every argument."""
        yield from self.positional
        yield from self.keywords.values()
        yield from self.spread

    def get(self, position: int, keyword: str = "") -> Value | None:
        """An argument by place or keyword; None when absent (or hidden in a spread)."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keywords.get(keyword)

    def node(self, position: int, keyword: str = "") -> cst.BaseExpression | None:
        """The expression of an argument."""
        if position < len(self.nodes):
            return self.nodes[position]
        return self.keyword_nodes.get(keyword)


class Env:
    """What names hold at one place.

    `exposed` are the cells that code outside can reach, `touched` those that unknown code may have changed.
    """

    __slots__ = ("exposed", "touched", "vars")

    def __init__(
        self,
        vars: dict[str, Value],
        touched: frozenset[Cell] = frozenset(),
        exposed: frozenset[Cell] = frozenset(),
    ) -> None:
        self.vars = vars
        self.touched = touched
        self.exposed = exposed

    def copy(self) -> "Env":
        """An environment that can change on its own."""
        return Env(dict(self.vars), self.touched, self.exposed)

    def absorb(self, other: "Env") -> None:
        """Take over what another environment's code did to objects, not its names."""
        self.touched |= other.touched
        self.exposed |= other.exposed

    def merge(self, other: "Env") -> bool:
        """Take in what holds on another way to the same place; says whether anything is new."""
        changed = not (other.touched <= self.touched and other.exposed <= self.exposed)
        if changed:
            self.absorb(other)
        for name, value in other.vars.items():
            old = self.vars.get(name)
            new = value if old is None else join(old, value)
            if new is not old and (old is None or new != old):
                self.vars[name] = new
                changed = True
        return changed
