"""Comprehensions and generators as maps, filters and reductions."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.expressions import FOLDS
from perf_advise.facts.loops.nouns import Growth, Loop
from perf_advise.facts.loops.patterns import Collect, Kept, Part, Reduction

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_REDUCING = frozenset({"+", "*", "min", "max", "any", "all"})


def comprehension_parts(loop: Loop, facts: "Facts") -> tuple[Part, ...]:
    """The part that a comprehension is, the call that consumes it included."""
    (step,) = loop.steps
    domains = step.domains[loop.depth :]
    why = next((d.why for d in domains if not d.is_counted), "") or step.unclear
    if why or not isinstance(step.target, Growth):
        return (Kept(loop.domain, why, (), is_split=False),)
    call, op = consumer(loop, facts)
    if op in _REDUCING:
        return (Reduction(domains, (step,), {}, op, None, (), domains, node=call),)
    return (Collect(domains, (step,), {}, step.target, (), domains, node=call or loop.owner),)


def consumer(loop: Loop, facts: "Facts") -> tuple[cst.Call | None, str]:
    """The call whose only argument a comprehension is, and what it does with the items ("" where not known)."""
    argument = facts.slice.parent(loop.owner) if loop.owner is not None else None
    call = facts.slice.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or len(call.args) != 1 or isinstance(loop.owner, cst.DictComp):
        return None, ""
    op = FOLDS.get(facts.qualified_name(call.func) or "", "")
    return (call, op) if op else (None, "")
