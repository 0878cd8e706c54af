"""What outlining and parallel loops ask: the interface of a loop, independence, the words for `facts`."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.interface import Interface, interface_of
from perf_advise.facts.loops.describe import describe_loops
from perf_advise.facts.loops.independence import independence
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.tree import walk

FactsOf = Callable[..., Facts]

METHOD = """
import math
SCALE = 2

class Grid:
    def step(self, xs, n):
        best = 0.0
        for i in range(n):
            t = xs[i] * self.weights[i]
            for j in range(self.width):
                t += math.sin(j) * SCALE
            best = max(best, t)
            self.last = t
            self.log(t)
        return best, i
"""


def interface(facts: Facts) -> Interface:
    loop = next(node for node in walk(facts.slice.node) if isinstance(node, cst.For))
    return interface_of((loop,), facts)


def test_what_a_method_s_loop_takes(facts_of: FactsOf) -> None:
    found = interface(facts_of(METHOD, "Grid.step"))
    assert [t.text for t in found.live_in] == ["n", "xs", "self.weights", "self.width", "best", "self.log"]
    assert [t.text for t in found.live_in if t.is_indexed] == ["xs", "self.weights"]
    assert [t.text for t in found.live_in if t.is_called] == ["self.log"]


def test_what_a_method_s_loop_leaves(facts_of: FactsOf) -> None:
    found = interface(facts_of(METHOD, "Grid.step"))
    assert found.live_out == ("i", "best")
    assert found.stored_attributes == ("self.last",)
    assert found.globals == ("SCALE",)
    assert found.calls == ("builtins.range", "math.sin", "builtins.max", "self.log")
    assert found.obstacles == ()


def test_a_name_that_every_iteration_sets_first_is_not_taken(facts_of: FactsOf) -> None:
    source = "def f(a):\n    t = 1\n    for x in a:\n        t = x\n        a[0] = t\n    return a\n"
    assert [t.text for t in interface(facts_of(source)).live_in] == ["a"]


@pytest.mark.parametrize(
    ("line", "obstacle"), [("return x", "return"), ("yield x", "yield"), ("f = lambda: x", "lambda"), ("del x", "del")]
)
def test_what_cannot_leave_the_function(facts_of: FactsOf, line: str, obstacle: str) -> None:
    assert obstacle in interface(facts_of(f"def f(a):\n    for x in a:\n        {line}\n")).obstacles


# -- independence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "truth"),
    [
        ("b[i] = math.sin(a[i])", "yes"),
        ("t = a[i] * 2\n        b[i] = t * t", "yes"),
        ("out.append(math.exp(a[i]))", "yes"),
        ("s += math.exp(a[i])", "yes"),
        ("if a[i] > 0:\n            out.append(i)\n        s += 1", "yes"),
        ("b[i] = b[i - 1] + a[i]", "no"),
        ("s = s * 2 + a[i]\n        b[i] = s", "no"),
        ("s += a[i]\n        b[i] = s", "no"),
        ("b[a[i]] += 1", "no"),
        ("out.append(len(out))", "no"),
        ("out.append(out[-1] + 1)", "no"),
        ("if a[i]:\n            break", "no"),
        ("b[i] = g(a[i])", "unknown"),
        ("print(a[i])", "unknown"),
    ],
)
def test_whether_iterations_are_independent(facts_of: FactsOf, body: str, truth: str) -> None:
    source = (
        "import math\ndef f(a, b, n, s, g):\n    out = [0]\n    for i in range(1, n):\n"
        f"        {body}\n    return out, s, b\n"
    )
    facts = facts_of(source)
    found = independence(find_loops(facts)[0], facts)
    assert found.answer.truth.value == truth
    assert found.answer.why


def test_what_has_to_be_put_together_afterwards(facts_of: FactsOf) -> None:
    source = (
        "import math\ndef f(a):\n    out = []\n    s = 0\n    for x in a:\n        y = math.sin(x)\n"
        "        out.append(y)\n        s += y\n    return out, s, y\n"
    )
    facts = facts_of(source)
    found = independence(find_loops(facts)[0], facts)
    assert found.answer.holds
    assert [role.name for role in found.reductions] == ["s"]
    assert found.collected == ("out",)
    assert found.last == ("y",)
    assert [facts.slice.code(call) for call in found.calls] == ["math.sin(x)"]


# -- words ------------------------------------------------------------------------------------------------------


def test_a_nest_in_words(facts_of: FactsOf) -> None:
    source = (
        "def f(m, b, n):\n    for i in range(n):\n        t = 0.0\n        for j in range(i):\n"
        "            t += m[i][j] * b[j]\n        b[i] = b[i] - t\n"
    )
    lines = describe_loops(facts_of(source))
    assert lines[:6] == [
        "line 2: for i in range(n), n times",
        "    t = 0.0",
        "  for j in range(i), i times",
        "      t += (m[i, j] * b[j])",
        "    b[i] -= t",
        "  scalar t: private",
    ]
    assert "  keep i: the bounds of an inner loop depend on `i`" in lines
    assert "    contraction: t = + of (m[i, j] * b[j]) over j, from 0.0" in lines
    assert any(line.startswith("  if `b` and `m` do not overlap in part") for line in lines)
