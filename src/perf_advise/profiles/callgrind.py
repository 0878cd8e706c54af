"""Callgrind files, as yappi, pprofile and pyprof2calltree write them.

`fl=`/`fn=` name a file and a function, `cfl=`/`cfn=` a callee; `(7) text` gives a name the number 7, `(7)` uses it.
Cost lines are a line number (`+3`, `-2`, `*` relative to the last one) and a cost per event; the one after
`calls=` is what the call took, callees included.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import lines

NAME = "callgrind (yappi, pprofile, pyprof2calltree)"

_HEADER = re.compile(rb"^events:[^\r\n]*$", re.MULTILINE)
_BODY = re.compile(rb"^(fl|fn|fi|ob)=", re.MULTILINE)
_NAMED = re.compile(r"\((\d{1,9})\)(?: (.*))?\Z")
_FIRST_LINE = re.compile(r"(.*):(\d{1,9})\Z", re.DOTALL)
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
    unit, scale = _unit(state.event, state.creator)
    costs = _costs(state, scale)
    return Profile(
        tool=state.creator or "callgrind",
        unit=unit,
        total=costs.total(),
        functions=costs.functions(),
        edges=costs.edges(),
        command=state.command,
    )


@dataclass(slots=True)
class _State:
    """Where in the file we are, and the sums so far in the file's own unit."""

    creator: str = ""
    command: str = ""
    event: str = ""
    column: int = 0
    positions: int = 1
    file: str = ""
    line_file: str = ""
    callee_file: str = ""
    function: Frame | None = None
    callee: Frame | None = None
    calls: int | None = None
    line: int = 0
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    own: dict[Frame, dict[int, float]] = field(default_factory=dict)
    flows: dict[tuple[Frame, Frame], list[float]] = field(default_factory=dict)

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
            self.event, self.column = _time_event(value.split())

    def _specify(self, key: str, value: str) -> None:
        if key in _FILE_KEYS:
            setattr(self, _FILE_KEYS[key], self._name("file", value))
            if key == "fl":
                self.line_file = self.file
        elif key == "fn":
            self.line_file = self.file
            self.function = _frame(self.file, self._name("function", value))
        elif key == "cfn":
            self.callee = _frame(self.callee_file or self.file, self._name("function", value))
        elif key == "calls":
            self.calls = _int(value.split()[0]) if value else 0

    def _name(self, kind: str, value: str) -> str:
        match = _NAMED.match(value)
        if not match:
            return value
        number, name = match.groups()
        if name:
            self.names[kind, number] = name
        elif (kind, number) not in self.names:
            raise damaged(f"callgrind name {value} without a meaning")
        return name or self.names[kind, number]

    def _cost(self, words: Sequence[str]) -> None:
        self.line = _line(words[: self.positions][-1], self.line)
        costs = words[self.positions :]
        cost = _number(costs[self.column]) if self.column < len(costs) else 0.0
        if self.function is None:
            return
        spent = self.own.setdefault(self.function, {})
        if self.calls is None:
            line = self.line if self.line_file == self.file else -1
            spent[line] = spent.get(line, 0.0) + cost
        else:
            self._call(self.function, cost, self.calls)

    def _call(self, caller: Frame, cost: float, calls: int) -> None:
        if self.callee is None:
            raise damaged("a call to nothing")
        flow = self.flows.setdefault((caller, self.callee), [0.0, 0])
        flow[0] += cost
        flow[1] += calls
        self.calls, self.callee, self.callee_file = None, None, ""


def _costs(state: _State, scale: float) -> Costs:
    costs = Costs()
    has_lines = any(len(spent) > 1 for spent in state.own.values())
    for frame, spent in state.own.items():
        own = sum(spent.values()) * scale
        costs.add(frame, own)
        if has_lines:
            for line, cost in spent.items():
                if line > 0:
                    costs.add_line(frame, line, cost * scale)
    for (caller, callee), (cost, calls) in state.flows.items():
        costs.add_call(caller, callee, cost * scale, int(calls))
        costs.add(callee, calls=int(calls))
    _add_cumulative(costs, state, scale)
    return costs


def _add_cumulative(costs: Costs, state: _State, scale: float) -> None:
    """What all calls of a function by others took, or for one that nobody calls its own cost and its calls'.

    Functions that call each other in a circle are counted once per round: never more than the whole run.
    """
    called: dict[Frame, float] = {}
    calling: dict[Frame, float] = {}
    for (caller, callee), (cost, _) in state.flows.items():
        if caller != callee:
            called[callee] = called.get(callee, 0.0) + cost
            calling[caller] = calling.get(caller, 0.0) + cost
    total = costs.total()
    for frame in {**state.own, **called}:
        own = sum(state.own.get(frame, {}).values())
        cumulative = max(own, called[frame] if frame in called else own + calling.get(frame, 0.0))
        costs.add(frame, cumulative=min(cumulative * scale, total))


def _time_event(events: Sequence[str]) -> tuple[str, int]:
    """The event that counts time, else the first; and its column."""
    for column, event in enumerate(events):
        if event.lower() in _SECONDS:
            return event, column
    return (events[0], 0) if events else ("", 0)


def _unit(event: str, creator: str) -> tuple[Unit, float]:
    """What the event counts, and how many of that unit one count is."""
    name = "microseconds" if (event, creator) == ("Ticks", "yappi") else event.lower()
    if name in _SECONDS:
        return Unit.SECONDS, _SECONDS[name]
    return (Unit.BYTES if "bytes" in name else Unit.SAMPLES), 1.0


def _frame(path: str, name: str) -> Frame:
    match = _FIRST_LINE.match(name)
    if not match:
        return Frame(path, name)
    bare, line = match[1].removesuffix(f" {path}"), int(match[2])
    if line == 0 and not path.endswith(".py"):
        return Frame("~", bare)
    return Frame(path, bare, line)


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
