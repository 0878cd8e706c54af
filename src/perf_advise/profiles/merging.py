"""Several profiles of one program as one, per dimension."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from perf_advise.model.errors import UserError
from perf_advise.model.profile import CallEdge, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles.costs import Costs

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class LoadedProfiles:
    """What was measured, a profile per dimension: bytes and executions never pass for time.

    `warnings` are all warnings, those of the three profiles included.
    """

    time: Profile | None
    allocation: Profile | None
    executions: Profile | None
    warnings: tuple[str, ...] = ()


def combine(profiles: Sequence[tuple[Path, Profile]], warnings: tuple[str, ...] = ()) -> LoadedProfiles:
    """One profile per dimension; UserError if times cannot be brought to one unit."""
    times = _to_one_unit([(path, p) for path, p in profiles if p.unit.is_time])
    time = _merged(times)
    allocation = _merged([p for _, p in profiles if p.unit is Unit.BYTES])
    executions = _merged([p for _, p in profiles if p.unit is Unit.EXECUTIONS])
    told = [w for profile in (time, allocation, executions) if profile for w in profile.warnings]
    return LoadedProfiles(time, allocation, executions, tuple(dict.fromkeys((*warnings, *told))))


def _to_one_unit(profiles: Sequence[tuple[Path, Profile]]) -> list[Profile]:
    if len({p.unit for _, p in profiles}) < 2:
        return [p for _, p in profiles]
    return [_in_seconds(path, p) for path, p in profiles]


def _in_seconds(path: Path, profile: Profile) -> Profile:
    if profile.unit is Unit.SECONDS:
        return profile
    if not profile.seconds or profile.total <= 0:
        raise UserError(
            f"{path}: counts {profile.unit.value} and does not say how many seconds they stand for",
            "do not mix it with profiles in another unit",
        )
    note = f"{path}: {profile.unit.value} scaled to its run time of {profile.seconds:.3g} s"
    scaled = _scaled(profile, profile.seconds / profile.total)
    return replace(scaled, unit=Unit.SECONDS, warnings=(*profile.warnings, note))


def _scaled(profile: Profile, factor: float) -> Profile:
    return replace(
        profile,
        total=profile.total * factor,
        functions=tuple(_scaled_cost(cost, factor) for cost in profile.functions),
        edges=tuple(_scaled_edge(edge, factor) for edge in profile.edges),
        threads={name: weight * factor for name, weight in profile.threads.items()},
    )


def _scaled_cost(cost: FunctionCost, factor: float) -> FunctionCost:
    return replace(
        cost,
        own=cost.own * factor,
        cumulative=cost.cumulative * factor,
        native=cost.native * factor,
        cpu=None if cost.cpu is None else cost.cpu * factor,
        lines={line: own * factor for line, own in cost.lines.items()},
    )


def _scaled_edge(edge: CallEdge, factor: float) -> CallEdge:
    own = None if edge.own is None else edge.own * factor
    return replace(edge, cumulative=edge.cumulative * factor, own=own)


def _merged(profiles: Sequence[Profile]) -> Profile | None:
    if len(profiles) < 2:
        return profiles[0] if profiles else None
    costs = Costs()
    for profile in profiles:
        _add(costs, profile.functions, profile.edges)
    functions = costs.functions()
    if any(cost.cpu is None for profile in profiles for cost in profile.functions):
        functions = tuple(replace(cost, cpu=None) for cost in functions)
    known = [p.seconds for p in profiles if p.seconds is not None]
    return Profile(
        tool=_joined(p.tool for p in profiles),
        unit=profiles[0].unit,
        total=sum(p.total for p in profiles),
        functions=functions,
        edges=costs.edges(),
        seconds=sum(known) if len(known) == len(profiles) else None,
        clock=profiles[0].clock if len({p.clock for p in profiles}) == 1 else "",
        command=_joined(p.command for p in profiles),
        python=profiles[0].python if len({p.python for p in profiles}) == 1 else "",
        packages=_agreed(p.packages for p in profiles),
        types=_joined_types(p.types for p in profiles),
        hashes=_agreed(p.hashes for p in profiles),
        sources=_agreed(p.sources for p in profiles),
        warnings=tuple(dict.fromkeys(w for p in profiles for w in p.warnings)),
        threads=_summed(p.threads for p in profiles),
    )


def _add(costs: Costs, functions: Iterable[FunctionCost], edges: Iterable[CallEdge]) -> None:
    for cost in functions:
        costs.add(cost.frame, cost.own, cost.cumulative, cost.calls, cost.cpu, cost.native)
        for line, own in cost.lines.items():
            costs.add_line(cost.frame, line, own)
    for edge in edges:
        costs.add_call(edge.caller, edge.callee, edge.cumulative, edge.calls, edge.own)


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _summed(weights: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for mapping in weights:
        for name, weight in mapping.items():
            found[name] = found.get(name, 0.0) + weight
    return found


def _agreed(mappings: Iterable[Mapping[_Key, _Value]]) -> dict[_Key, _Value]:
    """The entries of all mappings without those on which they differ."""
    found: dict[_Key, _Value] = {}
    disputed: set[_Key] = set()
    for mapping in mappings:
        for key, value in mapping.items():
            if found.setdefault(key, value) != value:
                disputed.add(key)
    return {key: value for key, value in found.items() if key not in disputed}


def _joined_types(seen: Iterable[tuple[SeenTypes, ...]]) -> tuple[SeenTypes, ...]:
    by_function: dict[tuple[str, str], list[Mapping[str, PyType]]] = {}
    for types in seen:
        for one in types:
            by_function.setdefault((one.path, one.qualname), []).append(one.names)
    return tuple(SeenTypes(*key, _agreed_types(names)) for key, names in sorted(by_function.items()))


def _agreed_types(seen: Sequence[Mapping[str, PyType]]) -> dict[str, PyType]:
    """The types on which all runs agree but for sizes, with the largest size seen."""
    found: dict[str, PyType] = {}
    agreed = _agreed({name: t.bare() for name, t in names.items()} for names in seen)
    for names in seen:
        for name in agreed.keys() & names.keys():
            one = names[name]
            other = found.get(name, one)
            found[name] = replace(
                one,
                args=one.args if one.args == other.args else one.bare().args,
                contiguous=one.contiguous if one.contiguous == other.contiguous else None,
                size=max(filter(None, (one.size, other.size)), default=one.size),
                bits=max(filter(None, (one.bits, other.bits)), default=one.bits),
            )
    return dict(sorted(found.items()))
