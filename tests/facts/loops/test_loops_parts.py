"""Which loops are left alone and why, and what comes with a class."""

from collections.abc import Callable
from typing import Any

import pytest
from loop_outlines import at_depth, outline, plans

from perf_advise.facts import Facts
from perf_advise.facts.loops.classify import classify
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.patterns import Kept

FactsOf = Callable[..., Facts]

# -- what is refused, and why -----------------------------------------------------------------------------------

REFUSED = {
    "for i in range(n):\n    print(a[i])": "`print(...)` may have effects",
    "for i in range(n):\n    a[i] = g(a)": "`g(...)` may have effects",
    "for i in range(n):\n    g(i).x[0] = 1": "stores to `g(i).x[0]`",
    "for x in a:\n    a.append(x)": "`a` may change its length in the loop",
    "for x in a:\n    if x:\n        break\n    b[0] = x": "can be left early",
    "for i in range(n):\n    b, a = a, b\n    b[i] = a[i]": "comes to mean another container",
    "for i in range(n):\n    row = g\n    row[i] = 1\n    row = a": "comes to mean another container",
    "while n > 0:\n    n //= 2\n    a[n] = 1": "the condition does not compare",
    "while n < k:\n    a[n] = 1\n    if n > 3:\n        continue\n    n += 1": "the condition does not compare",
    "while n < k:\n    a[n] = 1\n    n += 1\n    k -= 1": "may change in the loop",
    "for i in range(n):\n    with g:\n        a[i] = 1": "`with` block",
    "for i in range(n):\n    for j in range(k):\n        pass\n    a[j] = 1": "is used after its loop",
    "for i in range(n):\n    g.x = a[i]\n    b[i] = g.y(1)": "may have effects",
    "for a[0] in b:\n    n += 1": "something that is not a name",
    "for p in a:\n    p.x = p.x + 1": "stores to `p.x`",
}  # fmt: skip


@pytest.mark.parametrize(("body", "why"), REFUSED.items())
def test_loops_that_stay_say_why(facts_of: FactsOf, body: str, why: str) -> None:
    (plan,) = plans(facts_of("def f(a, b, n, k, g):\n" + at_depth(body, 4) + "    return n\n"))
    assert not plan.patterns
    assert why in plan.why


def test_an_inner_nest_is_found_in_a_loop_that_stays(facts_of: FactsOf) -> None:
    body = """
        for t in range(steps):
            print(t)
            for i in range(1, n):
                b[i] = a[i] - a[i - 1]
            try:
                s = sum(x * x for x in b)
            finally:
                pass
        """
    (plan,) = plans(facts_of("def f(a, b, n, steps):\n" + at_depth(body, 4)))
    assert outline(plan.parts) == "keep t(stencil i, contraction @x)"
    assert isinstance(plan.parts[0], Kept)
    assert not plan.parts[0].is_split


SEARCHES = {
    "for i in range(n):\n    if a[i] > 3:\n        break": "search i",
    "for i in range(n):\n    if a[i] > 3:\n        return i": "search i",
    "for x in a:\n    if x > 3:\n        k = x\n        break\nelse:\n    k = 0": "search @x",
    "for x in a:\n    t = x * x\n    if t > 3:\n        return t": "search @x",
    "for x in a:\n    k += x\n    if k > 3:\n        break": "keep @x()",
    "for i in range(n):\n    if a[i] > 3:\n        break\n    b[i] = 0": "keep i()",
    "for i in range(n):\n    b[i] = 0\n    if a[i] > 3:\n        break": "keep i()",
    "for x in a:\n    t = k\n    k = x\n    if t > 3:\n        break": "keep @x()",
    "for x in a:\n    if x > 3:\n        break\n    if x < 0:\n        break": "keep @x()",
    "for x in a:\n    if g(x):\n        break": "keep @x()",
    "for x in a:\n    raise ValueError(x)": "keep @x()",
}


@pytest.mark.parametrize(("body", "expected"), SEARCHES.items())
def test_searches(facts_of: FactsOf, body: str, expected: str) -> None:
    (plan,) = plans(facts_of("def f(a, b, n, k, g):\n" + at_depth(body, 4) + "    return n, k\n"))
    assert outline(plan.parts) == expected


def test_what_comes_with_a_search(facts_of: FactsOf) -> None:
    source = (
        "def f(a, k):\n    for i, x in enumerate(a):\n        t = x * x\n        if t > 3 and i:\n"
        "            k = i\n            break\n    else:\n        k = -1\n    return k\n"
    )
    facts = facts_of(source)
    found = pattern_of(facts)
    assert [str(step) for step in found.steps] == ["t = (a[i] * a[i])"]
    assert [str(guard) for guard in found.guards] == ["((t > 3) and i)"]
    assert [facts.slice.code(step.node) for step in found.on_hit] == ["k = i"]
    assert facts.slice.code(found.otherwise.body.body[0].body[0]) == "k = -1"


def test_asynchronous_iteration_stays(facts_of: FactsOf) -> None:
    (plan,) = plans(facts_of("async def f(a, n):\n    async for x in a:\n        n += x\n    return n\n"))
    assert not plan.patterns
    assert plan.why == "asynchronous iteration"


def test_a_huge_body_is_left_alone(facts_of: FactsOf) -> None:
    body = "".join(f"        a[i + {k}] = a[i + {k + 1}]\n" for k in range(60))
    (plan,) = plans(facts_of(f"def f(a, n):\n    for i in range(n):\n{body}"))
    assert not plan.patterns
    assert plan.why == "the nest has too many accesses to compare"


def test_top_level_code(facts_of: FactsOf) -> None:
    facts = facts_of("n = 100\na = [1.0] * n\ns = 0.0\nfor i in range(n):\n    t = a[i] * 2\n    s += t\nprint(s, t)\n")
    (plan,) = plans(facts)
    assert outline(plan.parts) == "map i, reduction i"
    assert {"s", "t"} <= plan.live_out


# -- what comes with a class ------------------------------------------------------------------------------------


def pattern_of(facts: Facts, index: int = 0) -> Any:
    return plans(facts)[0].patterns[index]


@pytest.mark.parametrize(
    ("loop", "op", "tie"),
    [
        ("for x in a:\n        if x > s:\n            s = x", "max", "first"),
        ("for x in a:\n        if x >= s:\n            s = x", "max", "last"),
        ("for x in a:\n        if s > x:\n            s = x", "min", "first"),
        ("for x in a:\n        s = max(s, x)", "max", "first"),
        ("for x in a:\n        s = max(x, s)", "max", "last"),
        ("for x in a:\n        s = x if x < s else s", "min", "first"),
        ("for x in a:\n        s = s if s <= x else x", "min", "first"),
        ("for x in a:\n        s -= x", "-", ""),
        ("for x in a:\n        s = x * s", "*", ""),
        ("for x in a:\n        s = s or x", "or", ""),
        ("for x in a:\n        s ^= x", "^", ""),
    ],
)
def test_the_operator_and_the_tie_rule(facts_of: FactsOf, loop: str, op: str, tie: str) -> None:
    found = pattern_of(facts_of(f"def f(a, s):\n    {loop}\n    return s\n"))
    assert (found.op, found.tie) == (op, tie)


def test_a_reduction_starts_where_its_name_was_set(facts_of: FactsOf) -> None:
    facts = facts_of("def f(a):\n    s = 1.5\n    for x in a:\n        s += x\n    return s\n")
    found = pattern_of(facts)
    assert facts.slice.code(found.entry.value) == "1.5"


def test_a_name_bound_in_between_has_no_known_start(facts_of: FactsOf) -> None:
    source = "def f(a, c):\n    s = 1.5\n    if c:\n        s = 2\n    for x in a:\n        s += x\n    return s\n"
    assert pattern_of(facts_of(source)).entry is None


def test_a_reduction_per_row_starts_inside(facts_of: FactsOf) -> None:
    body = "for i in range(n):\n    t = 0.0\n    for j in range(n):\n        t += m[i][j]\n    b[i] = t"
    source = "def f(m, b, n):\n" + at_depth(body, 4)
    found = pattern_of(facts_of(source))
    assert str(found.start) == "0.0"
    assert [d.index for d in found.free] == ["i"]
    assert [d.index for d in found.over] == ["j"]


def test_an_accumulator_read_in_its_own_term_is_no_reduction(facts_of: FactsOf) -> None:
    (plan,) = plans(facts_of("def f(a, s):\n    for x in a:\n        s += x * s\n    return s\n"))
    assert not plan.patterns


def test_loops_can_be_kept_on_request(facts_of: FactsOf) -> None:
    source = "def f(m, a, n):\n    for i in range(n):\n        for j in range(n):\n            m[i][j] = a[i] * a[j]\n"
    facts = facts_of(source)
    (loop,) = find_loops(facts)
    assert outline(classify(loop, facts).parts) == "map i j"
    assert outline(classify(loop, facts, keep=frozenset({loop.domain})).parts) == "keep i(map j)"
