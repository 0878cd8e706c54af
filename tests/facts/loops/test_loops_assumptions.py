"""Names that may be one object, indices that may be negative: stated, unless the source shows otherwise."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from perf_advise.facts import Facts
from perf_advise.facts.loops.classify import classify, steps_of
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.patterns import Plan

FactsOf = Callable[..., Facts]


def plan_of(facts: Facts) -> Plan:
    loop = find_loops(facts)[-1]
    return classify(loop, facts)


def stated(facts: Facts) -> set[tuple[str, tuple[str, ...]]]:
    skipped = ("sequence", "plain data")
    return {(a.kind, a.subjects) for a in plan_of(facts).assumptions if a.kind not in skipped}


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("a[i] = b[i] + 1", {("no overlap", ("a", "b"))}),
        ("a[i] = b[i + 1]", {("distinct", ("a", "b"))}),
        ("a[i] += b[0]", {("distinct", ("a", "b"))}),
        ("a[i] = a[i] + 1", set()),
        ("s += a[i] * b[n - 1 - i]", set()),
        ("a[i] = b[i + n]", {("no overlap", ("a", "b"))}),
        ("a[i] = b[i] + c[i + 1]", {("no overlap", ("a", "b")), ("distinct", ("a", "c"))}),
        ("a[b[i]] += 1", {("distinct", ("a", "b")), ("not negative", ("b[i]",))}),
        ("a[i - k] = 0", {("not negative", ("i - k",))}),
        ("a[i] = b[i][0]", {("no overlap", ("a", "b"))}),
        ("a[i][0] = 0", {("distinct rows", ("a",))}),
        ("a[i] = sum(b)", {("distinct", ("a", "b"))}),
    ],
)
def test_what_a_plan_rests_on(facts_of: FactsOf, loop: str, expected: set[Any]) -> None:
    source = f"def f(a, b, c, n, k, s):\n    for i in range(n):\n        {loop}\n    return s\n"
    assert stated(facts_of(source)) == expected


@pytest.mark.parametrize("made", ["[0] * n", "[0, 1, 2]", "[x for x in b]"])
def test_a_list_made_on_the_spot_is_no_parameter(facts_of: FactsOf, made: str) -> None:
    source = f"def f(b, n):\n    a = {made}\n    for i in range(n):\n        a[i] = b[n - 1 - i]\n    return a\n"
    assert stated(facts_of(source)) == set()


def test_a_list_that_may_be_the_parameter_is_not_taken_for_another(facts_of: FactsOf) -> None:
    source = "def f(b, n):\n    a = b or [0] * n\n    for i in range(n):\n        a[i] = b[n - 1 - i]\n    return a\n"
    assert stated(facts_of(source)) == {("distinct", ("a", "b"))}


def test_rows_of_a_made_list_may_still_be_shared(facts_of: FactsOf) -> None:
    source = "def f(n):\n    a = [[0] * n] * n\n    for i in range(n):\n        a[i][0] = i\n    return a\n"
    assert stated(facts_of(source)) == {("distinct rows", ("a",))}


def test_an_index_that_is_negative_at_first_is_known_to_be(facts_of: FactsOf) -> None:
    source = "def f(a, b, n):\n    for i in range(n):\n        b[i] = a[i - 1]\n"
    found = [a for a in plan_of(facts_of(source)).assumptions if a.kind == "not negative"]
    assert [(a.subjects, a.answer.truth.value) for a in found] == [(("i - 1",), "no")]


def test_a_distance_without_a_sign_is_assumed_not_to_be_negative(facts_of: FactsOf) -> None:
    """With k below zero this would be a running copy; with k from zero up it is one slice."""
    facts = facts_of("def f(a, n, k):\n    for i in range(n):\n        a[i] = a[i + k]\n")
    plan = plan_of(facts)
    assert plan.name == "stencil" or plan.name == "map"
    assert ("not negative", ("k",)) in stated(facts)


@pytest.mark.parametrize(("made", "kinds"), [("[]", set()), ("set()", set()), ("b", {"list"})])
def test_what_grows_has_to_be_a_list(facts_of: FactsOf, made: str, kinds: set[str]) -> None:
    method = "add" if made == "set()" else "append"
    source = f"def f(a, b):\n    out = {made}\n    for x in a:\n        out.{method}(x)\n    return out\n"
    found = plan_of(facts_of(source)).assumptions
    assert {a.kind for a in found if "out" in a.subjects} - {"distinct"} == kinds


def test_a_while_bound_has_to_be_an_integer(facts_of: FactsOf) -> None:
    source = "def f(a, n):\n    i = 0\n    while i < n:\n        a[i] = 0\n        i += 1\n"
    assert ("integer", ("n",)) in stated(facts_of(source))


def test_parts_keep_their_order_where_two_names_may_be_one_array(facts_of: FactsOf) -> None:
    """The second recurrence stores to `b`, which may be the `a` that is copied before."""
    body = "        s = s * 2 + 1\n        d[i] = s\n        c[i] = a[i]\n        t = t * 2 + 1\n        b[i] = t\n"
    facts = facts_of(f"def f(a, b, c, d, n, s, t):\n    for i in range(1, n):\n{body}    return s, t\n")
    order = [facts.slice.code(step.node) for part in plan_of(facts).parts for step in steps_of(part)]
    assert order.index("c[i] = a[i]") < order.index("b[i] = t")


STATEMENTS = ["a[i] = b[i] + 1", "b[i] = a[i] * 2", "a[i] += b[i + 1]", "b[i + 1] = a[i]", "c[i] = a[i] + b[i]"]


@pytest.mark.parametrize("pair", list(itertools.permutations(STATEMENTS, 2)), ids=" ; ".join)
def test_one_array_under_two_names_changes_nothing_unless_stated(facts_of: FactsOf, pair: tuple[str, str]) -> None:
    """Each statement over all iterations in the plan's order, against the loop, with `a` and `b` the same list."""
    body = "".join(f"        {statement}\n" for statement in pair)
    source = f"def f(a, b, c, n):\n    for i in range(n):\n{body}"
    facts = facts_of(source)
    plan = plan_of(facts)
    if len(plan.patterns) != 2 or any(a.kind == "distinct" and "a" in a.subjects for a in plan.assumptions):
        return
    space: dict[str, Any] = {}
    exec(source, space)
    one, other = [3, 1, 4, 1, 5, 9], [0] * 6
    expected, left = copy.copy(one), copy.copy(other)
    space["f"](expected, expected, left, 5)
    for pattern in plan.patterns:
        statement = facts.slice.code(pattern.steps[-1].node)
        exec(f"for i in range(5):\n    {statement}", {}, {"a": one, "b": one, "c": other})
    assert (one, other) == (expected, left)
