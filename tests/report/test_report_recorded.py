"""What a recording says while it runs and at its end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, FunctionCost, Profile, Unit
from perf_advise.recording.measured import Measured
from perf_advise.recording.recorder import RecordResult
from perf_advise.report.lines import plain
from perf_advise.report.recorded import progress_line, table

COSTS = (
    FunctionCost(Frame("src/sim/grid.py", "Grid.energy", 88), 5.0, 6.0, cpu=5.0),
    FunctionCost(Frame("src/sim/net.py", "fetch", 9), 2.0, 2.0, cpu=0.1),
    FunctionCost(Frame("run.py", "<module>", 1), 0.0, 9.0, cpu=0.0),
)


def result_of(*costs: FunctionCost, **measured: object) -> RecordResult:
    profile = Profile("sampler", Unit.SECONDS, 10.0, costs)
    known = {"processes": 3, "threads": 5, "samples": 9000, "sampled_seconds": 10.0} | measured
    return RecordResult(0, 10.04, profile, Path("p.json"), Measured(profile, executable="", warnings=(), **known))


def test_the_table_has_the_total_how_it_was_measured_and_the_hottest_first() -> None:
    assert plain(table(result_of(*reversed(COSTS)), Path(), 100)).splitlines() == [
        "10.0 s, 9,000 samples, 900 per second, 3 processes, 5 threads",
        "  own   with calls  function",
        " 50 %         60 %  Grid.energy  src/sim/grid.py:88",
        " 20 %         20 %  fetch  src/sim/net.py:9  19 % waiting",
        " 30 %  in libraries and start-up, outside of the project",
    ]


def test_waiting_in_libraries_is_told() -> None:
    result = result_of(*COSTS, processes=1, threads=1)
    select = FunctionCost(Frame("selectors.py", "select", 1), 2.0, 2.0, cpu=0.0)
    whole = replace(result.profile, functions=(*COSTS, select))
    result = replace(result, measured=replace(result.measured, profile=whole))
    last = plain(table(result, Path(), 100)).splitlines()[-1]
    assert last == " 30 %  in libraries and start-up, outside of the project, 20 % waiting"


def test_calls_have_a_column_where_they_were_counted() -> None:
    cost = FunctionCost(Frame("a.py", "f", 1), 5.0, 6.0, 1200)
    lines = plain(table(result_of(cost, samples=0, processes=1, threads=1), Path(), 100)).splitlines()
    assert lines[:3] == [
        "10.0 s",
        "  own   with calls      calls  function",
        " 50 %         60 %      1,200  f  a.py:1",
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_name_has_its_place_on_a_line_of_its_own(width: int) -> None:
    cost = FunctionCost(Frame("src/package/of/long/name.py", "Simulation.advance_all_of_it", 7), 5.0, 6.0)
    lines = plain(table(result_of(cost, processes=1, threads=1), Path(), width)).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-2].strip().endswith("src/package/of/long/name.py:7")


def test_only_so_many_rows_and_how_many_more_there_are() -> None:
    costs = [FunctionCost(Frame("a.py", f"f{i}", i), 1.0, 1.0) for i in range(1, 5)]
    lines = plain(table(result_of(*costs), Path(), 100, rows=2)).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "  2 functions more: perf-advise hotspots"


def test_nothing_of_the_project_is_just_the_total() -> None:
    assert plain(table(result_of(processes=1, threads=1), Path(), 100)).splitlines() == [
        "10.0 s, 9,000 samples, 900 per second",
        "100 %  in libraries and start-up, outside of the project",
    ]


def test_progress_says_how_long_how_many_and_where() -> None:
    measured = result_of(*COSTS, FunctionCost(Frame("~", "<built-in sum>"), 9.0, 9.0)).measured
    whole = "recording 3 s, 9,000 samples, hottest: Grid.energy (grid.py) 50 %"
    assert progress_line(3.2, measured, 80) == whole
    assert progress_line(3.2, measured, 30) == whole[:27] + "..."


def test_progress_before_anything_is_known() -> None:
    assert progress_line(1.2, Measured(None, 0, 0, 0, 0.0, "", ()), 80) == "recording 1 s"


def test_a_function_of_a_notebook_has_its_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in ("x = 1\n", "\ndef f(): 1")
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    costs = [FunctionCost(Frame(path, "f", 4), 5.0, 6.0) for path in ("a.ipynb", "gone.ipynb")]
    rows = plain(table(result_of(*costs), tmp_path, 100)).splitlines()
    assert rows[2].endswith("f  a.ipynb:cell 2:2")
    assert rows[3].endswith("f  gone.ipynb:4")
