"""Strongly connected groups of steps, in an order that keeps every dependence (Tarjan's algorithm, then Kahn's)."""

from collections.abc import Callable, Mapping, Sequence

from perf_advise.facts.loops.nouns import Step

Edges = Mapping[Step, frozenset[Step]]


def strong_groups(steps: Sequence[Step], after: Edges) -> list[tuple[Step, ...]]:
    """Steps that reach each other along `after`, each group in source order."""
    finder = _Tarjan(steps, after)
    return [tuple(sorted(group, key=steps.index)) for group in finder.groups]


def in_order(
    groups: Sequence[tuple[Step, ...]], after: Edges, alike: Callable[[tuple[Step, ...], tuple[Step, ...]], bool]
) -> list[tuple[Step, ...]]:
    """The groups in an order in which no edge points back: source order, but `alike` groups side by side."""
    home = {step: group for group in groups for step in group}
    waits = {
        group: {home[s] for s in home for t in after.get(s, ()) if home.get(t) is group} - {group} for group in groups
    }
    done: list[tuple[Step, ...]] = []
    pending = list(groups)
    while pending:
        ready = [group for group in pending if not waits[group] - set(done)]
        chosen = next((group for group in ready if done and alike(done[-1], group)), ready[0])
        pending.remove(chosen)
        done.append(chosen)
    return done


class _Tarjan:
    def __init__(self, steps: Sequence[Step], after: Edges) -> None:
        self.groups: list[list[Step]] = []
        self._after = after
        self._number: dict[Step, int] = {}
        self._low: dict[Step, int] = {}
        self._stack: list[Step] = []
        for step in steps:
            if step not in self._number:
                self._visit(step)
        self.groups.sort(key=lambda group: min(steps.index(step) for step in group))

    def _visit(self, step: Step) -> None:
        self._number[step] = self._low[step] = len(self._number)
        self._stack.append(step)
        for later in self._after.get(step, ()):
            if later not in self._number:
                self._visit(later)
                self._low[step] = min(self._low[step], self._low[later])
            elif later in self._stack:
                self._low[step] = min(self._low[step], self._number[later])
        if self._low[step] == self._number[step]:
            at = self._stack.index(step)
            self.groups.append(self._stack[at:])
            del self._stack[at:]
