"""Loops that are split: what stays a loop must not read a scalar that became an array."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code.startswith("PA1")}
TYPES = {"data": "ndarray[float64, 1d]", "out": "ndarray[float64, 1d]", "n": "int", "w": "float"}
BUTTERFLY = """
def f(data, out, n, w, dual=4):
    for a in range(1, dual):
        w = w * 0.5
        for b in range(0, n, 2 * dual):
            i = 2 * (b + a)
            j = 2 * (b + a + dual)
            x = data[j]
            y = data[j + 1]
            p = w * x - w * y
            q = w * y + w * x
            data[j] = data[i] - p
            data[j + 1] = data[i + 1] - q
            data[i] += p
            data[i + 1] += q
"""
HEADER = """
def f(data, out, n, w):
    for b in range(n):
        k = 2 * b
        for c in range(k):
            data[c + 1] = data[c] * w
        out[b] = k * 1.5
"""


@pytest.mark.parametrize("known", [{}, TYPES], ids=["nothing known", "recorded"])
@pytest.mark.parametrize("source", [BUTTERFLY, HEADER], ids=["butterfly", "header"])
@pytest.mark.parametrize("code", sorted(RULES))
def test_an_index_that_a_kept_loop_reads_stays_a_number(code: str, source: str, known: dict[str, str]) -> None:
    np = pytest.importorskip("numpy")
    _, after = fixed(RULES[code], source, known)
    results = []
    for text in (source, after):
        space: dict[str, object] = {}
        exec(text, space)
        data, out = np.arange(80.0), np.zeros(40)
        space["f"](data, out, 16, 0.5)  # type: ignore[operator]
        results.append(np.concatenate([data, out]))
    assert np.allclose(results[0], results[1])
