"""What the calls in a module say of the functions that are called: types of parameters, arrays that stay apart."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Evidence, Truth
from perf_advise.model.pytypes import parse_pytype

FactsOf = Callable[..., Facts]

STEP = """
import numpy as np


def step(u, v, k=2, n=0):
    for i in range(n):
        v[i] = u[i] * k

"""


def typed(facts: Facts, name: str) -> tuple[str, Evidence]:
    """The type of the first read of a name, and what it rests on."""
    body = facts.slice.node.body
    node = next(n for n in walk(body) if isinstance(n, cst.Name) and n.value == name)
    found = facts.type_of(node)
    return str(found.type), found.evidence


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("step(np.zeros(4), np.ones(4))", "u", "ndarray[float64, 1d]"),
        ("step(np.zeros(4), v=np.ones((4, 2)))", "v", "ndarray[float64, 2d]"),
        ("step(np.zeros(4), np.ones(4), 0.5)", "k", "float"),
        ("step(np.zeros(4), np.ones(4))", "k", "int"),
        ("step(np.zeros(4), np.ones(4))\nstep(np.ones(3), [1.0])", "u", "ndarray[float64, 1d]"),
        ("step(np.zeros(4), np.ones(4))\nstep(np.ones(3), [1.0])", "v", "None"),
        ("step(np.zeros(4), np.ones(4))\nstep(read(), [1.0])", "u", "None"),
        ("step(*pair)", "u", "None"),
        ("other(np.zeros(4), np.ones(4))", "u", "None"),
        ("", "n", "int"),
    ],
)
def test_parameters_have_the_types_that_calls_pass(call: str, name: str, expected: str, facts_of: FactsOf) -> None:
    found, evidence = typed(facts_of(STEP + call + "\n", "step"), name)
    assert found == expected
    assert evidence is not Evidence.STATIC


def test_types_come_through_several_functions(facts_of: FactsOf) -> None:
    source = STEP + "def run(a):\n    b = a.copy()\n    step(a, b)\n\n\nrun(np.zeros((3, 3)))\n"
    assert typed(facts_of(source, "step"), "v")[0] == "ndarray[float64, 2d]"


def test_a_recording_says_more_than_the_calls(facts_of: FactsOf) -> None:
    seen = {"u": parse_pytype("ndarray[int64, 1d]")}
    assert typed(facts_of(STEP + "step(np.zeros(4), np.ones(4))\n", "step", seen), "u")[0] == "ndarray[int64, 1d]"


GRID = """
import numpy as np


class Grid:
    def __init__(self, n, dt=0.1):
        self.n = n
        self.dt = dt
        self.old = np.zeros((n, n))
        self.new = np.zeros(n)

    def step(self):
        for i in range(self.n):
            self.new[i] = self.old[i, 0] * self.dt
        {swap}


Grid(3)
"""


def attribute(facts: Facts, text: str) -> cst.CSTNode:
    return next(n for n in walk(facts.slice.node) if isinstance(n, cst.Attribute) and n.attr.value == text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("n", "int"), ("dt", "float"), ("old", "ndarray[float64, 2d]"), ("new", "ndarray[float64, 1d]")],
)
def test_attributes_have_the_types_that_calls_of_init_pass(name: str, expected: str, facts_of: FactsOf) -> None:
    facts = facts_of(GRID.format(swap="pass"), "Grid.step")
    assert str(facts.type_of(attribute(facts, name)).type) == expected


SWAPPED = """
import numpy as np


def run(n: int, w):
    u = np.zeros(n)
    v = u.copy()
    {before}
    for t in range(9):
        for i in range(n):
            v[i] = u[i] * 2
        {swap}
"""


@pytest.mark.parametrize(
    ("before", "swap", "truth"),
    [
        ("pass", "u, v = v, u", Truth.NO),
        ("pass", "t = u; u = v; v = t", Truth.NO),
        ("pass", "u, v = v, u.copy()", Truth.UNKNOWN),
        ("pass", "u, v = v, v", Truth.UNKNOWN),
        ("pass", "t = u; u = v; v = w", Truth.UNKNOWN),
        ("v = u[1:]", "u, v = v, u", Truth.UNKNOWN),
        ("v = np.asarray(u)", "u, v = v, u", Truth.UNKNOWN),
        ("with w as v: pass", "u, v = v, u", Truth.UNKNOWN),
    ],
)
def test_swapped_arrays_stay_apart(before: str, swap: str, truth: Truth, facts_of: FactsOf) -> None:
    facts = facts_of(SWAPPED.format(before=before, swap=swap))
    names = {n.value: n for n in walk(facts.slice.node) if isinstance(n, cst.Name)}
    assert facts.may_alias(names["u"], names["v"]).truth is truth


@pytest.mark.parametrize(
    ("body", "truth"),
    [
        ("v = u.copy()\n    {loop}\n        u, v = v, u", Truth.NO),
        ("v = [u, u]\n    {loop}\n        u, v = v, u", Truth.UNKNOWN),
        ("v = w\n    {loop}\n        u, v = v, u", Truth.UNKNOWN),
        ("v = u.copy()\n    {loop}\n        u, w = w, u\n        v, w = w, v", Truth.UNKNOWN),
        ("v = u.copy()\n    u = v\n    {loop}\n        u, v = v, u", Truth.UNKNOWN),
    ],
)
def test_a_parameter_swapped_with_a_new_array_stays_apart(body: str, truth: Truth, facts_of: FactsOf) -> None:
    loop = "for i in range(9):\n        v[i] = u[i] * 2"
    facts = facts_of(f"import numpy as np\n\n\ndef run(u: np.ndarray, w: np.ndarray):\n    {body.format(loop=loop)}\n")
    names = {n.value: n for n in walk(facts.slice.node) if isinstance(n, cst.Name)}
    assert facts.may_alias(names["u"], names["v"]).truth is truth


@pytest.mark.parametrize(
    ("swap", "truth"),
    [("self.old, self.new = self.new, self.old", Truth.NO), ("self.old = self.new", Truth.UNKNOWN)],
)
def test_swapped_attributes_stay_apart(swap: str, truth: Truth, facts_of: FactsOf) -> None:
    facts = facts_of(GRID.replace("np.zeros(n)", "np.ones((n, n))").format(swap=swap), "Grid.step")
    assert facts.may_alias(attribute(facts, "old"), attribute(facts, "new")).truth is truth


@pytest.mark.parametrize(
    ("call", "truth"),
    [
        ("a = np.zeros(4)\nb = np.zeros(4)\nstep(a, b)", Truth.NO),
        ("a = np.zeros(4)\nb = np.zeros(4)\nstep(a, b)\nstep(b, b)", Truth.UNKNOWN),
        ("a = np.zeros(4)\nstep(a, a[1:])", Truth.UNKNOWN),
        ("a = np.zeros(4)\nb = a\nstep(a, b)", Truth.UNKNOWN),
    ],
)
def test_parameters_are_apart_as_all_calls_show(call: str, truth: Truth, facts_of: FactsOf) -> None:
    facts = facts_of(STEP + call + "\n", "step")
    names = {n.value: n for n in walk(facts.slice.node.body) if isinstance(n, cst.Name)}
    assert facts.may_alias(names["u"], names["v"]).truth is truth
