"""Loops that are split: what stays a loop must not read a scalar that became an array."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code.startswith("PA1")}
TYPES = {"out": "ndarray[float64, 1d]", "n": "int", "w": "float"}
KNOWN = {"data": "ndarray[float64, 1d]"}
BUTTERFLY = """
def f(data, n, w):
    for a in range(1, n):
        w = w * 0.5
        for b in range(0, n, 2 * n):
            i = 2 * (b + a)
            j = 2 * (b + a + n)
            x = w * data[j]
            data[j] = data[i] - x
            data[i] += x
"""
HEADER = """
def f(data, out, n, w):
    for b in range(n):
        k = 2 * b
        for c in range(k):
            data[c + 1] = data[c] * w
        out[b] = k * 1.5
"""


@pytest.mark.parametrize("known", [{}, KNOWN], ids=["data of unknown type", "an array"])
@pytest.mark.parametrize("source", [BUTTERFLY, HEADER], ids=["butterfly", "header"])
@pytest.mark.parametrize("code", sorted(RULES))
def test_an_index_that_a_kept_loop_reads_stays_a_number(code: str, source: str, known: dict[str, str]) -> None:
    np = pytest.importorskip("numpy")
    _, after = fixed(RULES[code], source, TYPES | known)
    results = []
    for text in (source, after):
        space: dict[str, object] = {}
        exec(text, space)
        data, out = np.arange(80.0), np.zeros(40)
        space["f"](*([data, 16, 0.5] if source is BUTTERFLY else [data, out, 16, 0.5]))  # type: ignore[operator]
        results.append(np.concatenate([data, out]))
    assert np.allclose(results[0], results[1])
