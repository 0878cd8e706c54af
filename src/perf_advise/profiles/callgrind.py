"""Callgrind files, as yappi, pprofile and pyprof2calltree write them.

`fl=`/`fn=` name a file and a function, `cfl=`/`cfn=` a callee; `(7) text` gives a name the number 7, `(7)` uses it.
Cost lines are a line number (`+3`, `-2`, `*` relative to the last one) and a cost per event; the one after
`calls=` is what the call took, callees included.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from perf_advise.model.profile import CallEdge, Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.streams import lines

NAME = "callgrind (yappi, pprofile, pyprof2calltree)"

_MOST_KEPT = 1_000_000
_HEADER = re.compile(rb"^events:[^\r\n]*$", re.MULTILINE)
_BODY = re.compile(rb"^(fl|fn|fi|ob)=", re.MULTILINE)
_NAMED = re.compile(r"\((\d{1,9})\)(?: (.*))?\Z")
_FIRST_LINE = re.compile(r"(.*):(\d{1,9})(?:_\d{1,9})?\Z", re.DOTALL)  # pprofile: f:3_1 is another one on the line
_SECONDS = {
    "microseconds": 1e-6,
    "us": 1e-6,
    "time_(10ns)": 1e-8,
    "nanoseconds": 1e-9,
    "ns": 1e-9,
    "milliseconds": 1e-3,
    "ms": 1e-3,
    "seconds": 1.0,
}
_FILE_KEYS = {"fl": "file", "fi": "line_file", "fe": "line_file", "cfl": "callee_file", "cfi": "callee_file"}


def sniff(head: bytes, name: str) -> bool:
    """A list of events, and functions or files."""
    return _HEADER.search(head) is not None and _BODY.search(head) is not None


def read(stream: BinaryIO, size: int) -> Profile:
    """Own and inclusive costs per function, and own costs per line where the file has more than one."""
    state = _State()
    for line in lines(stream):
        state.take(line)
    has_time = any(times for spent in state.own.values() for times, _ in spent.values())
    event = state.events[state.column if has_time else 0] if state.events else ""
    unit, scale = _unit(event, state.creator)
    costs = _costs(state, 0 if has_time else 1, scale)
    return Profile(
        tool=state.creator or "callgrind",
        unit=unit,
        total=costs.total(),
        functions=costs.functions(),
        edges=costs.edges(),
        command=state.command,
    )


class _Function(NamedTuple):
    """A function as the file names it; `line` is the only one of its block, or what a call says it starts at."""

    path: str
    name: str
    line: int


@dataclass(slots=True)
class _State:
    """Where in the file we are, and the sums so far in the file's own units.

    A cost is a pair: of the event that counts time, and of the first event for files without times.
    """

    creator: str = ""
    command: str = ""
    events: list[str] = field(default_factory=list)
    column: int = 0
    positions: int = 1
    file: str = ""
    line_file: str = ""
    callee_file: str = ""
    function: _Function | None = None
    callee: _Function | None = None
    calls: int | None = None
    line: int = 0
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    own: dict[_Function, dict[int, tuple[float, float]]] = field(default_factory=dict)
    flows: dict[tuple[_Function, _Function], tuple[float, float, int]] = field(default_factory=dict)
    has_lines: bool = False
    kept: int = 0

    def take(self, line: str) -> None:
        """Follow one line of the file."""
        if not line or line[0] == "#":
            return
        if line[0].isdigit() or line[0] in "+-*":
            self._cost(line.split())
            return
        key, equals, value = line.partition("=")
        if equals and key.isalpha():
            self._specify(key, value.strip())
        else:
            self._header(*line.partition(":")[::2])

    def _header(self, key: str, value: str) -> None:
        value = value.strip()
        if key == "creator":
            self.creator = value
        elif key == "cmd":
            self.command = value
        elif key == "positions":
            self.positions = len(value.split())
        elif key == "events":
            self.events = value.split()
            self.column = next((n for n, e in enumerate(self.events) if e.lower() in _SECONDS), 0)

    def _specify(self, key: str, value: str) -> None:
        if key in _FILE_KEYS:
            setattr(self, _FILE_KEYS[key], self._name("file", value))
            if key == "fl":
                self.line_file = self.file
        elif key == "fn":
            self.line_file = self.file
            self.function = _Function(self.file, self._name("function", value), 0)
        elif key == "cfn":
            self.callee = _Function(self.callee_file or self.file, self._name("function", value), 0)
        elif key == "calls":
            self._calls(value.split())

    def _calls(self, words: Sequence[str]) -> None:
        if self.callee is None or not words:
            raise damaged("a call to nothing")
        self.calls = _int(words[0])
        self.callee = self.callee._replace(line=_line(words[-1], self.line) if len(words) > 1 else 0)

    def _name(self, kind: str, value: str) -> str:
        match = _NAMED.match(value)
        if not match:
            return value
        number, name = match.groups()
        if name:
            self.names[kind, number] = name
            self._keep()
        elif (kind, number) not in self.names:
            raise damaged(f"callgrind name {value} without a meaning")
        return name or self.names[kind, number]

    def _cost(self, words: Sequence[str]) -> None:
        self.line = _line(words[: self.positions][-1], self.line)
        costs = [_number(word) for word in words[self.positions :]] or [0.0]
        cost = (costs[self.column] if self.column < len(costs) else 0.0, costs[0])
        if self.function is None:
            return
        if not self.function.line:
            self.function = self.function._replace(line=self.line)
        self.has_lines |= self.line not in (0, self.function.line)  # yappi has 0 for the place of a call
        spent = self.own.setdefault(self.function, {})
        if self.calls is None:
            line = self.line if self.line_file == self.file else -1
            if line not in spent:
                self._keep()
            spent[line] = _plus(spent.get(line, (0.0, 0.0)), cost)
        elif self.callee is not None:
            key = (self.function, self.callee)
            if key not in self.flows:
                self._keep()
            times, firsts, calls = self.flows.get(key, (0.0, 0.0, 0))
            self.flows[key] = (*_plus((times, firsts), cost), calls + self.calls)
            self.calls, self.callee, self.callee_file = None, None, ""

    def _keep(self) -> None:
        """Count what stays in memory."""
        self.kept += 1
        if self.kept > _MOST_KEPT:
            raise ProfileError("holds more than a million names, lines and calls", "profile a shorter run")


def _plus(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return a[0] + b[0], a[1] + b[1]


def _costs(state: _State, column: int, scale: float) -> Costs:
    costs = Costs()
    for function, spent in state.own.items():
        frame = _frame(function, state.has_lines)
        costs.add(frame, sum(cost[column] for cost in spent.values()) * scale)
        for line, cost in spent.items():
            if state.has_lines and line > 0:
                costs.add_line(frame, line, cost[column] * scale)
    flows: list[CallEdge] = []
    for (caller, callee), flow in state.flows.items():
        frames = _frame(caller, state.has_lines), _frame(callee, state.has_lines)
        flows.append(CallEdge(*frames, flow[column] * scale, flow[2]))
        costs.add_call(*frames, flow[column] * scale, flow[2])
        costs.add(frames[1], calls=flow[2])
    _add_cumulative(costs, flows)
    return costs


def _add_cumulative(costs: Costs, flows: Sequence[CallEdge]) -> None:
    """What all calls of a function by others took, or for one that nobody calls its own cost and its calls'.

    Functions that call each other in a circle are counted once per round: never more than the whole run.
    """
    called: dict[Frame, float] = {}
    calling: dict[Frame, float] = {}
    for flow in flows:
        if flow.caller != flow.callee:
            called[flow.callee] = called.get(flow.callee, 0.0) + flow.cumulative
            calling[flow.caller] = calling.get(flow.caller, 0.0) + flow.cumulative
    total = costs.total()
    for cost in costs.functions():
        frame, own = cost.frame, cost.own
        cumulative = max(own, called[frame] if frame in called else own + calling.get(frame, 0.0))
        costs.add(frame, cumulative=min(cumulative, total))


def _unit(event: str, creator: str) -> tuple[Unit, float]:
    """What the event counts, and how many of that unit one count is."""
    name = "microseconds" if (event, creator) == ("Ticks", "yappi") else event.lower()
    if name in _SECONDS:
        return Unit.SECONDS, _SECONDS[name]
    return (Unit.BYTES if "bytes" in name else Unit.SAMPLES), 1.0


def _frame(function: _Function, has_lines: bool) -> Frame:
    """The function's frame; its first line from its name, else from its block if that has only this one."""
    path, name, first = function
    match = _FIRST_LINE.match(name)
    if match:
        name, first = match[1].removesuffix(f" {path}"), int(match[2])
    elif has_lines:
        return Frame(path, name)
    if first <= 0 and not path.endswith(".py"):
        return Frame("~", name)
    return Frame(path, name, first if first > 0 else None)


def _line(word: str, last: int) -> int:
    if word == "*":
        return last
    if word[0] in "+-":
        return last + _int(word)
    return _int(word)


def _int(word: str) -> int:
    try:
        value = int(word, 16 if word[:2] == "0x" else 10)
    except ValueError:
        raise damaged(f"callgrind number {word:.30}") from None
    if abs(value) > 1 << 62:
        raise damaged(f"callgrind number {word:.30}")
    return value


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise damaged(f"callgrind cost {word:.30}") from None
