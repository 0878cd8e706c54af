"""Purity, invariance, mutation and aliases: questions about one solved slice."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.answers import ANYTHING, Effects
from perf_advise.facts.effects.aliases import Aliases, is_immutable
from perf_advise.facts.effects.events import Events, Touch
from perf_advise.facts.effects.walk import Walker
from perf_advise.facts.names.flow import Step
from perf_advise.facts.types.heap import NOTHING, Cell, Value, join, unknown
from perf_advise.facts.types.run import Types
from perf_advise.model.facts import Answer, Evidence

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees

_MOST = 3


class Purity:
    """Answers on the evidence of one type run."""

    def __init__(self, types: Types, callees: "Callees") -> None:
        self.types = types
        self.code = types.code
        self.callees = callees
        self._events: dict[tuple[int, ...], Events] = {}

    @property
    def evidence(self) -> Evidence:
        """What the answers rest on."""
        return self.types.evidence

    def aliases(self, steps: Iterable[Step]) -> Aliases:
        """Alias answers while these steps run."""
        exposed: set[Cell] = set()
        touched: set[Cell] = set()
        for step in steps:
            env = self.types.flow.after[step.index]
            if env is not None:
                exposed |= env.exposed
                touched |= env.touched
        return Aliases(frozenset(exposed), frozenset(touched))

    def events(self, nodes: Sequence[cst.CSTNode]) -> Events:
        """What evaluating or running the nodes does."""
        key = tuple(map(id, nodes))
        if key not in self._events:
            self._events[key] = self._walked(nodes)
        return self._events[key]

    def _walked(self, nodes: Sequence[cst.CSTNode]) -> Events:
        walker = Walker(self.types, self.callees)
        if self.types.flow.gave_up:
            walker.events.add_unknown("code that is too large to follow")
        for node in nodes:
            if isinstance(node, cst.BaseExpression | cst.Arg | cst.CompFor):
                walker.evaluate(node)
            else:
                walker.run(self.code.steps_of(node))
        return walker.events

    # -- answers ------------------------------------------------------------------------------------------------

    def effects(self, nodes: Sequence[cst.CSTNode], raises: bool) -> Effects:
        """The events in the words of `answers.Effects`."""
        found = self.events(nodes)
        mutates = {touch.text for touch in found.writes}
        if found.unknown or found.awaits:
            mutates.add(ANYTHING)
        return Effects(
            reads=frozenset(found.names_read),
            binds=frozenset(found.names_bound),
            mutates=frozenset(mutates),
            calls=tuple(found.unknown),
            raises=raises,
            io=found.io or bool(found.unknown),
            awaits=found.awaits,
            yields=found.yields,
            draws_random=found.random,
            nondeterministic=found.unsteady or bool(found.unknown),
        )

    def is_pure(self, expr: cst.CSTNode) -> Answer:
        """Whether evaluating has no effect and gives the same from the same objects."""
        found = self.events([expr])
        reasons = list(found.effects)
        if found.names_bound:
            reasons.append(f"binds `{min(found.names_bound)}`")
        if not reasons:
            return Answer.yes("no side effect, and nothing but its operands decides the value", self.evidence)
        why = _reasons(reasons)
        return Answer.unknown(why) if found.unknown else Answer.no(why, self.evidence)

    def invariant_in(self, expr: cst.CSTNode, loop: cst.CSTNode, contents: bool) -> Answer:
        """Whether the expression is pure and reads nothing that the loop binds or changes."""
        pure = self.is_pure(expr)
        if not pure.holds:
            return pure
        mine, theirs = self.events([expr]), self.events([loop])
        aliases = self.aliases(self.code.steps_of(loop))
        bound = sorted(mine.names_read & (theirs.names_bound | self._bound_between(expr, loop)))
        if bound:
            return Answer.no(f"`{bound[0]}` is bound in the loop", self.evidence)
        result = [Touch(self.types.value(expr), None, "its value")] if contents else []
        for touch in mine.reads + result:
            reasons = list(aliases.changes(theirs, touch.value, touch.attr, deep=touch.deep))
            if reasons:
                return Answer.unknown(f"`{touch.text}`: {_reasons(reasons)}")
        outer = [name for name in mine.names_read if self._is_shared(name)] + sorted(mine.outer_reads)
        if outer and (theirs.unknown or theirs.awaits or theirs.yields):
            return Answer.unknown(f"`{outer[0]}` may be bound again by {_reasons(theirs.unknown) or 'other code'}")
        return Answer.yes("reads nothing that the loop changes", self.evidence)

    def _bound_between(self, expr: cst.CSTNode, loop: cst.CSTNode) -> set[str]:
        """Names of the comprehensions and functions that hold the expression inside of the loop, the loop's own too."""
        found: set[str] = set()
        holder = expr
        while holder is not loop:
            above = self.code.scopes.holders.get(id(holder))
            if above is None:
                break
            holder = above
            if isinstance(holder, cst.BaseComp | cst.Lambda | cst.FunctionDef):
                found |= set(self.code.scopes.names(holder).bound)
        return found

    def _is_shared(self, name: str) -> bool:
        """Whether code elsewhere may bind the variable."""
        scope = self.code.bindings.scope(name)
        if scope == "global":
            found = self.code.index.globals.get(name)
            return found is None or found.bound != 1
        return scope in ("nonlocal", "unknown") or name in self.code.scopes.rebound_inside

    def may_mutate(self, nodes: Sequence[cst.CSTNode], name: str, deep: bool) -> Answer:
        """Whether the nodes may change the object bound to a name, or (deep) what it holds."""
        events = self.events(nodes)
        value = self.value_of_name(name, nodes)
        if is_immutable(value):
            return Answer.no(f"`{name}` is of an immutable type", self.evidence)
        for write in events.writes:
            if write.text == name or write.text.startswith(f"{name}."):
                return Answer.yes(f"`{write.text}` is changed", self.evidence)
        steps = [step for node in nodes for step in self.code.steps_of(node)]
        reasons = list(self.aliases(steps).changes(events, value, deep=deep))
        if reasons:
            return Answer.unknown(_reasons(reasons))
        return Answer.no(f"nothing changes `{name}` or what may be the same object", self.evidence)

    def may_resize(self, nodes: Sequence[cst.CSTNode], name: str) -> bool:
        """Whether the nodes may change how many items the object bound to a name holds."""
        events, value = self.events(nodes), self.value_of_name(name, nodes)
        aliases = self.aliases(step for node in nodes for step in self.code.steps_of(node))
        if any(write.resizes and aliases.hits(write, value, deep=False) for write in events.writes):
            return not is_immutable(value)
        return bool(events.unknown or events.awaits or events.yields) and aliases.anything_hits(value)

    def value_of_name(self, name: str, nodes: Sequence[cst.CSTNode]) -> Value:
        """All that a name may be bound to while the nodes run."""
        if name not in self.code.scopes.own.bound:
            return self.types.world.outer(cst.Name(name))
        found = NOTHING
        for node in nodes:
            for step in self.code.steps_of(node):
                for env in (self.types.flow.before[step.index], self.types.flow.after[step.index]):
                    if env is not None and name in env.vars:
                        found = join(found, env.vars[name])
        return unknown(f"`{name}` is not bound there") if found is NOTHING else found

    def may_alias(self, a: cst.CSTNode | str, b: cst.CSTNode | str) -> Answer:
        """Whether both can be one mutable object, or hold one, or share memory."""
        left, right = self._object(a), self._object(b)
        if is_immutable(left) or is_immutable(right):
            return Answer.no("immutable", self.evidence)
        if left.never or right.never:
            return Answer.no("never runs", self.evidence)
        if not self._aliases_of(a, b).may_share(left, right):
            return Answer.no("different objects on every path", self.evidence)
        only = left.only
        whole = only is not None and only is right.only and only.type.name != "numpy.ndarray"
        if a == b or (whole and only is not None and only.cell is not None and only.cell.entry):
            return Answer.yes("the same object", self.evidence)
        return Answer.unknown("they may be, or hold, the same object")

    def _aliases_of(self, *what: cst.CSTNode | str) -> Aliases:
        nodes = [self._root if isinstance(one, str) else one for one in what]
        return self.aliases(step for node in nodes for step in self.code.steps_of(node))

    @property
    def _root(self) -> cst.CSTNode:
        """The block of the whole code."""
        root = self.code.slice.node
        return root.body if isinstance(root, cst.FunctionDef) else root

    def _object(self, what: cst.CSTNode | str) -> Value:
        if isinstance(what, str):
            return self.value_of_name(what, [self._root])
        return self.types.value(what)


def _reasons(reasons: Sequence[str]) -> str:
    shown = ", ".join(dict.fromkeys(reasons[:_MOST]))
    return shown if len(reasons) <= _MOST else f"{shown} and {len(reasons) - _MOST} more"
