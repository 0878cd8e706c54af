"""Stores to every k-th element before and after the fix, over all small bounds and steps."""

from itertools import product

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

(RULE,) = (loaded for loaded in load_rules() if loaded.rule.code == "PA108")
SOURCE = """
def f(start: int, stop: int, step: int):
    xs = {made}
    for j in range(start, stop, step):
        xs[j] = {value}
    return xs
"""


@pytest.mark.parametrize(("made", "value"), [("[1] * 7", "0"), ("bytearray(7)", "9"), ("[None] * 7", "'a'")])
def test_a_slice_takes_what_the_loop_stored(made: str, value: str) -> None:
    before = SOURCE.format(made=made, value=value)
    analysis, after = fixed(RULE, before)
    assert analysis.findings
    assert "for j" not in after
    with imported(before) as old, imported(after) as new:
        for bounds in product(range(8), range(8), (1, 2, 3, 5)):
            assert new.f(*bounds) == old.f(*bounds)


def test_an_index_beyond_the_end_raises() -> None:
    before = SOURCE.format(made="[1] * 7", value="0")
    _, after = fixed(RULE, before)
    with imported(after) as new, pytest.raises(ValueError, match="extended slice"):
        new.f(0, 9, 2)
