"""What a loop nest can become: Allen and Kennedy's loop distribution, with reductions and scans recognised.

The steps of a nest are split into strongly connected groups of the dependence graph, in an order that keeps
every dependence. A group that is one array operation over all its loops is done; otherwise its
outermost loop is kept, and what remains is looked at again without the dependences that this loop carries.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.assumptions import assumptions_of
from perf_advise.facts.loops.comprehensions import comprehension_parts
from perf_advise.facts.loops.distribution import in_order, strong_groups
from perf_advise.facts.loops.entry import value_before
from perf_advise.facts.loops.expansion import Tie, untied
from perf_advise.facts.loops.graph import Dependence, Graph
from perf_advise.facts.loops.nests import build_loop, inner_loops
from perf_advise.facts.loops.nouns import Domain, Loop, Step
from perf_advise.facts.loops.overlap import Overlaps
from perf_advise.facts.loops.patterns import Kept, Part, Pattern, Plain, Plan, Scan, patterns_in
from perf_advise.facts.loops.recognise import Group, recognise
from perf_advise.facts.loops.running import running_scan
from perf_advise.facts.loops.scalars import live_after
from perf_advise.facts.loops.search import search_of
from perf_advise.facts.loops.starts import with_starts

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_MOST_PAIRS = 2000


def classify(loop: Loop, facts: "Facts", keep: frozenset[Domain] = frozenset()) -> Plan:
    """The plan for a loop nest; loops in `keep` run in order whatever could be done with them."""
    graph = Graph(loop, facts)
    overlaps = Overlaps(graph, facts)
    live = live_after(loop, facts) & _names(loop)
    if loop.owner is not None:
        return Plan(loop, comprehension_parts(loop, facts), assumptions_of(graph, overlaps, facts))
    why = blocked(loop) or ("" if graph.pairs <= _MOST_PAIRS else "the nest has too many accesses to compare")
    search = search_of(loop) if why else None
    if search is not None:
        return Plan(loop, (search,), assumptions_of(graph, overlaps, facts), live)
    if why:
        return Plan(loop, (_inner_plans(loop, facts, why),), live_out=live)
    graph, parts = _best(graph, overlaps, facts, keep)
    entered = tuple(with_starts(parts, lambda name: value_before(loop.node, name, facts)))
    return Plan(loop, entered, assumptions_of(graph, overlaps, facts), live)


def _best(graph: Graph, overlaps: Overlaps, facts: "Facts", keep: frozenset[Domain]) -> tuple[Graph, tuple[Part, ...]]:
    """The parts of a nest; where a symbolic distance makes a loop run in order, those for a distance from zero up."""
    parts = _distributed(graph, overlaps, keep)
    wanted = _symbolic_distances(parts, graph)
    if not wanted:
        return graph, parts
    bolder = Graph(graph.loop, facts, wanted)
    better = _distributed(bolder, overlaps, keep)
    return (bolder, better) if len([*patterns_in(better)]) > len([*patterns_in(parts)]) else (graph, parts)


def _symbolic_distances(parts: tuple[Part, ...], graph: Graph) -> tuple[Affine, ...]:
    """Symbols in the subscripts of steps that no loop vanishes around, where cells of one array are stored and read."""
    plain = {step for part in parts for step in plain_steps(part)}
    indices = {loop.domain.index for loop in graph.loop.loops}
    found: set[str] = set()
    for touch in graph.touches:
        if touch.step in plain and touch.event.access.affines is not None:
            found |= {s for a in touch.event.access.affines for s in a.symbols} - indices
    return tuple(Affine.symbol(symbol) for symbol in sorted(found))


def blocked(loop: Loop) -> str:
    """Why the iterations of a loop cannot be taken apart at all; "" where they can."""
    unclear = next((step.unclear for step in loop.steps if step.unclear), "")
    if unclear:
        return unclear
    for inner in loop.loops:
        if not inner.domain.is_counted:
            return inner.domain.why
        if inner.exits:
            return f"the loop over `{inner.domain.index}` can be left early ({inner.exits[0].kind})"
    return ""


def _names(loop: Loop) -> frozenset[str]:
    """Every name that a nest binds."""
    headers = {name for inner in loop.loops for name in inner.domain.own_names}
    return frozenset(headers | {name for step in loop.steps for name in step.scalars_written})


def _inner_plans(loop: Loop, facts: "Facts", why: str) -> Kept:
    """The plans of the loops inside one that has to stay as it is."""
    around = (*loop.enclosing, loop.domain)
    parts: list[Part] = []
    for node in inner_loops(loop):
        parts += classify(build_loop(node, facts, around), facts).parts
    return Kept(loop.domain, why, tuple(parts), is_split=False)


def _distributed(graph: Graph, overlaps: Overlaps, keep: frozenset[Domain]) -> tuple[Part, ...]:
    """The parts of a nest; scalars that would be arrays in one part and not in another hold their parts together."""
    ties: frozenset[Tie] = frozenset()
    order = frozenset(pair for overlap in overlaps.all for pair in overlap.order)
    while True:
        steps = tuple(step for step in graph.steps if not step.is_row)
        parts = _Planner(graph, keep, ties, order).parts(steps, 0)
        found = untied(parts, graph) - ties
        if not found:
            return parts
        ties |= found


class _Planner:
    def __init__(
        self,
        graph: Graph,
        keep: frozenset[Domain],
        ties: frozenset[Tie],
        order: frozenset[tuple[Step, Step]],
    ) -> None:
        self._graph = graph
        self._keep = keep
        self._ties = ties
        self._order = order

    def parts(self, steps: tuple[Step, ...], level: int) -> tuple[Part, ...]:
        """The parts of steps whose first `level` loops run in order."""
        after = self._edges(steps, level)
        found = {group: self._group(group, level) for group in strong_groups(steps, after)}
        ordered = in_order(list(found), after, lambda a, b: self._kept(found[a]) is self._kept(found[b]))
        return self._merged([part for group in ordered for part in found[group]], level)

    def _edges(self, steps: tuple[Step, ...], level: int) -> dict[Step, frozenset[Step]]:
        edges: dict[Step, set[Step]] = {step: set() for step in steps}
        for dependence in self._graph.dependences:
            if dependence.at(level) and not dependence.commutes and dependence.source in edges:
                edges[dependence.source].add(dependence.sink)
        for earlier, later in self._order:
            if earlier in edges and later is not earlier:
                edges[earlier].add(later)
        for tie in self._ties:
            if tie.first in edges and tie.second in edges and self._domain(tie.first, level) is tie.domain:
                edges[tie.first].add(tie.second)
                edges[tie.second].add(tie.first)
        return {step: frozenset(sinks & edges.keys()) for step, sinks in edges.items()}

    def _domain(self, step: Step, level: int) -> Domain | None:
        """The loop at a depth of the nest around a step."""
        at = self._graph.depth + level
        return step.domains[at] if len(step.domains) > at else None

    def _kept(self, parts: tuple[Part, ...]) -> Domain | None:
        return parts[0].domain if parts and isinstance(parts[0], Kept) else None

    def _group(self, steps: tuple[Step, ...], level: int) -> tuple[Part, ...]:
        domains = {self._domain(step, level) for step in steps}
        domain = domains.pop()
        if domain is None or domains:
            return (Plain(steps),)
        inside = tuple(d for d in self._graph.dependences if {d.source, d.sink} <= set(steps) and d.at(level))
        if domain not in self._keep:
            group = Group(steps, inside, level, self._graph.depth, self._graph.scalars)
            found = self._recognised(group, level)
            if found:
                return found
        why = self._reason(inside, steps, domain, level) if domain not in self._keep else "kept on request"
        return (Kept(domain, why, self.parts(steps, level + 1)),)

    def _reason(self, inside: tuple[Dependence, ...], steps: tuple[Step, ...], domain: Domain, level: int) -> str:
        """Why a loop has to run in order."""
        if any(inner.varies_with(domain) for step in steps for inner in step.domains):
            return f"the bounds of an inner loop depend on `{domain.index}`"
        for depth in range(level, max(len(step.domains) for step in steps)):
            carried = [d for d in inside if d.carried_by(depth) and not d.commutes]
            carried = [d for d in carried if d.kind == "flow"] or carried
            if carried:
                at = self._domain(carried[0].source, depth) or domain
                return f"`{carried[0].array}` goes from one iteration of `{at.index}` to a later one"
        return f"no array form is known for `{steps[0]}`"

    def _recognised(self, group: Group, level: int) -> tuple[Part, ...]:
        single = recognise(group)
        if single is not None:
            return () if _is_triangular_inside(single) else (single,)
        scan = running_scan(group)
        if scan is None or _is_triangular_inside(scan):
            return ()
        readers = tuple(step for step in group.steps if step not in scan.steps)
        return (scan, *(_reading(part, scan) for part in self.parts(readers, level)))

    def _merged(self, parts: list[Part], level: int) -> tuple[Part, ...]:
        """Neighbouring parts that keep the same loop share it."""
        merged: list[Part] = []
        for part in parts:
            last = merged[-1] if merged else None
            if isinstance(part, Kept) and isinstance(last, Kept) and last.domain is part.domain:
                steps = tuple(s for s in self._graph.steps if s in (*steps_of(last), *steps_of(part)))
                why = "; ".join(dict.fromkeys((last.why, part.why)))
                merged[-1] = Kept(part.domain, why, self.parts(steps, level + 1))
            else:
                merged.append(part)
        return tuple(merged)


def steps_of(part: Part) -> tuple[Step, ...]:
    """The steps that a part stands for."""
    if isinstance(part, Kept):
        return tuple(step for inner in part.parts for step in steps_of(inner))
    return part.steps


def plain_steps(part: Part) -> tuple[Step, ...]:
    """The steps of a part around which every loop is kept."""
    if isinstance(part, Kept):
        return tuple(step for inner in part.parts for step in plain_steps(inner))
    return part.steps if isinstance(part, Plain) else ()


def _is_triangular_inside(pattern: Pattern) -> bool:
    """Whether the bounds of one loop that would vanish depend on another one that would."""
    return any(inner.varies_with(outer) for inner in pattern.loops for outer in pattern.loops if inner is not outer)


def _reading(part: Part, scan: Scan) -> Part:
    """A part that reads the series of a scan: the scalar differs along the scan's loop."""
    return replace(part, scalars=scan.scalars) if isinstance(part, Pattern) else part
