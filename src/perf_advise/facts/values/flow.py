"""Interval analysis: the ranges of numbers and the lengths of containers at every step, by a fixed point."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.effects.aliases import is_immutable
from perf_advise.facts.intervals import COUNT, WHOLE, Interval, add
from perf_advise.facts.names.code import Code
from perf_advise.facts.names.flow import Edge, Kind, Step
from perf_advise.facts.tables.effects import effects_of
from perf_advise.facts.tree import COMPREHENSIONS, comp_fors, target_names, walk
from perf_advise.facts.types.run import Types
from perf_advise.facts.values.ranges import Ranger
from perf_advise.facts.values.tests import is_own, refined

_PATIENCE = 3
_BUDGET = 30
_GROWING = frozenset({"append", "add", "insert", "extend", "appendleft", "setdefault", "update", "extendleft"})
_ONE_MORE = frozenset({"append", "insert", "appendleft"})

Ranges = dict[str, Interval]


class ValueFlow:
    """Ranges before each step; a name that is absent has none."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.code: Code = types.code
        size = len(self.code.flow.steps)
        self.before: list[Ranges | None] = [None] * size
        self.after: list[Ranges | None] = [None] * size
        self._visits = [0] * size
        self._heads = {s.index for s in self.code.flow.steps if s.kind in (Kind.NEXT, Kind.TEST)}
        self._solve()

    def _solve(self) -> None:
        if self.code.scopes.dynamic is not None:
            return
        self.before[0] = {}
        pending, budget = {0}, _BUDGET * len(self.before)
        while pending and budget > 0:
            index = min(pending)
            pending.discard(index)
            budget -= 1
            pending |= self._advance(self.code.flow.steps[index])
        if pending:
            self.before = [None] * len(self.before)

    def _advance(self, step: Step) -> set[int]:
        before = self.before[step.index]
        assert before is not None
        after = self.after[step.index] = self._run(step, dict(before))
        again: set[int] = set()
        for edge in step.after:
            ranges = self._on_edge(after, edge)
            if ranges is not None and self._reach(edge.step, ranges):
                again.add(edge.step)
        for target in step.on_error:
            if self._reach(target, before) | self._reach(target, after):
                again.add(target)
        return again

    def _on_edge(self, ranges: Ranges, edge: Edge) -> Ranges | None:
        """The ranges on a branch; None when the test cannot come out that way."""
        return ranges if edge.test is None else refined(self.types, dict(ranges), edge.test, edge.truth)

    def _reach(self, index: int, ranges: Ranges) -> bool:
        known = self.before[index]
        if known is None:
            self.before[index] = dict(ranges)
            return True
        self._visits[index] += 1
        wide = index in self._heads and self._visits[index] > _PATIENCE
        joined: Ranges = {}
        for name, old in known.items():
            new = ranges.get(name)
            if new is not None:
                whole = old.hull(new)
                joined[name] = old.widened(whole) if wide else whole
        if joined == known:
            return False
        self.before[index] = joined
        return True

    # -- steps ------------------------------------------------------------------------------------------------

    def _run(self, step: Step, ranges: Ranges) -> Ranges:
        ranger = Ranger(self.types, ranges, refined)
        for part in step.parts:
            self._resized(part, ranges)
        node = step.node
        if step.kind is Kind.TARGET and isinstance(node, cst.For):
            self._bind_items(node.target, node.iter, ranges)
        elif isinstance(node, cst.AugAssign) and step.kind is Kind.STATEMENT:
            found = ranger.augmented(node)
            self._forget(step, ranges)
            self._set(node.target, found, None, ranges)
        elif isinstance(node, cst.Assign | cst.AnnAssign) and step.kind is Kind.STATEMENT and node.value is not None:
            found, length = ranger.range(node.value), ranger.length(node.value)
            self._forget(step, ranges)
            targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
            for target in targets:
                self._set(target, found, length, ranges)
            self._unpacked(node, ranger, ranges)
        else:
            self._forget(step, ranges)
        return ranges

    def _forget(self, step: Step, ranges: Ranges) -> None:
        access = self.code.accesses[step.index]
        for name in (*(name for name, _ in access.all_binds), *access.unbinds):
            ranges.pop(name, None)
            ranges.pop(f"#{name}", None)

    def _set(
        self, target: cst.CSTNode, found: Interval | None, length: Interval | None, ranges: Ranges, inner: bool = False
    ) -> None:
        """Note the range of a variable; `inner`: of a comprehension, which nobody else binds."""
        if isinstance(target, cst.Name) and (inner or is_own(self.types, target.value)):
            if found is not None and found != WHOLE:
                ranges[target.value] = found
            if length is not None and length != COUNT:
                ranges[f"#{target.value}"] = length

    def _unpacked(self, node: cst.Assign | cst.AnnAssign, ranger: Ranger, ranges: Ranges) -> None:
        """`a, b = 0, 1`, with values that read none of the names."""
        if not isinstance(node, cst.Assign) or not isinstance(node.value, cst.Tuple):
            return
        for target in (t.target for t in node.targets):
            if not isinstance(target, cst.Tuple) or len(target.elements) != len(node.value.elements):
                continue
            bound = {name.value for name in target_names(target)}
            for left, right in zip(target.elements, node.value.elements, strict=True):
                reads = {part.value for part in walk(right) if isinstance(part, cst.Name)}
                if isinstance(left, cst.Element) and isinstance(right, cst.Element) and not bound & reads:
                    self._set(left.value, ranger.range(right.value), None, ranges)

    def _bind_items(self, target: cst.CSTNode, source: cst.CSTNode, ranges: Ranges, inner: bool = False) -> None:
        """`for target in source`."""
        ranger = Ranger(self.types, dict(ranges), refined)
        for bound in target_names(target):
            ranges.pop(bound.value, None)
            ranges.pop(f"#{bound.value}", None)
        if not isinstance(source, cst.Call):
            return
        name = self.types.world.meaning(source.func)
        plain = [arg.value for arg in source.args if arg.keyword is None and not arg.star]
        if name == "builtins.range" and plain and len(plain) == len(source.args):
            self._set(target, ranger.bounds_of_range(plain), None, ranges, inner)
        elif name == "builtins.enumerate" and len(source.args) == 1 and isinstance(target, cst.Tuple):
            self._set(target.elements[0].value, COUNT, None, ranges, inner)
        elif name == "builtins.reversed" and plain:
            self._bind_items(target, plain[0], ranges, inner)

    # -- lengths ------------------------------------------------------------------------------------------------

    def _resized(self, part: cst.CSTNode, ranges: Ranges) -> None:
        """Take lengths back that evaluating a part may change."""
        if not any(name.startswith("#") for name in ranges):
            return
        for node in walk(part):
            if isinstance(node, cst.Call):
                self._call(node, ranges)
            elif isinstance(node, cst.AugAssign):
                if not is_immutable(self.types.value(node.target)):
                    _drop_lengths(ranges)
            elif isinstance(node, cst.Del | cst.Await | cst.Yield) or _is_slice_store(node):
                _drop_lengths(ranges)

    def _call(self, node: cst.Call, ranges: Ranges) -> None:
        name = self.types.world.meaning(node.func)
        if name is not None:
            flags = effects_of(name)
            if flags is None or set(flags) & set("mf"):
                _drop_lengths(ranges)
            return
        method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        receiver = self.types.value(node.func.value) if isinstance(node.func, cst.Attribute) else None
        owners = receiver.names() if receiver is not None and receiver.known else frozenset({"?"})
        known = [effects_of(f"{owner}.{method}") for owner in owners]
        if any(flags is None or "f" in flags for flags in known):
            _drop_lengths(ranges)
        elif method in _GROWING:
            self._grown(node, method, ranges)
        elif any("m" in (flags or "") for flags in known) and method not in ("sort", "reverse"):
            _drop_lengths(ranges)

    def _grown(self, node: cst.Call, method: str, ranges: Ranges) -> None:
        """The receiver, under any of its names, has more items now."""
        own = node.func.value if isinstance(node.func, cst.Attribute) else None
        key = f"#{own.value}" if isinstance(own, cst.Name) else ""
        for name in [n for n in ranges if n.startswith("#") and n != key]:
            ranges[name] = Interval(ranges[name].low, COUNT.high)
        if key in ranges:
            more = add(ranges[key], Interval(1, 1)).meet(COUNT) if method in _ONE_MORE else None
            ranges[key] = more or Interval(ranges[key].low, COUNT.high)

    # -- answers ------------------------------------------------------------------------------------------------

    def ranger(self, node: cst.CSTNode) -> Ranger | None:
        """What finds ranges where `node` stands; None in nested functions and where nothing is known."""
        step = self.code.step_of(node)
        ranges = self.before[step.index] if step is not None else None
        if step is None or ranges is None:
            return None
        inner = dict(ranges)
        for holder, child in reversed(list(self._way_to(node, step))):
            inner = self._inside(holder, child, inner)
        return Ranger(self.types, inner, refined)

    def _way_to(self, node: cst.CSTNode, step: Step) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
        """The nodes between a step and a node in it, innermost first, each with the one right below it."""
        holders, tops = self.code.scopes.holders, {id(part) for part in step.parts}
        child = node
        while id(child) not in tops and (holder := holders.get(id(child))) is not None:
            yield holder, child
            child = holder

    def _inside(self, holder: cst.CSTNode, child: cst.CSTNode, ranges: Ranges) -> Ranges:
        """What holds for one part of an expression when it is evaluated."""
        if isinstance(holder, cst.IfExp) and child is not holder.test:
            return refined(self.types, dict(ranges), holder.test, child is holder.body) or ranges
        if isinstance(holder, cst.BooleanOperation) and child is holder.right:
            return refined(self.types, dict(ranges), holder.left, isinstance(holder.operator, cst.And)) or ranges
        if isinstance(holder, COMPREHENSIONS):
            first = next(comp_fors(holder))
            if child is not first:
                return self._in_comprehension(holder, ranges)
        if isinstance(holder, cst.CompFor) and child is not holder.iter and child is not holder.target:
            inner = dict(ranges)
            self._bind_items(holder.target, holder.iter, inner, inner=True)
            return inner
        return ranges

    def _in_comprehension(self, node: cst.CSTNode, ranges: Ranges) -> Ranges:
        """What holds where the elements of a comprehension are made."""
        for clause in comp_fors(node):
            self._bind_items(clause.target, clause.iter, ranges, inner=True)
            for condition in clause.ifs:
                ranges = refined(self.types, dict(ranges), condition.test, True) or ranges
        return ranges


def _drop_lengths(ranges: Ranges) -> None:
    for name in [n for n in ranges if n.startswith("#")]:
        del ranges[name]


def _is_slice_store(node: cst.CSTNode) -> bool:
    """`xs[a:b] = ...`, or a store into what may be a dict."""
    return isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Subscript)
