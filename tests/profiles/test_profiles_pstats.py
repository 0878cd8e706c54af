"""The pstats reader against `pstats.Stats`, on real dumps of every tool that writes them and on fresh ones."""

import cProfile
import marshal
import profile as pure_profile
import pstats
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles import marshal_values
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

DUMPS = [
    "cprofile.prof",
    "cprofile-312.prof",
    "cprofile-313.prof",
    "cprofile-inproc.prof",
    "cprofile-merged.prof",
    "cprofile-stripdirs.prof",
    "cprofile-thread-crunch-0.prof",
    "notebook-prun.prof",
    "yappi-wall.prof",
    "yappi-cpu-nob.prof",
    "pyinstrument.pstats",
]


def expected_frame(key):
    path, line, name = key
    if hasattr(name, "co_name"):
        name = name.co_name
    return Frame("~", name) if line == 0 else Frame(path, name, line)


def stats_by_frame(path: Path):
    """What `pstats.Stats` has: own, cumulative and calls per frame, cumulative and calls per edge; the total."""
    stats = pstats.Stats(str(path))
    functions, edges = {}, {}
    for key, (_, calls, own, cumulative, callers) in stats.stats.items():
        frame = expected_frame(key)
        row = functions.setdefault(frame, [0.0, 0.0, 0])
        for place, value in enumerate((own, cumulative, calls)):
            row[place] += value
        for caller, flow in callers.items():
            if isinstance(flow, tuple):
                edge = edges.setdefault((expected_frame(caller), frame), [0.0, 0.0])
                edge[0] += flow[3]
                edge[1] += flow[2]
    return functions, edges, stats.total_tt


def check(path: Path) -> None:
    functions, edges, total = stats_by_frame(path)
    profile = read_profile(path)
    assert profile.unit is Unit.SECONDS
    assert profile.total == pytest.approx(total, rel=1e-12)
    assert {c.frame: pytest.approx([c.own, c.cumulative]) for c in profile.functions} == {
        frame: row[:2] for frame, row in functions.items()
    }
    counted = {c.frame: c.calls for c in profile.functions if c.calls is not None}
    assert counted == {frame: row[2] for frame, row in functions.items() if profile.tool != "pyinstrument"}
    if edges:
        assert {(e.caller, e.callee): pytest.approx([e.cumulative, e.own]) for e in profile.edges} == edges


@pytest.mark.parametrize("name", DUMPS)
def test_real_dump_equals_pstats(profiles: Path, name: str) -> None:
    check(profiles / name)


def work(n: int) -> int:
    return n if n < 2 else work(n - 1) + work(n - 2)


def sort_by_key() -> list[int]:
    return sorted(range(200), key=lambda value: -value)


def test_fresh_cprofile_dump_equals_pstats(tmp_path: Path) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    work(12), sort_by_key()
    profiler.disable()
    profiler.dump_stats(tmp_path / "fresh.prof")
    check(tmp_path / "fresh.prof")
    assert read_profile(tmp_path / "fresh.prof").tool == "cProfile"


def test_fresh_dump_of_pure_python_profiler(tmp_path: Path) -> None:
    profiler = pure_profile.Profile(bias=0.0)
    profiler.run("sum(i * i for i in range(500))")
    profiler.dump_stats(tmp_path / "pure.prof")  # keyed by a code object for what it ran
    check(tmp_path / "pure.prof")
    profile = read_profile(tmp_path / "pure.prof")
    assert profile.tool == "profile"
    assert any(cost.frame.name == "<genexpr>" and cost.calls == 501 for cost in profile.functions)


def test_pure_python_profile_of_another_version(profiles: Path) -> None:
    profile = read_profile(profiles / "profile-pure.prof")
    calls = {cost.frame: cost.calls for cost in profile.functions}
    assert profile.tool == "profile"
    assert calls[Frame("/srv/app/src/simkit/geometry.py", "wrap", 46)] == 9216
    if sys.version_info[:2] == (3, 11):  # marshal of a code object is readable to its own version only
        check(profiles / "profile-pure.prof")


def test_counted_callers_share_out_the_callee(read_bytes) -> None:
    a, b, callee = ("x.py", 1, "a"), ("x.py", 5, "b"), ("x.py", 9, "f")
    rest = (1, 1, 0.0, 8.0, {})
    profile = read_bytes(marshal.dumps({a: rest, b: rest, callee: (4, 4, 4.0, 8.0, {a: 1, b: 3})}))
    flows = {edge.caller.name: (edge.cumulative, edge.own, edge.calls) for edge in profile.edges}
    assert flows == {"a": (2.0, 1.0, 1), "b": (6.0, 3.0, 3)}


@pytest.mark.parametrize("name", ["cprofile-312.prof", "cprofile-313.prof"])
def test_corrupt_thread_measurement_is_told(profiles: Path, name: str) -> None:
    (warning,) = read_profile(profiles / name).warnings
    assert "thread_job" in warning and "corrupt" in warning


@pytest.mark.parametrize("name", sorted(set(DUMPS) - {"cprofile-312.prof", "cprofile-313.prof"}))
def test_sound_measurements_have_no_warning(profiles: Path, name: str) -> None:
    assert read_profile(profiles / name).warnings == ()


def sampled(entries) -> bytes:
    return marshal.dumps({**entries, ("__sampled__",): True})


def test_dump_of_python_315_adds_lines_to_functions(profiles: Path) -> None:
    raw = marshal.loads((profiles / "tachyon.pstats").read_bytes())
    profile = read_profile(profiles / "tachyon.pstats")
    jobs = {key[1]: entry for key, entry in raw.items() if key[2:] == ("thread_job",)}
    (job,) = (cost for cost in profile.functions if cost.frame.name == "thread_job")
    assert profile.tool == "profiling.sampling"
    assert len(jobs) > 1
    assert job.lines == pytest.approx({line: entry[2] for line, entry in jobs.items()})
    assert job.own == pytest.approx(sum(entry[2] for entry in jobs.values()))
    assert job.calls is None
    assert profile.total == pytest.approx(sum(e[2] for k, e in raw.items() if k != ("__sampled__",)))
    assert all(cost.cumulative <= profile.total * (1 + 1e-9) for cost in profile.functions)
    assert all(cost.cumulative >= cost.own * (1 - 1e-9) for cost in profile.functions)


def test_sampled_recursion_counts_a_sample_once(read_bytes) -> None:
    main, upper, lower = ("a.py", 1, "main"), ("a.py", 10, "fib"), ("a.py", 11, "fib")
    profile = read_bytes(
        sampled(  # ten samples of main -> fib line 10 -> fib line 11, then ten of main alone
            {
                main: (10, 20, 10.0, 20.0, {}),
                upper: (0, 10, 0.0, 10.0, {main: 10}),
                lower: (10, 10, 10.0, 10.0, {upper: 10}),
            }
        )
    )
    fib = next(cost for cost in profile.functions if cost.frame.name == "fib")
    assert (fib.own, fib.cumulative, fib.lines) == (10.0, 10.0, {10: 0.0, 11: 10.0})


def test_sampled_lines_that_do_not_recur_add_up(read_bytes) -> None:
    main, first, second = ("a.py", 1, "main"), ("a.py", 10, "f"), ("a.py", 11, "f")
    leaf = ("a.py", 20, "g")
    profile = read_bytes(
        sampled(  # six samples in f line 10 itself, four in g called from f line 11
            {
                main: (0, 10, 0.0, 10.0, {}),
                first: (6, 6, 6.0, 6.0, {main: 6}),
                second: (0, 4, 0.0, 4.0, {main: 4}),
                leaf: (4, 4, 4.0, 4.0, {second: 4}),
            }
        )
    )
    cumulative = {cost.frame.name: cost.cumulative for cost in profile.functions}
    assert cumulative == {"main": 10.0, "f": 10.0, "g": 4.0}
    assert [e.cumulative for e in profile.edges if e.callee.name == "f"] == [10.0]


PLAIN = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.text()
KEYS = st.text() | st.tuples(st.text(), st.integers(0, 10**6), st.text())
VALUES = st.recursive(PLAIN, lambda v: st.lists(v) | st.tuples(v, v) | st.dictionaries(KEYS, v), max_leaves=25)


@given(VALUES, st.sampled_from([2, 3, 4]))
def test_marshal_values_are_those_of_marshal(value, version) -> None:
    assert marshal_values.load(marshal.dumps(value, version)) == value


def nested(depth: int) -> bytes:
    return b"\x29\x01" * depth + b"N"


HOSTILE = {
    "deep": nested(100_000),
    "deep dict": b"{(" * 50_000,
    "endless tuple": b"{(\xff\xff\xff\x7fN",
    "negative tuple": b"{(\xff\xff\xff\xffN",
    "endless text": b"{)\x03u\xff\xff\xff\x7fx",
    "huge number": b"{)\x03l\xff\xff\xff\x7f" + b"\0" * 64,
    "reference to nothing": b"{)\x01r\x05\0\0\0",
    "reference to itself": b"{\xa9\x01r\0\0\0\0NN0",
    "code as value": marshal.dumps({("a", 1, "b"): compile("print('ran')", "x", "exec")}),
    "no entry": marshal.dumps({("a", 1, "b"): 5}),
    "no key": marshal.dumps({5: (1, 1, 1.0, 1.0, {})}),
    "nan": marshal.dumps({("a", 1, "b"): (1, 1, float("nan"), 1.0, {})}),
    "infinity": marshal.dumps({("a", 1, "b"): (1, 1, 1.0, float("inf"), {})}),
    "text for a number": marshal.dumps({("a", 1, "b"): (1, 1, "1", 1.0, {})}),
    "no callers": marshal.dumps({("a", 1, "b"): (1, 1, 1.0, 1.0, [])}),
    "wrong caller": marshal.dumps({("a", 1, "b"): (1, 1, 1.0, 1.0, {("c", 1, "d"): "x"})}),
    "nothing": marshal.dumps({}),
    "no time": marshal.dumps({("a", 1, "b"): (1, 1, 0.0, 0.0, {})}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_dump_is_one_line(read_bytes, data: bytes, capsys) -> None:
    with pytest.raises(ProfileError) as caught:
        read_bytes(data)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


def test_depth_has_a_limit_of_its_own() -> None:
    with pytest.raises(ProfileError, match="nested too deeply"):
        marshal_values.load(nested(20))


def test_shared_tuples_as_a_key_are_not_hashed(read_bytes) -> None:
    """Each tuple holds the one before 200 times: to hash the last takes 200 ** 6 steps."""
    data = b"{z\1a\xa9\xc8" + b"N" * 200
    for place in range(5):
        data += b"z\1" + b"bcdef"[place : place + 1] + b"\xa9\xc8" + (b"r" + bytes([place, 0, 0, 0])) * 200
    with pytest.raises(ProfileError):
        read_bytes(b"{)\3" + data + b"r\5\0\0\0N0")


def test_shared_callers_cannot_multiply(read_bytes) -> None:
    """A dict of callers that every entry refers to would be walked once per entry."""
    callers = {("a", n, "f"): (1, 1, 1.0, 1.0) for n in range(3000)}
    data = marshal.dumps({("b", n, "g"): (1, 1, 1.0, 1.0, callers) for n in range(3000)})
    assert len(data) < 400_000
    with pytest.raises(ProfileError, match="callers"):
        read_bytes(data)


def test_same_shape_with_few_callers_is_read(read_bytes) -> None:
    callers = {("a", n, "f"): (1, 1, 1.0, 1.0) for n in range(30)}
    data = marshal.dumps({("b", n, "g"): (1, 1, 1.0, 1.0, callers) for n in range(30)})
    assert len(read_bytes(data).edges) == 900
