"""Builds the control-flow graph of a function or of top-level code."""

from collections.abc import Callable
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.facts.names.flow import Edge, Flow, Kind, Step, constant_truth
from perf_advise.facts.tree import statements


@dataclass(slots=True)
class _Loop:
    depth: int
    breaks: list[Edge] = field(default_factory=list)
    continues: list[Edge] = field(default_factory=list)


@dataclass(slots=True)
class _Guard:
    """A `try` or `with` around what is being built."""

    raising: list[int] = field(default_factory=list)
    is_final: bool = False
    catches_all: bool = False
    entries: list[Edge] = field(default_factory=list)
    onward: list[tuple[list[Edge], int]] = field(default_factory=list)


Swallows = Callable[[cst.WithItem], bool]


def build_flow(root: cst.FunctionDef | cst.Module, swallows: Swallows = lambda item: True) -> Flow:
    """The graph of a function's body or of top-level code; `swallows` says which `with` items may eat exceptions."""
    builder = _Builder(swallows)
    builder.add(Kind.ENTRY, root)
    builder.block(root.body if isinstance(root, cst.FunctionDef) else root)
    builder.open += builder.returns
    builder.add(Kind.EXIT, root)
    return Flow(builder.steps, builder.ranges, builder.by_part)


class _Builder:
    """Builds by recursion over statements; `open` are the edges that wait for the next step."""

    def __init__(self, swallows: Swallows) -> None:
        self.steps: list[Step] = []
        self.ranges: dict[int, tuple[int, int]] = {}
        self.by_part: dict[int, int] = {}
        self.open: list[Edge] = []
        self.returns: list[Edge] = []
        self.loops: list[_Loop] = []
        self.guards: list[_Guard] = []
        self.swallows = swallows

    # An open edge's `step` is where it comes from, until it is connected.

    def add(self, kind: Kind, node: cst.CSTNode, *parts: cst.CSTNode) -> Step:
        """Append a step, connect the open edges to it, and leave one open edge behind it."""
        step = Step(len(self.steps), kind, node, parts)
        self.steps.append(step)
        for part in parts:
            self.by_part.setdefault(id(part), step.index)
        self._connect(self.open, step.index)
        for guard in reversed(self.guards):
            guard.raising.append(step.index)
            if guard.catches_all:
                break
        self.open = [Edge(step.index)]
        return step

    def _connect(self, edges: list[Edge], target: int) -> None:
        for edge in edges:
            self.steps[edge.step].after.append(Edge(target, edge.test, edge.truth))

    def block(self, body: cst.CSTNode) -> None:
        """Every statement of a block."""
        start = len(self.steps)
        for statement in statements(body):
            self.statement(statement)
        self.ranges[id(body)] = (start, len(self.steps))
        for line in getattr(body, "body", ()):
            if isinstance(line, cst.SimpleStatementLine):
                first, last = self.ranges[id(line.body[0])], self.ranges[id(line.body[-1])]
                self.ranges[id(line)] = (first[0], last[1])

    def statement(self, node: cst.CSTNode) -> None:
        """One statement; what follows a jump is kept, without a way to it."""
        start = len(self.steps)
        build = _COMPOUND.get(type(node))
        if build is not None:
            build(self, node)
        elif isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.add(Kind.DEFINE, node, node)
        else:
            self.add(Kind.STATEMENT, node, node)
            self._jump(node)
        self.ranges[id(node)] = (start, len(self.steps))

    def _jump(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Return):
            self._leave(self.open, self.returns, 0)
        elif isinstance(node, cst.Break) and self.loops:
            self._leave(self.open, self.loops[-1].breaks, self.loops[-1].depth)
        elif isinstance(node, cst.Continue) and self.loops:
            self._leave(self.open, self.loops[-1].continues, self.loops[-1].depth)
        elif not isinstance(node, cst.Raise):
            return
        self.open = []

    def _leave(self, edges: list[Edge], where: list[Edge], depth: int) -> None:
        """Lead edges out of the guards above `depth`, through the innermost `finally` on the way."""
        for guard in reversed(self.guards[depth:]):
            if guard.is_final:
                guard.entries.extend(edges)
                guard.onward.append((where, depth))
                return
        where.extend(edges)

    # -- compound statements ------------------------------------------------------------------------------

    def if_(self, node: cst.If) -> None:
        """Both branches, then what follows."""
        test = self._test(node, node.test)
        self.open = _branch(test, node.test, True)
        self.block(node.body)
        done = self.open
        self.open = _branch(test, node.test, False)
        if isinstance(node.orelse, cst.If):
            self.statement(node.orelse)
        elif node.orelse is not None:
            self.block(node.orelse.body)
        self.open = done + self.open

    def while_(self, node: cst.While) -> None:
        """Test, body, back to the test."""
        test = self._test(node, node.test)
        loop = self._loop_body(node.body, test, _branch(test, node.test, True))
        self.open = _branch(test, node.test, False)
        self._loop_end(node, loop)

    def for_(self, node: cst.For) -> None:
        """The iterable once, then ask, bind, body, and back to asking."""
        self.add(Kind.ITER, node, node.iter)
        head = self.add(Kind.NEXT, node)
        self.add(Kind.TARGET, node, node.target)
        loop = self._loop_body(node.body, head, self.open)
        self.open = [Edge(head.index)]
        self._loop_end(node, loop)

    def _loop_body(self, body: cst.BaseSuite, head: Step, entries: list[Edge]) -> _Loop:
        loop = _Loop(len(self.guards))
        self.loops.append(loop)
        self.open = entries
        self.block(body)
        self.loops.pop()
        self._connect(self.open + loop.continues, head.index)
        return loop

    def _loop_end(self, node: cst.For | cst.While, loop: _Loop) -> None:
        if node.orelse is not None:
            self.block(node.orelse.body)
        self.open = self.open + loop.breaks

    def _test(self, node: cst.CSTNode, test: cst.BaseExpression) -> Step:
        return self.add(Kind.TEST, node, test)

    def with_(self, node: cst.With) -> None:
        """Items in order, the body, and, where an item may swallow it, the way from any exception to what follows."""
        guard = _Guard()
        for item in node.items:
            self.add(Kind.ENTER, node, item)
            if self.swallows(item) and all(other is not guard for other in self.guards):
                self.guards.append(guard)
        self.block(node.body)
        self.guards = [other for other in self.guards if other is not guard]
        join = self.add(Kind.JOIN, node)
        self._catch(guard, join.index)

    def _catch(self, guard: _Guard, target: int) -> None:
        for index in guard.raising:
            self.steps[index].on_error.append(target)

    def try_(self, node: cst.Try | cst.TryStar) -> None:
        """Body, handlers, `else`, and `finally` on every way out."""
        final = _Guard(is_final=True, catches_all=True)
        if node.finalbody is not None:
            self.guards.append(final)
        self._try_body(node)
        if node.finalbody is not None:
            self.guards.pop()
            self._final(node.finalbody, final)

    def _try_body(self, node: cst.Try | cst.TryStar) -> None:
        guard = _Guard(catches_all=any(map(_catches_all, node.handlers)))
        self.guards.append(guard)
        self.block(node.body)
        self.guards.pop()
        if node.orelse is not None:
            self.block(node.orelse.body)
        done = self.open
        for handler in node.handlers:
            self.open = []
            entry = self.add(Kind.EXCEPT, handler, handler)
            self._catch(guard, entry.index)
            self.block(handler.body)
            done = done + self.open
        self.open = done

    def _final(self, finalbody: cst.Finally, guard: _Guard) -> None:
        normal = bool(self.open)
        self.open = self.open + guard.entries
        entry = self.add(Kind.JOIN, finalbody)
        self._catch(guard, entry.index)
        self.block(finalbody.body)
        for where, depth in guard.onward:
            self._leave(self.open, where, depth)
        if not normal:
            self.open = []

    def match_(self, node: cst.Match) -> None:
        """The subject, then case by case."""
        self.add(Kind.SUBJECT, node, node.subject)
        done: list[Edge] = []
        for case in node.cases:
            step = self.add(Kind.CASE, case, case)
            self.block(case.body)
            done = done + self.open
            always = isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None
            self.open = [] if always and case.guard is None else [Edge(step.index)]
        self.open = done + self.open


def _branch(test: Step, expr: cst.BaseExpression, truth: bool) -> list[Edge]:
    constant = constant_truth(expr)
    return [] if constant is not None and constant is not truth else [Edge(test.index, expr, truth)]


def _catches_all(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    name = handler.type
    return name is None or (isinstance(name, cst.Name) and name.value == "BaseException")


_COMPOUND: dict[type[cst.CSTNode], Callable[["_Builder", "cst.CSTNode"], None]] = {
    cst.If: _Builder.if_,  # type: ignore[dict-item]
    cst.While: _Builder.while_,  # type: ignore[dict-item]
    cst.For: _Builder.for_,  # type: ignore[dict-item]
    cst.With: _Builder.with_,  # type: ignore[dict-item]
    cst.Try: _Builder.try_,  # type: ignore[dict-item]
    cst.TryStar: _Builder.try_,  # type: ignore[dict-item]
    cst.Match: _Builder.match_,  # type: ignore[dict-item]
}
