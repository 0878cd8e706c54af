"""pyinstrument reports with a call tree: JSON (`-r json`) and HTML (`-r html`), in seconds of wall time.

A node's `time` holds that of its children. Names are bare, lines are first lines; the HTML report of
pyinstrument 5 also has the time per current line. `[self]` and `[await]` are parts of the node above them.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from perf_advise.model.profile import Profile
from perf_advise.profiles.embedded_json import page_object, read_page
from perf_advise.profiles.frame_texts import FrameText
from perf_advise.profiles.places import Places
from perf_advise.profiles.pyinstrument_frames import SYNTHETIC, identified, session_profile
from perf_advise.profiles.stacks import StackTotals, StackWalk, positive
from perf_advise.profiles.trees import walk_tree
from perf_advise.profiles.untrusted import line_number, mapping, member, sequence, text

NAME = "pyinstrument JSON and HTML"

_PAGE = b"pyinstrumentHTMLRenderer"


def sniff(head: bytes, name: str) -> bool:
    """The report's own keys, or the script of the HTML report."""
    is_json = head.lstrip().startswith(b"{") and b'"target_description"' in head and b'"root_frame"' in head
    return is_json or _PAGE in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Own and cumulative time; time that a coroutine waits is own time off the CPU."""
    data = page_object(read_page(stream), r"sessionData = (?=\{)")
    root = data.get("root_frame") or data.get("frame_tree")
    totals = StackTotals()
    _Tree(totals).add(mapping(root))
    return session_profile(totals, mapping(data.get("session") or data))


class _Node(NamedTuple):
    frame: FrameText
    first: int
    time: float
    children: list[dict[str, Any]]
    lines: dict[int, float]


def _node(node: dict[str, Any]) -> _Node:
    identifier = node.get("identifier")
    time, children = positive(member(node, "time")), sequence(node.get("children") or [])
    if identifier is None:
        frame = FrameText(text(member(node, "function")), text(node.get("file_path") or ""))
        return _Node(frame, line_number(node.get("line_no") or 0), time, children, {})
    name, path, first = identified(text(identifier))
    lines = {
        int(key[1:]): positive(value)
        for key, value in mapping(node.get("attributes") or {}).items()
        if key[:1] == "l" and key[1:].isdecimal() and len(key) < 10
    }
    return _Node(FrameText(name, path), first, time, children, lines)


class _Tree:
    def __init__(self, totals: StackTotals) -> None:
        self._totals = totals
        self._places = Places(totals)
        self._walk = StackWalk(totals)

    def add(self, root: dict[str, Any]) -> None:
        """Add the tree below `root`."""
        walk_tree(self._walk, root, lambda node: self._enter(_node(node)))

    def _enter(self, node: _Node) -> Iterator[dict[str, Any]]:
        """Open the node and spend what is its own; its children are left to do."""
        own = max(node.time - sum(positive(mapping(c).get("time", 0)) for c in node.children), 0.0)
        synthetic = SYNTHETIC.get(node.frame.name) if not node.frame.path else None
        if synthetic is not None:
            self._walk.enter(synthetic)
        else:
            function, line = self._places.place(node.frame, node.first)
            self._walk.enter(function, line)
            self._add_lines(function, node)
        self._walk.spend(own)
        return iter(node.children)

    def _add_lines(self, function: int, node: _Node) -> None:
        """Where a node calls nothing, the time per line is its own."""
        calls = (c for c in node.children if mapping(c).get("identifier") not in SYNTHETIC)
        if function >= 0 and node.lines and next(calls, None) is None:
            for line, time in node.lines.items():
                self._totals.add_line(function, line, time)
