"""Which names may still be read: backward liveness over the flow."""

from collections.abc import Iterable, Sequence

from perf_advise.facts.names.accesses import Access
from perf_advise.facts.names.flow import Flow, successors


class Liveness:
    """Live names before and after each step; `at_exit` are those that outlive the code."""

    def __init__(self, flow: Flow, accesses: Sequence[Access], at_exit: Iterable[str], always: Iterable[str]) -> None:
        self.flow = flow
        self.always = frozenset(always)
        self.before: list[frozenset[str]] = [frozenset()] * len(flow.steps)
        self.before[flow.exit] = frozenset(at_exit) | self.always
        self._solve(accesses)

    def _solve(self, accesses: Sequence[Access]) -> None:
        reads = [frozenset(access.reads) for access in accesses]
        kills = [frozenset(name for name, _ in access.binds).union(access.unbinds) for access in accesses]
        changed = True
        while changed:
            changed = False
            for step in reversed(self.flow.steps[:-1]):
                index = step.index
                after = frozenset().union(*(self.before[edge.step] for edge in step.after))
                caught = frozenset().union(*(self.before[target] for target in step.on_error))
                # An exception may come before the binding, so a handler's needs are not killed by it.
                live = reads[index] | (after - kills[index]) | caught | self.always
                if live != self.before[index]:
                    self.before[index] = live
                    changed = True

    def after_steps(self, steps: range) -> frozenset[str]:
        """Names live on some way out of these steps."""
        live = set(self.always)
        for index in steps:
            for target in successors(self.flow.steps[index]):
                if target not in steps:
                    live |= self.before[target]
        return frozenset(live)
