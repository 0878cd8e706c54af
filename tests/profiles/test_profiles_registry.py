"""Which reader knows which file: each real file is known by one, whatever it is called."""

from pathlib import Path

import pytest

from perf_advise.profiles.registry import READERS, find_reader, readers

EXPECTED = {
    "cprofile.prof": "pstats_dump",
    "cprofile-stripdirs.prof": "pstats_dump",
    "profile-pure.prof": "pstats_dump",
    "pyinstrument.pstats": "pstats_dump",
    "tachyon.pstats": "pstats_dump",
    "yappi-wall.callgrind": "callgrind",
    "pprofile.callgrind": "callgrind",
    "viztracer.json": "viztracer",
    "viztracer-min.json": "viztracer",
    "kernprof.lprof": "line_profiler_dump",
    "kernprof-text.txt": "line_profiler_text",
    "notebook-lprun.txt": "line_profiler_text",
    "cprofile-text.txt": "pstats_text",
    "notebook-prun.txt": "pstats_text",
    "trace-count.pickle": "trace_counts",
    "tracemalloc.dump": "tracemalloc_dump",
    "memray-alloc.csv": "memray_csv",
    "memray-gprof2dot.json": "gprof2dot_json",
    "trace-cover/simkit.tree.cover": "trace_cover",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_content_decides(profiles: Path, name: str) -> None:
    head = (profiles / name).read_bytes()[:65536]
    knowing = [reader.__name__.rpartition(".")[2] for reader in readers() if reader.sniff(head, "profile")]
    assert knowing == [EXPECTED[name]]


@pytest.mark.parametrize("name", READERS)
def test_reader_keeps_the_contract(name: str) -> None:
    reader = next(r for r in readers() if r.__name__.endswith("." + name))
    assert reader.NAME
    assert reader.__doc__


@pytest.mark.parametrize("head", [b"", b"\0", b"{", b"[", b"(", b"\x80", b"x" * 65536, b"{" * 65536, bytes(range(256))])
def test_nobody_knows_what_is_no_profile(head: bytes) -> None:
    assert find_reader(head, "file") is None
