"""What pprofile prints by default: each file's lines with how often they ran and how long."""

import re
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB, lines
from perf_advise.profiles.untrusted import number

NAME = "pprofile text"

_LIMIT = 32 * MIB
_HEADING = "Line #|      Hits|         Time| Time per hit|"
_DURATION = re.compile(r"Total duration: ([\d.e+-]+)s\Z")
_FILE = re.compile(r"File: (.+)\Z")
_ROW = re.compile(r" *(\d{1,9})\| *\d+\| *([\d.e+-]+)\| *[\d.e+-]+\| *[\d.]+%\|(.*)\Z", re.DOTALL)


def sniff(head: bytes, name: str) -> bool:
    """The heading of pprofile's table."""
    return b"\nTotal duration: " in head and _HEADING.encode() in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Own seconds per file and line, sources kept; functions are not told apart (empty names)."""
    costs = Costs()
    frame, command, seconds = Frame("", ""), "", None
    sources: dict[str, list[str]] = {}
    for line in lines(stream, limit=_LIMIT):
        if match := _ROW.match(line):
            spent = _float(match[2])
            costs.add(frame, spent, spent)
            if spent:
                costs.add_line(frame, int(match[1]), spent)
            sources.setdefault(frame.path, []).append(match[3])
        elif match := _FILE.match(line):
            frame = Frame(match[1], "")
        elif match := _DURATION.match(line):
            seconds = _float(match[1])
        elif line.startswith("Command line: "):
            command = line.removeprefix("Command line: ")
    return Profile(
        tool="pprofile",
        unit=Unit.SECONDS,
        total=costs.total(),
        functions=costs.functions(),
        seconds=seconds,
        clock="wall",
        command=command,
        sources={path: "\n".join(text) + "\n" for path, text in sources.items()},
    )


def _float(word: str) -> float:
    try:
        return number(float(word))
    except ValueError:
        raise damaged(f"no time: {word:.30}") from None
