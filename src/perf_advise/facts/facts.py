"""Facts about one function, behind one door."""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import libcst as cst

from perf_advise.facts.answers import Effects, Typed
from perf_advise.facts.effects.purity import Purity
from perf_advise.facts.exceptions.raising import Exceptions
from perf_advise.facts.intervals import Interval
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.nouns import Loop
from perf_advise.facts.names.bindings import Scope
from perf_advise.facts.names.code import code_of
from perf_advise.facts.project.called import CALLED, CallTypes
from perf_advise.facts.project.callees import shared_callees
from perf_advise.facts.project.program import Module
from perf_advise.facts.project.separation import kept_apart, made_since, seen_apart
from perf_advise.facts.tree import walk
from perf_advise.facts.types.entry import Given
from perf_advise.facts.types.run import Types
from perf_advise.facts.types.specs import is_whole
from perf_advise.facts.values.known import KnownValues
from perf_advise.model.facts import Answer, Truth
from perf_advise.model.pytypes import PyType
from perf_advise.source.index import ModuleIndex
from perf_advise.source.project import Project
from perf_advise.source.slices import FunctionSlice

Nodes = cst.CSTNode | Sequence[cst.CSTNode]


class Facts:
    """What is known about one function (or top-level code) and why; lazy, to be dropped after an edit."""

    def __init__(
        self,
        slice: FunctionSlice,
        index: ModuleIndex,
        project: Project | None = None,
        seen: Mapping[str, PyType] | None = None,
    ) -> None:
        self.slice = slice
        self.index = index
        self.project = project
        self.seen = dict(seen or {})
        self.code = code_of(slice, index, module_name(slice, project))
        self._own = Module(self.code.bindings.module, slice.file, index)
        self._callees = shared_callees(self._own, project)

    # -- bindings ---------------------------------------------------------------------------------------

    def qualified_name(self, expr: cst.CSTNode) -> str | None:
        """`builtins.len`, `numpy.zeros`, `app.mod.helper`; None for locals, rebound and unknown names."""
        return self.code.bindings.qualified_name(expr)

    def is_called(self, call: cst.CSTNode, *names: str) -> Answer:
        """Whether `call` is a call of one of these qualified names."""
        return self.code.bindings.is_called(call, *names)

    def callee(self, call: cst.Call) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The text of the project function that is called; None where there is no such, or more than one."""
        name = self.qualified_name(call.func)
        found = self._callees.program.function(name) if name is not None else None
        return found[0].index.node(found[1]) if found is not None else None

    def scope(self, name: str) -> Scope:
        """Where the name lives, as the function sees it."""
        return self.code.bindings.scope(name)

    def is_captured(self, name: str) -> bool:
        """Whether a nested function, class or lambda reads or writes the name."""
        return name in self.code.scopes.captured or self.code.scopes.dynamic is not None

    # -- types ------------------------------------------------------------------------------------------

    @cached_property
    def static(self) -> Types:
        """Types by what the text says."""
        return Types(self.code, self._callees, Given(self.seen, fill=False, promised=self.promised))

    @cached_property
    def recorded(self) -> Types:
        """Types by what the text says and what was seen while recording, or by what the module's calls pass."""
        if self.seen or not self.passed:
            return Types(self.code, self._callees, Given(self.seen, fill=True, promised=self.promised))
        given = Given(self.passed, fill=True, words=CALLED, promised=self.promised)
        return Types(self.code, self._callees, given)

    @property
    def calls(self) -> CallTypes:
        """What the calls in the project show of the module's functions."""
        return self._callees.calls_in(self._own)

    @cached_property
    def promised(self) -> Mapping[str, PyType]:
        """What callers pass, where these are all the callers that there can be."""
        site = self.slice.site
        is_whole = site is not None and self.calls.is_whole(site)
        return self._callees.passed(self._own, site) if is_whole and site is not None else {}

    @cached_property
    def passed(self) -> Mapping[str, PyType]:
        """What the calls in the project pass."""
        site = self.slice.site
        if self.seen or site is None:
            return {}
        return self._callees.passed(self._own, site)

    @cached_property
    def _has_loops(self) -> bool:
        site = self.slice.site
        return site is not None and any(
            isinstance(node, ast.For | ast.While) for node in ast.walk(self.index.node(site))
        )

    @cached_property
    def _may_assume(self) -> bool:
        """Whether a run on weaker evidence can say more: types were seen, or methods are called that a subclass may
        override."""
        in_method = self.slice.site is not None and self.slice.site.class_name is not None
        return bool(self.seen or self.passed) or self.code.calls_own_methods or (in_method and self._has_loops)

    @property
    def contradictions(self) -> Mapping[str, str]:
        """Parameters whose annotation a recorded call contradicts, with the reason in words."""
        return self.static.entry.contradictions

    def type_of(self, expr: cst.CSTNode) -> Typed:
        """The type of the expression where it stands."""
        return self._finest(lambda types: types.typed(expr))

    def is_type(self, expr: cst.CSTNode, *names: str) -> Answer:
        """Whether the expression is of one of these types (`list`, `numpy.ndarray`)."""
        answer = self.static.typed(expr).is_one_of(names)
        if answer.truth is Truth.UNKNOWN and self._may_assume:
            return self.recorded.typed(expr).is_one_of(names)
        return answer

    def same_type_before(self, expr: cst.CSTNode, place: cst.CSTNode) -> Answer:
        """Whether what `expr` reads is of no other type where `place` begins: no test on the way narrows it."""
        for name in (node for node in walk(expr) if isinstance(node, cst.Name)):
            seen = self._may_assume and self.recorded.known_before(name, place)
            if not seen and not self.static.known_before(name, place):
                return Answer.unknown(f"`{name.value}` may be of another type before")
        return Answer.yes("of the same type before")

    def element_type(self, expr: cst.CSTNode) -> Typed:
        """The type of what iterating over the expression gives."""
        return self._finest(lambda types: types.typed_items(expr))

    def _finest(self, ask: Callable[[Types], Typed]) -> Typed:
        """The static answer, unless what was seen says more."""
        static = ask(self.static)
        if not self._may_assume or (static.type is not None and is_whole(static.type)):
            return static
        recorded = ask(self.recorded)
        says_more = recorded.type is not None and recorded.type != static.type
        return recorded if says_more or (recorded.alternatives and not static.alternatives) else static

    # -- effects ----------------------------------------------------------------------------------------

    @cached_property
    def _purity(self) -> Purity:
        return Purity(self.static, self._callees)

    @cached_property
    def _purity_seen(self) -> Purity:
        return Purity(self.recorded, self._callees)

    def _best(self, ask: Callable[[Purity], Answer]) -> Answer:
        """The static answer, or where that is Unknown the one that what was seen allows."""
        static = ask(self._purity)
        if static.truth is not Truth.UNKNOWN or not self._may_assume:
            return static
        recorded = ask(self._purity_seen)
        return static if recorded.truth is Truth.UNKNOWN else recorded

    def effects(self, nodes: Nodes) -> Effects:
        """What evaluating or running these nodes may do."""
        listed = _listed(nodes)
        raises = not Exceptions(self._purity, self._values).cannot_raise(listed).holds
        return self._purity.effects(listed, raises)

    def is_pure(self, expr: cst.CSTNode) -> Answer:
        """Whether evaluating has no side effect and depends on nothing but what it reads."""
        return self._best(lambda purity: purity.is_pure(expr))

    def cannot_raise(self, nodes: Nodes) -> Answer:
        """Whether evaluating or running these nodes raises nothing; memory, recursion and interrupts are left aside."""
        listed = _listed(nodes)
        static = Exceptions(self._purity, self._values).cannot_raise(listed)
        if static.truth is not Truth.UNKNOWN or not self._may_assume:
            return static
        recorded = Exceptions(self._purity_seen, self._values_seen).cannot_raise(listed)
        return static if recorded.truth is Truth.UNKNOWN else recorded

    def invariant_in(self, expr: cst.CSTNode, loop: cst.CSTNode, contents: bool = True) -> Answer:
        """Whether the expression is pure and gives the same in every iteration of the loop.

        Without `contents` the very same object is enough, even if the loop changes what it holds.
        """
        return self._best(lambda purity: purity.invariant_in(expr, loop, contents))

    def may_mutate(self, nodes: Nodes, name: str, deep: bool = True) -> Answer:
        """Whether these nodes may change the object bound to `name`, or (`deep`) one it holds; by any alias."""
        return self._best(lambda purity: purity.may_mutate(_listed(nodes), name, deep))

    def may_alias(self, a: cst.CSTNode | str, b: cst.CSTNode | str) -> Answer:
        """Whether both can be, hold, or share the memory of one mutable object; names stand for all their values."""
        answer = self._best(lambda purity: purity.may_alias(a, b))
        if answer.truth is Truth.NO:
            return answer
        return made_since(self, a, b) or kept_apart(self, a, b) or seen_apart(self, a, b) or answer

    def always_runs(self, loop: cst.CSTNode) -> Answer:
        """Whether the loop's body runs at least once whenever the loop is reached."""
        return self._best_value(lambda known: known.always_runs(loop))

    # -- liveness, def-use --------------------------------------------------------------------------------

    def live_after(self, node: cst.CSTNode) -> frozenset[str]:
        """Names whose value at the end of `node` may be read later (next iterations, closures, callers)."""
        steps = self.code.steps_of(node)
        if not steps:
            return frozenset(self.code.scopes.own.bound)
        live = self.code.liveness.after_steps(range(steps[0].index, steps[-1].index + 1))
        if self.code.flow.steps_of(node) is None:
            # An expression: the rest of its statement comes after it.
            live |= frozenset(self.code.accesses[steps[0].index].reads)
        return live & frozenset(self.code.scopes.own.bound)

    def definitions(self, name: str) -> tuple[cst.CSTNode, ...]:
        """The nodes that bind the name, in source order: target names, parameters, imports, definitions."""
        return tuple(self.code.scopes.own.bound.get(name, ()))

    def reaching(self, name_node: cst.Name) -> tuple[cst.CSTNode, ...] | None:
        """The nodes whose binding this read may see; None where that is not known."""
        return self.code.reaching_definitions(name_node)

    def is_bound(self, name_node: cst.Name) -> Answer:
        """Whether the name is bound on every path when this node is evaluated."""
        return self.code.is_bound(name_node)

    # -- values -------------------------------------------------------------------------------------------

    def interval(self, expr: cst.CSTNode) -> Interval | None:
        """The range that a number lies in; None where nothing bounds it. A range of floats excludes NaN."""
        return self._values.interval(expr)

    @cached_property
    def _values(self) -> KnownValues:
        return KnownValues(self.static)

    @cached_property
    def _values_seen(self) -> KnownValues:
        return KnownValues(self.recorded)

    def _best_value(self, ask: Callable[[KnownValues], Answer]) -> Answer:
        static = ask(self._values)
        if static.truth is not Truth.UNKNOWN or not self._may_assume:
            return static
        recorded = ask(self._values_seen)
        return static if recorded.truth is Truth.UNKNOWN else recorded

    def nonnegative(self, expr: cst.CSTNode) -> Answer:
        """Whether the number is at least zero."""
        return self._best_value(lambda known: known.nonnegative(expr))

    def nonempty(self, expr: cst.CSTNode) -> Answer:
        """Whether the container holds at least one item."""
        return self._best_value(lambda known: known.nonempty(expr))

    # -- loops --------------------------------------------------------------------------------------------

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The outermost loops of the function, comprehensions included, in source order."""
        return find_loops(self)


def _listed(nodes: Nodes) -> list[cst.CSTNode]:
    return [nodes] if isinstance(nodes, cst.CSTNode) else list(nodes)


def module_name(piece: FunctionSlice, project: Project | None) -> str:
    """The dotted name of the slice's module."""
    dotted = project.dotted_name(piece.file.path) if project is not None else ""
    return dotted or piece.file.path.stem
