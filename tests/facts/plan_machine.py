"""Carries out a plan literally: every array operation evaluates all its iterations before it stores anything.

Whatever the program, the result has to be what the loops give: this holds for the order of parts, for privates that
become arrays, masks, starts of reductions, scans and what their readers see.
"""

import operator
from collections.abc import Iterator
from typing import Any

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import (
    Access,
    Apply,
    Choose,
    Constant,
    Expr,
    Fold,
    Index,
    Invariant,
    Read,
    Scalar,
    Subscript,
)
from perf_advise.facts.loops.nouns import Domain, Growth, Step
from perf_advise.facts.loops.patterns import (
    ArgReduction,
    Collect,
    Kept,
    Map,
    Part,
    Pattern,
    Plain,
    Plan,
    Reduction,
    Scan,
    Scatter,
)
from perf_advise.model.facts import Truth

COMBINE: dict[str, Any] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "//": operator.floordiv, "%": operator.mod, "/": operator.truediv,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "==": operator.eq,
    "!=": operator.ne, "neg": operator.neg, "not": operator.not_, "builtins.max": max, "builtins.min": min,
    "builtins.abs": abs, "max": max, "min": min, "and": lambda a, b: a and b, "or": lambda a, b: a or b,
}  # fmt: skip


class BrokenAssumption(Exception):
    """An index is negative that the plan assumes not to be."""


class Machine:
    """Carries out a plan on the arrays and names of `env`, which it changes as the loops would."""

    def __init__(self, plan: Plan, env: dict[str, Any], scalars: dict[str, tuple[Domain, ...]]) -> None:
        self.plan = plan
        self.env = env
        self.scalars = scalars
        self.cells: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.seen: dict[tuple[Step, str], dict[tuple[int, ...], Any]] = {}
        self.at: dict[str, int] = {}
        self.domains: dict[str, Domain] = {}
        self.axes: dict[str, Domain] = {}
        natural = (a for a in plan.assumptions if a.kind == "not negative" and a.answer.truth is Truth.UNKNOWN)
        self.assumed = {a.subjects[0] for a in natural}

    # -- parts --------------------------------------------------------------------------------------------

    def finish_names(self) -> None:
        """A private name that is read afterwards has the value of the last iteration."""
        last = [dict(self.at) for _ in self.iterations((self.plan.loop.domain,))][-1:]
        for name in self.plan.live_out & self.scalars.keys():
            for at in last if self.scalars[name] else []:
                self.within(at, lambda n=name: self.env.update({n: self.lookup(n)}))

    def run(self, parts: tuple[Part, ...]) -> None:
        for part in parts:
            if isinstance(part, Kept):
                for _ in self.iterations((part.domain,)):
                    self.run(part.parts)
            elif isinstance(part, Plain):
                for step in part.steps:
                    self.run_step(step)
            else:
                self.run_pattern(part)

    def run_step(self, step: Step) -> None:
        if self.holds(step):
            self.store(step, self.value(step.value, step))

    def run_pattern(self, part: Pattern) -> None:
        step = part.steps[-1]
        if not all(bool(self.value(g.condition, step)) != g.negated for g in part.outer_guards):
            return
        if isinstance(part, Map | Scatter):
            self.spread(part, step)
        elif isinstance(part, Reduction):
            self.reduce(part, step)
        elif isinstance(part, ArgReduction):
            self.reduce_position(part, step)
        elif isinstance(part, Collect):
            self.collect(part, step)
        elif isinstance(part, Scan):
            self.scan(part, step)
        else:
            raise AssertionError(part)

    def spread(self, part: Map | Scatter, step: Step) -> None:
        found = [(dict(self.at), self.value(step.value, step)) for _ in self.iterations(part.loops) if self.holds(step)]
        if isinstance(part, Map) and part.operator:
            olds = self.olds(part, step)
            found = [(at, COMBINE[part.operator](old, new)) for (at, new), old in zip(found, olds, strict=True)]
        for at, value in found:
            if isinstance(part, Map):
                self.within(at, lambda v=value: self.assign(step.target, v))
            else:
                self.within(at, lambda v=value: self.store(step, v))

    def olds(self, part: Map, step: Step) -> list[Any]:
        return [self.read_target(step.target) for _ in self.iterations(part.loops) if self.holds(step)]

    def reduce(self, part: Reduction, step: Step) -> None:
        fold = step.value if isinstance(step.value, Fold) and part.op == step.value.op and not step.operator else None
        terms = []
        for _ in self.iterations(part.free):
            at = dict(self.at)
            values = [
                (dict(self.at), self.value(fold.value if fold else step.value, step))
                for _ in self.iterations(part.over)
                if self.holds(step)
            ]
            terms.append((at, [v for _, v in values]))
        for at, values in terms:
            self.within(at, lambda vs=values: self.finish(part, step, vs))

    def finish(self, part: Reduction, step: Step, values: list[Any]) -> None:
        if part.op in ("any", "last"):
            if values:
                self.assign(step.target, values[-1])
            return
        if part.start is not None:
            total = self.value(part.start, step)
        elif not step.operator:
            total, values = values[0], values[1:]
        else:
            total = self.read_target(step.target)
        for value in values:
            total = COMBINE[part.op](total, value)
        self.assign(step.target, total)

    def reduce_position(self, part: ArgReduction, step: Step) -> None:
        for _ in self.iterations(part.free):
            found = [
                (self.value(step.value, step), [(n, self.value(v, step)) for n, v in part.payload])
                for _ in self.iterations(part.over)
                if self.holds(step)
            ]
            if not found:
                continue
            pick = {"min": min, "max": max}[part.op]
            extreme = pick(v for v, _ in found)
            candidates = [f for f in found if f[0] == extreme]
            best = candidates[0 if part.tie == "first" else -1]
            if self.beats(part, step, extreme):
                if part.best is not None:
                    self.assign(part.best, extreme)
                for name, value in best[1]:
                    self.assign(Scalar(step.node, name), value)

    def beats(self, part: ArgReduction, step: Step, extreme: Any) -> bool:
        """Whether the extreme displaces what the loop started with."""
        if part.best is None:
            old = self.env["a"][self.read_target(step.target)]
        else:
            old = self.read_target(part.best)
        if old is None:
            return True
        strict = extreme > old if part.op == "max" else extreme < old
        return strict or (part.tie == "last" and extreme == old)

    def collect(self, part: Collect, step: Step) -> None:
        assert isinstance(step.target, Growth)
        for _ in self.iterations(part.free):
            values = [self.value(step.value, step) for _ in self.iterations(part.over) if self.holds(step)]
            if part.start is not None:
                self.assign(Scalar(step.node, step.target.name), list(self.value(part.start, step)))
            self.lookup(step.target.name).extend(values)

    def scan(self, part: Scan, step: Step) -> None:
        outer = part.loops[:-1]
        for _ in self.iterations(outer):
            terms = []
            for _ in self.iterations(part.loops[-1:]):
                gap = self.value(part.gap, step) if part.gap is not None else 0
                terms.append((dict(self.at), self.value(part.term, step), gap))
            carried: Any = None
            for at, term, gap in terms:
                self.within(at, lambda: None)
                carried = self.advance(part, step, at, term, gap, carried)

    def advance(self, part: Scan, step: Step, at: dict[str, int], term: Any, gap: Any, carried: Any) -> Any:
        """One term of a running reduction: the first one starts from what the cell before holds."""
        saved, self.at = self.at, dict(at)
        try:
            if carried is None:
                carried = self.read_target(part.previous)
            result = COMBINE[part.op](carried + gap, term)
            if isinstance(part.target, Scalar):
                key = (*self.key(part.target.name), self.at[part.axis.index])
                self.seen.setdefault((step, "exclusive"), {})[key] = carried
                self.seen.setdefault((step, "inclusive"), {})[key] = result
                self.axes[part.target.name] = part.axis
                for reader, sees in part.readers:
                    self.seen[reader, part.target.name] = self.seen[step, sees]
                self.assign(part.target, result)
            elif isinstance(part.target, Growth):
                self.lookup(part.target.name).append(result)
            else:
                self.assign(part.target, result)
            return result
        finally:
            self.at = saved

    # -- iterations ---------------------------------------------------------------------------------------

    def iterations(self, loops: tuple[Domain, ...]) -> Iterator[None]:
        if not loops:
            yield
            return
        domain, rest = loops[0], loops[1:]
        start, stop, step = (self.number(e) for e in (domain.start, domain.stop, domain.step))
        self.domains[domain.index] = domain
        for index in range(start, stop, step):
            self.at[domain.index] = index
            yield from self.iterations(rest)
        self.at.pop(domain.index, None)

    def within(self, at: dict[str, int], do: Any) -> None:
        saved, self.at = self.at, at
        do()
        self.at = saved

    def holds(self, step: Step) -> bool:
        return all(bool(self.value(g.condition, step)) != g.negated for g in step.guards)

    # -- values -------------------------------------------------------------------------------------------

    def names(self, step: Step | None = None) -> dict[str, Any]:
        found = {**self.env, **{k: v for k, v in self.at.items() if not k.startswith("@")}}
        for index in self.at:
            for name, meaning in self.domains[index].names.items():
                if not isinstance(meaning, Index):
                    found[name] = self.value(meaning, step)
        return found

    def number(self, affine: Affine) -> int:
        values = {s: self.at[s] if s in self.at else eval(s, {}, self.names()) for s in affine.symbols}
        return affine.evaluate(values)

    def key(self, name: str) -> tuple[int, ...]:
        return tuple(self.at[d.index] for d in self.scalars.get(name, ()))

    def lookup(self, name: str, step: Step | None = None) -> Any:
        if step is not None and (step, name) in self.seen:
            return self.seen[step, name][(*self.key(name), self.at[self.axes[name].index])]
        if name in self.scalars and (name, self.key(name)) in self.cells:
            return self.cells[name, self.key(name)]
        return self.env[name]

    def value(self, e: Expr, step: Step | None) -> Any:
        if isinstance(e, Constant):
            return e.value
        if isinstance(e, Index):
            return self.number(e.affine)
        if isinstance(e, Invariant):
            return eval(e.text, {}, self.names(step))
        if isinstance(e, Scalar):
            return self.lookup(e.name, step)
        if isinstance(e, Read):
            return self.read(e.access, step)
        if isinstance(e, Choose):
            return self.value(e.then if self.value(e.condition, step) else e.otherwise, step)
        if isinstance(e, Fold):
            return self.fold(e, step)
        assert isinstance(e, Apply), e
        if e.op == "and":
            return all(self.value(o, step) for o in e.operands)
        operands = [self.value(o, step) for o in e.operands]
        return list(operands) if e.op == "list" else COMBINE[e.op](*operands)

    def fold(self, e: Fold, step: Step | None) -> Any:
        found = [
            self.value(e.value, step)
            for _ in self.iterations(e.domains)
            if all(self.value(c, step) for c in e.conditions)
        ]
        return {"+": sum, "max": max, "min": min, "list": list}[e.op](found)

    def subscript(self, s: Subscript, step: Step | None) -> Any:
        if s.affine is None:
            assert s.value is not None
            return self.value(s.value, step)
        index = self.number(s.affine)
        if index < 0 and str(s) in self.assumed:
            raise BrokenAssumption(str(s))
        return index

    def read(self, access: Access, step: Step | None) -> Any:
        value = self.lookup(access.array, step)
        for s in access.subscripts:
            value = value[self.subscript(s, step)]
        return value

    def read_target(self, target: Any) -> Any:
        if isinstance(target, Scalar):
            return self.lookup(target.name)
        return self.read(target.access if isinstance(target, Read) else target, None)

    def store(self, step: Step, value: Any) -> None:
        if isinstance(step.target, Growth):
            self.lookup(step.target.name).append(value)
            return
        if step.payload:
            self.store_extreme(step, value)
            return
        if step.operator:
            value = COMBINE[step.operator](self.read_target(step.target), value)
        self.assign(step.target, value)

    def store_extreme(self, step: Step, value: Any) -> None:
        op = step.operator.removeprefix("arg")
        part = ArgReduction(
            (),
            (step,),
            {},
            op,
            None if step.operator.startswith("arg") else step.target,
            step.payload,
            step.tie,
            (),
            (),
        )
        if self.beats(part, step, value):
            if part.best is not None:
                self.assign(part.best, value)
            for name, stored in step.payload:
                self.assign(Scalar(step.node, name), self.value(stored, step))

    def assign(self, target: Any, value: Any) -> None:
        if isinstance(target, Scalar):
            if self.scalars.get(target.name):
                self.cells[target.name, self.key(target.name)] = value
            self.env[target.name] = value
            return
        holder = self.lookup(target.array)
        for s in target.subscripts[:-1]:
            holder = holder[self.subscript(s, None)]
        holder[self.subscript(target.subscripts[-1], None)] = value
