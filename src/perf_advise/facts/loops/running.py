"""Scans through a scalar: `s += a[i]; b[i] = s`."""

from typing import Literal

from perf_advise.facts.loops.iteration import Scalar
from perf_advise.facts.loops.nouns import ASSOCIATIVE, Step
from perf_advise.facts.loops.patterns import Scan
from perf_advise.facts.loops.recognise import Group
from perf_advise.facts.loops.scalars import mentions

Sees = Literal["inclusive", "exclusive"]


def running_scan(group: Group) -> Scan | None:
    """The scan of a group in which one step combines into a scalar that all others only read."""
    for step in group.steps:
        found = _scan(group, step)
        if found is not None:
            return found
    return None


def _scan(group: Group, step: Step) -> Scan | None:
    """A scan where nothing but the scalar itself leads back to the step that combines."""
    if len(group.steps) < 2 or not isinstance(step.target, Scalar) or step.operator not in ASSOCIATIVE:
        return None
    name, loops = step.target.name, step.domains[group.around + group.level :]
    others = tuple(s for s in group.steps if s is not step)
    if step.guards or step.payload or not loops or any(s.domains != step.domains for s in others):
        return None
    if mentions((step.value,), name):
        return None
    back = [d for d in group.dependences if d.sink is step and d.array != name]
    written = any(name in s.scalars_written for s in others)
    if back or written or group.private(name) != loops[:-1] or not loops[-1].is_counted:
        return None
    order = list(group.steps)
    readers = tuple((s, _sees(order, step, s)) for s in others if name in s.scalars_read)
    scalars = {**group.scalars, name: (*group.scalars.get(name, ()), loops[-1])}
    return Scan(
        loops, (step,), scalars, step.operator, step.target, step.value, step.target,
        readers=readers, regrouped=step.regrouped,
    )  # fmt: skip


def _sees(order: list[Step], step: Step, reader: Step) -> Sees:
    return "inclusive" if order.index(reader) > order.index(step) else "exclusive"
