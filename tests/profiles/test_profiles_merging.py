"""Several profiles as one: what adds, what is scaled, what never mixes."""

from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles.loading import load, read_profile
from perf_advise.profiles.merging import combine

F, G = Frame("a.py", "f", 1), Frame("a.py", "g", 9)


def profile(unit: Unit = Unit.SECONDS, own: float = 2.0, **fields: object) -> Profile:
    cost = FunctionCost(F, own, own * 2, 3, {4: own}, cpu=own / 2, native=own / 4)
    edge = CallEdge(G, F, own, 3, own / 2)
    whole = Profile("t", unit, own * 4, (cost, FunctionCost(G, own, own * 4)), (edge,))
    return replace(whole, **fields)  # type: ignore[arg-type]


def combined(*profiles: Profile):
    return combine([(Path(f"{n}.prof"), one) for n, one in enumerate(profiles)])


def test_same_unit_adds() -> None:
    time = combined(profile(own=2.0), profile(own=3.0)).time
    cost = next(c for c in time.functions if c.frame == F)
    assert (time.total, cost.own, cost.cumulative, cost.calls, cost.native) == (20.0, 5.0, 10.0, 6, 1.25)
    assert cost.lines == {4: 5.0}
    assert time.edges == (CallEdge(G, F, 5.0, 6, 2.5),)


def test_real_runs_add_to_what_pstats_adds(profiles: Path) -> None:
    """cprofile-merged.prof was made by `pstats.Stats.add` from cprofile.prof and a second run."""
    merged = {c.frame: c for c in read_profile(profiles / "cprofile-merged.prof").functions}
    first = {c.frame: c for c in read_profile(profiles / "cprofile.prof").functions}
    twice = load([profiles / "cprofile-merged.prof", profiles / "cprofile.prof"]).time
    assert twice is not None
    for cost in twice.functions:
        parts = [side[cost.frame] for side in (merged, first) if cost.frame in side]
        assert cost.own == pytest.approx(sum(part.own for part in parts))
        assert cost.calls == sum(part.calls or 0 for part in parts)


def test_samples_are_scaled_to_seconds_and_it_is_said() -> None:
    sampled = profile(Unit.SAMPLES, own=100.0, seconds=4.0, threads={"main": 400.0})
    loaded = combined(profile(own=2.0), sampled)
    cost = next(c for c in loaded.time.functions if c.frame == F)
    assert (loaded.time.unit, loaded.time.total) == (Unit.SECONDS, 12.0)
    assert (cost.own, cost.native, cost.lines) == (3.0, 0.75, {4: 3.0})
    assert loaded.time.edges[0].own == 1.5
    assert loaded.time.threads == {"main": 4.0}
    assert loaded.warnings == ("1.prof: samples scaled to its run time of 4 s",)


def test_percent_is_scaled_as_well() -> None:
    loaded = combined(profile(own=2.0), profile(Unit.PERCENT, own=25.0, seconds=8.0))
    assert (loaded.time.unit, loaded.time.total) == (Unit.SECONDS, 16.0)


def test_samples_alone_stay_samples() -> None:
    loaded = combined(profile(Unit.SAMPLES, own=1.0), profile(Unit.SAMPLES, own=2.0))
    assert (loaded.time.unit, loaded.time.total, loaded.warnings) == (Unit.SAMPLES, 12.0, ())


def test_samples_without_seconds_do_not_mix() -> None:
    with pytest.raises(UserError, match=r"1\.prof: counts samples"):
        combined(profile(), profile(Unit.SAMPLES))


@pytest.mark.parametrize(("unit", "place"), [(Unit.BYTES, "allocation"), (Unit.EXECUTIONS, "executions")])
def test_other_dimensions_stay_apart(unit: Unit, place: str) -> None:
    loaded = combined(profile(own=2.0), profile(unit, own=1000.0), profile(unit, own=1.0))
    assert loaded.time.total == 8.0
    assert getattr(loaded, place).total == 4004.0
    assert combined(profile(unit)).time is None


def test_cpu_time_is_known_only_if_all_know_it() -> None:
    without = profile(functions=(FunctionCost(F, 1.0, 1.0),))
    assert all(cost.cpu is None for cost in combined(profile(), without).time.functions)
    both = profile(functions=(FunctionCost(F, 1.0, 1.0, cpu=0.5),))
    assert combined(both, both).time.functions[0].cpu == 1.0


def test_facts_about_the_runs() -> None:
    a = profile(seconds=1.0, clock="wall", command="x", python="3.11", packages={"numpy": "2", "pandas": "2"})
    b = profile(seconds=2.0, clock="wall", command="y", python="3.12", packages={"numpy": "1", "pandas": "2"})
    time = combined(a, b).time
    assert (time.seconds, time.clock, time.command, time.python) == (3.0, "wall", "x; y", "")
    assert time.packages == {"pandas": "2"}
    assert combined(a, replace(b, clock="cpu", seconds=None)).time.seconds is None


def test_types_and_hashes_on_which_runs_agree() -> None:
    def seen(**names: PyType) -> tuple[SeenTypes, ...]:
        return (SeenTypes("a.py", "f", names),)

    a = profile(types=seen(n=PyType("int", bits=8), x=PyType("int"), only=PyType("str")))
    b = profile(types=seen(n=PyType("int", bits=40), x=PyType("float")))
    time = combined(a, b).time
    assert time.types == seen(n=PyType("int", bits=40), only=PyType("str"))
    key = ("a.py", "f")
    assert combined(profile(hashes={key: "1"}), profile(hashes={key: "2"})).time.hashes == {}
    assert combined(profile(hashes={key: "1"}), profile(hashes={key: "1"})).time.hashes == {key: "1"}


def test_warnings_are_kept_once() -> None:
    loaded = combined(profile(warnings=("w",)), profile(warnings=("w", "v")))
    assert loaded.warnings == ("w", "v")
