"""One frame as text, in the grammars of collapsed stacks and flame graphs."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_C_FILE = re.compile(
    r"\[.*\]|kernel|(?:.*/)?(?:lib)?python[\d.]*|.*\.(?:so(?:\.[\d.]+)?|dylib|dll|pyd|exe|[chS]|cc|cpp|cxx|hpp|rs|f90)"
)
_LABEL = re.compile(
    r'process \d+(?::".*")?|thread \((?:0x)?[\da-fA-F]+\)(?:: .*)?|tid:\w+|P\d+|T(?:0x[\da-f]+|[\da-f]+|\d+:.*)'
)
_PERF_MARKS = ("_[j]", "_[i]", "_[k]")  # of stackcollapse-perf.pl --all
_LABEL_STARTS = frozenset("ptPT")
_ANONYMOUS = frozenset(("<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"))


class FrameText(NamedTuple):
    """What a frame's text says: `path` is "" and `line` 0 where it says nothing."""

    name: str
    path: str = ""
    line: int = 0


def parse(text: str) -> FrameText:
    """Read `name (path:line)` (py-spy), `path:name:line` (austin, Tachyon), `py::name:path` (perf), `name`."""
    if text.startswith("py::"):
        name, _, path = text[4:].partition(":")
        return FrameText(name, path[:-4] if path.endswith(_PERF_MARKS) else path)
    if text.endswith(")") and " (" in text:
        return _in_brackets(text[:-1])
    parts = text.rsplit(":", 2)
    if len(parts) == 3 and (_is_line(parts[2]) or not parts[2]):
        return FrameText(parts[1], parts[0], int(parts[2] or 0))
    if len(parts) == 3 and _is_line(parts[1]):
        return FrameText(parts[2], parts[0], int(parts[1]))
    return FrameText(text)


def _in_brackets(text: str) -> FrameText:
    name, _, place = text.partition(" (")  # a path may hold brackets, the name of a function does not
    if " (" in place and is_c_file(text.rpartition(" (")[2].partition(":")[0]):  # but a C++ symbol does
        name, _, place = text.rpartition(" (")
    path, _, line = place.rpartition(":")
    return FrameText(name, path, int(line)) if path and _is_line(line) else FrameText(name, place)


def _is_line(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def is_c_file(path: str) -> bool:
    """Whether the path is a library's, a C source's or the kernel's, not a Python file's."""
    return not path.endswith(".py") and _C_FILE.fullmatch(path) is not None


def is_label(text: str) -> bool:
    """Whether this names a process or thread before the frames: py-spy, austin (`P1`, `T0:1`), Tachyon."""
    return text[:1] in _LABEL_STARTS and _LABEL.fullmatch(text) is not None


def are_first_lines(frames: Iterable[FrameText]) -> bool:
    """Whether the lines of these frames are where functions begin (`py-spy -F`) and not where they were.

    Top-level code then has line 1 in every file, and a function one line; in doubt lines are current ones.
    """
    lines: dict[tuple[str, str], set[int]] = {}
    for frame in frames:
        if frame.line and not frame.path.startswith("<"):
            lines.setdefault((frame.path, frame.name), set()).add(frame.line)
    modules = [found for (_, name), found in lines.items() if name == "<module>"]
    named = [found for (_, name), found in lines.items() if name not in _ANONYMOUS]
    several = sum(len(found) > 1 for found in named)
    return bool(modules) and all(found == {1} for found in modules) and several * 10 <= len(named)
