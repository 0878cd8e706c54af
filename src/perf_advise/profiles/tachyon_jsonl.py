"""JSON lines of Python 3.15's `profiling.sampling`: strings, frames, and samples per frame.

A frame is a function at one line. Own samples of a function are those of its lines. Its cumulative samples
are, too, where it does not call itself: a stack has one line of each call. Callers are not in the file.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.stacks import positive
from perf_advise.profiles.streams import lines
from perf_advise.profiles.untrusted import line_number, mapping, member, sequence, text

NAME = "profiling.sampling JSON lines"

_LONGEST = 16 * 1024 * 1024
_MOST_TEXT = 100_000_000


def sniff(head: bytes, name: str) -> bool:
    """A record of its kinds on the first line."""
    first = head.partition(b"\n")[0]
    return first.lstrip().startswith(b"{") and b'"run_id"' in first and b'"type"' in first


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function and line; several runs in one file are added."""
    tables = _Tables()
    for record in _records(stream):
        tables.take(record)
    return tables.profile()


def _records(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in lines(stream, _LONGEST):
        if line.strip():
            try:
                yield mapping(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise damaged(f"JSON: {error}"[:80]) from None


class _Tables:
    def __init__(self) -> None:
        self._costs = Costs()
        self._strings: dict[tuple[str, int], str] = {}
        self._frames: dict[tuple[str, int], tuple[int, int, int]] = {}
        self._total = 0.0
        self._text = 0
        self._clock: Literal["wall", "cpu", ""] = ""

    def take(self, record: dict[str, Any]) -> None:
        """One record; unknown kinds are of later versions."""
        kind, run = record.get("type"), text(record.get("run_id") or "")
        if kind == "meta":
            mode = record.get("mode")
            self._clock = "cpu" if mode == "cpu" else "wall" if mode == "wall" else ""
        elif kind == "str_def":
            for item in map(mapping, sequence(member(record, "defs"))):
                string = text(member(item, "value"))
                self._strings[run, line_number(member(item, "str_id"))] = string
                self._text += len(string) + 100
        elif kind == "frame_def":
            for item in map(mapping, sequence(member(record, "defs"))):
                found = (line_number(member(item, key)) for key in ("path_str_id", "func_str_id"))
                path, name = found
                line = line_number(item.get("line") or 0)
                self._frames[run, line_number(member(item, "frame_id"))] = path, name, line
        elif kind == "agg" and record.get("kind") == "frame":
            self._add(run, sequence(member(record, "entries")))
        if self._text + 100 * len(self._frames) > _MOST_TEXT:
            raise ProfileError("names too many frames", "record it again")

    def _add(self, run: str, entries: list[Any]) -> None:
        for entry in map(mapping, entries):
            path, name, line = member(self._frames, (run, line_number(member(entry, "frame_id"))))
            file = member(self._strings, (run, path))
            frame = Frame("" if file == "~" else file, member(self._strings, (run, name)))
            own, cumulative = positive(member(entry, "self")), positive(entry.get("cumulative", 0))
            self._costs.add(frame, own, cumulative)
            if own and line > 0:
                self._costs.add_line(frame, line, own)
            self._total += own

    def profile(self) -> Profile:
        """The sums; no function is in more samples than there are."""
        for cost in self._costs.functions():
            self._costs.add(cost.frame, cumulative=min(self._total - cost.cumulative, 0.0))
        functions = self._costs.functions()
        return Profile("profiling.sampling", Unit.SAMPLES, self._total, functions, clock=self._clock)
