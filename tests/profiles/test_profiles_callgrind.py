"""Callgrind files against the pstats files of the same runs, and against the format's own rules."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles import callgrind
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile
from perf_advise.profiles.streams import with_head

MICROSECOND = 1.001e-6


@pytest.mark.parametrize("name", ["yappi-wall", "yappi-cpu-nob"])
def test_yappi_equals_its_pstats(profiles: Path, name: str) -> None:
    dump = read_profile(profiles / f"{name}.prof")
    profile = read_profile(profiles / f"{name}.callgrind")
    exact = {cost.frame: cost for cost in dump.functions}
    assert (profile.tool, profile.unit) == ("yappi", Unit.SECONDS)
    assert {cost.frame for cost in profile.functions} == set(exact)
    rounding = 4 * MICROSECOND if name == "yappi-wall" else MICROSECOND  # builtins of one name are added up
    assert all(abs(cost.own - exact[cost.frame].own) <= rounding for cost in profile.functions)
    flows = {(e.caller, e.callee): e.cumulative for e in dump.edges}
    assert all(abs(e.cumulative - flows[e.caller, e.callee]) <= rounding for e in profile.edges)
    assert not any(cost.lines for cost in profile.functions)


def test_cumulative_equals_pstats_but_for_circles(profiles: Path) -> None:
    dump = read_profile(profiles / "yappi-wall.prof")
    exact = {cost.frame: cost for cost in dump.functions}
    profile = read_profile(profiles / "yappi-wall.callgrind")
    off = [c.frame.name for c in profile.functions if abs(c.cumulative - exact[c.frame].cumulative) > 2e-5]
    assert set(off) == {"<listcomp>", "even", "_call_with_frames_removed", "_find_and_load"}


def test_pprofile_lines(profiles: Path) -> None:
    profile = read_profile(profiles / "pprofile.callgrind")
    costs = {cost.frame: cost for cost in profile.functions}
    smooth = costs[Frame("/srv/app/src/simkit/geometry.py", "smooth", 22)]
    assert profile.command == "run_sim.py --scale 1 --no-pool --no-threads"
    assert smooth.lines == pytest.approx(
        {22: 5e-6, 28: 1e-6, 29: 216e-6, 30: 4287e-6, 31: 261e-6, 32: 294e-6, 33: 1e-6}
    )
    assert smooth.own == pytest.approx(5065e-6)
    assert (smooth.cumulative, smooth.calls) == (pytest.approx(5069e-6), 1)
    wrap = costs[Frame("/srv/app/src/simkit/geometry.py", "wrap", 46)]
    assert (wrap.own, wrap.calls) == (pytest.approx(30894e-6), 9216)


WHOLE = """# callgrind format
version: 1
creator: made-up
positions: line
events: Ir ns

fl=(1) /app/main.py
fn=(1) main
10 900 16
+1 4 400
cfi=(2) /app/other.py
cfn=(2) helper
calls=5 50
* 4000 4000
fi=(2)
70 1 100
fe=(1)
-1 1 30
fl=(2)
fn=(2)
50 1 2000
+4 2 2000
"""


def test_names_relative_lines_calls_and_inlined_files(read_bytes) -> None:
    profile = read_bytes(WHOLE.encode())
    main, helper = Frame("/app/main.py", "main"), Frame("/app/other.py", "helper")
    costs = {cost.frame: cost for cost in profile.functions}
    assert profile.unit is Unit.SECONDS
    assert costs[main].own == pytest.approx(546e-9)
    assert costs[main].cumulative == pytest.approx(4546e-9)
    assert costs[main].lines == pytest.approx({10: 16e-9, 11: 400e-9, 69: 30e-9})  # line 70 is of other.py
    assert (costs[helper].own, costs[helper].calls) == (pytest.approx(4000e-9), 5)
    assert [(e.caller, e.callee, e.calls) for e in profile.edges] == [(main, helper, 5)]


FIRST_LINES = """event: ns : Nanoseconds
events: ns
summary: 60
fl=/app/a.py
fn=__init__
12 10

fl=/app/a.py
fn=__init__
40 20
cfl=~
cfn=<built-in method builtins.len>
calls=3 0
40 5

fl=/app/a.py
fn=main
50 30
cfl=/app/a.py
cfn=__init__
calls=2 40
50 25
fl=~
fn=<built-in method builtins.len>
0 5
"""


def test_functions_of_one_name_are_told_apart_by_their_only_line(read_bytes) -> None:
    """As pyprof2calltree writes them: every cost of a function at its first line."""
    profile = read_bytes(FIRST_LINES.encode())
    costs = {(c.frame.name, c.frame.line): (c.own, c.cumulative, c.calls) for c in profile.functions}
    assert costs["__init__", 12][0] == pytest.approx(10e-9)
    assert costs["__init__", 40] == pytest.approx((20e-9, 25e-9, 2))
    assert costs["main", 50][:2] == pytest.approx((30e-9, 55e-9))
    assert Frame("~", "<built-in method builtins.len>") in {c.frame for c in profile.functions}
    assert not any(cost.lines for cost in profile.functions)


def test_first_event_where_the_times_are_all_zero(read_bytes) -> None:
    """As pprofile's sampling mode writes them."""
    text = "creator: pprofile\nevents: hits microseconds usphit\nfl=a.py\nfn=f:3\n5 7 0 0\n6 1 0 0\n"
    profile = read_bytes(text.encode())
    assert (profile.unit, profile.total) == (Unit.SAMPLES, 8.0)
    assert profile.functions[0].lines == {5: 7.0, 6: 1.0}


def test_pprofile_numbers_functions_that_share_a_line(read_bytes) -> None:
    """As it does for comprehensions; what follows the colons of a C++ symbol is no line."""
    text = (
        "creator: pprofile\nevents: us\nfl=a.py\nfn=<listcomp>:3_1\n3 7\nfn=<listcomp>:3\n3 1\nfl=a.c\nfn=a::b_1\n9 1\n"
    )
    profile = read_bytes(text.encode())
    assert {cost.frame: cost.own for cost in profile.functions} == {
        Frame("a.py", "<listcomp>", 3): pytest.approx(8e-6),
        Frame("a.c", "a::b_1", 9): pytest.approx(1e-6),
    }


@pytest.mark.parametrize(
    ("events", "unit"),
    [("Ir", Unit.SAMPLES), ("Ticks", Unit.SAMPLES), ("Memory_(bytes)", Unit.BYTES), ("us", Unit.SECONDS)],
)
def test_unit_of_the_event(read_bytes, events: str, unit: Unit) -> None:
    assert read_bytes(f"events: {events}\nfn=f\n1 5\n".encode()).unit is unit


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 60), st.integers(0, 999)), max_size=20))
def test_compression_changes_nothing(entries) -> None:
    """The same costs with plain names and absolute lines, and with numbered names and relative lines."""
    plain, short, known, last = ["events: us"], ["events: us"], {}, 0
    for name, line, cost in entries:
        plain += [f"fl=/{name}.py", f"fn={name}", f"{line} {cost}"]
        number = known.setdefault(name, len(known))
        is_new = number == len(known) - 1 and not any(f"({number}) {name}" in word for word in short)
        text = f" {name}" if is_new else ""
        path = f" /{name}.py" if is_new else ""
        step = "*" if line == last else f"{line - last:+d}"
        short += [f"fl=({number}){path}", f"fn=({number}){text}", f"{step} {cost}"]
        last = line
    assert parse(plain) == parse(short)


def parse(text: list[str]):
    data = "\n".join(text).encode()
    return callgrind.read(with_head(io.BytesIO(data))[1], len(data))


@pytest.mark.parametrize(
    "line",
    [
        "fn=(9)",
        "5 x",
        "0x 5",
        "calls=x 1",
        "+ 5",
        "- 5",
        "5 nan",
        "5 1e400",
        "calls=1 5\n5 5",
        "99999999999999999999 1",
    ],
)
def test_damaged_file(read_bytes, line: str) -> None:
    with pytest.raises(ProfileError):
        read_bytes(f"events: us\nfl=a.py\nfn=f\n1 5\n{line}\n".encode())
