"""Values of options as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.model.names import did_you_mean
from perf_advise.model.options import FloatTolerance, parse_float_tolerance, parse_hot, parse_target_version


@pytest.mark.parametrize(
    ("text", "share"), [("1%", 0.01), ("0.01", 0.01), ("2.5 %", 0.025), ("99%", 0.99), (" 5%", 0.05)]
)
def test_a_share_is_percent_or_fraction(text: str, share: float) -> None:
    assert parse_hot(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["1", "5", "20", "1.0"])
def test_a_number_from_one_up_without_percent_says_what_to_write(text: str) -> None:
    with pytest.raises(UserError, match=f"write {text}% or a number below 1"):
        parse_hot(text)


@pytest.mark.parametrize("text", ["", "much", "nan", "0", "-1%", "100%", "150%", "inf%", "-0.2", "1%%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="hot: "):
        parse_hot(text)


@given(st.floats(min_value=1e-6, max_value=0.999))
def test_percent_and_fraction_agree(share: float) -> None:
    assert parse_hot(f"{share * 100!r}%") == pytest.approx(parse_hot(repr(share)))


def test_float_tolerance_in_ulp_or_relative() -> None:
    assert parse_float_tolerance("4ulp") == FloatTolerance(ulp=4)
    assert parse_float_tolerance("4 ULP") == FloatTolerance(ulp=4)
    assert parse_float_tolerance("1e-12") == FloatTolerance(relative=1e-12)


@pytest.mark.parametrize("text", ["", "ulp", "-1ulp", "infulp", "nan", "2", "-1e-9", "close"])
def test_other_tolerances_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="write 4ulp or 1e-12"):
        parse_float_tolerance(text)


@pytest.mark.parametrize("text", ["3.12", "py312"])
def test_target_version(text: str) -> None:
    assert parse_target_version(text) == (3, 12)


@pytest.mark.parametrize("text", ["", "3", "2.7", "py27", "3.x", "3.123"])
def test_other_versions_are_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"write 3\.12 or py312"):
        parse_target_version(text)


def test_did_you_mean_offers_the_nearest_and_nothing_far() -> None:
    assert did_you_mean("selct", ["select", "ignore"]) == "did you mean select?"
    assert did_you_mean("pa501", ["PA501", "XYZ"]) == "did you mean PA501?"
    assert did_you_mean("zzz", ["select", "ignore"]) == ""
