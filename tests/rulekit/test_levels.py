"""Code taken from files of any indentation comes out in four spaces a level, and means the same."""

import ast

import hypothesis.strategies as st
import pytest
from hypothesis import given

from perf_advise.rulekit.levels import in_levels

NEST = (
    "for i in a:  # rows\n{u}# odd ones\n{u}if (i and\n        i > 2):\n{u}{u}for j in b:\n{u}{u}{u}f(i,\n  j)\n"
    "{u}{u}g(i)\n{u}else:\n{u}{u}h(i)"
)


@given(st.sampled_from(["  ", " ", "\t", "   ", "    ", "        "]))
def test_any_unit_becomes_four_spaces(unit: str) -> None:
    found = in_levels(NEST.format(u=unit))
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(NEST.format(u=unit)))
    assert [line for line in found.split("\n") if line.endswith(("j in b:", "g(i)", "h(i)"))] == [
        "        for j in b:",
        "        g(i)",
        "        h(i)",
    ]
    assert "    # odd ones" in found.split("\n")


def test_four_spaces_stay_as_they_are() -> None:
    code = NEST.format(u="    ")
    assert in_levels(code) == code


@pytest.mark.parametrize(
    "code", ["x = 1", "if x:\n    y = (1 +\n         2)\n\n    z = 3", "while x:\n    pass  # till the end"]
)
def test_what_is_right_stays(code: str) -> None:
    assert in_levels(code) == code
