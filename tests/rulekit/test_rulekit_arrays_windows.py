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
