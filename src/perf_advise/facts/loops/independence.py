"""Whether the iterations of one loop could run in any order, or at the same time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.assumptions import assumptions_of
from perf_advise.facts.loops.graph import Dependence, Graph
from perf_advise.facts.loops.iteration import Apply
from perf_advise.facts.loops.nouns import Growth, Loop
from perf_advise.facts.loops.overlap import Overlaps
from perf_advise.facts.loops.patterns import Assumption
from perf_advise.facts.loops.scalars import ScalarRole, scalar_roles
from perf_advise.model.facts import Answer

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts


@dataclass(frozen=True, slots=True)
class Independence:
    """Whether iterations are independent but for what can be put together afterwards, in order.

    `reductions` are combined from partial results; `collected` are lists that grow by one item at a time (results
    in order of iterations); `last` are names of which only the last value counts. `carried` are the dependences that
    stand in the way. `calls` are the pure calls that an iteration makes. `assumptions` as in a `Plan`.
    """

    answer: Answer
    reductions: tuple[ScalarRole, ...] = ()
    collected: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    carried: tuple[Dependence, ...] = ()
    calls: tuple[cst.Call, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def independence(loop: Loop, facts: "Facts") -> Independence:
    """The independence of the outermost loop of a nest."""
    unclear = next((step.unclear for step in loop.steps if step.unclear), "")
    if unclear:
        return Independence(Answer.unknown(unclear))
    if loop.exits:
        return Independence(Answer.no(f"the loop can be left early ({loop.exits[0].kind})"))
    graph = Graph(loop, facts)
    roles = scalar_roles(loop, facts).values()
    reductions = tuple(r for r in roles if r.role == "reduction")
    collected = tuple(dict.fromkeys(s.target.name for s in loop.steps if isinstance(s.target, Growth)))
    together = {*collected, *(role.name for role in reductions)}
    carried = tuple(d for d in graph.dependences if d.carried_by(0) and d.array not in together)
    carried += tuple(d for d in graph.dependences if d.array in collected and not _only_grows(d, loop))
    return Independence(
        _answer(carried),
        reductions,
        collected,
        tuple(role.name for role in roles if role.role == "last"),
        carried,
        tuple(_calls(loop)),
        assumptions_of(graph, Overlaps(graph, facts), facts),
    )


def _answer(carried: tuple[Dependence, ...]) -> Answer:
    if not carried:
        return Answer.yes("no iteration needs what another one stores")
    return Answer.no(f"`{carried[0].array}` goes from one iteration to another")


def _only_grows(dependence: Dependence, loop: Loop) -> bool:
    """Whether both ends append to the list, and nothing reads it."""
    read = {a.array for a, _, is_write in loop.accesses if not is_write}
    ends = (dependence.source.target, dependence.sink.target)
    return (
        all(isinstance(end, Growth) and end.name == dependence.array for end in ends) and dependence.array not in read
    )


def _calls(loop: Loop) -> list[cst.Call]:
    found: dict[cst.Call, None] = {}
    for expression in (part for step in loop.steps for e in step.expressions for part in e.walk()):
        if isinstance(expression, Apply) and isinstance(expression.node, cst.Call):
            found[expression.node] = None
    return list(found)
