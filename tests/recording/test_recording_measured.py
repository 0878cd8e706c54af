"""What processes leave behind, as one profile; recordings that differ by noise."""

import marshal
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.hotspots.fingerprint import text_hash
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles import own
from perf_advise.recording.measured import read_measured
from perf_advise.recording.settling import settle


def leave(scratch: Path, pid: int, **fields: object) -> None:
    data = {
        "pid": pid,
        "python": "3.11.7",
        "executable": f"/python{pid}",
        "folder": "/project",
        "profiler": "sampler",
        "seconds": 1.0,
        "threads": 1,
        "samples": 10,
        "functions": [],
        "edges": [],
        "waiting": {"functions": [], "edges": []},
        "kind": "measured",
    }
    (scratch / f"measured-{pid}.raw").write_bytes(marshal.dumps({**data, **fields}, 2))


def row(
    name: str, own: float, line: int = 1, path: str = "app.py", lines: dict[int, float] | None = None
) -> list[object]:
    return [path, name, line, own, own, None, 0.0, lines or {}]


def test_processes_add_up(tmp_path) -> None:
    leave(tmp_path, 1, functions=[row("f", 0.5, lines={2: 0.5}), row("g", 0.1)], edges=[[1, 0, None, 0.4, None]])
    leave(tmp_path, 2, functions=[row("f", 1.0, lines={2: 0.7, 3: 0.3})], seconds=1.5)
    measured = read_measured(tmp_path, "sampler")
    costs = {cost.frame.name: cost for cost in measured.profile.functions}
    assert costs["f"].frame == Frame("/project/app.py", "f", 1)
    assert (costs["f"].own, dict(costs["f"].lines)) == (1.5, {2: 1.2, 3: 0.3})
    assert measured.profile.total == pytest.approx(1.6)
    assert measured.profile.edges == (CallEdge(costs["g"].frame, costs["f"].frame, 0.4),)
    assert (measured.processes, measured.samples, measured.executable) == (2, 20, "/python2")
    assert measured.rate == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("child", "counted"),
    [
        ({}, 2.0),  # nobody else: all of it
        ({"functions": [row("work", 2.0)], "seconds": 2.0}, 0.0),  # a child worked all the time
        ({"functions": [row("work", 0.4)], "seconds": 2.0}, 0.0),  # it had to share its processor, but it did
        ({"waiting": {"functions": [row("fetch", 2.0)], "edges": []}, "seconds": 2.0}, 1.0),  # both waited
    ],
)
def test_waiting_counts_while_nothing_works(tmp_path, child, counted) -> None:
    waiting = {"functions": [row("wait", 2.0)], "edges": []}
    leave(tmp_path, 1, functions=[row("f", 0.1)], waiting=waiting, seconds=2.1)
    if child:
        leave(tmp_path, 2, **child)
    costs = {c.frame.name: c for c in read_measured(tmp_path, "sampler").profile.functions}
    assert costs["wait"].own == pytest.approx(counted, abs=0.1)
    assert costs["wait"].cpu == 0.0
    assert costs["f"].own == costs["f"].cpu == 0.1


def test_what_is_damaged_is_told_and_the_rest_is_read(tmp_path) -> None:
    leave(tmp_path, 1, functions=[row("f", 0.5)])
    (tmp_path / "measured-2.raw").write_bytes(b"\x00nonsense")
    (tmp_path / "measured-3.raw").write_bytes(marshal.dumps({"functions": [[1]]}, 2))
    (tmp_path / "error-4.txt").write_text("Traceback:\nValueError: wrong\n")
    measured = read_measured(tmp_path, "sampler")
    assert measured.processes == 1
    assert len(measured.warnings) == 3
    assert any("ValueError: wrong" in warning for warning in measured.warnings)


def test_nothing_left_is_no_profile(tmp_path) -> None:
    assert read_measured(tmp_path, "sampler").profile is None


@pytest.mark.parametrize(
    ("python", "threads", "is_told"), [("3.12.1", 2, True), ("3.12.1", 1, False), ("3.11.7", 2, False)]
)
def test_cprofile_with_threads_from_312_on_is_told(tmp_path, python, threads, is_told) -> None:
    leave(tmp_path, 1, functions=[row("f", 0.5)], profiler="cprofile", python=python, threads=threads)
    assert bool(read_measured(tmp_path, "cprofile").warnings) is is_told


def test_types_of_names_that_cannot_be_told_apart_are_left_out(tmp_path) -> None:
    """Before 3.11 a method has its bare name."""
    types = {0: [{"x": {"name": "int"}}], 1: [{"x": {"name": "str"}}], 2: [{"x": {"name": "str"}}]}
    leave(tmp_path, 1, functions=[row("step", 1.0, 3), row("step", 1.0, 9), row("run", 1.0, 20)], types=types)
    assert read_measured(tmp_path, "sampler").profile.types == (
        SeenTypes("/project/app.py", "run", {"x": PyType("str")}),
    )


def recording(**shares: float) -> Profile:
    costs = tuple(
        FunctionCost(Frame("app.py", name, 10 * n), share, share, 1000, {10 * n + 1: share}, share, 0.0)
        for n, (name, share) in enumerate(shares.items(), start=1)
    )
    return Profile("sampler", Unit.SECONDS, 1.0, costs, seconds=10.0, command="python app.py", python="3.11.7")


def settled(tmp_path: Path, old: Profile, new: Profile) -> tuple[str, str]:
    path = tmp_path / "profile.json"
    path.write_text(own.to_json(old))
    return path.read_text(), own.to_json(settle(new, path, tmp_path))


def test_noise_leaves_the_file_as_it_is(tmp_path) -> None:
    old = recording(f=0.60, g=0.30, h=0.05)
    new = replace(recording(f=0.615, g=0.285, h=0.055), seconds=10.9)
    before, after = settled(tmp_path, old, new)
    assert before == after


def test_a_change_is_a_change(tmp_path) -> None:
    _, after = settled(tmp_path, recording(f=0.60, g=0.30), recording(f=0.40, g=0.30))
    assert '"own": 0.4' in after
    assert '"own": 0.3' in after
    assert '"own": 0.6' not in after


def test_functions_that_moved_keep_their_lines(tmp_path) -> None:
    old = recording(f=0.6)
    (cost,) = old.functions
    moved = replace(cost, frame=replace(cost.frame, line=25), lines={26: 0.605})
    before, after = settled(tmp_path, old, replace(old, functions=(moved,)))
    assert before.replace('"line": 10', '"line": 25') == after


def test_what_was_too_rare_to_be_seen_this_time_stays_while_it_stands(tmp_path) -> None:
    (tmp_path / "app.py").write_text("def f():\n    return 1\n\n\ndef g():\n    return f()\n")
    old = recording(f=0.6, g=0.01)
    f, g = (replace(cost, frame=replace(cost.frame, line=line)) for cost, line in zip(old.functions, (1, 5)))
    old = replace(
        old,
        functions=(f, g),
        edges=(CallEdge(f.frame, g.frame, 0.01),),
        types=(SeenTypes("app.py", "g", {"x": PyType("int")}),),
        hashes={("app.py", "g"): text_hash("def g():\n    return f()")},
    )
    new = replace(old, functions=(f,), edges=(), types=(), hashes={})
    before, after = settled(tmp_path, old, new)
    assert before == after
    (tmp_path / "app.py").write_text("def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    _, after = settled(tmp_path, old, new)
    assert '"g"' not in after


def test_what_was_hot_and_is_seen_no_more_goes(tmp_path) -> None:
    _, after = settled(tmp_path, recording(f=0.6, g=0.2), recording(f=0.6))
    assert '"g"' not in after


def test_short_runs_are_noisier(tmp_path) -> None:
    """A tenth of a second: whoever is interrupted by the system for a moment has ten points more."""

    def scaled(total: float, **shares: float) -> Profile:
        whole = recording(**shares)
        costs = (
            replace(c, own=c.own * total, cumulative=c.own * total, lines={}, cpu=c.own * total)
            for c in whole.functions
        )
        return replace(whole, functions=tuple(costs), total=total, seconds=total)

    for total, is_noise in ((0.1, True), (100.0, False)):
        before, after = settled(tmp_path, scaled(total, f=0.60, g=0.30), scaled(total, f=0.50, g=0.40))
        assert (before == after) is is_noise


def test_what_hovers_around_the_least_share_stays_and_new_noise_stays_out(tmp_path) -> None:
    before, after = settled(tmp_path, recording(f=0.6, g=0.01), recording(f=0.6, g=0.004, h=0.007))
    assert before == after
    _, after = settled(tmp_path, recording(f=0.6), recording(f=0.6, h=0.02))
    assert '"h"' in after


@pytest.mark.parametrize("fields", [{"command": "python other.py"}, {"tool": "cprofile"}])
def test_nothing_is_kept_of_another_program(tmp_path, fields) -> None:
    old = replace(recording(f=0.60), **fields)
    _, after = settled(tmp_path, old, recording(f=0.61))
    assert '"own": 0.61' in after


def test_a_damaged_file_is_replaced(tmp_path) -> None:
    path = tmp_path / "profile.json"
    path.write_text("{")
    assert settle(recording(f=0.61), path, tmp_path) == recording(f=0.61)


def test_types_of_the_same_text_add_up(tmp_path) -> None:
    def seen(profile: Profile, text: str, **names: PyType) -> Profile:
        return replace(profile, types=(SeenTypes("app.py", "f", names),), hashes={("app.py", "f"): text})

    path = tmp_path / "profile.json"
    path.write_text(own.to_json(seen(recording(f=0.6), "a" * 16, x=PyType("int", bits=31), y=PyType("str"))))
    new = recording(f=0.6)
    (same,) = settle(seen(new, "a" * 16, x=PyType("int", bits=8), z=PyType("list")), path, tmp_path).types
    assert same.names == {"x": PyType("int", bits=31), "y": PyType("str"), "z": PyType("list")}
    (edited,) = settle(seen(new, "b" * 16, x=PyType("int", bits=8)), path, tmp_path).types
    assert edited.names == {"x": PyType("int", bits=8)}
