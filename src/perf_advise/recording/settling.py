"""Recording again changes little in the file: what differs by noise alone keeps the number that is there."""

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path

from perf_advise.hotspots.matching import SourceModule
from perf_advise.model.errors import UserError
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.seen_types import merge_types
from perf_advise.source.text import read_source

# Of shares: a quarter of the old one, within these; and more in runs so short that every share is uncertain.
_LEAST_NOISE, _MOST_NOISE = 0.012, 0.03
_SAMPLES_PER_SECOND = 400
_HICCUP = 0.02
"""Seconds that a run takes more or less, whoever they count for."""
_MOST_UNCERTAIN = 0.15
_COUNT_NOISE = 0.05
_SECONDS_NOISE = 0.15
_NEW = 0.01

Key = tuple[str, str]


def settle(new: Profile, path: Path, root: Path) -> Profile:
    """`new` with the numbers of the recording at `path` wherever the two agree within noise.

    Nothing is kept of another command or a file that is no recording, and of another profiler only the types, which
    counting does not see. `root` is what paths are relative to.
    """
    try:
        old = read_profile(path) if path.exists() else None
    except UserError:
        return new
    if old is None or old.command != new.command or not (new.total and old.total):
        return new
    if old.tool != new.tool:
        return replace(new, types=tuple(_types(new, old, frozenset())))
    return _settled(new, old, root)


def _settled(new: Profile, old: Profile, root: Path) -> Profile:
    scale = new.total / old.total
    noise = _Noise(new.total)
    before = {_place(cost.frame): _scaled(cost, scale) for cost in old.functions}
    now = {_place(cost.frame) for cost in new.functions}
    unseen = [c for key, c in before.items() if key not in now and c.cumulative <= noise.of(c.cumulative)]
    unseen = [cost for cost in unseen if _stands(cost, old, root)]
    functions = [c for c in new.functions if _place(c.frame) in before or c.cumulative >= _NEW * new.total]
    flows = {_places(edge): edge.cumulative * scale for edge in old.edges}
    hovering = {_place(cost.frame) for cost in unseen}
    edges = [e for e in old.edges if _place(e.callee) in hovering]
    return replace(
        new,
        seconds=_kept_seconds(new.seconds, old.seconds),
        functions=(*(_cost(cost, before.get(_place(cost.frame)), noise) for cost in functions), *unseen),
        edges=(
            *(_edge(edge, flows, noise) for edge in new.edges),
            *(replace(edge, cumulative=edge.cumulative * scale) for edge in edges),
        ),
        types=tuple(_types(new, old, hovering)),
        hashes={**{key: text for key, text in old.hashes.items() if key in hovering}, **new.hashes},
    )


def _scaled(cost: FunctionCost, scale: float) -> FunctionCost:
    return replace(
        cost,
        own=cost.own * scale,
        cumulative=cost.cumulative * scale,
        lines={line: weight * scale for line, weight in cost.lines.items()},
        cpu=None if cost.cpu is None else cost.cpu * scale,
        native=cost.native * scale,
    )


def _stands(cost: FunctionCost, old: Profile, root: Path) -> bool:
    """Whether a function that was not seen this time stands in its file as it was."""
    text = old.hashes.get(_place(cost.frame))
    try:
        module = SourceModule(read_source(root / cost.frame.path))
        places = [module.top, *(place for place in module.functions if place.qualname == cost.frame.name)]
        return any(place.first_line == cost.frame.line and module.hash_of(place) == text for place in places)
    except UserError:
        return False


class _Noise:
    """How far two measurements of one weight lie apart when nothing changed; weights and `total` in seconds."""

    def __init__(self, total: float) -> None:
        self._total = total

    def of(self, weight: float) -> float:
        """The noise of a weight."""
        share = min(max(weight / self._total, 0.0), 1.0)
        sampling = 3 * math.sqrt(share * (1 - share) / (_SAMPLES_PER_SECOND * self._total))
        uncertain = min(sampling + _HICCUP / self._total, _MOST_UNCERTAIN)
        return self._total * (min(max(_LEAST_NOISE, 0.25 * share), _MOST_NOISE) + uncertain)

    def kept(self, new: float, old: float) -> float:
        """The old weight where the new one is within noise."""
        return old if abs(new - old) <= self.of(old) else new


def _types(new: Profile, old: Profile, hovering: Set[Key]) -> Iterator[SeenTypes]:
    """What both saw of functions whose text is the same; where they differ, what was seen now."""
    before = {(seen.path, seen.qualname): seen.names for seen in old.types}
    now = {(seen.path, seen.qualname): seen.names for seen in new.types}
    for key in {**before, **now}:
        same_text = key in hovering or (key in new.hashes and new.hashes[key] == old.hashes.get(key))
        known = before.get(key, {}) if same_text else {}
        names = {**known, **now.get(key, {}), **merge_types([known, now.get(key, {})])}
        if names and (key in new.hashes or key in hovering):
            yield SeenTypes(*key, names)


def _kept_seconds(new: float | None, old: float | None) -> float | None:
    if new is None or old is None or abs(new - old) > _SECONDS_NOISE * old + _HICCUP:
        return new
    return old


def _cost(cost: FunctionCost, old: FunctionCost | None, noise: _Noise) -> FunctionCost:
    if old is None:
        return cost
    own = noise.kept(cost.own, old.own)
    shift = (cost.frame.line or 0) - (old.frame.line or 0)
    lines = {line + shift: weight for line, weight in old.lines.items()}
    waiting = noise.kept(_waiting(cost), _waiting(old))
    return replace(
        cost,
        own=own,
        cumulative=max(own, noise.kept(cost.cumulative, old.cumulative)),
        calls=_count(cost.calls, old.calls),
        lines=_weights(cost.lines, lines, noise),
        cpu=None if cost.cpu is None else own - waiting,
        native=noise.kept(cost.native, old.native),
    )


def _waiting(cost: FunctionCost) -> float:
    return 0.0 if cost.cpu is None else cost.own - cost.cpu


def _weights(new: Mapping[int, float], old: Mapping[int, float], noise: _Noise) -> dict[int, float]:
    """The old lines if every line is near its old weight: a mixture of both would add up to neither."""
    near = all(abs(new.get(n, 0.0) - old.get(n, 0.0)) <= noise.of(old.get(n, 0.0)) for n in {*new, *old})
    return dict(old if near else new)


def _count(new: int | None, old: int | None) -> int | None:
    if new is None or old is None or abs(new - old) > _COUNT_NOISE * old:
        return new
    return old


def _places(edge: CallEdge) -> tuple[str, str, str, str]:
    return *_place(edge.caller), *_place(edge.callee)


def _place(frame: Frame) -> Key:
    return frame.path, frame.name


def _edge(edge: CallEdge, flows: Mapping[tuple[str, str, str, str], float], noise: _Noise) -> CallEdge:
    old = flows.get(_places(edge))
    return edge if old is None else replace(edge, cumulative=noise.kept(edge.cumulative, old))
