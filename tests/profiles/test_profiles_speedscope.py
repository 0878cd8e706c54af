"""speedscope files against a script that adds up samples and events one by one."""

import json
from pathlib import Path

import pytest

from perf_advise.model.profile import Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

SCALES = {"seconds": 1, "milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9, "none": 1, "bytes": 1}


def rows(data: dict, has_lines: bool = True):
    """Stack and weight of each sample, and of each time between two events."""
    frames = [((f["file"], f["name"]), f["line"] if has_lines else 0) for f in data["shared"]["frames"]]
    for profile in data["profiles"]:
        scale = SCALES[profile["unit"]]
        if profile["type"] == "sampled":
            for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
                yield [frames[i] for i in stack], weight * scale
        else:
            opened, before = [], 0
            for event in profile["events"]:
                if opened:
                    yield list(opened), (event["at"] - before) * scale
                before = event["at"]
                if event["type"] == "O":
                    opened.append(frames[event["frame"]])
                else:
                    assert opened.pop() == frames[event["frame"]]


@pytest.mark.parametrize(
    ("name", "tool", "clock"),
    [
        ("pyspy-speedscope.json", "py-spy", ""),
        ("pyspy-speedscope-subproc.json", "py-spy", ""),
        ("austin-speedscope.json", "austin", "wall"),
    ],
)
def test_sampled(profiles: Path, naive, name: str, tool: str, clock: str) -> None:
    data = json.loads((profiles / name).read_text())
    profile = read_profile(profiles / name)
    naive(rows(data)).check(profile)
    assert (profile.tool, profile.unit, profile.clock) == (tool, Unit.SECONDS, clock)
    assert len(profile.threads) == len(data["profiles"])
    spans = [(p["endValue"] - p["startValue"]) * SCALES[p["unit"]] for p in data["profiles"]]
    assert profile.seconds == pytest.approx(max(spans))


def test_evented_with_first_lines(profiles: Path) -> None:
    data = json.loads((profiles / "pyinstrument-speedscope.json").read_text())
    profile = read_profile(profiles / "pyinstrument-speedscope.json")
    own: dict[tuple, float] = {}
    for stack, weight in rows(data):
        own[stack[-1]] = own.get(stack[-1], 0) + weight
    found = {((c.frame.path, c.frame.name), c.frame.line or 0): c.own for c in profile.functions if c.own}
    assert found == pytest.approx({key: w for key, w in own.items() if w})
    assert profile.clock == "wall"


FRAMES = [{"name": "main", "file": "a.py", "line": 9}, {"name": "f", "file": "a.py", "line": 3}]


def made(*profiles: dict, frames: list = FRAMES, **more) -> bytes:
    address = "https://www.speedscope.app/file-format-schema.json"
    return json.dumps({"$schema": address, "profiles": profiles, "shared": {"frames": frames}, **more}).encode()


def sampled(weights: list, unit: str = "seconds", samples: list | None = None, **more) -> dict:
    samples = samples or [[0, 1]] * len(weights)
    return {"type": "sampled", "name": "t", "unit": unit, "samples": samples, "weights": weights, **more}


@pytest.mark.parametrize("unit", SCALES)
def test_units(read_bytes, unit: str) -> None:
    profile = read_bytes(made(sampled([2, 3], unit)))
    kinds = {"none": Unit.SAMPLES, "bytes": Unit.BYTES}
    assert profile.unit is kinds.get(unit, Unit.SECONDS)
    assert profile.total == pytest.approx(5 * SCALES[unit])


def test_shared_frames_may_come_first_and_weights_be_missing(read_bytes) -> None:
    data = json.loads(made(sampled([1, 1])))
    del data["profiles"][0]["weights"]
    turned = {key: data[key] for key in ("$schema", "shared", "profiles")}
    assert read_bytes(json.dumps(turned).encode()).total == 2


def test_frames_without_files_are_read_as_text(read_bytes) -> None:
    profile = read_bytes(made(sampled([1]), frames=[{"name": "main (a.py:9)"}, {"name": "f (a.py:3)"}]))
    assert {(c.frame.path, c.frame.name, *c.lines) for c in profile.functions} == {("a.py", "main"), ("a.py", "f", 3)}


def test_first_lines_of_an_unknown_exporter(read_bytes) -> None:
    frames = [{"name": "<module>", "file": "a.py", "line": 1}, {"name": "f", "file": "a.py", "line": 3}]
    profile = read_bytes(made(sampled([1]), frames=frames))
    assert {(c.frame.name, c.frame.line) for c in profile.functions} == {("<module>", 1), ("f", 3)}


def test_time_is_read_and_memory_beside_it_left_out(read_bytes) -> None:
    """austin's full mode becomes four profiles per thread, of which wall time is one."""
    kinds = ["CPU time", "Wall time", "Memory allocation", "Memory deallocation"]
    several = [
        {**sampled([w], unit), "name": f"{kind} profile for 1:0:1"}
        for w, unit, kind in zip((3, 5, 700, 900), ["microseconds"] * 2 + ["bytes"] * 2, kinds, strict=True)
    ]
    profile = read_bytes(made(*several))
    assert (profile.unit, profile.clock) == (Unit.SECONDS, "wall")
    assert profile.total == pytest.approx(5e-6)
    assert any("1 in seconds are read" in warning for warning in profile.warnings)
    assert read_bytes(made(*several[2:])).total == 700


def test_deep_recursion_in_events(read_bytes) -> None:
    depth = 50_000
    events = [{"type": "O", "at": i, "frame": 1} for i in range(depth)]
    events += [{"type": "C", "at": depth + i, "frame": 1} for i in range(depth)]
    profile = read_bytes(made({"type": "evented", "name": "t", "unit": "none", "events": events}))
    assert [(c.frame.name, c.own, c.cumulative) for c in profile.functions if c.own] == [
        ("f", 2 * depth - 1, 2 * depth - 1)
    ]


@pytest.mark.parametrize(
    "profile",
    [
        sampled([float("nan")]),
        sampled([float("inf")]),
        sampled([-1]),
        sampled([10**400]),
        sampled(["1"]),
        sampled([1], samples=[[0, 7]]),
        sampled([1], samples=[[0, -1]]),
        sampled([1], samples=[[0, 0.5]]),
        sampled([1, 2], samples=[[0]]),
        {"type": "other"},
        {"type": "evented", "events": [{"type": "C", "at": 1, "frame": 0}]},
        {"type": "evented", "events": [{"type": "O", "at": 1, "frame": 9}]},
        {"type": "evented", "events": [{"type": "O", "at": 2, "frame": 0}, {"type": "C", "at": 1, "frame": 0}]},
        {"type": "evented", "events": [{"type": "X", "at": 1, "frame": 0}]},
    ],
)
def test_damage(read_bytes, profile: dict) -> None:
    with pytest.raises(ProfileError):
        read_bytes(made(profile))
