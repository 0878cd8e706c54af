"""The project's own profile: what is written is read back, rounded, and writing it again changes nothing."""

import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles import own
from perf_advise.profiles.errors import ProfileError

GRID = Frame("src/sim/grid.py", "Grid.energy", 88)
RUN = Frame("src/sim/grid.py", "run", 120)
MAIN = Frame("src/app.py", "<module>", 1)
PROFILE = Profile(
    tool="sampler",
    unit=Unit.SECONDS,
    total=20.0,
    functions=(
        FunctionCost(GRID, 8.23, 8.41, 12345, {90: 7.6, 91: 0.02}, cpu=6.2, native=2.04),
        FunctionCost(RUN, 0.05, 9.9),
        FunctionCost(MAIN, 1.1, 20.0, 1),
        FunctionCost(Frame("src/cold.py", "cold", 5), 0.01, 0.02),
        FunctionCost(Frame("~", "<built-in method builtins.len>"), 5.0, 5.0),
    ),
    edges=(CallEdge(RUN, GRID, 8.41), CallEdge(MAIN, RUN, 9.9), CallEdge(Frame("b.py", "gone", 7), GRID, 0.3)),
    seconds=12.44,
    command="python -m app --n 3",
    python="3.11.7",
    packages={"pandas": "2.2", "numpy": "2.4.6"},
    types=(
        SeenTypes(
            "src/sim/grid.py",
            "Grid.energy",
            {"a": PyType("numpy.ndarray", dtype="float64", ndim=2), "n": PyType("int", bits=12)},
        ),
    ),
    hashes={("src/sim/grid.py", "Grid.energy"): "0123456789abcdef"},
)


def parse(text: str) -> Profile:
    return own.read(io.BytesIO(text.encode()), len(text))


def test_written_form() -> None:
    data = json.loads(own.to_json(PROFILE))
    assert list(data) == ["version", "command", "profiler", "python", "packages", "seconds", "functions"]
    assert data["seconds"] == 12.0
    assert list(data["packages"]) == ["numpy", "pandas"]
    assert [(f["path"], f["line"]) for f in data["functions"]] == [
        ("src/app.py", 1),
        ("src/sim/grid.py", 88),
        ("src/sim/grid.py", 120),
    ]
    assert data["functions"][1] == {
        "path": "src/sim/grid.py",
        "qualname": "Grid.energy",
        "line": 88,
        "own": 0.41,
        "cumulative": 0.42,
        "calls": 12000,
        "native": 0.1,
        "waiting": 0.1,
        "hash": "0123456789abcdef",
        "lines": {"2": 0.38},
        "callers": {"b.py:gone": 0.01, "run": 0.42},
        "types": {
            "a": {"name": "numpy.ndarray", "dtype": "float64", "ndim": 2},
            "n": {"name": "int", "bits": 12},
        },
    }


def test_read_form() -> None:
    profile = parse(own.to_json(PROFILE))
    costs = {cost.frame: cost for cost in profile.functions}
    assert (profile.unit, profile.total, profile.seconds) == (Unit.SECONDS, 12.0, 12.0)
    assert set(costs) == {GRID, RUN, MAIN}
    assert (costs[GRID].own, costs[GRID].cpu, costs[GRID].native) == pytest.approx((4.92, 3.72, 1.2))
    assert costs[GRID].lines == pytest.approx({90: 4.56})
    assert (costs[RUN].cpu, costs[RUN].calls) == (None, None)
    assert {(e.caller, e.callee) for e in profile.edges} == {
        (RUN, GRID),
        (MAIN, RUN),
        (Frame("b.py", "gone"), GRID),
    }
    assert profile.types == PROFILE.types
    assert profile.hashes == PROFILE.hashes
    assert profile.packages == PROFILE.packages
    assert (profile.command, profile.python, profile.tool) == ("python -m app --n 3", "3.11.7", "sampler")


def test_without_seconds_it_is_percent() -> None:
    profile = parse(own.to_json(replace(PROFILE, seconds=None)))
    assert (profile.unit, profile.total) == (Unit.PERCENT, 100.0)
    assert next(c.own for c in profile.functions if c.frame == GRID) == pytest.approx(41)


def test_small_change_is_a_small_difference() -> None:
    functions = (replace(PROFILE.functions[0], own=8.6), *PROFILE.functions[1:])
    before = own.to_json(PROFILE).splitlines()
    after = own.to_json(replace(PROFILE, functions=functions)).splitlines()
    changed = [line for line in zip(before, after, strict=True) if line[0] != line[1]]
    assert changed == [
        ('   "own": 0.41,', '   "own": 0.43,'),
        ('   "waiting": 0.1,', '   "waiting": 0.12,'),
    ]


def test_no_negative_zero() -> None:
    cost = FunctionCost(GRID, 5.0, 5.0, cpu=5.01)
    assert '"waiting": 0.0,' in own.to_json(replace(PROFILE, functions=(cost,)))


def test_order_of_measurement_does_not_show() -> None:
    turned = replace(
        PROFILE,
        functions=PROFILE.functions[::-1],
        edges=PROFILE.edges[::-1],
        packages=dict(reversed(PROFILE.packages.items())),
    )
    assert own.to_json(turned) == own.to_json(PROFILE)


SHARES = st.floats(0, 1)
FRAMES = st.builds(
    Frame,
    st.sampled_from(["a.py", "src/b.py", "C:/c d.py"]),
    st.sampled_from(["f", "G.f", "f.<locals>.<lambda>", "<module>", "größe"]),
    st.none() | st.integers(1, 300),
)
COSTS = st.builds(
    FunctionCost,
    FRAMES,
    SHARES,
    SHARES,
    st.none() | st.integers(0, 10**9),
    st.dictionaries(st.integers(300, 400), SHARES, max_size=3),
    st.none() | SHARES,
    SHARES,
)
TYPES = st.recursive(
    st.builds(PyType, st.sampled_from(["int", "app.Grid"]), size=st.none() | st.integers(0, 9)),
    lambda t: st.builds(PyType, st.just("list"), st.lists(t, max_size=2).map(tuple), homogeneous=st.booleans()),
    max_leaves=4,
)


@st.composite
def measured(draw) -> Profile:
    functions = draw(st.lists(COSTS, max_size=6, unique_by=lambda cost: cost.frame))
    frames = [cost.frame for cost in functions] or [GRID]
    pairs = st.tuples(st.sampled_from([*frames, GRID]), st.sampled_from(frames))
    edges = draw(st.lists(st.tuples(pairs, SHARES), max_size=6, unique_by=lambda edge: edge[0]))
    places = sorted({(frame.path, frame.name) for frame in frames})
    names = st.dictionaries(st.sampled_from("abc"), TYPES, min_size=1)
    return Profile(
        "sampler",
        Unit.SAMPLES,
        1.0,
        tuple(functions),
        tuple(CallEdge(caller, callee, share) for (caller, callee), share in edges),
        seconds=draw(st.none() | st.floats(0.001, 1e6)),
        types=tuple(SeenTypes(*place, draw(names)) for place in places),
        hashes={place: draw(st.text("0123456789abcdef", min_size=16, max_size=16)) for place in places},
    )


@given(measured())
def test_reading_and_writing_again_changes_nothing(profile: Profile) -> None:
    text = own.to_json(profile)
    read = parse(text)
    assert own.to_json(read) == text
    assert parse(own.to_json(read)) == read


@given(measured())
def test_shares_survive_to_a_percent(profile: Profile) -> None:
    read = parse(own.to_json(profile))
    shares = {cost.frame: (cost.own / read.total, cost.cumulative / read.total) for cost in read.functions}
    for cost in profile.functions:
        own_share, cumulative = shares.get(cost.frame, (0.0, 0.0))
        assert (own_share, cumulative) == pytest.approx((cost.own, cost.cumulative), abs=0.00501)


def damaged(**changes: object) -> str:
    data = json.loads(own.to_json(PROFILE))
    for key, value in changes.items():
        if key in data:
            data[key] = value
        else:
            data["functions"][1][key] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"functions": 5},
        {"functions": [5]},
        {"functions": [{}]},
        {"seconds": "12"},
        {"path": None},
        {"qualname": 7},
        {"line": "88"},
        {"own": "0.4"},
        {"own": float("nan")},
        {"lines": {"x": 0.1}},
        {"lines": [1]},
        {"callers": {"run": None}},
        {"types": {"a": 5}},
        {"types": {"a": {"dtype": "int64"}}},
        {"types": {"a": {"name": "list", "args": 7}}},
        {"hash": 7},
        {"packages": ["numpy"]},
        {"command": ["python"]},
    ],
    ids=str,
)
def test_damage_is_one_line(changes: dict[str, object]) -> None:
    with pytest.raises(ProfileError):
        parse(damaged(**changes))


def test_another_version_says_so() -> None:
    with pytest.raises(ProfileError, match="another version"):
        parse(damaged(version=2))


def test_types_of_wrong_shape_are_dropped() -> None:
    seen = parse(damaged(types={"a": {"name": "int", "ndim": "2", "dtype": 7, "extra": 1}})).types[0].names
    assert seen == {"a": PyType("int")}


def test_no_values_and_no_time_stamps() -> None:
    assert not re.search(r"20\d\d-|[0-9]{9}", own.to_json(PROFILE).replace("0123456789abcdef", ""))
