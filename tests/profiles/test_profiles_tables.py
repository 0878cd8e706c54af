"""The printed tables of cProfile, against `pstats` and the dumps of the same runs."""

import cProfile
import io
import pstats
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile


def check(text, dump) -> None:
    """Equal to the printed millisecond, for what the table has."""
    exact = {(Path(c.frame.path).name, c.frame.name, c.frame.line): c for c in dump.functions}
    assert len(text.functions) == len(dump.functions)
    for cost in text.functions:
        same = exact[Path(cost.frame.path).name, cost.frame.name, cost.frame.line]
        assert (cost.own, cost.cumulative) == pytest.approx((same.own, same.cumulative), abs=0.000501)
        assert cost.calls == same.calls
    assert text.total == pytest.approx(dump.total, abs=0.000501)


def test_notebook_table_equals_its_dump(profiles: Path) -> None:
    check(read_profile(profiles / "notebook-prun.txt"), read_profile(profiles / "notebook-prun.prof"))


def recursive(n: int) -> int:
    return n if n < 2 else recursive(n - 1) + recursive(n - 2)


def test_fresh_table_equals_its_dump(tmp_path: Path, read_bytes) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(lambda: (recursive(21), sorted(range(9), key=str)))
    profiler.dump_stats(tmp_path / "fresh.prof")
    printed = io.StringIO()
    pstats.Stats(str(tmp_path / "fresh.prof"), stream=printed).sort_stats("cumulative").print_stats()
    check(read_bytes(printed.getvalue().encode()), read_profile(tmp_path / "fresh.prof"))


def test_long_table_after_the_output_of_the_program(profiles: Path) -> None:
    profile = read_profile(profiles / "cprofile-text.txt")
    costs = {cost.frame: (cost.calls, cost.own, cost.cumulative) for cost in profile.functions}
    assert (profile.total, profile.seconds) == (0.411, 0.411)
    assert costs[Frame("geometry.py", "neighbours", 50)] == (1152, 0.016, 0.017)
    assert costs[Frame("~", "<built-in method builtins.__build_class__>")] == (268, 0.018, 0.023)
    assert "to the millisecond" in profile.warnings[0]


CUT = """         12 function calls in 2.000 seconds

   Ordered by: internal time
   List reduced from 9 to 2 due to restriction <2>

   ncalls  tottime  percall  cumtime  percall filename:lineno(function)
        3    0.500    0.167    0.750    0.250 a b.py:3(f)
        0    0.000             0.000          7.py:1(never)


"""


def test_shares_of_a_cut_table_are_of_the_whole_run(read_bytes) -> None:
    profile = read_bytes(CUT.encode())
    assert profile.total == 2.0
    assert [(c.frame, c.own, c.calls) for c in profile.functions] == [
        (Frame("a b.py", "f", 3), 0.5, 3),
        (Frame("7.py", "never", 1), 0.0, 0),
    ]


def test_table_without_run_time(read_bytes) -> None:
    with pytest.raises(ProfileError, match="run time"):
        read_bytes(CUT.replace("2.000 seconds", "no time").encode())
