"""The dtype tables against NumPy itself."""

import itertools

import numpy as np
import pytest

from perf_advise.facts.tables.effects_numpy import SCALARS
from perf_advise.facts.types.dtypes import divided, floated, promoted, python_type, summed, with_python

DTYPES = sorted(SCALARS)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion(a: str, b: str) -> None:
    assert promoted(a, b) == str(np.promote_types(a, b))


@pytest.mark.parametrize("dtype", DTYPES)
def test_with_python_numbers(dtype: str) -> None:
    ones = np.ones(2, dtype)
    for python, value in (("int", 1), ("float", 1.0), ("complex", 1j), ("bool", True)):
        known = with_python(dtype, python)
        assert known is None or known == str((ones * value).dtype)


def test_small_integers_with_floats_are_left_open() -> None:
    """NumPy 1 and 2 give different results there."""
    assert with_python("int8", "float") is None
    assert with_python("int64", "float") == "float64"


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions(dtype: str) -> None:
    ones = np.ones(2, dtype)
    assert divided(dtype) == str((ones / ones).dtype)
    assert floated(dtype) == str(np.sqrt(ones).dtype)
    assert summed(dtype) == str(ones.sum().dtype)
    assert python_type(dtype) == type(ones[0].item()).__name__


def test_what_is_no_number_has_no_dtype() -> None:
    assert promoted("object", "float64") is None
    assert promoted(None, "float64") is None
    assert summed("datetime64") is None
