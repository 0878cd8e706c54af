"""Which readers there are, in the order in which they are asked."""

from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from perf_advise.model.profile import Profile

READERS: tuple[str, ...] = (
    "own",
    "pstats_dump",
    "callgrind",
    "viztracer",
    "line_profiler_dump",
    "line_profiler_text",
    "pstats_text",
    "pprofile_text",
    "trace_counts",
    "tracemalloc_dump",
    "memray_csv",
    "gprof2dot_json",
    "trace_cover",
    "austin_mojo",
    "speedscope",
    "pyspy_trace",
    "pyinstrument_session",
    "pyinstrument_tree",
    "scalene",
    "gecko",
    "tachyon_jsonl",
    "tachyon_flamegraph",
    "flamegraph_svg",
    "pprof",
    "perf_script",
    "collapsed",
)


class Reader(Protocol):
    """What a reader module offers."""

    NAME: str

    def sniff(self, head: bytes, name: str) -> bool:
        """Whether a file that starts like this is of this format; cheap, never raises."""
        ...

    def read(self, stream: BinaryIO, size: int) -> Profile:
        """The profile; `size` in bytes on disk is a hint. Raises ProfileError."""
        ...


def readers() -> Iterator[Reader]:
    """All readers, each imported when its turn comes."""
    for name in READERS:
        yield cast(Reader, import_module(f"perf_advise.profiles.{name}"))


def find_reader(head: bytes, name: str) -> Reader | None:
    """The first reader that knows a file which starts like this."""
    return next((reader for reader in readers() if reader.sniff(head, name)), None)
