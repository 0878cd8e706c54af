"""Rows computed one by one: long ones, which a profile that counts calls tells, stay as they are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import libcst as cst
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed
from perf_advise.model.facts import Truth
from perf_advise.model.hot import HotFunction
from perf_advise.rulekit.arrays.row_costs import short_rows

GRID, VECTOR = "ndarray[float64, 2d]", "ndarray[float64, 1d]"
PA102 = next(loaded for loaded in load_rules() if loaded.rule.code == "PA102")


@pytest.mark.parametrize(("counted", "truths"), [(200_000, [Truth.YES]), (600, [Truth.NO]), (0, [])])
def test_short_rows(counted: int, truths: list[Truth]) -> None:
    hot = HotFunction(Path("p.py"), "f", 1, 1, 9, 0.9, 1.0, 1.8, 2.0, counted=counted)
    view = SimpleNamespace(hot=hot, walk=lambda kind: [])
    assert [need.answer.truth for need in short_rows(cast(Any, view), cst.Pass())] == truths


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("for i in range(len(a)):\n        c[i] = np.dot(a[i], q)", "c[:len(a)] = a @ q"),
        ("for i in range(len(a)):\n        c[i] = a[i].max()", "c[:len(a)] = a.max(axis=1)"),
        ("for j in range(a.shape[1]):\n        c[j] = a[:, j].sum()", "c[:a.shape[1]] = a.sum(axis=0)"),
        ("for i in range(len(a)):\n        d = a[i] - q\n        c[i] = np.dot(d, d)", "= np.sum(d * d, axis=1)"),
        ("for i in range(1, len(a)):\n        c[i] = np.sum(a[i, 1:] * q[i])", "np.sum(a[1:, 1:] * q[1:len(a), None]"),
    ],
)
def test_rows_at_once(body: str, line: str) -> None:
    pytest.importorskip("numpy")
    text = f"import numpy as np\n\n\ndef f(a, q, c):\n    {body}\n    return c\n"
    after = fixed(PA102, text, {"a": GRID, "q": VECTOR, "c": VECTOR})[1]
    assert line in after


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(len(a)):\n        c[i] = np.sum(a[i], keepdims=True)",
        "for i in range(len(a)):\n        c[i] = np.sum(a[i, :i])",
        "for i in range(len(a)):\n        c[i] = np.sum(q * q * c[i])",
        "for i in range(len(a)):\n        c[i] = np.max(q[i:i + 4])",
        "for i in range(len(q) - 3):\n        c[i] = np.max(q[i - 1:i + 2])",
        "for i in range(1, len(a)):\n        a[i, 0] = np.sum(a[i - 1])",
        "for i in range(len(a)):\n        c[i] = len(a[i])",
    ],
)
def test_rows_that_stay(body: str) -> None:
    pytest.importorskip("numpy")
    text = f"import numpy as np\n\n\ndef f(a, q, c):\n    {body}\n    return c\n"
    assert fixed(PA102, text, {"a": GRID, "q": VECTOR, "c": VECTOR})[1] == text
