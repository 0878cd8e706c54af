"""Facts about one function, behind one door."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import libcst as cst

from perf_advise.facts.answers import ANYTHING, Effects, Typed
from perf_advise.facts.intervals import Interval
from perf_advise.model.facts import Answer
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.source.index import ModuleIndex
    from perf_advise.source.project import Project
    from perf_advise.source.slices import FunctionSlice

Scope = Literal["local", "parameter", "global", "import", "builtin", "nonlocal", "unknown"]
Nodes = cst.CSTNode | Sequence[cst.CSTNode]


class Facts:
    """What is known about one function (or top-level code) and why; lazy, to be dropped after an edit."""

    def __init__(
        self,
        slice: "FunctionSlice",
        index: "ModuleIndex",
        project: "Project | None" = None,
        seen: Mapping[str, PyType] | None = None,
    ) -> None:
        self.slice = slice
        self.index = index
        self.project = project
        self.seen = dict(seen or {})

    # -- bindings ---------------------------------------------------------------------------------------

    def qualified_name(self, expr: cst.CSTNode) -> str | None:
        """`builtins.len`, `numpy.zeros`, `app.mod.helper`; None for locals, rebound and unknown names."""
        return None

    def is_called(self, call: cst.CSTNode, *names: str) -> Answer:
        """Whether `call` is a call of one of these qualified names."""
        return Answer.unknown("bindings are not known")

    def scope(self, name: str) -> Scope:
        """Where the name lives, as the function sees it."""
        return "unknown"

    def is_captured(self, name: str) -> bool:
        """Whether a nested function, class, lambda or lazy generator reads or writes the name."""
        return True

    # -- types ------------------------------------------------------------------------------------------

    def type_of(self, expr: cst.CSTNode) -> Typed:
        """The type of the expression where it stands."""
        return Typed.unknown("types are not known")

    def is_type(self, expr: cst.CSTNode, *names: str) -> Answer:
        """Whether the expression is of one of these types (`list`, `numpy.ndarray`)."""
        return Answer.unknown(self.type_of(expr).why)

    def element_type(self, expr: cst.CSTNode) -> Typed:
        """The type of what iterating over the expression gives."""
        return Typed.unknown("types are not known")

    # -- effects ----------------------------------------------------------------------------------------

    def effects(self, nodes: Nodes) -> Effects:
        """What evaluating or running these nodes may do."""
        return Effects(mutates=frozenset({ANYTHING}), raises=True, io=True, nondeterministic=True)

    def is_pure(self, expr: cst.CSTNode) -> Answer:
        """Whether evaluating has no side effect and depends on nothing but what it reads."""
        return Answer.unknown("effects are not known")

    def cannot_raise(self, expr: cst.CSTNode) -> Answer:
        """Whether evaluating raises nothing."""
        return Answer.unknown("exceptions are not known")

    def invariant_in(self, expr: cst.CSTNode, loop: cst.CSTNode) -> Answer:
        """Whether the expression is pure and gives the same in every iteration of the loop."""
        return Answer.unknown("effects are not known")

    def may_mutate(self, nodes: Nodes, name: str) -> Answer:
        """Whether these nodes may change the object bound to `name`, or one it holds (aliases, escapes)."""
        return Answer.unknown("effects are not known")

    def may_alias(self, a: cst.CSTNode | str, b: cst.CSTNode | str) -> Answer:
        """Whether both can be, or share the memory of, one mutable object."""
        return Answer.unknown("aliases are not known")

    def always_runs(self, loop: cst.CSTNode) -> Answer:
        """Whether the loop's body runs at least once whenever the loop is reached."""
        return Answer.unknown("values are not known")

    # -- liveness, def-use --------------------------------------------------------------------------------

    def live_after(self, node: cst.CSTNode) -> frozenset[str]:
        """Names whose value at the end of `node` may be read later (next iterations, closures, callers)."""
        return frozenset(c.value for c in _names(self.slice.node))

    def definitions(self, name: str) -> tuple[cst.CSTNode, ...]:
        """The nodes that bind the name, in source order."""
        return ()

    def reaching(self, name_node: cst.Name) -> tuple[cst.CSTNode, ...] | None:
        """The nodes whose binding this read may see; None where that is not known."""
        return None

    def is_bound(self, name_node: cst.Name) -> Answer:
        """Whether the name is bound on every path when this node is evaluated."""
        return Answer.unknown("flow is not known")

    # -- values -------------------------------------------------------------------------------------------

    def interval(self, expr: cst.CSTNode) -> Interval | None:
        """The range that a number lies in; None where nothing bounds it."""
        return None

    def nonnegative(self, expr: cst.CSTNode) -> Answer:
        """Whether the number is at least zero."""
        return Answer.unknown("values are not known")

    def nonempty(self, expr: cst.CSTNode) -> Answer:
        """Whether the container holds at least one item."""
        return Answer.unknown("values are not known")


def _names(node: cst.CSTNode) -> list[cst.Name]:
    found, stack = [], [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            found.append(current)
        stack.extend(current.children)
    return found
