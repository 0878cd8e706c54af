"""Random loop nests before and after the array rules: what a fixed one gives and stores is what the loops did."""

import copy
import os
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from array_programs import NESTS, Program, argument_lists, programs
from hypothesis import HealthCheck, assume, given, settings

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code in NESTS}
RULES["PA102 rows"] = RULES["PA102 windows"] = RULES["PA102"]
TRIALS = int(os.environ.get("ARRAY_TRIALS", "40"))
BOUNDS = "an index beyond the end, or a bound below zero, raises another exception, or none"
SKIPPED_BOUNDS = "an index beyond the end raises also where the condition leaves the element out"
NAN = (
    "the result where a value is NaN",
    "an extreme that is NaN",
    "int() of NaN",
    "NaN, infinity",
    "which of two values is taken where one is NaN",
)
EMPTY = ("zero-size", "negative", "an empty sequence", "window shape cannot be larger")
VECTOR, GRID = "ndarray[float64, 1d]", "ndarray[float64, 2d]"
ROUNDING = ("float rounding order", "last digit")


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")


@pytest.mark.parametrize(
    ("code", "least"),
    [
        ("PA101", 3),
        pytest.param("PA102", 5, marks=pytest.mark.slow),
        ("PA102 rows", 5),
        ("PA102 windows", 5),
        ("PA103", 3),
        ("PA104", 2),
        ("PA105", 3),
        ("PA106", 3),
        ("PA107", 3),
    ],
)
def test_a_fixed_nest_does_what_the_loops_did(code: str, least: int) -> None:
    fired: Counter[str] = Counter()

    @settings(max_examples=TRIALS, deadline=None, derandomize=TRIALS == 40, suppress_health_check=list(HealthCheck))
    @given(programs(code), st.data())
    def check(program: Program, data: st.DataObject) -> None:
        analysis, after = fixed(RULES[code], program.source, program.types)
        assert not analysis.warnings
        assume(analysis.findings)
        differences = "; ".join(d for f in analysis.findings if f.fix for d in f.fix.differences)
        with imported(program.source) as old, imported(after) as new:
            for _ in range(8):
                values = data.draw(argument_lists(program.types))
                if not _is_named(differences, values):
                    fired[code] += _agrees(old, new, values, differences)

    check()
    assert fired[code] >= least, f"{code} fixed too few of the nests"


@pytest.mark.parametrize(
    "code", ["PA101", pytest.param("PA102", marks=pytest.mark.slow), "PA104", "PA105", "PA106", "PA107"]
)
def test_floats_added_in_another_order_are_named(code: str) -> None:
    """The other properties use numbers whose sums are exact; here the last bit counts where nothing is named."""
    random = np.random.default_rng(7)
    seen: Counter[str] = Counter()

    @settings(max_examples=TRIALS, deadline=None, derandomize=TRIALS == 40, suppress_health_check=list(HealthCheck))
    @given(programs(code))
    def check(program: Program) -> None:
        analysis, after = fixed(RULES[code], program.source, dict.fromkeys("abc", VECTOR) | dict.fromkeys("gh", GRID))
        differences = "; ".join(d for f in analysis.findings if f.fix for d in f.fix.differences)
        assume(analysis.findings)
        if any(text in differences for text in ROUNDING):
            seen["named"] += 1
            return
        with imported(program.source) as old, imported(after) as new:
            values = [*(random.random(40) for _ in "abc"), *(random.random((40, 40)) for _ in "gh"), 38, 2, 0.3]
            seen["same"] += _agrees(old, new, values, differences)

    check()
    assert seen["named"] if code == "PA104" else seen["same"]


def _is_named(differences: str, values: list[Any]) -> bool:
    """Whether the fix says that it may differ for these arguments."""
    *arrays, n, k, _ = values
    if BOUNDS in differences and (n < 2 or k < 1 or any(min(a.shape) < 2 for a in arrays)):
        return True
    return any(text in differences for text in NAN) and any(np.isnan(a).any() for a in arrays)


def _agrees(old: Any, new: Any, values: list[Any], differences: str) -> bool:
    """Whether there was something to compare; asserts that both sides gave the same."""
    before, after = copy.deepcopy(values), copy.deepcopy(values)
    outcome = _outcome(old.f, before)
    if outcome[0] == "raises":
        vars(old)["lasting"][:] = vars(new)["lasting"][:] = np.arange(9.0)
        return False
    got = _outcome(new.f, after)
    is_named = SKIPPED_BOUNDS in differences or (
        "raises ValueError" in differences and got[0] == "raises" and any(text in got[1] for text in EMPTY)
    )
    if got[0] == "raises" and is_named:
        vars(old)["lasting"][:] = vars(new)["lasting"][:] = np.arange(9.0)
        return False
    tolerance = 1e-9 if any(text in differences for text in ROUNDING) else 0.0
    assert got[0] == outcome[0], got
    for one, other in zip([*outcome[1], *before, old.lasting], [*got[1], *after, new.lasting], strict=True):
        _assert_same(one, other, tolerance)
    vars(old)["lasting"][:] = vars(new)["lasting"][:] = np.arange(9.0)
    return True


def _assert_same(before: Any, after: Any, tolerance: float) -> None:
    first, second = np.asarray(before), np.asarray(after)
    assert first.shape == second.shape
    scale = max(1.0, float(np.nanmax(np.abs(first[np.isfinite(first)]), initial=0.0)))
    np.testing.assert_allclose(second, first, rtol=tolerance, atol=tolerance * scale)


def _outcome(function: Callable[..., Any], values: list[Any]) -> tuple[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ("value", function(*values))
        except Exception as error:
            return ("raises", repr(error))
