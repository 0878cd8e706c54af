"""Dependences against the truth: every access of a run is noted, and every pair on one cell has to be foreseen."""

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perf_advise.facts import Facts
from perf_advise.facts.loops.dependence import Vector, sign_of
from perf_advise.facts.loops.graph import Dependence, Graph
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.nouns import Domain, Step

FactsOf = Callable[..., Facts]
SIZE = 40


@dataclass(frozen=True)
class Event:
    """One access of a run: the line, the values of the loop variables, the cell."""

    line: int
    values: dict[str, int]
    array: str
    cell: tuple[int, ...]
    is_write: bool


class Traced:
    """An array of zeros that notes who touches which cell; negative indices count from the end."""

    def __init__(self, name: str, events: list[Event]) -> None:
        self.name = name
        self.events = events

    def note(self, index: Any, is_write: bool) -> None:
        frame = sys._getframe(2)
        values = {k: v for k, v in frame.f_locals.items() if k in ("i", "j", "k")}
        whole = index if isinstance(index, tuple) else (index,)
        assert all(-SIZE <= at < SIZE for at in whole)
        cell = tuple(at % SIZE for at in whole)
        self.events.append(Event(frame.f_lineno, values, self.name, cell, is_write))

    def __getitem__(self, index: Any) -> int:
        self.note(index, False)
        return 0

    def __setitem__(self, index: Any, value: int) -> None:
        self.note(index, True)


def run(source: str, n: int, c: int) -> list[Event]:
    events: list[Event] = []
    space: dict[str, Any] = {}
    exec(compile(source, "app.py", "exec"), space)
    space["f"](Traced("a", events), Traced("b", events), n, c)
    return events


def check(facts: Facts, source: str, n: int, c: int) -> None:
    (loop,) = find_loops(facts)
    graph = Graph(loop, facts)
    steps = {facts.slice.line(step.node): step for step in graph.steps}
    events = run(source, n, c)
    assume(not breaks_assumption(graph, events, steps, {"n": n, "c": c}))
    for (at, first), (later, second) in itertools.combinations(enumerate(events), 2):
        if first.array != second.array or first.cell != second.cell or not (first.is_write or second.is_write):
            continue
        source_step, sink_step = steps[first.line], steps[second.line]
        common = shared(source_step, sink_step)
        if source_step is sink_step and all(first.values[d.index] == second.values[d.index] for d in common):
            continue
        assert foreseen(graph, source_step, sink_step, first, second, common), (at, later, first, second)


def shared(one: Step, other: Step) -> tuple[Domain, ...]:
    pairs = itertools.takewhile(lambda pair: pair[0] is pair[1], zip(one.domains, other.domains, strict=False))
    return tuple(pair[0] for pair in pairs)


def foreseen(graph: Graph, source: Step, sink: Step, first: Event, second: Event, common: tuple[Domain, ...]) -> bool:
    kind = "output" if first.is_write and second.is_write else "flow" if first.is_write else "anti"
    vector = tuple(direction(d, first, second) for d in common)
    candidates = [d for d in graph.dependences if d.source is source and d.sink is sink and d.kind == kind]
    return any(
        d.array == first.array and vector in d.vectors and has_distance(d, first, second, common) for d in candidates
    )


def direction(domain: Domain, first: Event, second: Event) -> str:
    moved = (second.values[domain.index] - first.values[domain.index]) * domain.direction
    return "<" if moved > 0 else ">" if moved < 0 else "="


def has_distance(found: Dependence, first: Event, second: Event, common: tuple[Domain, ...]) -> bool:
    """Whether the claimed distance, where there is one, is the true one."""
    for claimed, domain in zip(found.distance, common, strict=False):
        step = domain.step.value
        moved = second.values[domain.index] - first.values[domain.index]
        if claimed is not None and step is not None and claimed * step != moved:
            return False
    return True


def breaks_assumption(graph: Graph, events: list[Event], steps: dict[int, Step], symbols: dict[str, int]) -> bool:
    """Whether an index is negative that is only assumed not to be."""
    for touch in graph.all_touches:
        for subscript in touch.event.access.subscripts:
            if subscript.affine is None or sign_of(subscript, touch.event.domains, graph.around) != "assumed":
                continue
            for event in events:
                if steps[event.line] is touch.step and event.array == touch.name:
                    values = {**symbols, **event.values}
                    if subscript.affine.symbols <= values.keys() and subscript.affine.evaluate(values) < 0:
                        return True
    return False


# -- programs -----------------------------------------------------------------------------------------------

OUTER = ["range(n)", "range(1, n)", "range(n - 1, -1, -1)", "range(0, n, 2)", "range(n - 1, 0, -2)", "range(4)"]
INNER = [*OUTER, "range(i)", "range(i, n)", "range(i + 1, n)", "range(n - 1, i, -1)", "range(i, 3 * i + 1, i + 1)"]


@st.composite
def indices(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    terms = [f"{draw(st.sampled_from([1, 1, 1, -1, 2]))} * {name}" for name in names if draw(st.booleans())]
    constant = draw(st.sampled_from(["0", "1", "-1", "2", "n", "n - 1", "c", "-c"]))
    return " + ".join([*terms, constant])


@st.composite
def accesses(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    if draw(st.booleans()):
        return f"a[{draw(indices(names))}]"
    return f"b[{draw(indices(names))}, {draw(indices(names))}]"


@st.composite
def assignments(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    reads = " + ".join(draw(st.lists(accesses(names), min_size=1, max_size=2)))
    return f"{draw(accesses(names))} {draw(st.sampled_from(['=', '+=']))} {reads}"


@st.composite
def programs(draw: st.DrawFn) -> str:
    depth = draw(st.integers(1, 3))
    lines = ["def f(a, b, n, c):"]
    for level, name in enumerate("ijk"[:depth]):
        domain = draw(st.sampled_from(INNER if level else OUTER))
        lines.append("    " * (level + 1) + f"for {name} in {domain}:")
        names = tuple("ijk"[: level + 1])
        count = draw(st.integers(1 if level == depth - 1 else 0, 2))
        lines += ("    " * (level + 2) + draw(assignments(names)) for _ in range(count))
    return "\n".join(lines) + "\n"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=programs(), n=st.integers(0, 5), c=st.integers(-2, 3))
def test_no_dependence_is_missed_and_no_distance_is_wrong(facts_of: FactsOf, source: str, n: int, c: int) -> None:
    check(facts_of(source), source, n, c)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=programs(), n=st.integers(0, 6), c=st.integers(-3, 4))
def test_no_dependence_is_missed_at_length(facts_of: FactsOf, source: str, n: int, c: int) -> None:
    check(facts_of(source), source, n, c)


# -- precision ----------------------------------------------------------------------------------------------


def vectors_of(facts: Facts) -> set[tuple[str, Vector]]:
    (loop,) = find_loops(facts)
    return {(d.kind, v) for d in Graph(loop, facts).dependences for v in d.vectors}


def distances_of(facts: Facts) -> set[tuple[str, tuple[int | None, ...]]]:
    (loop,) = find_loops(facts)
    return {(d.kind, d.distance) for d in Graph(loop, facts).dependences}


ANY = (None, None)


@pytest.mark.parametrize(
    ("domains", "statement", "expected"),
    [
        (["i in range(1, n)"], "a[i] = a[i - 1]", {("flow", (1,))}),
        (["i in range(n)"], "a[i] = a[i + 3]", {("anti", (3,))}),
        (["i in range(n - 1, 0, -1)"], "a[i] = a[i - 1]", {("anti", (1,))}),
        (["i in range(n)"], "a[2 * i] = a[2 * i + 1]", set()),
        (["i in range(n)"], "a[4 * i] = a[6 * i + 3]", set()),
        (["i in range(3)"], "a[i] = a[i + 5]", set()),
        (["i in range(0, n, 2)"], "a[i] = a[i + 1]", set()),
        (["i in range(0, n, 2)"], "a[i + 4] = a[i]", {("flow", (2,))}),
        (["i in range(n)"], "a[i] = a[n - 1 - i]", {("flow", (None,)), ("anti", (None,))}),
        (["i in range(n)"], "a[i] = a[-1]", {("flow", (None,)), ("anti", (None,))}),
        (["i in range(n)", "j in range(i)"], "a[i] = a[j]", {("flow", ANY), ("output", (0, None))}),
        (["i in range(n)", "j in range(i + 1, n)"], "b[i, j] = b[j, i]", set()),
        (["i in range(n)", "j in range(n)"], "b[i, j] = b[j, i]", {("flow", ANY), ("anti", ANY)}),
        (["i in range(1, n)", "j in range(1, n)"], "b[i, j] = b[i - 1, j + 1]", {("flow", (1, -1))}),
        (["i in range(n)", "j in range(n)"], "a[i * n + j] = a[i * n + j] + 1", set()),
    ],
)
def test_what_can_be_told_is_told(facts_of: FactsOf, domains: list[str], statement: str, expected: set[Any]) -> None:
    lines = [f"{'    ' * (depth + 1)}for {domain}:" for depth, domain in enumerate(domains)]
    source = "\n".join(["def f(a, b, n, c):", *lines, "    " * (len(domains) + 1) + statement, ""])
    assert distances_of(facts_of(source)) == expected


def test_a_condition_on_the_index_counts(facts_of: FactsOf) -> None:
    """Under `i > 0` the index i - 1 is never the last cell."""
    source = "def f(a, b, n, c):\n    for i in range(n):\n        if i > 0:\n            a[i] = a[i - 1]\n"
    assert distances_of(facts_of(source)) == {("flow", (1,))}
    assert distances_of(facts_of(source.replace("i > 0", "not (i < 1)"))) == {("flow", (1,))}
    assert distances_of(facts_of(source.replace("i > 0", "i > -3"))) != {("flow", (1,))}


def test_what_an_index_reads_differs_between_iterations(facts_of: FactsOf) -> None:
    """`c[i] + 1` of one iteration may be `c[i]` of another one."""
    found = vectors_of(facts_of("def f(a, b, n, c):\n    for i in range(n):\n        a[c[i] + 1] = a[c[i]]\n"))
    assert {("anti", ("<",)), ("flow", ("<",)), ("output", ("<",))} <= found


def test_an_index_that_wraps_meets_the_last_cell(facts_of: FactsOf) -> None:
    """`a[i - 1]` is the last cell for i = 0, which the last iteration stores."""
    found = vectors_of(facts_of("def f(a, b, n, c):\n    for i in range(n):\n        a[i] = a[i - 1]\n"))
    assert {("anti", ("<",)), ("flow", ("<",))} <= found
