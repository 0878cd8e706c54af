"""Files that people take for profiles and that hold no time: what to do instead, per kind.

To add one: a line in `REFUSALS`, with what tells such a file (as a reader's `sniff` would) and the remedy.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from perf_advise.profiles.errors import ProfileError

_RECORD = "record a profile with: perf-advise record -- CMD"
_COUNT = "count lines with: python -m trace --count -f counts.pickle SCRIPT"
_TRANSFORM = "convert memray's file with: memray transform csv FILE.bin"
_SAMPLE = "sample over time with: py-spy record -f raw -o profile.txt --pid PID"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How to know such a file (as a reader's `sniff`), what it is, and the command for a usable one."""

    sniff: Callable[[bytes, str], bool]
    what: str
    do: str


def check(head: bytes, name: str) -> None:
    """Raise ProfileError with the command that makes a usable file if `head` starts such a one."""
    for refusal in REFUSALS:
        if refusal.sniff(head, name):
            raise ProfileError(refusal.what, refusal.do)


def _starts(*starts: bytes) -> Callable[[bytes, str], bool]:
    return lambda head, name: head.startswith(starts)


def _has(*parts: bytes) -> Callable[[bytes, str], bool]:
    return lambda head, name: all(part in head for part in parts)


def _matches(pattern: bytes) -> Callable[[bytes, str], bool]:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda head, name: compiled.match(head) is not None


def _has_but(part: bytes, but: bytes) -> Callable[[bytes, str], bool]:
    return lambda head, name: part in head and but not in head


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        _has_but(b'"viztracer_metadata"', b'"fee"'),
        "a trace by viztracer that holds no calls (--log_sparse, --minimize_memory)",
        "trace the calls with: viztracer -o trace.json SCRIPT",
    ),
    Refusal(
        _matches(rb"(\x04\x22\x4d\x18.{4,24})?memray\0"),
        "memray's own binary file, which only memray reads",
        _TRANSFORM,
    ),
    Refusal(_has(b"<title>memray - "), "a page made by memray", _TRANSFORM),
    Refusal(
        _has(b'"total_num_allocations"', b'"allocation_size_histogram"'),
        "memray's statistics, which hold no call stacks",
        _TRANSFORM,
    ),
    Refusal(
        _has("📏 Total allocations".encode(), b"Histogram of allocation size"),
        "memray's statistics, which hold no call stacks",
        _TRANSFORM,
    ),
    Refusal(_matches("\\s*┏(━)+┳".encode()), "a table printed by memray, cut to the terminal's width", _TRANSFORM),
    Refusal(
        _has(b"functions called:\n", b"modulename: "),
        "the functions that trace saw (--listfuncs), without counts",
        _COUNT,
    ),
    Refusal(
        _has(b"calling relationships:\n", b"*** "),
        "the calls that trace saw (--trackcalls), without counts",
        _COUNT,
    ),
    Refusal(
        _matches(rb" --- modulename: [^\n]+, funcname: "),
        "the lines that trace printed as they ran (--trace), without counts",
        _COUNT,
    ),
    Refusal(_matches(rb'\s*\[\s*\{[^\]]*"owns_gil"'), "one stack (py-spy dump), which holds no time", _SAMPLE),
    Refusal(
        _matches(rb"Process \d+: [^\n]*\nPython v[^\n]*\n\s*Thread "),
        "one stack (py-spy dump), which holds no time",
        _SAMPLE,
    ),
    Refusal(
        _has(b"import time: self [us] | cumulative | imported package"),
        "the import times that python -X importtime prints",
        _RECORD,
    ),
    Refusal(
        _matches(rb"[^\n]+:\d+: size=[\d.]+ ([KMGT]i)?B[, (]"),
        "printed tracemalloc statistics",
        'keep the snapshot with: tracemalloc.take_snapshot().dump("snapshot")',
    ),
    Refusal(
        _has(b'<svg class="func_g"', b"<title>"),
        "a picture drawn by flameprof",
        "give the pstats file that it was drawn from",
    ),
    Refusal(
        _matches(rb"\s*(strict )?digraph\b"),
        "a graph drawn by gprof2dot",
        "give the profile that it was drawn from",
    ),
    Refusal(
        _matches(rb"[0-9a-f]{6,16} [0-9a-f]+ \S"),
        "a symbol map for perf (perf-PID.map), which holds no time",
        "give perf's stacks: perf script | stackcollapse-perf.pl > stacks.txt",
    ),
    Refusal(
        _starts(b"PERFILE2"),
        "perf's own binary file, which only perf reads",
        "give perf's stacks: perf script | stackcollapse-perf.pl > stacks.txt",
    ),
    Refusal(
        _starts(b"HCAT", b"TACH"),
        "the binary form of profiling.sampling, which only Python 3.15 reads",
        "convert it with: python3.15 -m profiling.sampling replay --collapsed -o stacks.txt FILE",
    ),
    Refusal(
        _matches(rb"\s*_     \._   __/__   _ _  _  _ _/_   Recorded: "),
        "a report printed by pyinstrument, rounded and without library code",
        "save it with: pyinstrument -r pyisession -o profile.pyisession SCRIPT (of the last run: --load-prev)",
    ),
)
