"""Which nests are worth a model of their loops: never fewer than those that get an array form."""

from pathlib import Path

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.loops.classify import classify
from perf_advise.facts.loops.nests import build_loop, outermost_loops
from perf_advise.facts.loops.patterns import Search
from perf_advise.rulekit.arrays.candidates import may_have_form
from perf_advise.source.index import ModuleIndex
from perf_advise.source.slices import slice_function
from perf_advise.source.text import PythonFile, read_source

PROGRAMS = sorted((Path(__file__).parents[3] / "fixtures" / "programs").glob("*.py"))


def nest(body: str) -> cst.For | cst.While:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    module = cst.parse_module(f"def f(a, xs, n):\n{lines}")
    (found,) = outermost_loops(module.body[0])
    assert isinstance(found, cst.For | cst.While)
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for i in range(n):\n    a[i] = 1", True),
        ("for x in xs:\n    s += x", True),
        ("for x in xs:\n    if x > m:\n        m = x", True),
        ("for x in xs:\n    a.append(x)", True),
        ("for x in xs:\n    print(x)\n    s += x", False),
        ("for x in xs:\n    s += x\n    if s > 3:\n        break", False),
        ("for x in xs:\n    s += x\n    if s > 3:\n        return s", False),
        ("for x in xs:\n    s += x\nelse:\n    s = 1", False),
        ("for x in xs:\n    del a[x]\n    s += 1", False),
        ("for x in xs:\n    with a:\n        s += x", False),
        ("for x in xs:\n    print(x)\n    for y in x:\n        s += y", True),
        ("for x in xs:\n    s += 1\n    for y in x:\n        print(y)", False),
        ("for x in xs:\n    print([y for y in x])", True),
        ("for x in xs:\n    pass", False),
        ("while n > 0:\n    n -= 1", True),
        ("while xs:\n    s += xs.pop()", False),
        ("while True:\n    n -= 1", False),
        ("while xs and i < n:\n    i += 1", True),
    ],
)
def test_by_statements(body: str, expected: bool) -> None:
    assert may_have_form(nest(body)) is expected


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_what_is_left_out_has_no_pattern(path: Path) -> None:
    file = read_source(path)
    assert isinstance(file, PythonFile)
    index = ModuleIndex(file)
    for site in index.functions:
        facts = Facts(slice_function(file, site), index)
        for node in outermost_loops(facts.slice.node):
            if isinstance(node, cst.For | cst.While) and not may_have_form(node):
                patterns = classify(build_loop(node, facts), facts).patterns
                assert all(isinstance(pattern, Search) for pattern in patterns), (site.qualname, facts.slice.code(node))
