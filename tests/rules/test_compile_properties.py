"""Numeric functions before and after the rules that compile them: real Numba gives what the interpreter gave."""

import copy
import warnings
from typing import Any

import numpy as np
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code in ("PA201", "PA202")}
FLOATS = "ndarray[float64, 1d]"
FUNCTIONS = [
    pytest.param(
        "PA201",
        "def f(n: int) -> int:\n    s = 0\n    for i in range(-n, n):\n        s += i % 7 - i // 3\n    return s\n",
        {},
        [(0,), (9,)],
        id="floor division below zero",
    ),
    pytest.param(
        "PA201",
        "def f(a, b):\n    for i in range(len(a)):\n        b[i] = a[i] / b[i]\n    return len(b)\n",
        {"a": FLOATS, "b": FLOATS},
        [
            (np.arange(3.0), np.array([2.0, 0.0, -1.0])),
            (np.array([0.0, np.nan]), np.zeros(2)),
            (np.zeros(0), np.ones(1)),
        ],
        id="division of cells by zero",
    ),
    pytest.param(
        "PA201",
        "def f(a):\n    best = -1.0\n    for i in range(-len(a), len(a)):\n"
        "        best = max(best, a[i])\n    return best\n",
        {"a": FLOATS},
        [(np.array([np.nan, 2.0, 1.0]),), (np.array([1.0, np.nan]),), (np.zeros(0),)],
        id="maximum with nan",
    ),
    pytest.param(
        "PA201",
        "def f(a):\n    s = 0.0\n    for i in range(len(a) + 1):\n        s += a[i]\n    return s\n",
        {"a": FLOATS},
        [(np.arange(3.0),)],
        id="an index beyond the end",
    ),
    pytest.param(
        "PA202",
        "def f(a: list[list[float]], b: list[float], n: int) -> str:\n    for i in range(n):\n"
        "        for j in range(n):\n"
        "            for k in range(n):\n                a[i][j] += b[k] * b[j - 1]\n    return str(n)\n",
        {"a": "list[list[float]]", "b": "list[float]"},
        [([[1.0, 2.0], [0.5, 0.25]], [3.0, -1.5], 2)],
        id="lists get their values back",
    ),
    pytest.param(
        "PA202",
        "def f(a, n: int) -> str:\n    s = 0\n    for i in range(n):\n        for j in range(i):\n"
        "            if a[i] > a[j]:\n                s += i - j\n    return str(s)\n",
        {"a": FLOATS},
        [(np.array([1.0, 0.1, 7.3]), 3), (np.array([np.nan, 1.0]), 2)],
        id="a sum read after the nest",
    ),
]


@pytest.mark.parametrize(("code", "source", "types", "calls"), FUNCTIONS)
def test_compiled_code_does_what_the_interpreter_did(
    code: str, source: str, types: dict[str, str], calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, after = fixed(RULES[code], source, types)
    assert analysis.findings, [r.reason for r in analysis.refusals]
    with imported(source) as old, imported(after) as new:
        for call in calls:
            before, then = copy.deepcopy(call), copy.deepcopy(call)
            np.testing.assert_equal(_outcome(new.f, then), _outcome(old.f, before))
            np.testing.assert_equal(then, before)


def _outcome(function: Any, values: tuple[Any, ...]) -> tuple[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", function(*values)
        except Exception as error:
            return "raises", type(error).__name__
