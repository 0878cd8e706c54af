"""The flame graph page of Python 3.15's `profiling.sampling`: a tree with strings in a table, in samples.

A node's value holds that of its children; functions with under 0.1 % of the samples are left out of the page
and count to their callers. Lines are current ones.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.embedded_json import page_object, read_page
from perf_advise.profiles.frame_texts import FrameText, parse
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import LABEL, StackTotals, StackWalk, positive
from perf_advise.profiles.trees import walk_tree
from perf_advise.profiles.untrusted import line_number, mapping, number, sequence, text

NAME = "profiling.sampling flame graph (HTML)"


def sniff(head: bytes, name: str) -> bool:
    """A page with the profiler's title."""
    start = head[:4096].lower()
    return b"<html" in start and b"flame" in start and (b"tachyon" in start or b"python profiler" in start)


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function; `seconds` as the page's statistics have it."""
    root = page_object(read_page(stream), r"EMBEDDED_DATA\s*=\s*(?=\{)|\bdata\s*=\s*(?=\{\s*\"name\")")
    totals = StackTotals()
    _Tree(totals, sequence(root.get("strings") or [])).add(root)
    seconds = number(mapping(root.get("stats") or {}).get("duration_sec") or 0)
    return totals.profile("profiling.sampling", Unit.SAMPLES, seconds=seconds if seconds > 0 else None)


class _Tree:
    def __init__(self, totals: StackTotals, strings: list[Any]) -> None:
        self._strings = strings
        self._places = Places(totals)
        self._walk = StackWalk(totals)

    def add(self, root: dict[str, Any]) -> None:
        """Add the tree below `root`."""
        walk_tree(self._walk, root, self._enter)

    def _enter(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        children = [mapping(child) for child in sequence(node.get("children") or [])]
        self._walk.enter(*self._place(node))
        self._walk.spend(max(_value(node) - sum(map(_value, children)), 0.0))
        return iter(children)

    def _place(self, node: dict[str, Any]) -> tuple[int, int]:
        name, path = self._string(node.get("funcname")), self._string(node.get("filename"))
        if name:
            line = line_number(node.get("lineno") or 0)
            return self._places.place(FrameText(name, "" if path == "~" else path, line))
        title = self._string(node.get("name")).removeprefix("Program Root: ")
        return self._places.place(parse(title)) if " (" in title else (LABEL, 0)

    def _string(self, value: object) -> str:
        if type(value) is int and 0 <= value < len(self._strings):
            return text(self._strings[value])
        return text(value) if type(value) is str else ""


def _value(node: dict[str, Any]) -> float:
    return positive(node.get("value") or 0)
