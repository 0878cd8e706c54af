"""Recording again changes little in the file: what differs by noise alone keeps the number that is there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.seen_types import merge_types

# Of shares: a quarter of the old one, within these.
_LEAST_NOISE, _MOST_NOISE = 0.012, 0.03
_COUNT_NOISE = 0.05
_SECONDS_NOISE = 0.15
_NEW = 0.01

Key = tuple[str, str]


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
    before = {_place(cost.frame): cost for cost in old.functions}
    scale = new.total / old.total if old.total else 1.0
    flows = {_places(edge): edge.cumulative * scale for edge in old.edges}
    functions = [c for c in new.functions if _place(c.frame) in before or c.cumulative >= _NEW * new.total]
    return replace(
        new,
        seconds=_kept(new.seconds, old.seconds),
        functions=tuple(_cost(cost, before, scale, new.total) for cost in functions),
        edges=tuple(_edge(edge, flows, new.total) for edge in new.edges),
        types=tuple(_types(new, old)),
    )


def _types(new: Profile, old: Profile) -> Iterator[SeenTypes]:
    """What both saw of functions whose text is the same; where they differ, what was seen now."""
    before = {(seen.path, seen.qualname): seen.names for seen in old.types}
    now = {(seen.path, seen.qualname): seen.names for seen in new.types}
    for key in {**before, **now}:
        same_text = key in new.hashes and new.hashes[key] == old.hashes.get(key)
        known = before.get(key, {}) if same_text else {}
        names = {**known, **now.get(key, {}), **merge_types([known, now.get(key, {})])}
        if names and key in new.hashes:
            yield SeenTypes(*key, names)


def _kept(new: float | None, old: float | None) -> float | None:
    if new is None or old is None or abs(new - old) > _SECONDS_NOISE * old:
        return new
    return old


def _cost(cost: FunctionCost, before: Mapping[Key, FunctionCost], scale: float, total: float) -> FunctionCost:
    old = before.get(_place(cost.frame))
    if old is None:
        return cost
    own = _weight(cost.own, old.own * scale, total)
    first, old_first = cost.frame.line or 0, old.frame.line or 0
    lines = {line - old_first + first: weight * scale for line, weight in old.lines.items()}
    waiting = _weight(_waiting(cost), _waiting(old) * scale, total)
    return replace(
        cost,
        own=own,
        cumulative=max(own, _weight(cost.cumulative, old.cumulative * scale, total)),
        calls=_count(cost.calls, old.calls),
        lines=_weights(cost.lines, lines, total),
        cpu=None if cost.cpu is None else own - waiting,
        native=_weight(cost.native, old.native * scale, total),
    )


def _waiting(cost: FunctionCost) -> float:
    return 0.0 if cost.cpu is None else cost.own - cost.cpu


def _weight(new: float, old: float, total: float) -> float:
    return old if abs(new - old) <= _noise(old, total) else new


def _noise(weight: float, total: float) -> float:
    return min(max(_LEAST_NOISE * total, 0.25 * weight), _MOST_NOISE * total)


def _weights(new: Mapping[int, float], old: Mapping[int, float], total: float) -> dict[int, float]:
    """The old lines if every line is near its old weight: a mixture of both would add up to neither."""
    near = all(
        abs(new.get(line, 0.0) - old.get(line, 0.0)) <= _noise(old.get(line, 0.0), total) for line in {*new, *old}
    )
    return dict(old if near else new)


def _count(new: int | None, old: int | None) -> int | None:
    if new is None or old is None or abs(new - old) > _COUNT_NOISE * old:
        return new
    return old


def _places(edge: CallEdge) -> tuple[str, str, str, str]:
    return *_place(edge.caller), *_place(edge.callee)


def _place(frame: Frame) -> Key:
    return frame.path, frame.name


def _edge(edge: CallEdge, flows: Mapping[tuple[str, str, str, str], float], total: float) -> CallEdge:
    old = flows.get(_places(edge))
    return edge if old is None else replace(edge, cumulative=_weight(edge.cumulative, old, total))
