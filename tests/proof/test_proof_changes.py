"""What a rewrite changes: only bodies and additions can share a process."""

import pytest

from perf_advise.proof.changes import changes_between, common_decorators, find_function

OLD = """
import os
LIMIT = [1, 2]

class A:
    x = 1
    def m(self, a=1):
        return a

@d
def f(n):
    return n
"""


def changed(old, new):
    assert old in OLD
    found = changes_between(OLD, OLD.replace(old, new))
    return [c.qualname for c in found.functions], list(found.added), found.whole


@pytest.mark.parametrize(
    ("old", "new", "functions", "added"),
    [
        ("return n", "return n + 0", ["f"], []),
        ("return a", "return +a", ["A.m"], []),
        ("import os\n", "import os\nimport numpy as np\n", [], [1]),
        ("import os\n", "from os import path, sep\n", [], [0]),
        ("@d\n", "def _kernel(n):\n    return n\n\n@d\n", [], [3]),
        ("@d\n", "_TABLE = {1: 2}\n\n@d\n", [], [3]),
        ("    return n", "    # only a comment\n    return n", [], []),
    ],
)
def test_what_shares_a_process(old, new, functions, added):
    assert changed(old, new) == (functions, added, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@d\n", "@d\n@e\n"),
        ("@d\n", ""),
        ("def f(n)", "def f(n, k=1)"),
        ("def f(n)", "async def f(n)"),
        ("a=1", "a=2"),
        ("class A:", "class A(dict):"),
        ("x = 1", "x = 2"),
        ("    x = 1\n", ""),
        ("LIMIT = [1, 2]", "LIMIT = {1, 2}"),
        ("LIMIT = [1, 2]", ""),
        ("def f(n):", "def g(n):"),
    ],
)
def test_what_needs_a_process_each(old, new):
    assert changed(old, new)[2]


def test_constants_that_are_bound_otherwise_are_named():
    assert changes_between(OLD, OLD.replace("[1, 2]", "{1, 2}")).rebound == ("LIMIT",)


def test_functions_are_found_under_conditions_but_not_twice():
    source = (
        "try:\n    import x\nexcept ImportError:\n    def f(): pass\nclass A:\n    if 1:\n        def m(self): pass\n"
    )
    assert find_function(source, "f").lineno == 4 and find_function(source, "A.m") is not None
    assert find_function("def f(): pass\ndef f(): pass\n", "f") is None
    assert find_function(source, "nope") is None


def test_common_decorators_are_counted_from_outside():
    old, new = (find_function(text, "f") for text in ("@a\n@b\ndef f(): pass\n", "@a\n@c\ndef f(): pass\n"))
    assert (common_decorators(old, new), common_decorators(old, old)) == (1, 2)
