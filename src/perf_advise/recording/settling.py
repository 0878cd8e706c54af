"""Recording again changes little in the file: what differs by noise alone keeps the number that is there."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile
from perf_advise.profiles.loading import read_profile

_SHARE_NOISE = 0.02
_COUNT_NOISE = 0.05
_SECONDS_NOISE = 0.15


def settle(new: Profile, path: Path) -> Profile:
    """`new` with the numbers of the recording at `path` wherever the two agree within noise.

    Nothing is kept of another command, another profiler, or a file that is no recording.
    """
    try:
        old = read_profile(path) if path.exists() else None
    except UserError:
        return new
    if old is None or (old.command, old.tool) != (new.command, new.tool) or not new.total:
        return new
    return _settled(new, old)


def _settled(new: Profile, old: Profile) -> Profile:
    before = {(cost.frame.path, cost.frame.name): cost for cost in old.functions}
    scale = new.total / old.total if old.total else 1.0
    flows = {_places(edge): edge.cumulative * scale for edge in old.edges}
    return replace(
        new,
        seconds=_kept(new.seconds, old.seconds),
        functions=tuple(_cost(cost, before, scale, new.total) for cost in new.functions),
        edges=tuple(_edge(edge, flows, new.total) for edge in new.edges),
    )


def _kept(new: float | None, old: float | None) -> float | None:
    if new is None or old is None or abs(new - old) > _SECONDS_NOISE * old:
        return new
    return old


def _cost(
    cost: FunctionCost, before: Mapping[tuple[str, str], FunctionCost], scale: float, total: float
) -> FunctionCost:
    old = before.get((cost.frame.path, cost.frame.name))
    if old is None:
        return cost
    own = _weight(cost.own, old.own * scale, total)
    first, old_first = cost.frame.line or 0, old.frame.line or 0
    lines = {line - old_first + first: weight * scale for line, weight in old.lines.items()}
    waiting = _weight(_waiting(cost), _waiting(old) * scale, total)
    return replace(
        cost,
        own=own,
        cumulative=_weight(cost.cumulative, old.cumulative * scale, total),
        calls=_count(cost.calls, old.calls),
        lines=_weights(cost.lines, lines, total),
        cpu=None if cost.cpu is None else own - waiting,
        native=_weight(cost.native, old.native * scale, total),
    )


def _waiting(cost: FunctionCost) -> float:
    return 0.0 if cost.cpu is None else cost.own - cost.cpu


def _weight(new: float, old: float, total: float) -> float:
    return old if abs(new - old) <= _SHARE_NOISE * total else new


def _weights(new: Mapping[int, float], old: Mapping[int, float], total: float) -> dict[int, float]:
    """The old lines if every line is near its old weight: a mixture of both would add up to neither."""
    near = all(abs(new.get(line, 0.0) - old.get(line, 0.0)) <= _SHARE_NOISE * total for line in {*new, *old})
    return dict(old if near else new)


def _count(new: int | None, old: int | None) -> int | None:
    if new is None or old is None or abs(new - old) > _COUNT_NOISE * old:
        return new
    return old


def _places(edge: CallEdge) -> tuple[str, str, str, str]:
    return *_place(edge.caller), *_place(edge.callee)


def _place(frame: Frame) -> tuple[str, str]:
    return frame.path, frame.name


def _edge(edge: CallEdge, flows: Mapping[tuple[str, str, str, str], float], total: float) -> CallEdge:
    old = flows.get(_places(edge))
    return edge if old is None else replace(edge, cumulative=_weight(edge.cumulative, old, total))
