"""scalene's JSON, and the page that `scalene view` makes of it: percent of the run per line.

A line's time is Python code, C code (`native`) and system time, which takes in waiting and the time of threads
that another one kept from running. Percent times `elapsed_time_sec` is seconds. The lines are what adds up:
scalene's own sums per function leave part of them out and mix up functions of one name. So a line counts to the
function that ran it by the stacks in the file, else to the one it stands in by the source that the file embeds.
"""

import ast
import re
from collections import defaultdict
from typing import Any, BinaryIO, NamedTuple

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.embedded_json import page_object, read_page
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import FrameText
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import Stacks, StackTotals, positive
from perf_advise.profiles.streams import MIB
from perf_advise.profiles.untrusted import line_number, mapping, member, sequence, text

NAME = "scalene JSON and HTML"

_LONGEST_SOURCE = 4 * MIB
_STACK_FRAME = re.compile(r"(.+) (\S+):(\d{1,9});?\Z", re.DOTALL)
_PARTS = ("n_cpu_percent_python", "n_cpu_percent_c", "n_sys_percent")
_KEYS = (b'"elapsed_time_sec"', b'"n_cpu_percent_python"')


def sniff(head: bytes, name: str) -> bool:
    """The JSON's first keys, in their alphabetic order, or the page's title."""
    if b"<title>Scalene</title>" in head:
        return True
    is_object = head.lstrip().startswith(b"{")
    return is_object and (all(key in head for key in _KEYS) or b'"alloc_samples"' in head)


def read(stream: BinaryIO, size: int) -> Profile:
    """Seconds per function and line; cumulative time and callers where the run kept stacks (`--stacks`)."""
    return _Report(page_object(read_page(stream), r"\bprofile = (?=\{)")).profile()


class _Report:
    def __init__(self, data: dict[str, Any]) -> None:
        self._seconds = positive(member(data, "elapsed_time_sec"))
        self._files = mapping(member(data, "files"))
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._placed: list[tuple[int, int]] = []
        self._stacks = Stacks(self._totals, self._placed)
        self._ran = _ran(data.get("stacks") or [])
        self._sources: dict[str, str] = {}

    def profile(self) -> Profile:
        """The sums of all files; shares are relative to the whole run, what other files took included."""
        for path, file in self._files.items():
            self._add_file(text(path), sequence(member(mapping(file), "lines")))
        self._stacks.flush()
        self._totals.total = max(self._totals.total, self._seconds)
        return self._totals.profile(
            "scalene", Unit.SECONDS, seconds=self._seconds or None, clock="wall", sources=self._sources
        )

    def _add_file(self, path: str, lines: list[Any]) -> None:
        rows = [mapping(line) for line in lines]
        if [row.get("lineno") for row in rows] == list(range(1, len(rows) + 1)):
            self._sources[path] = "".join(_unescaped(text(row.get("line") or "")) for row in rows)
        owners = _owners(self._sources.get(path, ""))
        for row in rows:
            spent = [positive(row.get(key) or 0) * self._seconds / 100 for key in _PARTS]
            line = line_number(row.get("lineno") or 0)
            if any(spent):
                self._add_line(path, line, spent, owners)

    def _add_line(self, path: str, line: int, spent: list[float], owners: list[tuple[int, int, str]]) -> None:
        """Spread a line's time over the stacks that ended there."""
        inside = [name for first, last, name in owners if first <= line <= last]
        here = _Ran((FrameText(inside[-1] if inside else "<module>", path, line),), 1.0)
        ran = self._ran.get((path, line)) or [here]
        weights = sum(stack.weight for stack in ran)
        for stack in ran:
            part = stack.weight / weights if weights else 1 / len(ran)
            placed = [self._places.place(frame) for frame in stack.frames]
            start = len(self._placed)
            self._placed += placed
            self._stacks.add(tuple(range(start, len(self._placed))), sum(spent) * part)
            self._totals.spend_in_c(placed[-1][0], spent[1] * part)


def _unescaped(line: str) -> str:
    """The source line: scalene writes what HTML would take for markup as a JSON escape, and then escapes that."""
    return line.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")


class _Ran(NamedTuple):
    """A stack that the run kept, root first, and its weight among those that end at the same line."""

    frames: tuple[FrameText, ...]
    weight: float


def _ran(stacks: object) -> dict[tuple[str, int], list[_Ran]]:
    """The kept stacks by the path and line that they end at."""
    found: defaultdict[tuple[str, int], list[_Ran]] = defaultdict(list)
    for stack in sequence(stacks):
        pair = sequence(stack)
        if len(pair) != 2:
            raise damaged("a stack that is no pair")
        matches = [_STACK_FRAME.match(text(frame)) for frame in sequence(pair[0])]
        frames = tuple(FrameText(m[2], m[1], int(m[3])) for m in matches if m)
        if frames and frames[-1].path.endswith(".py"):
            weight = positive(mapping(pair[1]).get("cpu_samples") or 0)
            found[frames[-1].path, frames[-1].line].append(_Ran(frames, weight))
    return found


def _owners(source: str) -> list[tuple[int, int, str]]:
    """First line, last line and qualified name of each function, outer ones first; none if it does not parse."""
    if not source or len(source) > _LONGEST_SOURCE:
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo:
        node, prefix = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min(inner.lineno for inner in (node, *node.decorator_list))
            found.append((first, node.end_lineno or node.lineno, prefix + node.name))
            prefix += f"{node.name}.<locals>."
        elif isinstance(node, ast.ClassDef):
            prefix += f"{node.name}."
        todo += [(child, prefix) for child in ast.iter_child_nodes(node)]
    return sorted(found, key=lambda owner: (owner[0], -owner[1]))
