"""A loop over a window of a few elements is left alone; one that grows with the arrays is not."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

PA101 = next(loaded for loaded in load_rules() if loaded.rule.code == "PA101")
TYPES = {"x": "ndarray[float64, 2d]", "y": "ndarray[float64, 2d]", "k": "int"}
SHAPE = """
def f(x, y, k):
    m, n = x.shape
    for i in range(k, m - k):
        for j in range(n):
            first = max(0, i - k)
            total = 0.0
            for ii in range({}):
                total += x[ii, j]
            y[i, j] = total * (first + 1)
"""


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("first, i + k", False),
        ("i - k, i + k + 1", False),
        ("i - 4, i + 5", False),
        ("i + 1, m", True),
        ("i", True),
        ("k, m - k", True),
    ],
    ids=["clipped", "around", "written out", "triangular", "the first ones", "all"],
)
def test_windows(header: str, found: bool) -> None:
    pytest.importorskip("numpy")
    analysis, after = fixed(PA101, SHAPE.format(header), TYPES)
    inner = [place for place in ("for ii in",) if place not in after]
    assert bool(inner) is found, after
    assert found or "a window" in " ".join(r.reason for r in analysis.refusals)


def test_a_window_inside_of_loops_that_stay() -> None:
    pytest.importorskip("numpy")
    text = (
        "def f(x, y, k):\n    m, n = x.shape\n    for i in range(m):\n        for j in range(n):\n"
        "            first = max(0, j - k)\n            last = min(n, j + k + 1)\n            best = x[i, first]\n"
        "            for jj in range(first + 1, last):\n                cell = x[i, jj]\n"
        "                if cell > best:\n                    best = cell\n            y[i, j] = best\n"
    )
    analysis, after = fixed(PA101, text, TYPES)
    assert after == text
    assert "a window" in " ".join(r.reason for r in analysis.refusals)
