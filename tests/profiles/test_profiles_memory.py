"""Counts and bytes: tracemalloc, trace and memray, against the standard library's own readers and each other."""

import json
import pickle
import trace
import tracemalloc
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import load, read_profile


def by_line(profile) -> dict[tuple[str, int], float]:
    return {(c.frame.path, line): own for c in profile.functions for line, own in c.lines.items()}


def check_snapshot(path: Path) -> None:
    snapshot = tracemalloc.Snapshot.load(str(path))
    profile = read_profile(path)
    statistics = snapshot.statistics("lineno")
    assert profile.unit is Unit.BYTES
    assert by_line(profile) == {(one.traceback[0].filename, one.traceback[0].lineno): one.size for one in statistics}
    assert profile.total == sum(one.size for one in statistics)


def test_real_snapshot_equals_tracemalloc(profiles: Path) -> None:
    check_snapshot(profiles / "tracemalloc.dump")


def test_fresh_snapshot_equals_tracemalloc(tmp_path: Path) -> None:
    tracemalloc.start(5)
    kept = [str(n) * 10 for n in range(2000)]
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    snapshot.dump(str(tmp_path / "fresh.dump"))
    check_snapshot(tmp_path / "fresh.dump")
    assert len(kept) == 2000


def test_snapshot_counts_a_file_once_per_block(profiles: Path) -> None:
    snapshot = tracemalloc.Snapshot.load(str(profiles / "tracemalloc.dump"))
    expected: dict[str, float] = {}
    for one in snapshot.traces:
        for path in {frame.filename for frame in one.traceback}:
            expected[path] = expected.get(path, 0) + one.size
    profile = read_profile(profiles / "tracemalloc.dump")
    assert {cost.frame.path: cost.cumulative for cost in profile.functions} == expected


def test_trace_counts_equal_the_trace_module(profiles: Path) -> None:
    results = trace.CoverageResults(infile=str(profiles / "trace-count.pickle"))
    profile = read_profile(profiles / "trace-count.pickle")
    assert profile.unit is Unit.EXECUTIONS
    assert by_line(profile) == results.counts


def looped(n: int) -> int:
    total = 0
    for value in range(n):
        total += value
    return total


def test_fresh_trace_counts(tmp_path: Path) -> None:
    tracer = trace.Trace(count=1, trace=0, outfile=str(tmp_path / "counts.pickle"))
    tracer.runfunc(looped, 17)
    results = tracer.results()
    results.write_results(coverdir=str(tmp_path / "cover"), show_missing=True)
    profile = read_profile(tmp_path / "counts.pickle")
    assert by_line(profile) == results.counts
    assert max(profile.functions[0].lines.values()) == 18

    covers = load([tmp_path / "cover"]).executions
    assert covers is not None
    mine = next(c for c in covers.functions if c.frame.path.endswith("test_profiles_memory.py"))
    assert mine.lines == next(c for c in profile.functions if c.frame.path == __file__).lines
    assert covers.sources[mine.frame.path].rstrip() == Path(__file__).read_text().rstrip()


def test_cover_files_equal_the_pickled_counts(profiles: Path) -> None:
    counts = by_line(read_profile(profiles / "trace-count.pickle"))
    covers = load([profiles / "trace-cover"]).executions
    assert covers is not None
    for (path, line), executions in by_line(covers).items():
        if path != "run_sim.py":
            assert counts["/srv/app/src/" + path, line] == executions
    user = {key for key in counts if key[0].startswith("/srv/app/src/")}
    assert {("/srv/app/src/" + path, line) for path, line in by_line(covers) if path != "run_sim.py"} == user


def test_package_and_missing_lines_of_a_cover_file(read_bytes) -> None:
    data = b"    1: import os\n       \n>>>>>> os.never()\n   12: os.often()\n"
    profile = read_bytes(data, "pkg.sub.__init__.cover")
    (cost,) = profile.functions
    assert cost.frame == Frame("pkg/sub/__init__.py", "")
    assert cost.lines == {1: 1, 4: 12}
    assert profile.sources["pkg/sub/__init__.py"] == "import os\n\nos.never()\nos.often()\n"


def test_damaged_cover_file(read_bytes) -> None:
    data = b"    1: import os\n" * 600 + b"os.never()\n"
    with pytest.raises(ProfileError, match="line 601"):
        read_bytes(data, "pkg.cover")


def test_memray_table_equals_its_call_chains(profiles: Path) -> None:
    table = read_profile(profiles / "memray-alloc.csv")
    chains = read_profile(profiles / "memray-gprof2dot.json")
    events = json.loads((profiles / "memray-gprof2dot.json").read_text())["events"]
    assert table.unit is chains.unit is Unit.BYTES
    assert table.total == chains.total == sum(event["cost"][0] for event in events)
    assert {c.frame: (c.own, c.cumulative) for c in table.functions} == {
        c.frame: (c.own, c.cumulative) for c in chains.functions
    }
    assert set(table.edges) == set(chains.edges)
    assert all(sum(cost.lines.values()) == cost.own for cost in table.functions)


def test_memray_row_with_quotes_and_without_stack(read_bytes) -> None:
    head = "allocator,num_allocations,size,tid,thread_name,stack_trace\n"
    rows = 'MALLOC,1,100,1,"a, b","f;/x, y.py;3|main;m.py;9"\nMMAP,2,50,1,0x1,\n'
    profile = read_bytes((head + rows).encode())
    assert profile.total == 150
    assert [(c.frame, c.own, c.cumulative) for c in profile.functions] == [
        (Frame("/x, y.py", "f"), 100, 100),
        (Frame("m.py", "main"), 0, 100),
    ]


@pytest.mark.parametrize("row", ["MALLOC,1,x,1,t,f;a.py;1", "MALLOC,1,5", "MALLOC,1,5,1,t,f;a.py;x", '"'])
def test_damaged_memray_table(read_bytes, row: str) -> None:
    head = "allocator,num_allocations,size,tid,thread_name,stack_trace\n"
    with pytest.raises(ProfileError):
        read_bytes((head + row + "\n").encode())


def snapshot(traces: object) -> bytes:
    inner = pickle.dumps({"_traces": traces}, 4)[11:-1]
    head = b"\x80\x04\x8c\x0btracemalloc\x8c\x08Snapshot\x93)\x81}\x8c\x06traces"
    return head + b"\x8c\x0btracemalloc\x8c\x07_Traces\x93)\x81" + inner + b"bsb."


def test_handmade_snapshot_is_read(read_bytes) -> None:
    (cost,) = read_bytes(snapshot([(0, 64, (("a.py", 3),)), (0, 36, (("a.py", 3),))])).functions
    assert (cost.frame, cost.own, cost.lines) == (Frame("a.py", ""), 100, {3: 100})


@pytest.mark.parametrize(
    "traces", [5, [5], [(0, 1)], [(0, "x", (("a", 1),))], [(0, 1, ("a",))], [(0, 1, (("a", "b"),))], []]
)
def test_damaged_snapshot(read_bytes, traces: object) -> None:
    with pytest.raises(ProfileError):
        read_bytes(snapshot(traces))


def test_shared_tracebacks_are_walked_once(read_bytes) -> None:
    frames = tuple(("a.py", line) for line in range(1, 5000))
    profile = read_bytes(snapshot([(0, 1, frames)] + [(0, n, frames) for n in range(20_000)]))
    assert profile.total == sum(range(20_000)) + 1
