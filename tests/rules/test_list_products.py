"""Matrix products of lists in the ways in which they are written, with sizes that fit and others."""

import random

import numpy as np
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

RULE = next(loaded for loaded in load_rules() if loaded.rule.code == "PA109")
TYPES = {"a": "list[list[float]]", "b": "list[list[float]]"}
LOCAL = """
    for i in range(n):
        for j in range(p):
            total = 0.0
            for k in range(m):
                total += a[i][k] * b[k][j]
            c[i][j] = total
    return c
"""
ADDED = """
    for i in range(n):
        for j in range(p):
            for k in range(m):
                c[i][j] += b[k][j] * a[i][k]
    return c
"""
SUMMED = """
    for i in range(n):
        for j in range(p):
            c[i][j] = sum(a[i][k] * b[k][j] for k in range(m))
    return c
"""
PLACES = "    return [[sum(a[i][k] * b[k][j] for k in range(m)) for j in range(p)] for i in range(n)]\n"
COLUMNS = """
    columns = list(zip(*b))
    return [[sum([x * y for x, y in zip(row, column)]) for column in columns] for row in a]
"""
SIZES = ("n, m, p = len(a), len(b), len(b[0])", "n = len(a); m = len(a[0]); p = len(b[0])", "n, m, p = 2, 3, 2")
ZEROS = ("c = [[0.0] * p for _ in range(n)]", "c = [[0 for j in range(p)] for i in range(n)]")


def _source(head: str, zeros: str, body: str) -> str:
    made = f"    {zeros}" if "c[i]" in body else ""
    return f"def f(a, b):\n    {head}\n{made}{body if made else body.removeprefix(chr(10))}"


@pytest.mark.parametrize("body", [LOCAL, ADDED, SUMMED, PLACES, COLUMNS])
@pytest.mark.parametrize(("head", "zeros"), [*zip(SIZES, (*ZEROS, ZEROS[0]), strict=True)])
def test_a_product_of_lists(head: str, zeros: str, body: str) -> None:
    source = _source(head, zeros, body)
    analysis, after = fixed(RULE, source, TYPES)
    assert len(analysis.findings) == 1
    assert "np.array(a)" in after
    assert "@" in after
    numbers = random.Random(3)
    with imported(source) as old, imported(after) as new:
        for n, m, p in ((2, 3, 2), (4, 3, 5), (1, 3, 2)):
            if "= 2, 3, 2" in head and n < 2:
                continue
            a, b = ([[numbers.random() for _ in range(c)] for _ in range(r)] for r, c in ((n, m), (m, p)))
            before, got = old.f(a, b), new.f(a, b)
            assert all(type(x) is float for row in got for x in row)
            np.testing.assert_allclose(np.array(got), np.array(before), rtol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c = [[0.0] * p for _ in range(n)]", "c = [[1.0] * p for _ in range(n)]"),
        ("c = [[0.0] * p for _ in range(n)]", "c = [[0.0] * p] * n"),
        ("c = [[0.0] * p for _ in range(n)]", "c = [[0.0] * m for _ in range(n)]"),
        ("total = 0.0", "total = 1.0"),
        ("c[i][j] = total", "c[j][i] = total"),
        ("b[k][j]", "b[j][k]"),
        ("range(m)", "range(1, m)"),
        ("            total = 0.0", "            if i == j:\n                continue\n            total = 0.0"),
    ],
)
def test_what_is_no_product_of_two_whole_lists_stays(old: str, new: str) -> None:
    source = _source(SIZES[0], ZEROS[0], LOCAL)
    assert old in source
    assert not fixed(RULE, source.replace(old, new), TYPES)[0].findings
