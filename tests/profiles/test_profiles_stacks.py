"""Adding up stacks, given whole or as they open and close, against plain sums."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles import stacks
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.frame_texts import FrameText, are_first_lines
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import C_CODE, LABEL, OPERATION, WAITING, Stacks, StackTotals, StackWalk

NAMES = "abcd"


def places(totals: StackTotals) -> dict[tuple[str, int], tuple[int, int]]:
    numbers = Places(totals)
    return {(n, line): numbers.place(FrameText(n, "m.py", line)) for n in NAMES for line in (1, 2)}


CALLS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 2)), max_size=8)


@given(st.lists(st.tuples(CALLS, st.integers(0, 9)), min_size=1, max_size=30), st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_whole_stacks(naive, rows, held: int) -> None:
    totals = StackTotals()
    known = places(totals)
    indexes = {frame: i for i, frame in enumerate(known)}
    summed = Stacks(totals, list(known.values()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stacks, "_MOST_HELD", held)
        for stack, weight in rows:
            summed.add(tuple(indexes[frame] for frame in stack), weight)
        summed.flush()
    check(naive, totals, rows)


@given(st.lists(st.one_of(st.sampled_from([(n, 1) for n in NAMES]), st.none(), st.integers(1, 9)), max_size=60))
@settings(max_examples=200, deadline=None)
def test_stack_that_opens_and_closes(naive, steps) -> None:
    """A step opens a function, closes one, or spends."""
    totals = StackTotals()
    known = places(totals)
    walk = StackWalk(totals)
    opened, rows = [], []
    for step in steps:
        if step is None:
            if opened:
                opened.pop()
                walk.leave()
        elif isinstance(step, int):
            rows.append((list(opened), step))
            walk.spend(step)
        else:
            opened.append(step)
            walk.enter(*known[step])
    walk.go_to(0)
    check(naive, totals, rows)


def check(naive, totals: StackTotals, rows) -> None:
    profile = totals.profile("test", Unit.SAMPLES)
    expected = naive([([(("m.py", n), line) for n, line in stack], weight) for stack, weight in rows])
    assert profile.total == expected.total
    spent = {(c.frame.path, c.frame.name): c for c in profile.functions if c.cumulative}
    assert {key: c.own for key, c in spent.items() if c.own} == +expected.own
    assert {key: c.cumulative for key, c in spent.items()} == +expected.cumulative
    lines = {(key, line): w for key, c in spent.items() for line, w in c.lines.items()}
    assert lines == +expected.lines
    edges = {((e.caller.path, e.caller.name), (e.callee.path, e.callee.name)): e for e in profile.edges}
    assert {key: e.cumulative for key, e in edges.items() if e.cumulative} == +expected.edges
    for key, e in edges.items():
        own = sum(w for s, w in rows if len(s) > 1 and tuple(("m.py", n) for n, _ in s[-2:]) == key)
        assert e.own == own


@pytest.mark.parametrize(
    ("above", "native", "cpu"),
    [
        ((), 0, None),
        ((LABEL,), 0, None),
        ((C_CODE,), 4, None),
        ((LABEL, C_CODE), 4, None),
        ((C_CODE, OPERATION), 4, None),
        ((OPERATION, C_CODE), 0, None),
        ((WAITING,), 0, 0),
    ],
)
def test_what_lies_on_top_of_a_function_is_its_own(above, native: float, cpu: float | None) -> None:
    totals = StackTotals()
    function = totals.number(Frame("m.py", "f"))
    walk = StackWalk(totals)
    walk.go_to(0, [(function, 3), *((number, 0) for number in above)])
    walk.spend(4)
    walk.go_to(0)
    (cost,) = totals.profile("test", Unit.SECONDS).functions
    assert (cost.own, cost.cumulative, cost.native, cost.cpu) == (4, 4, native, cpu)
    assert dict(cost.lines) == {3: 4}


def test_weight_below_no_function_counts_to_the_whole_only() -> None:
    totals = StackTotals()
    walk = StackWalk(totals)
    walk.enter(LABEL)
    walk.spend(2)
    walk.go_to(0, [(C_CODE, 0), (totals.number(Frame("m.py", "f")), 0)])
    walk.spend(1)
    walk.go_to(0)
    profile = totals.profile("test", Unit.SAMPLES)
    assert profile.total == 3
    assert [(c.frame.name, c.own, c.cumulative) for c in profile.functions] == [("f", 1, 1)]
    assert profile.edges == ()


def test_too_many_pairs_and_lines_are_left_out_and_said(monkeypatch) -> None:
    monkeypatch.setattr(stacks, "_MOST_PAIRS", 3)
    monkeypatch.setattr(stacks, "_MOST_LINES", 2)
    totals = StackTotals()
    numbers = Places(totals)
    frames = [numbers.place(FrameText(f"f{i}", "m.py", i + 1)) for i in range(9)]
    walk = StackWalk(totals)
    for frame in frames:
        walk.go_to(0, [frames[0], frame])
        walk.spend(1)
    walk.go_to(0)
    profile = totals.profile("test", Unit.SAMPLES)
    assert sum(c.own for c in profile.functions) == profile.total == 9
    assert len(profile.edges) <= 3
    assert [w.partition(":")[2] for w in profile.warnings] == [" the rest is left out"] * 2


def test_too_many_functions(monkeypatch) -> None:
    monkeypatch.setattr(stacks, "_MOST_FUNCTIONS", 2)
    totals = StackTotals()
    totals.number(Frame("m.py", "f"))
    totals.number(Frame("m.py", "g"))
    assert totals.number(Frame("m.py", "f")) == 0
    with pytest.raises(ProfileError, match="too many functions"):
        totals.number(Frame("m.py", "h"))


def test_sums_that_are_not_finite() -> None:
    totals = StackTotals()
    walk = StackWalk(totals)
    walk.enter(totals.number(Frame("m.py", "f")))
    walk.spend(9e17)
    walk.spend(9e17)
    walk.go_to(0)
    with pytest.raises(ProfileError):
        totals.profile("test", Unit.SAMPLES)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([("<module>", "a.py", 1), ("f", "a.py", 3), ("g", "a.py", 9)], True),
        ([("<module>", "a.py", 12), ("f", "a.py", 3), ("g", "a.py", 9)], False),
        ([("<module>", "<string>", 1), ("f", "a.py", 3)], False),
        ([("<module>", "a.py", 1), ("f", "a.py", 3), ("f", "a.py", 4), ("g", "a.py", 9)], False),
        ([("<module>", "a.py", 1), ("<lambda>", "a.py", 3), ("<lambda>", "a.py", 4), ("g", "a.py", 9)], True),
        ([("f", "a.py", 3), ("g", "a.py", 9)], False),
        ([("<module>", "a.py", 0), ("f", "a.py", 0)], False),
    ],
)
def test_first_lines_are_told_from_current_ones(frames, expected: bool) -> None:
    assert are_first_lines([FrameText(*frame) for frame in frames]) is expected
