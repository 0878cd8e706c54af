"""Scalars that become arrays: every part that uses one has to agree on the loops over which it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from perf_advise.facts.loops.graph import Graph
from perf_advise.facts.loops.nouns import Domain, Step
from perf_advise.facts.loops.patterns import Kept, Part, Pattern


@dataclass(frozen=True, slots=True)
class Tie:
    """Two steps that have to stay in one loop: a scalar would be an array over it in only one of them."""

    first: Step
    second: Step
    domain: Domain


def untied(parts: tuple[Part, ...], graph: Graph) -> frozenset[Tie]:
    """The ties that parts break: a private scalar is assigned where a loop vanishes and read where it is kept."""
    vanished = dict(_vanished(parts))
    found: set[Tie] = set()
    for dependence in graph.dependences:
        source, sink = dependence.source, dependence.sink
        if dependence.kind != "flow" or source not in vanished or sink not in vanished:
            continue
        for domain in graph.scalars.get(dependence.array, ()):
            common = domain in source.domains and domain in sink.domains
            if common and (domain in vanished[source]) != (domain in vanished[sink]):
                found.add(Tie(source, sink, domain))
    return frozenset(found)


def _vanished(parts: tuple[Part, ...]) -> Iterator[tuple[Step, tuple[Domain, ...]]]:
    """Each step with the loops that vanish around it."""
    for part in parts:
        if isinstance(part, Kept):
            yield from _vanished(part.parts)
        else:
            loops = part.loops if isinstance(part, Pattern) else ()
            yield from ((step, loops) for step in part.steps)
