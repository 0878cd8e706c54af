"""The hottest function of the sampled program, and its share of the program's own files, in every format.

The numbers were found by another reader; they hold within a few points.
"""

from pathlib import Path

import pytest

from perf_advise.profiles.loading import read_profile

TOP = {
    "austin-children.austin": ("thread_job", 53),
    "austin-cpu.austin": ("thread_job", 64),
    "austin-cpu.mojo": ("thread_job", 71),
    "austin-from-mojo.austin": ("thread_job", 81),
    "austin-full.austin": ("thread_job", 77),
    "austin-speedscope.json": ("thread_job", 76),
    "austin.austin": ("thread_job", 76),
    "austin.mojo": ("thread_job", 81),
    "austin.pprof": ("thread_job", 76),
    "austin3.mojo": ("thread_job", 72),
    "perf-collapsed.txt": ("crunch", 22),
    "pyinstrument.pyisession": ("neighbours", 22),
    "pyspy-chrometrace.json": ("thread_job", 73),
    "pyspy-raw-312.txt": ("thread_job", 66),
    "pyspy-raw-fullpath.txt": ("thread_job", 64),
    "pyspy-raw-function.txt": ("thread_job", 61),
    "pyspy-raw-gil.txt": ("thread_job", 53),
    "pyspy-raw-nolineno.txt": ("thread_job", 65),
    "pyspy-raw-subproc.txt": ("pairwise_energy", 30),
    "pyspy-raw-threads.txt": ("thread_job", 74),
    "pyspy-raw.txt": ("thread_job", 63),
    "pyspy-speedscope-subproc.json": ("thread_job", 36),
    "pyspy-speedscope.json": ("thread_job", 71),
    "pyspy0314-raw-function.txt": ("thread_job", 62),
    "pyspy041-raw.txt": ("thread_job", 63),
    "tachyon.jsonl": ("thread_job", 64),
}


@pytest.mark.parametrize("name", TOP)
def test_hottest_function(profiles: Path, name: str) -> None:
    functions = read_profile(profiles / name).functions
    own = [c for c in functions if "simkit/" in c.frame.path or c.frame.path.endswith("run_sim.py")]
    expected, percent = TOP[name]
    assert own[0].frame.name.rpartition(".")[2] == expected
    share = 100 * own[0].own / sum(cost.own for cost in own)
    assert share == pytest.approx(percent, abs=5)
