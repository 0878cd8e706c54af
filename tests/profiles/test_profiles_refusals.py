"""Files without time are refused with the command that makes a usable one; real profiles are not."""

from pathlib import Path

import pytest

from perf_advise.profiles import refusals
from perf_advise.profiles.errors import ProfileError

REAL = {
    "memray-stats.txt": "memray transform csv",
    "memray-tree.txt": "memray transform csv",
    "pyspy-dump.txt": "py-spy record",
    "pyspy-dump.json": "py-spy record",
    "tracemalloc.txt": "take_snapshot",
}

SPARSE = (
    b'{"traceEvents": [{"ph": "M", "pid": 4332, "tid": 4332, "name": "process_name", "args": {"name": "MainProcess"}}],'
    b' "viztracer_metadata": {"overflow": false, "version": "1.1.1"}, "file_info": {"files": {}, "functions": {}}}'
)
HEADS = {
    "sparse.json": (SPARSE, "viztracer -o"),
    "memray.bin": (b"memray\0\x0c\0\0\0", "memray transform csv"),
    "packed.bin": (b'\x04"M\x18@@\xc0sF\0\0\xfa\x05memray\0\r\0\0\0', "memray transform csv"),
    "trace.txt": (b" --- modulename: core, funcname: <module>\ncore.py(1): import os\n", "trace --count"),
    "memray-table.html": (b"<html>\n<head>\n  <title>memray - table report</title>", "memray transform csv"),
    "memray-stats.json": (
        b'{\n  "total_num_allocations": 4686,\n  "allocation_size_histogram": [',
        "memray transform csv",
    ),
    "listfuncs.txt": (
        b"program output\n\nfunctions called:\nfilename: /a.py, modulename: a, funcname: f\n",
        "python -m trace --count -f",
    ),
    "trackcalls.txt": (b"calling relationships:\n\n*** /a.py ***\n    a.f -> a.g\n", "trace --count"),
    "importtime.txt": (b"import time: self [us] | cumulative | imported package\n", "perf-advise record"),
    "flame.svg": (
        b'<svg>\n<svg class="func_g" x="0.0"><g>\n<title>f</title>',
        "pstats file",
    ),
    "graph.dot": (b'digraph {\n\tgraph [fontname=Arial]\n\t1 [label="a:1:f"]\n', "drawn from"),
    "perf-12.map": (b"7f65c66b7000 b py::f:/a.py\n", "stackcollapse-perf.pl"),
    "perf.data": (b"PERFILE2\x68\0\0\0", "stackcollapse-perf.pl"),
}


@pytest.mark.parametrize("name", REAL)
def test_real_file_is_refused_with_a_remedy(profiles: Path, read_bytes, name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_bytes((profiles / name).read_bytes(), name)
    assert REAL[name] in caught.value.do


@pytest.mark.parametrize("name", HEADS)
def test_start_of_file_is_refused_with_a_remedy(read_bytes, name: str) -> None:
    head, remedy = HEADS[name]
    with pytest.raises(ProfileError) as caught:
        read_bytes(head, "file")  # the name does not matter
    assert remedy in caught.value.do


SAMPLERS = ("profiling.sampling", "pyinstrument", "perf script")
"""Refusals whose examples are tested beside the readers of their family."""


def test_every_refusal_is_met_by_an_example(profiles: Path) -> None:
    heads = [(profiles / name).read_bytes() for name in REAL] + [head for head, _ in HEADS.values()]
    for refusal in refusals.REFUSALS:
        if not any(family in refusal.what for family in SAMPLERS):
            assert any(refusal.sniff(head, "x") for head in heads), refusal.what


def test_no_real_profile_is_refused(profiles: Path) -> None:
    for path in profiles.iterdir():
        if path.is_file() and path.name not in REAL:
            refusals.check(path.read_bytes()[:65536], path.name)
