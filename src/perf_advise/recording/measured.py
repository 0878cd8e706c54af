"""What the processes of a run left behind, as one profile in seconds."""

import marshal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.recording.seen_types import merge_types

_DAMAGED = (EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError)


@dataclass(frozen=True, slots=True)
class Measured:
    """All processes of a run together; `python` and `executable` are those of the one that worked most."""

    profile: Profile | None
    processes: int
    threads: int
    samples: int
    sampled_seconds: float
    executable: str
    warnings: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Samples per second of the processes that were sampled."""
        return self.samples / self.sampled_seconds if self.sampled_seconds > 0 else 0.0


def read_measured(scratch: Path, tool: str) -> Measured:
    """Read what every process wrote to `scratch`; what cannot be read is a warning."""
    warnings = [f"a process was not recorded: {_last_line(path)}" for path in sorted(scratch.glob("error-*.txt"))]
    processes: list[Mapping[str, Any]] = []
    for path in sorted(scratch.glob("measured-*.raw")):
        try:
            processes.append(_checked(marshal.loads(path.read_bytes())))
        except _DAMAGED as error:
            warnings.append(f"a process left nothing that can be read: {error}")
    busiest = max(processes, key=_weight, default={})
    return Measured(
        profile=_profile(processes, busiest, tool) if processes else None,
        processes=len(processes),
        threads=sum(process["threads"] for process in processes),
        samples=sum(process.get("samples", 0) for process in processes),
        sampled_seconds=sum(process["seconds"] for process in processes),
        executable=str(busiest.get("executable", "")),
        warnings=(*warnings, *_doubts(processes)),
    )


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else path.name


def _checked(process: Mapping[str, Any]) -> Mapping[str, Any]:
    """The process's data, read once in full, so that what is damaged shows here."""
    for rows in (process, process.get("waiting", process)):
        table = _Table(process, rows, 1.0)
        list(table.costs())
        list(table.edges())
    return process


def _weight(table: Mapping[str, Any]) -> float:
    return float(sum(row[3] for row in table["functions"]))


def _doubts(processes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for process in processes:
        version = tuple(map(int, process["python"].split(".")[:2]))
        if process["profiler"] == "cprofile" and process["threads"] > 1 and version >= (3, 12):
            yield "cProfile mixes up the times of threads from Python 3.12 on; record with --profiler sampler"
            return


def _profile(processes: Sequence[Mapping[str, Any]], main: Mapping[str, Any], tool: str) -> Profile:
    share = _counted_waiting(processes)
    tables = [_Table(process, process, 1.0) for process in processes]
    tables += [_Table(process, process["waiting"], share) for process in processes if "waiting" in process]
    functions = tuple(_added(cost for table in tables for cost in table.costs()))
    return Profile(
        tool=tool,
        unit=Unit.SECONDS,
        total=sum(cost.own for cost in functions),
        functions=functions,
        edges=tuple(_added_edges(edge for table in tables for edge in table.edges())),
        python=str(main["python"]),
        types=tuple(_types(processes)),
    )


def _counted_waiting(processes: Sequence[Mapping[str, Any]]) -> float:
    """The part of all waiting that counts: while one process waits for the work of another, only the work does."""
    sampled = [process for process in processes if "waiting" in process]
    waited = sum(_weight(process["waiting"]) for process in sampled)
    busy = sum(process["seconds"] for process in sampled) - waited
    idle = max((process["seconds"] for process in sampled), default=0.0) - busy
    return min(max(idle, 0.0) / waited, 1.0) if waited > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Table:
    """The functions and edges of one process, work or waiting, all times multiplied by `scale`."""

    process: Mapping[str, Any]
    rows: Mapping[str, Any]
    scale: float

    def costs(self) -> Iterator[FunctionCost]:
        """A cost per function."""
        for row in self.rows["functions"]:
            own, cumulative, calls, native, lines = row[3:]
            yield FunctionCost(
                _frame(self.process, row),
                float(own) * self.scale,
                float(cumulative) * self.scale,
                calls,
                {int(line): float(weight) * self.scale for line, weight in lines.items()},
                self._cpu(float(own)),
                float(native) * self.scale,
            )

    def _cpu(self, own: float) -> float | None:
        if "waiting" not in self.process:
            return None
        return own if self.rows is self.process else 0.0

    def edges(self) -> Iterator[CallEdge]:
        """Who called whom."""
        frames = [_frame(self.process, row) for row in self.rows["functions"]]
        for caller, callee, own, cumulative, calls in self.rows["edges"]:
            yield CallEdge(frames[caller], frames[callee], float(cumulative) * self.scale, calls, own)


def _frame(process: Mapping[str, Any], row: Sequence[Any]) -> Frame:
    path, name, line = row[:3]
    if path == "~":
        return Frame("~", name)
    if not path.startswith("<") and not PurePath(path).is_absolute():
        path = str(Path(process["folder"]) / path)
    return Frame(path, name, line)


def _added(costs: Iterable[FunctionCost]) -> Iterator[FunctionCost]:
    """One row per frame: the same function in several processes adds up."""
    by_frame: dict[Frame, list[FunctionCost]] = {}
    for cost in costs:
        by_frame.setdefault(cost.frame, []).append(cost)
    for frame, same in by_frame.items():
        lines: Counter[int] = Counter()
        for cost in same:
            lines.update(cost.lines)
        yield FunctionCost(
            frame,
            sum(cost.own for cost in same),
            sum(cost.cumulative for cost in same),
            _sum_or_none(cost.calls for cost in same),
            lines,
            _sum_or_none(cost.cpu for cost in same),
            sum(cost.native for cost in same),
        )


def _added_edges(edges: Iterable[CallEdge]) -> Iterator[CallEdge]:
    by_frames: dict[tuple[Frame, Frame], list[CallEdge]] = {}
    for edge in edges:
        by_frames.setdefault((edge.caller, edge.callee), []).append(edge)
    for (caller, callee), same in by_frames.items():
        yield CallEdge(
            caller,
            callee,
            sum(edge.cumulative for edge in same),
            _sum_or_none(edge.calls for edge in same),
            _sum_or_none(edge.own for edge in same),
        )


def _sum_or_none(values: Iterable[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _types(processes: Iterable[Mapping[str, Any]]) -> Iterator[SeenTypes]:
    seen: dict[Frame, list[Mapping[str, PyType | None]]] = {}
    for process in processes:
        for index, looks in process.get("types", {}).items():
            frame = _frame(process, process["functions"][index])
            seen.setdefault(frame, []).extend(
                {name: PyType.from_json(data) for name, data in names.items()} for names in looks
            )
    # Before 3.11 names are bare: two methods of one name cannot be told apart by it.
    named = Counter((frame.path, frame.name) for frame in seen)
    for frame, several in seen.items():
        if named[frame.path, frame.name] == 1:
            yield SeenTypes(frame.path, frame.name, merge_types(several))
