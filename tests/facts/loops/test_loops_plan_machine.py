"""Plans carried out literally, against the loops: the results have to be the same, whatever the program."""

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from loop_programs import KEPT, PRELUDE, copied, fresh_data, nests, program, shaped
from plan_machine import BrokenAssumption, Machine

from perf_advise.facts.loops.classify import classify
from perf_advise.facts.loops.graph import Graph
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.patterns import Plan


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


def check(facts_of: Any, loop: str, n: int, seed: int, kept: tuple[str, ...]) -> None:
    """Run both, and compare everything that the caller can see."""
    try:
        expected, actual, _ = outcome(facts_of, program(loop, kept), fresh_data(n, seed), kept)
    except (IndexError, OverflowError, BrokenAssumption):
        assume(False)
    assert actual == expected


KNOWN = [
    "for i in range(n):\n    if a[i] > s:\n        s, k = a[i], i\n    if b[i] > s:\n        s, k = b[i], -i",
    "for i in range(3):\n    u = t\n    for j in range(i, n):\n        u = s",
    "for i in range(n):\n    if s > (3 - u):\n        continue\n    b[i] = s\n    u = u * 2 + s\n    a[i] = s",
    "for i in range(n):\n    if a[i] > 0:\n        continue\n    b[i] = s\n    for j in range(n):\n        b[i] += j",
    "for i in range(1, n):\n    b[i] = sum(s for j in range(n))\n    s += max(s for j in range(3))",
    "for i in range(n):\n    s += s * a[i]\n    b[i] = s",
    "for i in range(n):\n    for j in range(3):\n        t = a[j] + i\n    b[i] = t",
    "for i in range(n):\n    t = i\n    for j in range(n):\n        t += a[j]\n        b[i] = t\n    s += t",
    "for i in range(n):\n    t = a[i]\n    u = u * 2 + t\n    b[i] = t + u",
    "for i in range(n):\n    b[i] = 0\n    a[i] = b[i]\n    for j in range(n):\n        b[i] += h[j]",
    "for i in range(n):\n    if i > 1:\n        b[i] = 0\n    for j in range(n):\n        b[i] += a[j]",
    "for i in range(n):\n    if a[i] < a[k]:\n        k = i\n    if b[i] < a[k]:\n        k = i",
    "for i in range(n):\n    if a[i] > best:\n        best = a[i]\n        k = i\n    b[i] = k",
    "for i in range(n):\n    for j in range(n):\n        h[i + j] += a[i] * b[j]",
    "for i, x in enumerate(a):\n    a[i] = 0\n    b[i] = x",
    "for i in range(n):\n    row = [0] * 3\n    for j in range(3):\n        row[j] = a[i] + j\n    out.append(row)",
]
"""Programs that were once taken for something else, or are easily taken for it."""


@pytest.mark.parametrize("loop", KNOWN)
@pytest.mark.parametrize("kept", [(), KEPT], ids=["dropped", "kept"])
def test_known_programs(facts_of: Any, loop: str, kept: tuple[str, ...]) -> None:
    for n, seed in itertools.product(range(5), range(3)):
        with contextlib.suppress(BrokenAssumption):
            expected, actual, _ = outcome(facts_of, program(loop, kept), fresh_data(n, seed), kept)
            assert actual == expected


CASES = given(
    n=st.integers(0, 5),
    seed=st.integers(0, 50),
    kept=st.lists(st.sampled_from(KEPT), unique=True).map(tuple),
    data=st.data(),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
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
