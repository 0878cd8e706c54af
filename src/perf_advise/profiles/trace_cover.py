"""`.cover` files of `python -m trace --count`: a module's source with how often each line ran before it."""

import re
from pathlib import PurePath
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB, lines

NAME = "trace .cover"

_LIMIT = 32 * MIB
_LINE = re.compile(r"(?: *(\d{1,15}): | {7}|>>>>>> )(.*)\Z", re.DOTALL)
_COUNTED = re.compile(r" *\d+: ")


def sniff(head: bytes, name: str) -> bool:
    """Every line has a count, seven spaces or a mark of absence before it; one has a count at least."""
    start = head[:4096].decode("utf-8", "replace").splitlines()[: 40 if len(head) < 4096 else -1]
    return all(_LINE.match(line) or not line.strip() for line in start) and any(map(_COUNTED.match, start))


def read(stream: BinaryIO, size: int) -> Profile:
    """Executions per line of one module, whose name is that of the file; its source text is kept."""
    frame = Frame(_path(getattr(stream, "name", "")), "")
    costs = Costs()
    source: list[str] = []
    for number, line in enumerate(lines(stream, limit=_LIMIT), 1):
        match = _LINE.match(line)
        if match is None and line.strip():
            raise damaged(f"line {number} has no count")
        source.append(match[2] if match else "")
        if match and match[1]:
            executions = int(match[1])
            costs.add(frame, executions, executions)
            costs.add_line(frame, number, executions)
    sources = {frame.path: "\n".join(source) + "\n"}
    return Profile("trace", Unit.EXECUTIONS, costs.total(), costs.functions(), sources=sources)


def _path(name: str) -> str:
    """`simkit.tree.cover` counts simkit/tree.py."""
    module = PurePath(name).name.removesuffix(".gz").removesuffix(".cover")
    return module.replace(".", "/") + ".py"
