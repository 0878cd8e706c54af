"""Loops of compiled code whose iterations may run at the same time: `prange` and what it may change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.likely.likely import likely_types
from perf_advise.facts.loops.independence import Independence, independence
from perf_advise.facts.loops.nests import build_loop
from perf_advise.facts.loops.nouns import Loop
from perf_advise.facts.loops.patterns import Assumption
from perf_advise.facts.loops.scalars import ScalarRole
from perf_advise.facts.tree import assigned_to, target_names
from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.hot import MODULE
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.costs import turns_often
from perf_advise.rulekit.numba.support import Support
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

CORES = 2
"""The fewest cores that count: the advice must not depend on the machine that gives it."""
_COMPILED, _EXTRA, _FORK = 60, 1.5, 0.0001
"""Old time over new for PA201; seconds that compiling in parallel takes longer, and that threads take to join in
(measured on Numba 0.68: 2.0 to 2.6 s against 0.6 s for the first call)."""


@dataclass(frozen=True, slots=True)
class ParallelLoop:
    """The name `range` that becomes `prange`, with what must hold and what may differ."""

    range: cst.BaseExpression
    needs: tuple[Need, ...]
    differences: tuple[str, ...]


def parallel_loop(view: View, roots: Sequence[cst.CSTNode], support: Support) -> ParallelLoop | None:
    """The outermost counted loop with most of the work, if its iterations are independent; None where none is."""
    converted = {c.text for c in support.converted}
    loops = [loop for root in roots for loop in _outermost(view, root)]
    for node in sorted(loops, key=lambda n: (-_nested(view, n), view.line(n))):
        counted = _counted(view, node)
        if counted is None or not _nested(view, node):
            continue
        loop = build_loop(node, view.facts)
        found = independence(loop, view.facts)
        if not found.answer.holds or found.collected or found.last or _is_growing(found):
            continue
        if _stores_elsewhere(view, loop, converted) or not all(map(_is_known_to_numba, found.reductions)):
            continue
        sums = [role for role in found.reductions if role.op in ("+", "-", "*")]
        if any(_adds_what_it_computes(view, node, role) for role in sums):
            continue
        stated = tuple(n for a in found.assumptions for n in _need(view, a, converted))
        return ParallelLoop(counted.func, stated, tuple(_differences(view, found, support)))
    return None


def _adds_what_it_computes(view: View, loop: cst.For, role: ScalarRole) -> bool:
    """Whether names that the loop assigns are added up: on CPython 3.12 and later Numba 0.68 ends with
    "unexpected cycle in lookup()" where one of them has several values."""
    targets = [t for a in view.walk(cst.AugAssign, cst.Assign) if view.inside(a, loop) for t in assigned_to(a)]
    bound = {name.value for target in targets for name in target_names(target)} - {role.name}
    own = [step.node.value for step in role.steps if isinstance(step.node, cst.Assign | cst.AugAssign)]
    return any(n.value in bound for value in own for n in view.walk(cst.Name) if n is value or view.inside(n, value))


def pays_in_parallel(view: View) -> Iterator[Need]:
    """What the compiled code takes in the profile, shared by two cores, is more than the threads cost."""
    least = _COMPILED * _EXTRA * CORES / (CORES - 1)
    yield needs.takes(view.hot.bare_seconds, least)
    yield from turns_often(view)
    if view.hot.seconds and view.hot.calls:
        each = view.hot.seconds / view.hot.calls / _COMPILED
        yield needs.holds(each > 10 * _FORK, "a call is worth its threads", f"{each * 1e6:.0f} us once compiled")


def _outermost(view: View, root: cst.CSTNode) -> Iterator[cst.For]:
    for loop in view.walk(cst.For):
        around = [n for n in view.repeats(loop) if view.inside(n, root)]
        if view.inside(loop, root) and not around:
            yield loop


def _nested(view: View, loop: cst.For) -> int:
    """How many loops are in the body."""
    return sum(view.inside(n, loop.body) for n in view.walk(cst.For, cst.While))


def _counted(view: View, loop: cst.For) -> cst.Call | None:
    """`range(n)` or `range(a, b)`: Numba counts by one only."""
    call = loop.iter
    if not isinstance(call, cst.Call) or view.facts.qualified_name(call.func) != "builtins.range":
        return None
    return call if len(call.args) < 3 and loop.orelse is None else None


def _is_growing(found: Independence) -> bool:
    return any(assumption.kind == "list" for assumption in found.assumptions)


def _is_known_to_numba(role: ScalarRole) -> bool:
    """`s += x`, `s *= x`, `m = max(m, x)`: an extreme that an `if` picks is lost silently."""
    for step in role.steps:
        node = step.node
        summed = isinstance(node, cst.AugAssign) and role.op in ("+", "-", "*")
        value = node.value if isinstance(node, cst.Assign) else None
        chosen = role.op in ("min", "max") and isinstance(value, cst.Call) and not step.payload
        if not (summed or chosen):
            return False
    return bool(role.steps)


def _stores_elsewhere(view: View, loop: Loop, converted: set[str]) -> bool:
    """Whether it stores to anything but arrays: lists that the compiled code makes are not made for threads."""
    kinds = Kinds(view)
    written = [access for access, _, is_write in loop.accesses if is_write]
    return any(a.array not in converted and not kinds.is_array(a.base) for a in written)


def _need(view: View, assumption: Assumption, converted: set[str]) -> Iterator[Need]:
    claim = str(assumption)
    if assumption.kind in ("distinct", "no overlap"):
        one, other = assumption.subjects[0], assumption.subjects[-1]
        scope = "" if view.hot.qualname == MODULE else view.hot.qualname
        if converted & {one, other}:
            return  # a conversion makes an array of its own
        apart = likely_types(view.index).are_apart(scope, one, other)
        seen = Answer.yes("no call in this file passes one for both", Evidence.SEEN)
        yield Need(seen if apart else assumption.answer, claim)
    elif assumption.kind == "not negative":
        yield needs.value(assumption.answer, claim, f"results differ where `{assumption.subjects[0]}` is negative")


def _differences(view: View, found: Independence, support: Support) -> Iterator[str]:
    kinds = Kinds(view)
    for role in found.reductions:
        reads = [n for n in view.named(role.name) if isinstance(n, cst.Name)]
        if not all(kinds.is_surely_int(n) for n in reads) and role.op in ("+", "-", "*"):
            yield f"`{role.name}` is added up in parts: its last bits depend on the number of threads"
    if support.indexes:
        yield "an index beyond the end raises SystemError, and later iterations may have run"
    yield "the threads are Numba's: a process that forks afterwards must not use them"
