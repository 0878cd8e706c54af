"""Adding up: stacks with recursion count a sample once, and numbers that are none are refused."""

import pytest

from perf_advise.model.profile import CallEdge, Frame
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError

A, B, C = Frame("x.py", "a", 1), Frame("x.py", "b", 5), Frame("x.py", "c", 9)


def test_recursion_in_a_stack_counts_once() -> None:
    costs = Costs()
    costs.add_stack([(A, 2), (B, 6), (A, 3), (B, 7)], 10.0)
    costs.add_stack([(A, 2), (B, 6)], 1.0)
    rows = {cost.frame: (cost.own, cost.cumulative, cost.lines) for cost in costs.functions()}
    assert rows == {A: (0, 11.0, {}), B: (11.0, 11.0, {6: 1.0, 7: 10.0})}
    assert set(costs.edges()) == {CallEdge(A, B, 11.0, own=11.0), CallEdge(B, A, 10.0, own=0.0)}
    assert costs.total() == 11.0


def test_stack_without_frames_or_lines() -> None:
    costs = Costs()
    costs.add_stack([], 5.0)
    costs.add_stack([(A, None)], 5.0)
    assert [(cost.frame, cost.own, cost.lines) for cost in costs.functions()] == [(A, 5.0, {})]


def test_hottest_first_then_by_name() -> None:
    costs = Costs()
    for frame, own in ((C, 1.0), (A, 1.0), (B, 2.0)):
        costs.add(frame, own, own)
    assert [cost.frame for cost in costs.functions()] == [B, A, C]


def test_unknown_counts_stay_unknown() -> None:
    costs = Costs()
    costs.add(A, 1.0, 1.0)
    costs.add(B, 1.0, 1.0, calls=2, cpu=0.5)
    costs.add(B, 1.0, 1.0)
    rows = {cost.frame: (cost.calls, cost.cpu) for cost in costs.functions()}
    assert rows == {A: (None, None), B: (2, 0.5)}


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 1e300, 10**400, "1", None, True, 1j])
def test_weight_that_is_no_number(weight: object) -> None:
    with pytest.raises(ProfileError):
        Costs().add(A, own=weight)  # type: ignore[arg-type]
