"""Liveness, definitions and bindings against brute force over the paths of small programs."""

import random
from collections.abc import Callable, Iterator

import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perf_advise.facts import Facts
from perf_advise.facts.names.flow import Flow
from perf_advise.facts.tree import walk

FactsOf = Callable[..., Facts]
NAMES = "abcd"


def random_body(chance: random.Random, depth: int = 0, in_loop: bool = False) -> list[str]:
    """Statements over four names: assignments, branches, loops, jumps, `try`, `del`."""
    lines: list[str] = []
    for _ in range(chance.randint(1, 3)):
        kind = chance.randrange(9 if depth < 2 else 4)
        target, one, two = (chance.choice(NAMES) for _ in range(3))
        if kind < 3:
            lines.append(
                chance.choice((f"{target} = {one} + {two}", f"{target} = 1", f"g({one})", f"{target} += {one}"))
            )
        elif kind == 3:
            leave = ["break", "continue"] if in_loop else []
            lines.append(chance.choice([*leave, f"return {one}", f"del {one}", "pass"]))
        elif kind < 6:
            lines += [f"if {one}:", *indented(random_body(chance, depth + 1, in_loop))]
            if chance.random() < 0.6:
                lines += ["else:", *indented(random_body(chance, depth + 1, in_loop))]
        elif kind == 6:
            lines += [f"while {one}:", *indented(random_body(chance, depth + 1, True))]
        elif kind == 7:
            lines += [f"for {target} in {one}:", *indented(random_body(chance, depth + 1, True))]
            if chance.random() < 0.3:
                lines += ["else:", *indented(random_body(chance, depth + 1, in_loop))]
        else:
            lines += ["try:", *indented(random_body(chance, depth + 1, in_loop)), "except E:"]
            lines += indented(random_body(chance, depth + 1, in_loop))
            if chance.random() < 0.5:
                lines += ["finally:", *indented(random_body(chance, depth + 1))]
    return lines


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def paths(flow: Flow, start: int, most: int) -> Iterator[list[int]]:
    """Ways through the flow from a step on, up to a length."""
    stack = [[start]]
    while stack:
        path = stack.pop()
        yield path
        if len(path) < most:
            step = flow.steps[path[-1]]
            stack += [[*path, edge.step] for edge in step.after]


def read_before_bound(facts: Facts, path: list[int], name: str) -> bool:
    """Whether `name` is read along a path before it is bound or unbound."""
    for index in path:
        access = facts.code.accesses[index]
        if name in access.reads:
            return True
        if name in access.unbinds or any(name == bound for bound, _ in access.binds):
            return False
    return False


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_whatever_some_path_reads_is_live(seed: int, facts_of: FactsOf) -> None:
    body = random_body(random.Random(seed))
    facts = facts_of("\n".join(["def f(a, b, c, d, g):", *indented(body)]) + "\n")
    flow = facts.code.flow
    for step in flow.steps[1:-1]:
        live = facts.code.liveness.before[step.index]
        for path in paths(flow, step.index, 6):
            for name in NAMES:
                assert name in live or not read_before_bound(facts, path, name), (body, step.index, name, path)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_what_is_live_is_read_on_some_path(seed: int, facts_of: FactsOf) -> None:
    """No name is called live without need (without exceptions, where paths are exact)."""
    body = [line for line in random_body(random.Random(seed)) if "try" not in line]
    try:
        facts = facts_of("\n".join(["def f(a, b, c, d, g):", *indented(body)]) + "\n")
    except Exception:
        return  # leaving out `try` broke the program
    flow = facts.code.flow
    if any(step.on_error for step in flow.steps):
        return
    reachable = {index for path in paths(flow, 0, 12) for index in path}
    for index in reachable - {flow.exit}:
        for name in facts.code.liveness.before[index] & set(NAMES):
            assert any(read_before_bound(facts, path, name) for path in paths(flow, index, 14)), (body, index, name)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_definitions_of_every_path_reach(seed: int, facts_of: FactsOf) -> None:
    body = random_body(random.Random(seed))
    facts = facts_of("\n".join(["def f(a, b, c, d, g):", *indented(body)]) + "\n")
    for path in paths(facts.code.flow, 0, 9):
        last: dict[str, cst.CSTNode | None] = {}
        for index in path[:-1]:
            access = facts.code.accesses[index]
            last.update(dict(access.binds))
            last.update(dict.fromkeys(access.unbinds))
        for name, node in last.items():
            found = facts.code.reaching.reaching(path[-1], name)
            assert node is None or any(node is one for one in found), (body, path, name)
            bound = facts.code.bound[path[-1]]
            assert node is not None or bound is None or name not in bound, (body, path, name)


def loop_of(facts: Facts) -> cst.CSTNode:
    return next(node for node in walk(facts.slice.node) if isinstance(node, cst.For | cst.While))


@pytest.mark.parametrize(
    ("source", "live"),
    [
        ("def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t", {"t"}),
        ("def f(xs):\n    for x in xs:\n        y = x\n    return 1", set()),
        ("def f(xs):\n    for x in xs:\n        pass\n    return x", {"x"}),
        ("def f(xs):\n    for z in xs:\n        y = z\n    for x in xs:\n        print(y)", {"xs", "y"}),
        ("def f(xs):\n    for x in xs:\n        def g():\n            return x\n    return g", {"g", "x"}),
        ("def f(xs):\n    global t\n    for t in xs:\n        pass", {"t"}),
        ("def f(xs):\n    for x in xs:\n        y = x\n    exec('print(y)')", {"xs", "x", "y"}),
        ("def f(xs):\n    try:\n        for x in xs:\n            y = x\n    finally:\n        print(y)", {"y"}),
        (
            "def f(xs):\n    for x in xs:\n        if x:\n            break\n    else:\n        print(x)\n    return xs",
            {"xs"},
        ),
        (
            "def f(xs):\n    for x in xs:\n        try:\n            y = x\n        except E:\n            print(y)\n    return 0",
            set(),
        ),
        ("for x in range(3):\n    y = x\n", {"y"}),
        ("def g():\n    return x\nfor x in range(3):\n    y = x\n", {"g", "x", "y"}),
    ],
)
def test_live_after_a_loop(source: str, live: set[str], facts_of: FactsOf) -> None:
    facts = facts_of(source, "f") if "def f" in source else facts_of(source, "<module>")
    assert facts.live_after(loop_of(facts)) == live


def test_live_after_a_statement_in_a_loop_counts_the_next_iteration(facts_of: FactsOf) -> None:
    facts = facts_of("def f(xs):\n    a = b = 0\n    for x in xs:\n        print(a)\n        a = b\n        b = x\n")
    last = [n for n in walk(facts.slice.node) if isinstance(n, cst.Assign)][-1]
    assert facts.live_after(last) == {"a", "b"}


def test_definitions_and_reaching(facts_of: FactsOf) -> None:
    facts = facts_of(
        "def f(p, c):\n    x = 1\n    if c:\n        x = 2\n    else:\n        y = x\n    return x, y, p\n"
    )
    reads = {}
    for node in walk(facts.slice.node):
        if isinstance(node, cst.Name):
            reads.setdefault(node.value, []).append(node)
    assert len(facts.definitions("x")) == 2
    assert facts.reaching(reads["x"][-1]) == facts.definitions("x")
    assert facts.reaching(reads["p"][-1]) == facts.definitions("p")
    assert facts.is_bound(reads["x"][-1]).holds
    assert not facts.is_bound(reads["y"][-1]).holds


def test_names_that_a_nested_function_rebinds_have_no_known_definition(facts_of: FactsOf) -> None:
    source = "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    g()\n    return x\n"
    facts = facts_of(source)
    read = next(n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return) and n.value is not None)
    assert isinstance(read, cst.Name)
    assert facts.reaching(read) is None


def test_the_name_of_a_handler_is_gone_after_it(facts_of: FactsOf) -> None:
    facts = facts_of("def f():\n    try:\n        pass\n    except E as e:\n        x = e\n    return e\n")
    read = [n for n in walk(facts.slice.node) if isinstance(n, cst.Name) and n.value == "e"][-1]
    assert not facts.is_bound(read).holds
