"""tracemalloc snapshots (`Snapshot.dump`): a pickle of the blocks that were alive, with where they came from.

`_traces` is a list of (domain, bytes, ((path, line), ...)), most recent line first.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import pickles
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.stacks import StackTotals, StackWalk
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import line_number, mapping, member, number, sequence, text

NAME = "tracemalloc snapshot"

_LIMIT = 32 * MIB
_CLASSES = ("tracemalloc.Snapshot", "tracemalloc._Traces")


def sniff(head: bytes, name: str) -> bool:
    """A pickle that starts with Snapshot."""
    return head[:1] == b"\x80" and b"tracemalloc" in head[:64] and b"Snapshot" in head[:64]


def read(stream: BinaryIO, size: int) -> Profile:
    """Bytes alive per file and line; functions are not told apart (empty names)."""
    snapshot = pickles.load(read_all(stream, _LIMIT), _CLASSES)
    traces = member(_state(snapshot), "traces")
    totals = StackTotals()
    walk = StackWalk(totals)
    for frames, weight in _by_origin(sequence(member(_state(traces), "_traces"))):
        places = [(totals.number(Frame(text(path), "")), line_number(line)) for path, line in map(_pair, frames)]
        walk.go_to(0, reversed(places))
        walk.spend(weight)
    walk.go_to(0)
    return totals.profile("tracemalloc", Unit.BYTES)


def _state(value: Any) -> dict[Any, Any]:
    if not isinstance(value, pickles.Inert):
        raise damaged("no snapshot")
    return mapping(value.state)


def _by_origin(traces: list[Any]) -> Iterator[tuple[list[Any], float]]:
    """Each traceback once, with the bytes of all its blocks: blocks share tracebacks by the thousand."""
    origins: dict[int, list[Any]] = {}
    for trace in traces:
        fields = sequence(trace)
        if len(fields) < 3:
            raise damaged("no trace")
        origin = origins.setdefault(id(fields[2]), [fields[2], 0.0])
        origin[1] += number(fields[1])
    for frames, weight in origins.values():
        yield sequence(frames), weight


def _pair(frame: Any) -> tuple[Any, Any]:
    if type(frame) is not tuple or len(frame) != 2:
        raise damaged("no frame")
    return frame
