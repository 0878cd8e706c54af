"""The project's own `.perf-advise/profile.json`: small, committable, the same text for the same measurement.

Shares are relative to the program and rounded to 0.01, counts and seconds to two digits; lines are counted from
the first line of their function. There are no values and no time stamps. Version 1:

    {"version": 1, "command", "profiler", "python", "packages", "seconds", "threads", "functions": [
      {"path", "qualname", "line", "own", "cumulative", "calls", "native", "waiting", "hash",
       "lines": {offset: share}, "callers": {caller: share}, "types": {name: PyType}}]}

What is unknown, empty or zero is left out, and one thread. A caller is a qualified name in the same file, else
`path:name`; where two functions have that name, `:line` follows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import line_number, mapping, member, number, sequence, text

NAME = "perf-advise"
VERSION = 1

_LIMIT = 4 * MIB
_WHOLE = 100.0
_MOST_THREADS = 1000


def sniff(head: bytes, name: str) -> bool:
    """JSON whose first key is the version, and the name of a profiler."""
    start = head[:64].split(b":", 1)[0]
    return start.lstrip()[:1] == b"{" and start.rstrip().endswith(b'"version"') and b'"profiler"' in head


def read(stream: BinaryIO, size: int) -> Profile:
    """The profile, in seconds if the file says how many, else in percent; `types` and `hashes` filled."""
    data = mapping(json.loads(read_all(stream, _LIMIT)))
    if data.get("version") != VERSION:
        raise ProfileError("written by another version of perf-advise", "update it, or record again")
    seconds = number(data["seconds"]) if "seconds" in data else None
    total = seconds or _WHOLE
    rows = [_Row.of(mapping(row)) for row in sequence(member(data, "functions"))]
    packages = mapping(data.get("packages", {}))
    return Profile(
        tool=text(member(data, "profiler")),
        unit=Unit.SECONDS if seconds else Unit.PERCENT,
        total=total,
        functions=_costs(rows, total).functions(),
        edges=_edges(rows, total),
        seconds=seconds,
        clock="wall",
        command=text(data.get("command", "")),
        python=text(data.get("python", "")),
        packages={text(name): text(version) for name, version in packages.items()},
        threads={f"thread {n}": 0.0 for n in range(1, min(int(number(data.get("threads", 0))), _MOST_THREADS) + 1)},
        types=tuple(row.types() for row in rows if "types" in row.data),
        hashes={row.place: text(row.data["hash"]) for row in rows if "hash" in row.data},
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One entry of `functions`."""

    frame: Frame
    data: dict[str, Any]

    @staticmethod
    def of(data: dict[str, Any]) -> "_Row":
        """The entry, its frame checked."""
        line = line_number(data["line"]) if "line" in data else None
        return _Row(Frame(text(member(data, "path")), text(member(data, "qualname")), line), data)

    @property
    def place(self) -> tuple[str, str]:
        """What hashes and types go by."""
        return self.frame.path, self.frame.name

    def number(self, key: str) -> float:
        """The number under `key`, 0 where there is none."""
        return number(self.data.get(key, 0))

    def numbers(self, key: str) -> dict[str, float]:
        """The shares under `key`."""
        return {text(name): number(share) for name, share in mapping(self.data.get(key, {})).items()}

    def types(self) -> SeenTypes:
        """The types that were seen."""
        seen = mapping(self.data["types"])
        return SeenTypes(*self.place, {text(name): _pytype(data) for name, data in seen.items()})


def _costs(rows: Sequence[_Row], total: float) -> Costs:
    costs = Costs()
    for row in rows:
        own = row.number("own")
        costs.add(
            row.frame,
            own=own * total,
            cumulative=row.number("cumulative") * total,
            calls=int(row.number("calls")) if "calls" in row.data else None,
            cpu=(own - row.number("waiting")) * total if "waiting" in row.data else None,
            native=row.number("native") * total,
        )
        for offset, share in row.numbers("lines").items():
            costs.add_line(row.frame, (row.frame.line or 0) + _decimal(offset), share * total)
    return costs


def _edges(rows: Sequence[_Row], total: float) -> tuple[CallEdge, ...]:
    lines = _lines(row.frame for row in rows)
    costs = Costs()
    for row in rows:
        for caller, share in row.numbers("callers").items():
            costs.add_call(_caller(caller, row.frame.path, lines), row.frame, share * total)
    return costs.edges()


def _lines(frames: Iterator[Frame]) -> dict[tuple[str, str], list[int | None]]:
    """The first lines of the functions of each path and name."""
    lines: dict[tuple[str, str], list[int | None]] = {}
    for frame in frames:
        lines.setdefault((frame.path, frame.name), []).append(frame.line)
    return lines


def _caller(label: str, path: str, lines: Mapping[tuple[str, str], list[int | None]]) -> Frame:
    rest, colon, last = label.rpartition(":")
    line = _decimal(last) if colon and last.isdecimal() else None
    place, _, name = (rest if line is not None else label).rpartition(":")
    known = lines.get((place or path, name), [])
    return Frame(place or path, name, known[0] if line is None and len(known) == 1 else line)


def _label(caller: Frame, path: str, lines: Mapping[tuple[str, str], list[int | None]]) -> str:
    label = caller.name if caller.path == path else f"{caller.path}:{caller.name}"
    is_ambiguous = len(lines.get((caller.path, caller.name), [])) > 1
    return f"{label}:{caller.line}" if is_ambiguous and caller.line is not None else label


def _decimal(word: str) -> int:
    if not word.removeprefix("-").isdecimal() or len(word) > 9:
        raise damaged(f"no line: {word:.20}")
    return int(word)


def _pytype(data: Any) -> PyType:
    fields = mapping(data)
    checked = {"name": text(member(fields, "name"))} | {
        key: value
        for key, value in fields.items()
        if (key == "dtype" and type(value) is str)
        or (key in ("ndim", "size", "bits") and type(value) is int)
        or (key in ("contiguous", "homogeneous") and type(value) is bool)
    }
    args = [_pytype(one).to_json() for one in sequence(fields.get("args", []))]
    return PyType.from_json({**checked, "args": args})


def to_json(profile: Profile) -> str:
    """The text of the file; `read` of it gives the profile back, rounded.

    Paths are to be relative to the project already. Functions that round to nothing are left out, C code too
    (its time belongs in `native`).
    """
    kept = sorted((c for c in profile.functions if _is_kept(c, profile.total)), key=_place)
    entries = _Entries(profile, _lines(cost.frame for cost in kept))
    data = {
        "version": VERSION,
        "command": profile.command,
        "profiler": profile.tool,
        "python": profile.python,
        "packages": dict(sorted(profile.packages.items())),
        **({"seconds": _two_digits(profile.seconds)} if profile.seconds else {}),
        **({"threads": len(profile.threads)} if len(profile.threads) > 1 else {}),
        "functions": [entries.of(cost) for cost in kept],
    }
    return f"{_pretty(data)}\n".encode("utf-8", "replace").decode("utf-8")


def _pretty(value: Any, depth: int = 0) -> str:
    """JSON with an entry per line down to the names of a function's types, which stay on one line each."""
    if depth > 3 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        items = [f"{json.dumps(k, ensure_ascii=False)}: {_pretty(v, depth + 1)}" for k, v in value.items()]
        opening, closing = "{}"
    else:
        items = [_pretty(item, depth + 1) for item in value]
        opening, closing = "[]"
    pad = "\n" + " " * depth
    return opening + ",".join(f"{pad} {item}" for item in items) + pad + closing


def _is_kept(cost: FunctionCost, total: float) -> bool:
    return not cost.frame.is_native and max(_share(cost.own, total), _share(cost.cumulative, total)) > 0


def _place(cost: FunctionCost) -> tuple[str, int, str]:
    return cost.frame.path, cost.frame.line or 0, cost.frame.name


class _Entries:
    """Makes the entries of `functions`."""

    def __init__(self, profile: Profile, lines: Mapping[tuple[str, str], list[int | None]]) -> None:
        self._total = profile.total
        self._hashes = profile.hashes
        self._types = {(seen.path, seen.qualname): seen.names for seen in profile.types}
        self._callers: dict[Frame, dict[str, float]] = {}
        for edge in profile.edges:
            callers = self._callers.setdefault(edge.callee, {})
            callers[_label(edge.caller, edge.callee.path, lines)] = edge.cumulative

    def of(self, cost: FunctionCost) -> dict[str, Any]:
        """The entry of one function, without what is unknown or empty."""
        frame, total = cost.frame, self._total
        types = self._types.get((frame.path, frame.name), {})
        entry = {
            "path": frame.path,
            "qualname": frame.name,
            "line": frame.line,
            "own": _share(cost.own, total),
            "cumulative": _share(cost.cumulative, total),
            "calls": None if cost.calls is None else int(_two_digits(cost.calls)),
            "native": _share(cost.native, total) or None,
            "waiting": None if cost.cpu is None else _share(cost.own - cost.cpu, total),
            "hash": self._hashes.get((frame.path, frame.name)),
            "lines": self._shares({n - (frame.line or 0): own for n, own in sorted(cost.lines.items())}),
            "callers": self._shares(dict(sorted(self._callers.get(frame, {}).items()))),
            "types": {name: seen.to_json() for name, seen in sorted(types.items())},
        }
        return {key: value for key, value in entry.items() if value is not None and value != {}}

    def _shares(self, weights: Mapping[Any, float]) -> dict[str, float]:
        shares = ((str(key), _share(weight, self._total)) for key, weight in weights.items())
        return {key: share for key, share in shares if share}


def _share(weight: float, total: float) -> float:
    return round(weight / total, 2) + 0.0 if total > 0 else 0.0  # + 0.0 turns -0.0 into 0.0


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
