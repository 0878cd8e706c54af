"""line_profiler's dumps and printed tables, against line_profiler and against each other."""

import pickle
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile


@pytest.mark.parametrize("name", ["kernprof.lprof", "lineprof-api.lprof", "notebook.lprof"])
def test_dump_equals_line_profiler(profiles: Path, name: str) -> None:
    line_profiler = pytest.importorskip("line_profiler")
    stats = line_profiler.load_stats(str(profiles / name))
    profile = read_profile(profiles / name)
    assert profile.unit is Unit.SECONDS
    assert {cost.frame: cost.lines for cost in profile.functions} == {
        Frame(path, function, first): pytest.approx({line: time * stats.unit for line, _, time in entries})
        for (path, first, function), entries in stats.timings.items()
    }
    assert all(cost.own == pytest.approx(sum(cost.lines.values())) for cost in profile.functions)


@pytest.mark.parametrize(
    ("printed", "dumped", "digits"),
    [
        ("kernprof-text.txt", "kernprof.lprof", 0.051e-6),
        ("notebook-lprun.txt", "notebook.lprof", 0.051e-9),
    ],
)
def test_text_equals_dump_to_its_digits(profiles: Path, printed: str, dumped: str, digits: float) -> None:
    text, dump = read_profile(profiles / printed), read_profile(profiles / dumped)
    exact = {cost.frame: cost for cost in dump.functions}
    assert {cost.frame for cost in text.functions} == set(exact)
    for cost in text.functions:
        assert cost.own == pytest.approx(exact[cost.frame].own, rel=5e-6)
        assert cost.lines == pytest.approx(dict(exact[cost.frame].lines), abs=digits)


def test_says_that_times_are_inclusive(profiles: Path) -> None:
    assert "include callees" in read_profile(profiles / "kernprof.lprof").warnings[0]


PPROFILE = """Command line: run.py --n 3
Total duration: 1.5s
File: /app/core.py
File duration: 1.25s (83.33%)
Line #|      Hits|         Time| Time per hit|      %|Source code
------+----------+-------------+-------------+-------+-----------
     1|         2|  1.80000e-05|  9.00000e-06|  0.00%|def f(a): return a | 1
     2|         0|            0|            0|  0.00%|
     3|       377|        1.249|  0.003312997| 83.27%|x = f(2)
(call)|       377|    0.0107267|  2.84528e-05|  1.03%|# /app/core.py:1 f
File: /app/run.py
File duration: 0.25s (16.67%)
Line #|      Hits|         Time| Time per hit|      %|Source code
------+----------+-------------+-------------+-------+-----------
     1|         1|         0.25|         0.25| 16.67%|import core
"""


def test_pprofile_text(read_bytes) -> None:
    profile = read_bytes(PPROFILE.encode())
    assert [(c.frame, c.lines) for c in profile.functions] == [
        (Frame("/app/core.py", ""), {1: 18e-6, 3: 1.249}),
        (Frame("/app/run.py", ""), {1: 0.25}),
    ]
    assert (profile.seconds, profile.command, profile.tool) == (1.5, "run.py --n 3", "pprofile")
    assert profile.total == pytest.approx(1.499018)
    assert profile.sources["/app/core.py"] == "def f(a): return a | 1\n\nx = f(2)\n"


@pytest.mark.parametrize("word", ["soon", "1e999", "nan", "--5"])
def test_damaged_pprofile_text(read_bytes, word: str) -> None:
    with pytest.raises(ProfileError):
        read_bytes(PPROFILE.replace("0.25|", word + "|").replace("        1.249|", "1.2.4.9|").encode())


OLD = """Wrote profile results to run.py.lprof
Timer unit: 0.001 s

File: run.py
Function: main at line 3
Total time: 1.5 s

Line #      Hits         Time  Per Hit   % Time  Line Contents
==============================================================
     3                                           @profile
     4                                           def main():
     5         1         500.0    500.0     33.3      x = 1 2 3 4 5
     6                                           
     7        10        1000.0    100.0     66.7      return x

"""  # noqa: W291


def test_order_and_unit_of_older_releases(read_bytes) -> None:
    (cost,) = read_bytes(OLD.encode()).functions
    assert cost.frame == Frame("run.py", "main", 3)
    assert cost.own == 1.5
    assert cost.lines == pytest.approx({5: 0.5, 7: 1.0})


def test_two_tables_in_a_row(read_bytes) -> None:
    second = OLD.replace("main", "other").replace("at line 3", "at line 30").partition("\n")[2]
    assert [c.frame.name for c in read_bytes((OLD + second).encode()).functions] == ["main", "other"]


@pytest.mark.parametrize(
    "damage",
    [
        ("Timer unit: 0.001 s", "Timer unit: soon s"),
        ("Total time: 1.5 s", "Total time: nan s"),
        ("1         500.0", "1         5oo.0"),
        ("     5         1 ", "     x         1 "),
        ("Function: main at line 3", "Function: main at line x"),
    ],
)
def test_damaged_table(read_bytes, damage: tuple[str, str]) -> None:
    assert damage[0] in OLD
    with pytest.raises(ProfileError):
        read_bytes(OLD.replace(*damage).encode())


def lprof(timings: object, unit: object = 1e-9) -> bytes:
    """A pickle as line_profiler writes it, made by hand."""
    state = pickle.dumps({"timings": timings, "unit": unit}, 4)[11:-1]
    head = b"\x80\x04\x8c\x1bline_profiler.line_profiler\x8c\x09LineStats\x93)\x81"
    return head + state + b"b."


def test_handmade_dump_is_read(read_bytes) -> None:
    (cost,) = read_bytes(lprof({("a.py", 1, "f"): [(2, 1, 5_000_000_000)]})).functions
    assert (cost.frame, cost.own, cost.lines) == (Frame("a.py", "f", 1), 5.0, {2: 5.0})


@pytest.mark.parametrize(
    "timings",
    [
        {},
        [],
        {("a.py", 1): []},
        {("a.py", 1, "f"): [(2, 1)]},
        {("a.py", 1, "f"): [(2, 1, "x")]},
        {("a.py", "1", "f"): [(2, 1, 3)]},
        {(1, 1, "f"): [(2, 1, 3)]},
        {("a.py", 1, "f"): 5},
        {("a.py", 1, "f"): [(2, 1, float("nan"))]},
    ],
)
def test_damaged_dump(read_bytes, timings: object) -> None:
    with pytest.raises(ProfileError):
        read_bytes(lprof(timings))


def test_shared_lines_cannot_multiply(read_bytes) -> None:
    entries = [(n, 1, 1) for n in range(3000)]
    data = lprof({("a.py", n, "f"): entries for n in range(3000)})
    assert len(data) < 200_000
    with pytest.raises(ProfileError, match="lines"):
        read_bytes(data)
