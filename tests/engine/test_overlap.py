"""Competing fixes: the better one wins; insertions at one place become one edit."""

from pathlib import Path

from perf_advise.engine.overlap import choose, joined
from perf_advise.model.finding import Edit, Finding, Fix, Gain
from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Location, Span
from perf_advise.model.rule import Applicability

PATH = Path("a.py")
HOT = HotFunction(PATH, "f", 1, 1, 9, 0.5, 0.5)


def finding(
    code: str, start: int, end: int, speedup: float, applicability: Applicability = Applicability.SAFE
) -> Finding:
    edit = Edit(PATH, Span(start, end), "x" * (end - start), "y")
    fix = Fix(applicability, "m", (edit,), own_edits=(edit,))
    place = Location(1, 1)
    return Finding(code, "n", "m", PATH, place, place, HOT, Span(start, end), fix, Gain(speedup, 0.5))


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [f.code for f in findings]


def test_the_larger_gain_wins_and_the_other_is_left() -> None:
    chosen, left = choose([finding("PA1", 0, 9, 2.0), finding("PA2", 5, 12, 8.0)])
    assert (codes(chosen), codes(left)) == (["PA2"], ["PA1"])


def test_with_equal_gain_the_more_careful_fix_wins() -> None:
    unsafe = finding("PA1", 0, 9, 2.0, Applicability.UNSAFE)
    chosen, _ = choose([unsafe, finding("PA2", 0, 9, 2.0)])
    assert codes(chosen) == ["PA2"]


def test_fixes_that_do_not_touch_are_all_chosen_in_order() -> None:
    chosen, left = choose([finding("PA2", 10, 12, 9.0), finding("PA1", 0, 9, 2.0)])
    assert (codes(chosen), left) == (["PA1", "PA2"], ())


def test_the_choice_does_not_depend_on_the_order_given() -> None:
    some = [finding("PA1", 0, 9, 2.0), finding("PA2", 5, 12, 2.0), finding("PA3", 11, 20, 3.0)]
    assert choose(some) == choose(some[::-1])


def test_insertions_at_one_place_follow_each_other() -> None:
    here = Span(4, 4)
    first, second = Edit(PATH, here, "", "import a\n"), Edit(PATH, here, "", "def k(): ...\n")
    assert joined([first, second, first]) == (Edit(PATH, here, "", "import a\ndef k(): ...\n"),)
