"""viztracer's events: nesting gives own time, whatever the order in which the events come."""

import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles import viztracer
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile
from perf_advise.profiles.streams import with_head


@pytest.mark.parametrize("name", ["viztracer.json", "viztracer-min.json"])
def test_own_time_is_what_children_leave(profiles: Path, name: str) -> None:
    """Against the plain definition: a call's length without the calls right below it."""
    events = [e for e in json.loads((profiles / name).read_text())["traceEvents"] if e["ph"] == "X"]
    spans = [(e["ts"], e["ts"] + e["dur"], e["name"], (e["pid"], e["tid"])) for e in events]
    own: dict[str, float] = {}
    for start, end, function, thread in spans:
        inside = [s for s in spans if s[3] == thread and start <= s[0] and s[1] <= end and s[:2] != (start, end)]
        direct = [s for s in inside if not any(o[0] <= s[0] and s[1] <= o[1] and o != s for o in inside)]
        own[function] = own.get(function, 0.0) + end - start - sum(s[1] - s[0] for s in direct)
    profile = read_profile(profiles / name)
    names = {f"{c.frame.name} ({c.frame.path}:{c.frame.line})": c.own for c in profile.functions}
    native = {c.frame.name: c.own for c in profile.functions if c.frame.is_native}
    assert {**names, **native} == {**names, **native} | {
        function: pytest.approx(time / 1e6, abs=2e-8) for function, time in own.items()
    }
    assert sum(c.calls or 0 for c in profile.functions) == len(events)
    assert sum(profile.threads.values()) == pytest.approx(profile.total)


def test_sources_and_overflow(profiles: Path) -> None:
    whole = json.loads((profiles / "viztracer.json").read_text())
    profile = read_profile(profiles / "viztracer.json")
    assert profile.sources == {path: entry[0] for path, entry in whole["file_info"]["files"].items()}
    assert "buffer was full" in profile.warnings[0]
    assert read_profile(profiles / "viztracer-min.json").warnings == ()


def trace(events: object, **more: object) -> bytes:
    return json.dumps({"traceEvents": events, **more}).encode()


def call(name: str, start: float, length: float, thread: int = 1) -> dict[str, object]:
    return {"ph": "X", "cat": "fee", "name": name, "ts": start, "dur": length, "pid": 1, "tid": thread}


def test_recursion_and_threads(read_bytes) -> None:
    fib = "fib (/app/a.py:3)"
    events = [call(fib, 20, 10), call(fib, 10, 30), call("main (/app/a.py:9)", 0, 100), call(fib, 0, 50, 2)]
    events.append({"ph": "M", "name": "thread_name", "pid": 1, "tid": 2, "args": {"name": "worker"}})
    profile = read_bytes(trace(events))
    costs = {cost.frame.name: cost for cost in profile.functions}
    frame = Frame("/app/a.py", "fib", 3)
    assert profile.unit is Unit.SECONDS
    assert costs["fib"].frame == frame
    assert (costs["fib"].own, costs["fib"].cumulative, costs["fib"].calls) == pytest.approx((80e-6, 80e-6, 3))
    assert (costs["main"].own, costs["main"].cumulative) == pytest.approx((70e-6, 100e-6))
    flows = {(e.caller.name, e.callee.name): (e.cumulative, e.own, e.calls) for e in profile.edges}
    assert flows["main", "fib"] == pytest.approx((30e-6, 20e-6, 1))
    assert flows["fib", "fib"] == pytest.approx((0, 10e-6, 1))
    assert profile.threads == pytest.approx({"process 1, thread 1": 100e-6, "process 1, worker": 50e-6})
    assert profile.seconds == pytest.approx(100e-6)


CALLS = st.recursive(st.just(()), lambda t: st.lists(t, max_size=4).map(tuple), max_leaves=25)


def laid_out(tree, start: int, rng: random.Random, events, own) -> int:
    """Give every call a place on the time line, gaps included; the end of this one."""
    name = rng.choice("abcd")
    now = start + rng.randint(0, 3)
    spent = now - start
    for child in tree:
        end = laid_out(child, now, rng, events, own)
        now = end + 1
        spent += 1
    now += 1
    spent += 1
    own[name] = own.get(name, 0) + spent
    events.append(call(f"{name} (/app/x.py:{ord(name)})", start, now - start))
    return now


@given(CALLS, st.randoms(use_true_random=False))
def test_order_of_events_does_not_matter(tree, rng) -> None:
    events: list[dict[str, object]] = []
    own: dict[str, int] = {}
    laid_out(tree, 0, rng, events, own)
    rng.shuffle(events)
    data = trace(events)
    profile = viztracer.read(with_head(io.BytesIO(data))[1], len(data))
    assert {c.frame.name: c.own for c in profile.functions} == pytest.approx({k: v / 1e6 for k, v in own.items()})


@pytest.mark.parametrize(
    "data",
    [
        trace([call("f", float("nan"), 1)]),
        trace([{**call("f", 0, 1), "ts": "soon"}]),
        trace([{**call("f", 0, 1), "name": 5}]),
        trace([{**call("f", 0, 1), "pid": [1]}]),
        trace([call("f", 0, 1), 5]),
        trace([call("f", 0, 1)])[:-3],
        trace([call("f", 0, 1)]).replace(b"}]", b"} 5]"),
        trace([call("f", 0, 1)], file_info=5),
        trace([call("f", 0, 1)], file_info={"files": {"a": "x"}}),
        b'{"traceEvents": [' + b"[" * 100_000,
    ],
)
def test_damaged_trace(read_bytes, data: bytes) -> None:
    with pytest.raises(ProfileError):
        read_bytes(data if b'"fee"' in data else data + b'"cat": "fee"')
