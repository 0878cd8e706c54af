"""Flame graphs as SVG, drawn by py-spy or inferno: one rectangle per frame, as wide as its samples.

A title `name (path:line) (30 samples, 32.26%)` counts a frame with all above it; what is its own follows from
the rectangles that lie above it. Frames too narrow to be drawn are own time of the one below.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import FrameText, are_first_lines, is_label, parse
from perf_advise.profiles.places import Places
from perf_advise.profiles.stacks import LABEL, StackTotals, StackWalk
from perf_advise.profiles.streams import MIB, read_all

NAME = "flame graph SVG (py-spy, inferno)"

_LIMIT = 64 * MIB
_TITLE = re.compile(r"<title>([^<]{1,10000})</title>\s*<rect ([^>]{1,1000})>")
_COUNTED = re.compile(r"(.*) \(([\d,]{1,20}) \w+(?:, [\d.]+%)?\)\Z", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)="([\d.]{1,30})%?"')


class _Box(NamedTuple):
    """A rectangle: left edge and width in samples, its row, its frame."""

    left: float
    width: float
    row: float
    name: str


def sniff(head: bytes, name: str) -> bool:
    """An SVG with the marks of inferno or flamegraph.pl."""
    return b"<svg" in head and (b"jonhoo/inferno" in head or b"Flame graph stack visualization" in head)


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function; all lines of a function that were drawn."""
    svg = read_all(stream, _LIMIT).decode("utf-8", "replace")
    boxes = list(_boxes(svg))
    root = max(boxes, key=lambda box: (box.width, box.name.startswith("all")), default=None)
    if root is None or root.width <= 0:
        raise damaged("no rectangles of a flame graph")
    totals = StackTotals()
    _Drawing(totals, boxes, root).walk()
    return totals.profile("py-spy" if "py-spy" in svg else "flame graph", Unit.SAMPLES)


def _boxes(svg: str) -> Iterator[_Box]:
    for title, rect in _TITLE.findall(svg):
        counted = _COUNTED.match(html.unescape(title))
        if counted is None:
            continue
        samples = float(counted[2].replace(",", "") or 0)
        found = {name: _number(value) for name, value in _ATTRIBUTE.findall(rect)}
        if "fg:x" in found and "fg:w" in found:
            yield _Box(found["fg:x"], found["fg:w"], found.get("y", 0.0), counted[1])
        else:  # before inferno drew fluidly: in pixels, scaled by what the title counts
            width = found.get("width", 0.0)
            scale = samples / width if width > 0 else 0.0
            yield _Box(found.get("x", 0.0) * scale, samples, found.get("y", 0.0), counted[1])


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise damaged(f"not a number: {value:.30}") from None


class _Drawing:
    """The boxes in the order in which a walk through the tree meets them: from the left, and from the root."""

    def __init__(self, totals: StackTotals, boxes: Sequence[_Box], root: _Box) -> None:
        self._totals = totals
        self._root = root
        self._walk = StackWalk(totals)
        frames = {box.name: parse(box.name) for box in boxes}
        self._frames = {name: frame for name, frame in frames.items() if not is_label(name)}
        self._places = Places(totals, are_first_lines(self._frames.values()))
        rows = sorted({box.row for box in boxes}, key=lambda row: abs(row - root.row))
        self._depths = {row: depth for depth, row in enumerate(rows)}
        inside = [box for box in boxes if box is not root]
        self._boxes = sorted(inside, key=lambda box: (box.left, self._depths[box.row]))

    def walk(self) -> None:
        """Open and close the boxes; what a box has beyond those in it is its own."""
        left_over = [self._root.width]
        for box in self._boxes:
            depth = self._depths[box.row]
            while len(left_over) > depth:
                self._close(left_over.pop())
            if not left_over or len(left_over) < depth:
                raise damaged("a frame that stands on no other")
            left_over[-1] -= box.width
            left_over.append(box.width)
            self._walk.enter(*self._place(box))
        while left_over:
            self._close(left_over.pop())

    def _place(self, box: _Box) -> tuple[int, int]:
        frame: FrameText | None = self._frames.get(box.name)
        return self._places.place(frame) if frame else (LABEL, 0)

    def _close(self, own: float) -> None:
        self._walk.spend(max(own, 0.0))
        if len(self._walk):
            self._walk.leave()
