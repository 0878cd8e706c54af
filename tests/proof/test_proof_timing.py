"""How often either side is run, so that a great gain does not take long to measure."""

import math

import pytest

from perf_advise.proof.agent.timing import compare_times


class Side:
    """Answers what a clock would, and counts the passes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passes = 0

    def time(self, cases, repeat, fresh, on_cpu):
        self.passes += repeat
        return self._seconds

    def is_alone(self, cases, fresh):
        return True

    def renew(self):
        pass


@pytest.mark.parametrize(("old", "new"), [(0.05, 1e-5), (1e-5, 0.05)])
def test_the_slow_side_does_not_run_as_often_as_the_fast_one(old, new):
    sides = Side(old), Side(new)
    found = compare_times(*sides, [None], False, 0.01)
    assert math.isclose(found["ratio"], old / new) and found["low"] < old / new < found["high"]
    assert sum(side.passes for side in sides if side._seconds == 0.05) < 1000


def test_equal_sides_run_as_often():
    sides = Side(2e-5), Side(3e-5)
    compare_times(*sides, [None], False, 0.01)
    assert sides[0].passes == sides[1].passes > 100
