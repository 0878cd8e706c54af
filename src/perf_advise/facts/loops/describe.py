"""The loop model in words, for `perf-advise facts FILE:FUNCTION`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perf_advise.facts.loops.classify import classify
from perf_advise.facts.loops.graph import Graph
from perf_advise.facts.loops.iteration import Expr
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.nouns import Domain, Exit, Loop, Step
from perf_advise.facts.loops.patterns import (
    ArgReduction,
    Collect,
    Kept,
    Map,
    Part,
    Pattern,
    Plain,
    Reduction,
    Scan,
    Scatter,
    Search,
)
from perf_advise.facts.loops.scalars import ScalarRole, scalar_roles

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts


def describe_loops(facts: "Facts") -> list[str]:
    """Lines on every outermost loop: domains, steps, scalars, dependences, and what the nest can become."""
    lines: list[str] = []
    for loop in find_loops(facts):
        lines += describe_loop(loop, facts)
    return lines


def describe_loop(loop: Loop, facts: "Facts") -> list[str]:
    """Lines on one nest."""
    lines = list(_body(loop, facts, 0))
    roles = scalar_roles(loop, facts).values()
    lines += (f"  scalar {line}" for line in map(_role, roles) if line)
    lines += (f"  dependence {d}" for d in dict.fromkeys(map(str, Graph(loop, facts).dependences)))
    plan = classify(loop, facts)
    for part in plan.parts:
        lines += _part(part, 1)
    lines += (f"  if {assumption} ({assumption.answer.why})" for assumption in plan.assumptions)
    if plan.live_out:
        lines.append(f"  read afterwards: {', '.join(sorted(plan.live_out))}")
    return lines


# -- the nest -----------------------------------------------------------------------------------------------


def _body(loop: Loop, facts: "Facts", depth: int) -> Iterator[str]:
    pad = "  " * depth
    where = f"line {facts.slice.line(loop.node if loop.owner is None else loop.owner)}: " if not depth else ""
    yield f"{pad}{where}for {loop.domain}{_trips(loop.domain)}"
    for item in loop.body:
        if isinstance(item, Loop):
            yield from _body(item, facts, depth + 1)
        else:
            yield f"{pad}    {_shown(item)}"


def _trips(domain: Domain) -> str:
    return f", {domain.trips} times" if domain.is_counted else ""


def _shown(item: Step | Exit) -> str:
    return str(item)


def _role(role: ScalarRole) -> str:
    if role.role == "constant":
        return ""
    op = f" ({role.op}{', ' + role.tie + ' of equals' if role.tie else ''})" if role.op else ""
    later = ", read afterwards" if role.live_out else ""
    return f"{role.name}: {role.role}{op}{later}"


# -- the plan -----------------------------------------------------------------------------------------------


def _part(part: Part, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(part, Kept):
        lines = [f"{pad}keep {_indices((part.domain,))}: {part.why}"]
        return lines + [line for inner in part.parts for line in _part(inner, depth + 1)]
    if isinstance(part, Plain):
        return [f"{pad}plain: {step}" for step in part.steps]
    return [f"{pad}{part.name}: {_formula(part)}"]


def _formula(part: Pattern) -> str:
    if isinstance(part, Map | Scatter):
        core = f"{part.target} {part.operator}= {part.value} for {_indices(part.loops)}"
    elif isinstance(part, Reduction):
        core = f"{part.target or 'result'} = {part.op} of {part.value} over {_indices(part.over)}{_free(part.free)}"
    elif isinstance(part, ArgReduction):
        kept = ", ".join(f"{name} = {value}" for name, value in part.payload)
        core = f"{part.tie} {part.op} of {part.value} over {_indices(part.over)}{_free(part.free)}, there {kept}"
    elif isinstance(part, Scan):
        core = f"{part.target} = running {part.op} of {part.term} along {part.axis.index}{_free(part.loops[:-1])}"
    elif isinstance(part, Collect):
        core = f"{part.target.name or 'result'} gets {part.value} for {_indices(part.loops)}"
    else:
        core = f"first {_indices(part.loops)}"
    conditions = part.exit.guards if isinstance(part, Search) else part.guards
    start = getattr(part, "start", None)
    begun = f", from {start}" if isinstance(start, Expr) else ""
    return core + begun + "".join(f" where {guard}" for guard in conditions)


def _indices(domains: tuple[Domain, ...]) -> str:
    return ", ".join(domain.index for domain in domains)


def _free(domains: tuple[Domain, ...]) -> str:
    return f" for each {_indices(domains)}" if domains else ""
