"""Domains, accesses, scalar roles and exits as the model reads them from the source."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.facts import Facts
from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.counting import trip_count
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.nouns import Loop, Step
from perf_advise.facts.loops.scalars import ScalarRole, scalar_roles

FactsOf = Callable[..., Facts]


def loop_of(facts_of: FactsOf, body: str, parameters: str = "a, b, m, n, k, s") -> Loop:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return find_loops(facts_of(f"def f({parameters}):\n{lines}    return s\n"))[0]


# -- domains ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "domain", "trips"),
    [
        ("for i in range(n)", "i in range(n)", "n"),
        ("for i in range(1, n)", "i in range(1, n)", "n - 1"),
        ("for i in range(n - 2 + 1)", "i in range(n - 1)", "n - 1"),
        ("for i in range(n - 1, -1, -1)", "i in range(n - 1, -1, -1)", "n"),
        ("for i in range(0, n, 3)", "i in range(0, n, 3)", "(n + 2) // 3"),
        ("for i in range(0, 10, 3)", "i in range(0, 10, 3)", "4"),
        ("for i in range(k, n, k)", "i in range(k, n, k)", "(n - 1) // k"),
        ("for i in reversed(range(n))", "i in range(n - 1, -1, -1)", "n"),
        ("for x in a", "x in a", "len(a)"),
        ("for x in reversed(a)", "x in a", "len(a)"),
        ("for i, x in enumerate(a)", "i, x in a", "len(a)"),
        ("for x, y in zip(a, b)", "x, y in a, b", "min(len(a), len(b))"),
        ("for i, (x, y) in enumerate(zip(a, b))", "i, x, y in a, b", "min(len(a), len(b))"),
        ("for x in a[1:]", "x in a[1:]", "len(a) - 1"),
        ("for x in m[k]", "x in m[k]", "len(m[k])"),
        ("for x in (1, 2, 3)", "x in (1, 2, 3)", "3"),
        ("for i in range(len(a))", "i in range(len(a))", "len(a)"),
        ("for i in range(m.shape[0])", "i in range(m.shape[0])", "m.shape[0]"),
    ],
)
def test_what_a_for_loop_runs_over(facts_of: FactsOf, header: str, domain: str, trips: str) -> None:
    loop = loop_of(facts_of, f"{header}:\n    s += 1")
    assert (str(loop.domain), str(loop.domain.trips)) == (domain, trips)


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-5, 5).filter(bool))
def test_the_number_of_iterations_is_that_of_range(start: int, stop: int, step: int) -> None:
    trips = trip_count(Affine.number(start), Affine.number(stop), Affine.number(step)).value
    assert trips is not None
    assert max(0, trips) == len(range(start, stop, step))


@pytest.mark.parametrize(
    ("header", "body", "access"),
    [
        ("for i, x in enumerate(a)", "b[i] = x", "a[i]"),
        ("for i, x in enumerate(a, 1)", "b[i] = x", "a[i - 1]"),
        ("for x in reversed(a)", "s += x", "a[len(a) - @x - 1]"),
        ("for x in a[2:]", "s += x", "a[@x + 2]"),
        ("for x, y in m", "s += y", "m[@x, 1]"),
        ("for row in m", "s += row[n]", "m[@row, n]"),
        ("for i in range(n)", "row = m[i]\n    s += row[k]", "m[i, k]"),
        ("for i in range(n)", "at = 2 * i\n    s += a[at + 1]", "a[2 * i + 1]"),
        ("for i in range(n)", "s += self.w[i][k]", "self.w[i, k]"),
        ("for i in range(n)", "s += m[i, k]", "m[i, k]"),
        ("for i in range(n)", "s += m[i][1:k]", "m[i, 1:k]"),
        ("for i in range(n)", "s += a[b[i]]", "a[b[i]]"),
        ("for i in range(n)", "s += a[-1]", "a[-1]"),
    ],
)
def test_what_is_read(facts_of: FactsOf, header: str, body: str, access: str) -> None:
    loop = loop_of(facts_of, f"{header}:\n    {body}", "self, a, b, m, n, k, s")
    assert access in {str(a) for a, _, _ in loop.accesses}


@pytest.mark.parametrize(
    ("inner", "index", "subscripts", "strides"),
    [
        ("range(k)", "i * k + j", "i, j", "k"),
        ("range(8)", "i * 8 + j", "i, j", "8"),
        ("range(1, k)", "i * k + j - 1", "i, j - 1", "k"),
        ("range(k + 1)", "i * k + j", "i * k + j", ""),
        ("range(k)", "i * k + j + 1", "i * k + j + 1", ""),
        ("range(2, 3)", "2 * i + 1", "2 * i + 1", ""),
    ],
)
def test_a_flat_index_is_taken_apart_where_the_bounds_allow(
    facts_of: FactsOf, inner: str, index: str, subscripts: str, strides: str
) -> None:
    loop = loop_of(facts_of, f"for i in range(n):\n    for j in {inner}:\n        s += a[{index}]")
    ((access, _, _),) = loop.accesses
    assert ", ".join(map(str, access.subscripts)) == subscripts
    assert ", ".join(map(str, access.strides)) == strides


def test_an_item_that_is_overwritten_is_read_at_the_start(facts_of: FactsOf) -> None:
    loop = loop_of(facts_of, "for i, x in enumerate(a):\n    a[i] = 0\n    b[i] = x")
    assert [str(step) for step in loop.steps] == ["x = a[i]", "a[i] = 0", "b[i] = x"]


def test_an_index_that_is_assigned_gets_another_one_behind_it(facts_of: FactsOf) -> None:
    loop = loop_of(facts_of, "for i in range(n):\n    i = i * 2\n    s += i")
    assert loop.domain.index == "@i"
    assert [str(step) for step in loop.steps] == ["i = @i", "i *= 2", "s += i"]


@pytest.mark.parametrize(
    ("before", "test", "step", "expected"),
    [
        ("i = 0", "i < n", "i += 1", "i in range(n)"),
        ("i = 0", "i <= n", "i += 1", "i in range(n + 1)"),
        ("i = n", "i > 0", "i -= 1", "i in range(n, 0, -1)"),
        ("i = n", "0 <= i", "i = i - 2", "i in range(n, -1, -2)"),
        ("i = 0", "i < n and a[i] > 0", "i += 1", "i in range(n)"),
        ("pass", "i < n", "i += 1", "i in range(i@entry, n)"),
        ("i = s", "i < n", "i += 1", "i in range(s, n)"),
        ("i = s\nk = 2", "i < n", "i += 1", "i in range(s, n)"),
        ("i = k\nk = 2", "i < n", "i += 1", "i in range(i@entry, n)"),
    ],
)
def test_while_loops_with_a_counter(facts_of: FactsOf, before: str, test: str, step: str, expected: str) -> None:
    loop = loop_of(facts_of, f"{before}\nwhile {test}:\n    a[i] = 0\n    {step}", "a, n, s, i, k")
    assert str(loop.domain) == expected


@pytest.mark.parametrize(
    "loop",
    [
        "while i < n:\n    i += k",
        "while i < n:\n    if s:\n        i += 1",
        "while i < n:\n    i -= 1",
        "while i < n:\n    i += 1\n    n -= 1",
        "while i != n:\n    i += 1",
        "while i * i < n:\n    i += 1",
        "while True:\n    i += 1",
        "x = 0.5\nwhile x < n:\n    x += 0.1",
        "while i < n / 2:\n    i += 1",
    ],
)
def test_while_loops_that_cannot_be_counted(facts_of: FactsOf, loop: str) -> None:
    found = loop_of(facts_of, f"i = 0\n{loop}")
    assert not found.domain.is_counted
    assert found.domain.why


def test_the_counter_after_its_step_is_one_ahead(facts_of: FactsOf) -> None:
    loop = loop_of(facts_of, "i = 0\nwhile i < n:\n    s += a[i]\n    i += 1\n    s += b[i]")
    assert [str(a) for a, _, _ in loop.accesses] == ["a[i]", "b[i + 1]"]


# -- scalars ----------------------------------------------------------------------------------------------------


def roles(facts_of: FactsOf, body: str) -> Mapping[str, ScalarRole]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    facts = facts_of(f"def f(a, b, n, s, t, c):\n{lines}    return s\n")
    return scalar_roles(find_loops(facts)[0], facts)


@pytest.mark.parametrize(
    ("body", "name", "role", "op"),
    [
        ("for x in a:\n    s += x", "s", "reduction", "+"),
        ("for x in a:\n    s = x + s", "s", "reduction", "+"),
        ("for x in a:\n    s = s + x - 1", "s", "reduction", "+"),
        ("for x in a:\n    if x > 0:\n        s += 1\n    else:\n        s -= 1", "s", "reduction", "+"),
        ("for x in a:\n    if x:\n        s = True", "s", "reduction", "any"),
        ("for i in range(n):\n    if a[i]:\n        s = i", "s", "reduction", "last"),
        ("for i in range(n):\n    s += a[i]\n    b[i] = s", "s", "scan", "+"),
        ("for x in a:\n    s = s * 2 + x", "s", "recurrence", ""),
        ("for x in a:\n    s += s * x", "s", "recurrence", ""),
        ("for x in a:\n    s += x\n    s *= 2", "s", "recurrence", ""),
        ("for i in range(n):\n    t = a[i]\n    b[i] = t", "t", "private", ""),
        ("for i in range(n):\n    s = a[i]\n    b[i] = s", "s", "last", ""),
        ("for x in a:\n    if x:\n        t = 1\n    else:\n        t, n = 2, 0\n    c = t", "t", "private", ""),
        ("for i in range(n):\n    if a[i]:\n        t = 1\n    b[i] = t", "t", "recurrence", ""),
        ("for i in range(n):\n    if a[i]:\n        t = a[i]\n        b[i] = t", "t", "private", ""),
        ("for i in range(n):\n    for x in a:\n        t = x\n    b[i] = t", "t", "recurrence", ""),
        ("for i in range(n):\n    for j in range(3):\n        t = a[j]\n    b[i] = t", "t", "private", ""),
        ("for i in range(n):\n    b[i] = c * a[i]", "c", "constant", ""),
    ],
)  # fmt: skip
def test_the_role_of_a_scalar(facts_of: FactsOf, body: str, name: str, role: str, op: str) -> None:
    found = roles(facts_of, body)[name]
    assert (found.role, found.op) == (role, op)


# -- exits and the shape of a nest --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("for x in a:\n    if x:\n        break", ["break"]),
        ("for x in a:\n    if x:\n        return x\n    s += x", ["return"]),
        ("for x in a:\n    if x < 0:\n        raise ValueError(x)\n    s += x", ["raise"]),
        ("for x in a:\n    assert x\n    s += x", ["raise"]),
        ("for x in a:\n    s += x\nelse:\n    s = 0", ["else"]),
        ("for x in a:\n    if x:\n        continue\n    s += x", []),
        ("for x in a:\n    for y in b:\n        if y:\n            break", []),
        ("for x in a:\n    for y in b:\n        if y:\n            return x", ["return"]),
    ],
)
def test_the_ways_out_of_a_loop(facts_of: FactsOf, body: str, kinds: list[str]) -> None:
    assert [e.kind for e in loop_of(facts_of, body).exits] == kinds


def test_a_perfect_nest_ends_where_something_stands_beside_a_loop(facts_of: FactsOf) -> None:
    body = "for i in range(n):\n    for j in range(n):\n        s += 1\n        for k in range(n):\n            s += k"
    assert [loop.domain.index for loop in loop_of(facts_of, body).nest()] == ["i", "j"]


def test_nodes_are_those_of_the_source(facts_of: FactsOf) -> None:
    facts = facts_of("def f(a, s):\n    for x in a:\n        s = s + x * 2\n    return s\n")
    step: Any = find_loops(facts)[0].body[0]
    assert isinstance(step, Step)
    assert facts.slice.code(step.node) == "s = s + x * 2"
    assert facts.slice.code(step.value.node) == "x * 2"


def test_guards_know_their_side(facts_of: FactsOf) -> None:
    loop = loop_of(
        facts_of, "for x in a:\n    if x > 0:\n        s += x\n        k = 1\n    elif x < -5:\n        s -= 1"
    )
    assert [", ".join(map(str, step.guards)) for step in loop.steps] == [
        "(a[@x] > 0)",
        "(a[@x] > 0)",
        "not (a[@x] > 0), (a[@x] < -5)",
    ]


def test_a_condition_that_a_branch_changes_is_kept_first(facts_of: FactsOf) -> None:
    loop = loop_of(facts_of, "for i in range(n):\n    if a[i] > 0:\n        a[i] = 0\n        s += 1")
    assert [str(step) for step in loop.steps] == ["@mask1 = (a[i] > 0)", "if @mask1: a[i] = 0", "if @mask1: s += 1"]


def test_values_that_cross_are_held(facts_of: FactsOf) -> None:
    loop = loop_of(facts_of, "for i in range(n):\n    s, k = k, s")
    assert [str(step) for step in loop.steps] == ["@0:s = k", "@1:k = s", "s = @0:s", "k = @1:k"]
