"""Adding up per frame; numbers that are none are refused."""

import pytest

from perf_advise.model.profile import CallEdge, Frame
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError

A, B, C = Frame("x.py", "a", 1), Frame("x.py", "b", 5), Frame("x.py", "c", 9)


def test_rows_and_edges_add_up() -> None:
    costs = Costs()
    for own in (1.0, 2.0):
        costs.add(A, own, own * 2, native=own / 2)
        costs.add_line(A, 3, own)
        costs.add_call(B, A, own, calls=1, own=own / 2)
    (cost,) = costs.functions()
    assert (cost.own, cost.cumulative, cost.native, cost.lines) == (3.0, 6.0, 1.5, {3: 3.0})
    assert costs.edges() == (CallEdge(B, A, 3.0, 2, 1.5),)
    assert costs.total() == 3.0


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
