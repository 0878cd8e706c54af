"""Which bindings a read may see, and whether a name is bound at all: forward analyses over the flow."""

from collections.abc import Sequence

import libcst as cst

from perf_advise.facts.names.accesses import Access
from perf_advise.facts.names.flow import Flow, predecessors


class Reaching:
    """Reaching definitions, as bit sets over all bindings of the code."""

    def __init__(self, flow: Flow, accesses: Sequence[Access]) -> None:
        self.flow = flow
        self.accesses = accesses
        self.definitions: list[tuple[str, cst.CSTNode]] = []
        self._of_name: dict[str, int] = {}
        self._made: list[int] = []
        for access in accesses:
            self._made.append(self._number(access))
        self.at: list[int] = self._solve()

    def _number(self, access: Access) -> int:
        made = 0
        for name, node in access.all_binds:
            bit = 1 << len(self.definitions)
            self.definitions.append((name, node))
            self._of_name[name] = self._of_name.get(name, 0) | bit
            made |= bit
        return made

    def _solve(self) -> list[int]:
        kept = [~self._killed(access) for access in self.accesses]
        at = [0] * len(self.flow.steps)
        pending = set(range(len(at)))
        while pending:
            index = min(pending)
            pending.discard(index)
            after = (at[index] & kept[index]) | self._made[index]
            step = self.flow.steps[index]
            for edge in step.after:
                if after & ~at[edge.step]:
                    at[edge.step] |= after
                    pending.add(edge.step)
            for target in step.on_error:
                if (after | at[index]) & ~at[target]:
                    at[target] |= after | at[index]
                    pending.add(target)
        return at

    def _killed(self, access: Access) -> int:
        killed = 0
        for name in (*(name for name, _ in access.binds), *access.unbinds):
            killed |= self._of_name.get(name, 0)
        return killed

    def reaching(self, step: int, name: str) -> tuple[cst.CSTNode, ...]:
        """The nodes whose binding of `name` may hold when `step` begins, in source order."""
        bits = self.at[step] & self._of_name.get(name, 0)
        return tuple(node for i, (_, node) in enumerate(self.definitions) if bits >> i & 1)

    def of_name(self, name: str) -> tuple[cst.CSTNode, ...]:
        """Every node that binds `name`."""
        return tuple(node for found, node in self.definitions if found == name)


def definitely_bound(flow: Flow, accesses: Sequence[Access]) -> list[frozenset[str] | None]:
    """Per step the names bound on every way to it; None where no way leads."""
    bound: list[frozenset[str] | None] = [None] * len(flow.steps)
    bound[0] = frozenset()
    before = predecessors(flow)
    after: list[frozenset[str] | None] = [None] * len(flow.steps)
    changed = True
    while changed:
        changed = False
        for step in flow.steps:
            index = step.index
            ways = [_on_way(flow, source, index, bound, after) for source in before[index]]
            known = [way for way in ways if way is not None]
            start = frozenset() if index == 0 else (frozenset.intersection(*known) if known else None)
            end = None if start is None else _completed(start, accesses[index])
            if start != bound[index] or end != after[index]:
                bound[index], after[index] = start, end
                changed = True
    return bound


def _on_way(
    flow: Flow,
    source: int,
    target: int,
    bound: list[frozenset[str] | None],
    after: list[frozenset[str] | None],
) -> frozenset[str] | None:
    """What is bound when `source` leads to `target`; an exception may come before its binding."""
    if target in flow.steps[source].on_error:
        start, end = bound[source], after[source]
        return start if end is None or start is None else start & end
    return after[source]


def _completed(start: frozenset[str], access: Access) -> frozenset[str]:
    return start.union(name for name, _ in access.binds).difference(access.unbinds)
