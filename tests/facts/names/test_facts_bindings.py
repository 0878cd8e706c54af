"""What names mean: the builtin or not, imports under any alias, scopes of comprehensions, lambdas and classes."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Truth

FactsOf = Callable[..., Facts]

HEAD = """
import math
import numpy as np
import os.path
from collections import deque as dq, Counter
from math import sqrt
import helpers.deep
"""


def calls_of(facts: Facts) -> list[str | None]:
    """The qualified names of all callees, in order of evaluation."""
    return [facts.qualified_name(node.func) for node in walk(facts.slice.node) if isinstance(node, cst.Call)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return len(xs)", ["builtins.len"]),
        ("return np.linalg.norm(xs)", ["numpy.linalg.norm"]),
        ("return math.sqrt(1) + sqrt(1)", ["math.sqrt", "math.sqrt"]),
        ("return dq(Counter(xs))", ["collections.deque", "collections.Counter"]),
        ("return os.path.join('a')", ["os.path.join"]),
        ("import random as r\n    return r.random()", ["random.random"]),
        ("from heapq import heappush as push\n    push(xs, 1)", ["heapq.heappush"]),
        ("root = math.sqrt\n    return root(2)", ["math.sqrt"]),
        ("return [len(x) for x in xs]", ["builtins.len"]),
        ("return sorted(xs, key=lambda v: len(v))", ["builtins.sorted", "builtins.len"]),
        ("return helpers.deep.run()", ["helpers.deep.run"]),
        ("return xs.append(1)", [None]),
        ("return other(xs)", ["app.other"]),
        ("return Thing()", ["app.Thing"]),
        ("return alias(4)", ["math.floor"]),
    ],
)
def test_callees_are_resolved(body: str, expected: list[str | None], facts_of: FactsOf) -> None:
    source = f"{HEAD}\nalias = math.floor\n\ndef f(xs):\n    {body}\n\ndef other(x): ...\n\nclass Thing: ...\n"
    assert calls_of(facts_of(source, "f")) == expected


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def f(len):\n    return len(1)", "a parameter"),
        ("def f(x):\n    len = 3\n    return len(x)", "a local"),
        ("def f(x):\n    return len(x)\n    len = 3", "a local, bound after it is read"),
        ("len = print\nlen = max\ndef f(x):\n    return len(x)", "rebound twice at module level"),
        ("from shapes import *\ndef f(x):\n    return len(x)", "a star import may bind it"),
        ("def f(x):\n    global len\n    len = 1\n    return len(x)", "bound through global here"),
        ("def f(x):\n    return len(x)\ndef g():\n    global len\n    len = 1", "bound through global elsewhere"),
        ("def f(x):\n    return [len(y) for len in x for y in x]", "a comprehension's variable"),
        ("def f(x):\n    return (lambda len: len(x))(3)", "a lambda's parameter"),
        ("def f(x):\n    for len in x:\n        pass\n    return len(x)", "a loop variable"),
        ("def f(x):\n    import lengths as len\n    len = 3\n    return len(x)", "imported and rebound"),
        ("def f(x):\n    with x as len:\n        return len(x)", "bound by with"),
        (
            "def f(x):\n    def g():\n        nonlocal len\n        len = 1\n    len = abs\n    return len(x)",
            "nonlocal",
        ),
        ("def f(x):\n    del len\n    return len(x)", "deleted"),
        ("def f(x):\n    match x:\n        case [len, *_]:\n            return len(x)", "bound by a pattern"),
        ("import numpy as len\nif 1:\n    import math as len\ndef f(x):\n    return len(x)", "two imports differ"),
    ],
)
def test_what_is_rebound_is_not_the_builtin(source: str, why: str, facts_of: FactsOf) -> None:
    names = calls_of(facts_of(source, "f"))
    assert "builtins.len" not in names, why
    assert None in names


def test_a_comprehension_does_not_leak_its_variable(facts_of: FactsOf) -> None:
    facts = facts_of("def f(xs):\n    ys = [len for len in xs]\n    return len(ys)\n")
    assert calls_of(facts) == ["builtins.len"]
    assert facts.scope("len") == "builtin"


def test_the_first_iterable_is_evaluated_outside(facts_of: FactsOf) -> None:
    facts = facts_of("def f():\n    return [sum for sum in sum([1])]\n")
    assert calls_of(facts) == ["builtins.sum"]


def test_class_names_are_not_seen_by_methods(facts_of: FactsOf) -> None:
    source = "class A:\n    len = 3\n    def f(self, x):\n        return len(x)\n"
    assert calls_of(facts_of(source, "A.f")) == ["builtins.len"]


def test_names_of_enclosing_functions_hide_the_module(facts_of: FactsOf) -> None:
    source = "def outer(len):\n    def f(x):\n        return len(x), abs(x)\n    return f\n"
    facts = facts_of(source, "outer.<locals>.f")
    assert calls_of(facts) == [None, "builtins.abs"]
    assert facts.scope("len") == "nonlocal"


def test_an_optional_import_is_the_import(facts_of: FactsOf) -> None:
    source = "try:\n    import numpy as np\nexcept ImportError:\n    np = None\ndef f(x):\n    return np.sum(x)\n"
    assert calls_of(facts_of(source, "f")) == ["numpy.sum"]


def test_another_fallback_is_not(facts_of: FactsOf) -> None:
    source = (
        "try:\n    from math import prod\nexcept ImportError:\n    def prod(x): ...\ndef f(x):\n    return prod(x)\n"
    )
    assert calls_of(facts_of(source, "f")) == [None]


@pytest.mark.parametrize(
    ("name", "scope"),
    [("p", "parameter"), ("a", "local"), ("G", "global"), ("np", "import"), ("len", "builtin"), ("nowhere", "unknown")],
)
def test_scopes(name: str, scope: str, facts_of: FactsOf) -> None:
    source = "import numpy as np\nG = 1\ndef f(p):\n    a = p\n    return a\n"
    assert facts_of(source, "f").scope(name) == scope


def test_captured_names(facts_of: FactsOf) -> None:
    source = """
        def f(a, b, c, d):
            def g():
                return a
            h = lambda x: x + b
            k = [c for _ in range(3)]
            return g, h, k, d
        """
    facts = facts_of(source, "f")
    assert [facts.is_captured(n) for n in "abcd"] == [True, True, False, False]


def test_is_called_is_three_valued(facts_of: FactsOf) -> None:
    facts = facts_of("def f(g, x):\n    return sum(x), g(x), max(x)\n")
    calls = [node for node in walk(facts.slice.node) if isinstance(node, cst.Call)]
    assert [facts.is_called(c, "builtins.sum").truth for c in calls] == [Truth.YES, Truth.UNKNOWN, Truth.NO]


def test_top_level_code_has_its_own_names(facts_of: FactsOf) -> None:
    facts = facts_of("import math\nx = math.sqrt(2)\nsum = x\nprint(sum(x))\n")
    assert calls_of(facts) == ["math.sqrt", "builtins.print", None]
    assert facts.scope("x") == "global"
