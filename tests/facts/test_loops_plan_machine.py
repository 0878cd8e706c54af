"""Plans carried out literally: every array operation evaluates all its iterations before it stores anything.

Whatever the program, the result has to be what the loops give: this holds for the order of parts, for privates that
become arrays, masks, starts of reductions, scans and what their readers see.
"""

import itertools
import operator
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perf_advise.facts.affine import Affine
from perf_advise.facts.classify import classify
from perf_advise.facts.graph import Graph
from perf_advise.facts.iteration import (
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
from perf_advise.facts.loop_nouns import Domain, Growth, Step
from perf_advise.facts.loops import find_loops
from perf_advise.facts.patterns import (
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
            found = [
                (dict(self.at), self.value(step.value, step)) for _ in self.iterations(part.loops) if self.holds(step)
            ]
            if isinstance(part, Map) and part.operator:
                olds = self.olds(part, step)
                found = [(at, COMBINE[part.operator](old, new)) for (at, new), old in zip(found, olds, strict=True)]
            for at, value in found:
                self.within(
                    at,
                    lambda v=value: (
                        self.assign(step.target, v) if not isinstance(part, Scatter) else self.store(step, v)
                    ),
                )
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
        assumed = {
            a.subjects[0]
            for a in self.plan.assumptions
            if a.kind == "not negative" and a.answer.truth.value == "unknown"
        }
        assume(index >= 0 or str(s) not in assumed)
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


# -- programs -----------------------------------------------------------------------------------------------

PRELUDE = """s = 0
    t = 1
    u = 2
    best = -9
    k = 0
    found = False
    out = []
    p = [0]
"""
KEPT = ("s", "t", "u", "best", "k", "found", "out", "p")


def program(loop: str, kept: tuple[str, ...] = KEPT) -> str:
    """A function around a loop that hands back its arguments and the names in `kept`."""
    body = "\n".join(f"    {line}" for line in loop.strip("\n").splitlines())
    arguments = "a, b, m, h, n"
    return f"def f({arguments}):\n    {PRELUDE}{body}\n    return {arguments}, {', '.join((*kept, ''))}\n"


def outcome(facts_of: Any, source: str, data: dict[str, Any], kept: tuple[str, ...]) -> tuple[Any, Any, Plan]:
    """What the loop leaves behind, and what its plan does."""
    space: dict[str, Any] = {}
    exec(compile(source, "app.py", "exec"), space)
    expected = space["f"](**copied(data))
    facts = facts_of(source)
    (loop,) = find_loops(facts)
    plan = classify(loop, facts)
    env = copied(data)
    exec("\n".join(line.strip() for line in PRELUDE.splitlines()), {}, env)
    machine = Machine(plan, env, dict(Graph(loop, facts).scalars))
    machine.run(plan.parts)
    machine.finish_names()
    return expected, (*(env[name] for name in ("a", "b", "m", "h", "n")), *(env[name] for name in kept)), plan


def copied(data: dict[str, Any]) -> dict[str, Any]:
    return {
        k: [list(r) if isinstance(r, list) else r for r in v] if isinstance(v, list) else v for k, v in data.items()
    }


def fresh_data(n: int, seed: int) -> dict[str, Any]:
    """Arrays long enough for every index that programs form; small numbers, so that many are equal."""
    value = itertools.count(seed)

    def number() -> int:
        return (next(value) * 7919 + seed * 31) % 11 - 4

    return {
        "a": [number() for _ in range(20)],
        "b": [number() for _ in range(20)],
        "m": [[number() for _ in range(20)] for _ in range(20)],
        "h": [0] * 20,
        "n": n,
    }


RANGES = ["range(n)", "range(1, n)", "range(n - 1)", "range(n - 1, 0, -1)", "range(1, n, 2)", "range(3)"]
INNER = [*RANGES, "range(i, n)", "range(i)", "range(i + 1, n)"]


@st.composite
def expressions(draw: Any, indices: tuple[str, ...], depth: int = 2) -> str:
    """An integer expression over cells, scalars and indices."""
    leaves = ["s", "t", "u", "3", "-1", *indices]
    kind = draw(st.sampled_from(["leaf", "cell", "cell", "row", "op", "op"] if depth else ["leaf", "cell"]))
    if kind == "leaf":
        return str(draw(st.sampled_from(leaves)))
    if kind == "cell":
        return f"{draw(st.sampled_from('abh'))}[{draw(subscripts(indices))}]"
    if kind == "row":
        return f"m[{draw(subscripts(indices))}][{draw(subscripts(indices))}]"
    left, right = draw(expressions(indices, depth - 1)), draw(expressions(indices, depth - 1))
    op = draw(st.sampled_from(["+", "-", "*", "max", "min", "if"]))
    if op in ("max", "min"):
        return f"{op}({left}, {right})"
    return f"({left} if {left} > {right} else {right})" if op == "if" else f"({left} {op} {right})"


@st.composite
def subscripts(draw: Any, indices: tuple[str, ...]) -> str:
    """An index: mostly affine, sometimes reversed, doubled, mixed or computed from data."""
    i = draw(st.sampled_from(indices))
    j = draw(st.sampled_from(indices))
    forms = [i, i, i, f"{i} + 1", f"{i} - 1", f"n - {i}", f"2 * {i}", "0", f"{i} + {j}", f"a[{i}] % 7"]
    return str(draw(st.sampled_from(forms)))


@st.composite
def statements(draw: Any, indices: tuple[str, ...]) -> list[str]:
    """One statement, perhaps compound, as lines."""
    x, y = draw(expressions(indices)), draw(expressions(indices, 1))
    index, other = draw(subscripts(indices)), draw(subscripts(indices))
    i = indices[-1]
    simple = [
        f"b[{index}] = {x}", f"a[{index}] = {x}", f"m[{index}][{other}] = {x}", f"b[{index}] += {x}",
        f"t = {x}", f"u = {x}", f"s += {x}", f"s = s + {x}", f"s = max(s, {x})", f"t += {x}", f"out.append({x})",
        f"h[{index}] += 1", f"m[{index}][{other}] += {x}", f"h[a[{i}] % 5] += {y}", f"u = u * 2 + {y}",
        f"p.append(p[-1] + {y})", f"b[{i}] = b[{i} - 1] + {y}", f"a[{i}] = max(a[{i} - 1], {y})",
    ]  # fmt: skip
    one = draw(st.sampled_from(simple))
    kind = draw(st.sampled_from(["plain"] * 4 + ["if", "else", "continue", "extreme", "position", "flag"]))
    two = draw(st.sampled_from(simple))
    return {
        "plain": [one],
        "if": [f"if {x} > {y}:", f"    {one}", f"    {two}"],
        "else": [f"if {x} > {y}:", f"    {one}", "else:", f"    {two}"],
        "continue": [f"if {x} > {y}:", "    continue", one],
        "extreme": [f"if {x} > best:", f"    best = {x}", f"    k = {i}"],
        "position": [f"if a[{i}] < a[k]:", f"    k = {i}"],
        "flag": [f"if {x} == {y}:", "    found = True"],
    }[str(kind)]


@st.composite
def nests(draw: Any) -> str:
    """A loop of one or two levels with a few statements around and inside."""

    def block(indices: tuple[str, ...]) -> list[str]:
        return [line for part in draw(st.lists(statements(indices), min_size=1, max_size=3)) for line in part]

    lines = [f"for i in {draw(st.sampled_from(RANGES))}:"]
    if draw(st.booleans()):
        return "\n".join(lines + [f"    {line}" for line in block(("i",))])
    before = block(("i",)) if draw(st.booleans()) else []
    after = block(("i",)) if draw(st.booleans()) else []
    inner = [f"for j in {draw(st.sampled_from(INNER))}:", *(f"    {line}" for line in block(("i", "j")))]
    return "\n".join(lines + [f"    {line}" for line in (*before, *inner, *after)])


@st.composite
def shaped(draw: Any) -> str:
    """Loops in the shapes that people write: sums per row, running sums, rows built by append, two-step temporaries."""
    outer, inner = draw(st.sampled_from(RANGES)), draw(st.sampled_from(INNER))
    x, y, z = (draw(expressions(("i", "j"), 1)) for _ in range(3))
    v, w = draw(expressions(("i",), 1)), draw(expressions(("i",), 1))
    combine = draw(
        st.sampled_from([f"t += {x}", f"t -= {x}", f"t = max({x}, t)", f"t = min(t, {x})", f"t += {x} * {y}"])
    )
    after = draw(st.sampled_from(["b[i] = t", "s += t", "out.append(t)", "m[i][0] = t + m[i][0]", f"b[i] = t + {v}"]))
    guard = draw(st.sampled_from(["", f"if {y} > {z}:"]))
    inside = [guard, f"    {combine}"] if guard else [combine]
    free = draw(expressions(("k",), 1))
    head, sub = f"for i in {outer}:", f"    for j in {inner}:"
    shapes = [
        [head, f"    t = {v}", sub, *(f"        {i}" for i in inside), f"    {after}"],
        [head, f"    u = {v}", f"    t = u * {w}", f"    {after}", "    a[i] = u"],
        [head, "    b[i] = s", f"    s += {v}", "    h[i] = s", f"    out.append(s + {w})"],
        [head, "    row = []", sub, f"        row.append({x})", "    out.append(row)"],
        [head, sub, f"        m[i][j] = m[i][j - 1] + {x}"],
        [head, sub, f"        m[i][j] = max(m[i - 1][j], m[i][j - 1] - 1, {x})"],
        [head, f"    b[i] = sum({x} for j in {inner})", f"    s += max({y} for j in range(3))"],
        [head, "    r = m[i]", sub, f"        r[j] = {x} + r[j]", "        b[j] += r[j]"],
        ["for x in a:", f"    if x > {free}:", "        t = x", "        out.append(t)", "    s += x"],
        ["for i, x in enumerate(a):", "    if x > best:", "        best, k = x, i", f"    b[i] = x * {w}"],
        ["for row in m:", "    t = 0", "    for x in row:", "        t += x", "    out.append(t)"],
        ["for x, y in zip(a, b):", "    u = x - y", "    s += u * u", "    out.append(u)"],
    ]  # fmt: skip
    return "\n".join(draw(st.sampled_from(shapes)))


def check(facts_of: Any, loop: str, n: int, seed: int, kept: tuple[str, ...]) -> None:
    """Run both, and compare everything that the caller can see."""
    try:
        expected, actual, _ = outcome(facts_of, program(loop, kept), fresh_data(n, seed), kept)
    except (IndexError, OverflowError):
        assume(False)
    assert actual == expected


CASES = given(
    n=st.integers(0, 5),
    seed=st.integers(0, 50),
    kept=st.lists(st.sampled_from(KEPT), unique=True).map(tuple),
    data=st.data(),
)
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("loops", [nests(), shaped()], ids=["any", "shaped"])
@QUICK
@CASES
def test_a_plan_does_what_the_loops_do(
    facts_of: Any, loops: Any, n: int, seed: int, kept: tuple[str, ...], data: st.DataObject
) -> None:
    """Whatever is claimed to be a map, reduction, scan or independent part, in whatever order."""
    check(facts_of, data.draw(loops), n, seed, kept)


@pytest.mark.slow
@pytest.mark.parametrize("loops", [nests(), shaped()], ids=["any", "shaped"])
@LONG
@CASES
def test_many_plans_do_what_the_loops_do(
    facts_of: Any, loops: Any, n: int, seed: int, kept: tuple[str, ...], data: st.DataObject
) -> None:
    """The same at length."""
    check(facts_of, data.draw(loops), n, seed, kept)
