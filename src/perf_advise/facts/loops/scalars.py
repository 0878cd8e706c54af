"""What each scalar of a loop is: private to an iteration, a reduction, a scan, a recurrence, a constant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import libcst as cst

from perf_advise.facts.loops.entry import Entry, value_before
from perf_advise.facts.loops.iteration import Access, Constant, Expr, Index, Invariant, Read, Scalar
from perf_advise.facts.loops.nouns import Exit, Growth, Guard, Loop, Step
from perf_advise.facts.tree import dotted, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

Role = Literal["constant", "private", "last", "reduction", "scan", "recurrence"]


@dataclass(frozen=True, slots=True)
class ScalarRole:
    """The role of a name in one loop.

    "constant": only read. "private": each iteration assigns it before it reads it, and nothing reads it later.
    "last": private, but its last value is read after the loop. "reduction": only ever combined with `op`, and
    not read in between. "scan": combined with `op` and read in between. "recurrence": anything else that goes
    from one iteration to the next.

    `op` is an operator of `ASSOCIATIVE`, or "any" for a name that is set to one and the same constant where a
    condition holds, "last" where it is set to an index; `tie` is which of equal extremes stays. `start` is the
    assignment before the loop, where it is plain to see.
    """

    name: str
    role: Role
    op: str = ""
    tie: Literal["", "first", "last"] = ""
    live_in: bool = False
    live_out: bool = False
    steps: tuple[Step, ...] = ()
    start: Entry | None = None


def scalar_roles(loop: Loop, facts: "Facts") -> Mapping[str, ScalarRole]:
    """The roles of all names that a loop assigns, and of those it only reads, in order of appearance."""
    live = live_after(loop, facts)
    early = exposed(loop, live)
    roles: dict[str, ScalarRole] = {}
    for name in assigned_in(loop):
        roles[name] = _role(name, loop, name in early, name in live or "." in name, facts)
    for name in _constants(loop):
        roles.setdefault(name, ScalarRole(name, "constant", live_in=True))
    return roles


def assigned_in(loop: Loop) -> tuple[str, ...]:
    """The scalars that the steps of a loop assign, in order of appearance."""
    return tuple(dict.fromkeys(name for step in loop.steps for name in sorted(step.scalars_written)))


def live_after(loop: Loop, facts: "Facts") -> frozenset[str]:
    """Names that may be read after the loop."""
    return facts.live_after(loop.owner if loop.owner is not None else loop.node)


def _constants(loop: Loop) -> Iterable[str]:
    for step in loop.steps:
        for expression in step.reads:
            if isinstance(expression, Invariant):
                held = walk(expression.node)
                yield from (n for part in held if isinstance(part, cst.Name | cst.Attribute) and (n := dotted(part)))


# -- roles ------------------------------------------------------------------------------------------------


def _role(name: str, loop: Loop, is_early: bool, is_live: bool, facts: "Facts") -> ScalarRole:
    writing = tuple(step for step in loop.steps if name in step.scalars_written)
    if not is_early:
        return ScalarRole(name, "last" if is_live else "private", live_out=is_live, steps=writing)
    start = value_before(loop.node, name, facts)
    combined = _combined(name, writing)
    is_read = _is_read_between(name, loop, writing)
    feeds_itself = any(mentions(step.expressions, name) for step in writing)
    if combined is None or feeds_itself or (is_read and combined[0] in ("any", "last")):
        return ScalarRole(name, "recurrence", "", "", True, is_live, writing, start)
    role: Role = "scan" if is_read else "reduction"
    return ScalarRole(name, role, combined[0], combined[1], True, is_live, writing, start)


def _combined(name: str, writing: tuple[Step, ...]) -> tuple[str, Literal["", "first", "last"]] | None:
    """The one operator and tie rule with which all steps combine a name; None where they do not."""
    operators = {step.operator if not step.payload else step.family for step in writing}
    if len(writing) == 1 and not writing[0].operator:
        return _set_under_condition(writing[0])
    if len({step.family for step in writing} | {""}) != 2 or len({step.tie for step in writing}) != 1:
        return None
    return (operators.pop() if len(operators) == 1 else writing[0].family), writing[0].tie


def _set_under_condition(step: Step) -> tuple[str, Literal["", "first", "last"]] | None:
    if step.guards and isinstance(step.value, Constant | Invariant):
        return "any", ""
    return ("last", "") if step.guards and isinstance(step.value, Index) else None


def _is_read_between(name: str, loop: Loop, writing: tuple[Step, ...]) -> bool:
    """Whether anything in the loop reads the name but the steps that combine it, or those more than once."""
    for item in _items(loop):
        if isinstance(item, Loop):
            if name in item.header_reads:
                return True
            continue
        own = isinstance(item, Step) and item in writing and bool(item.operator)
        count = sum(isinstance(e, Scalar) and e.name == name for e in item.reads)
        is_own_target = own and isinstance(item, Step) and item.target == Scalar(item.node, name)
        if count > (1 if is_own_target else 0):
            return True
    return False


def _items(loop: Loop) -> Iterable[Step | Loop | Exit]:
    for item in loop.body:
        yield item
        if isinstance(item, Loop):
            yield from _items(item)


# -- reads before assignment --------------------------------------------------------------------------------


class _Assigned:
    """Under which conditions each name has been assigned so far in the iteration."""

    def __init__(self, paths: Mapping[str, frozenset[tuple[Guard, ...]]] | None = None) -> None:
        self._paths = dict(paths or {})

    def copy(self) -> "_Assigned":
        return _Assigned(self._paths)

    def covers(self, name: str, guards: tuple[Guard, ...]) -> bool:
        """Whether the name has been assigned wherever these conditions hold."""
        return any(guards[: len(path)] == path for path in self._paths.get(name, ()))

    def note(self, name: str, guards: tuple[Guard, ...]) -> None:
        """The name is assigned under these conditions; both sides of an `if` make all of it."""
        paths = self._paths.get(name, frozenset()) | {guards}
        while guards and (*guards[:-1], _opposite(guards[-1])) in paths:
            guards = guards[:-1]
            paths |= {guards}
        self._paths[name] = paths


def _opposite(guard: Guard) -> Guard:
    return Guard(guard.node, not guard.negated, guard.condition)


def exposed(loop: Loop, live: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names that an iteration may read before it assigns them.

    Names in `live` count as read at the end of the iteration too: one that is assigned only under a
    condition carries its value on to the end of the loop.
    """
    assigned = _Assigned()
    found = _exposed(loop, assigned)
    guards = loop.guards
    late = {n for n in assigned_in(loop) if (n in live or "." in n) and not assigned.covers(n, guards)}
    return frozenset(found | late)


def _exposed(loop: Loop, assigned: _Assigned) -> set[str]:
    found: set[str] = set()
    for item in loop.body:
        if isinstance(item, Loop):
            found |= {n for n in item.header_reads if not assigned.covers(n, item.guards)}
            inner = assigned if _surely_runs(item) else assigned.copy()
            found |= _exposed(item, inner)
            continue
        found |= {name for name in _read(item) if not assigned.covers(name, item.guards)}
        if isinstance(item, Step):
            for name in item.scalars_written:
                if not item.operator:
                    assigned.note(name, item.guards)
    return found


def _surely_runs(loop: Loop) -> bool:
    trips = loop.domain.trips.value if loop.domain.is_counted else None
    return trips is not None and trips > 0 and not loop.exits


def _read(item: Step | Exit) -> set[str]:
    """The names and arrays that an item uses; what is stored only where an extreme is found is carried on otherwise."""
    found = {e.name if isinstance(e, Scalar) else e.access.array for e in item.reads if isinstance(e, Scalar | Read)}
    if isinstance(item, Step):
        found |= {name for name, _ in item.payload}
        if isinstance(item.target, Access | Growth):
            found.add(item.target.array if isinstance(item.target, Access) else item.target.name)
    return found


def private_prefix(name: str, chain: tuple[Loop, ...], facts: "Facts") -> int:
    """For how many loops of a nest (from the outermost) each iteration has a value of the name of its own.

    Where the outermost loop's last value is read after the nest, that loop still counts.
    """
    for depth, loop in enumerate(chain):
        live = live_after(loop, facts) if not name.startswith("@") else frozenset()
        if name in exposed(loop, live) or (depth and name in live) or "." in name:
            return depth
    return len(chain)


def mentions(expressions: Iterable[Expr], name: str) -> bool:
    """Whether one of the expressions reads a scalar."""
    return any(isinstance(e, Scalar) and e.name == name for expression in expressions for e in expression.walk())
