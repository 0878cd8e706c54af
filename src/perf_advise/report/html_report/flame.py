"""The whole program as a tree of calls for the icicle graph, from who called whom."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from perf_advise.model.profile import Frame, Profile

MOST_NODES = 20_000
_LEAST_SHARE = 1e-6
_DEEPEST = 400
_STRAY = 0.02
"""What of a function's time no caller accounts for is a root of its own from this share of it on: less is rounding."""


@dataclass(frozen=True, slots=True)
class Node:
    """One box: `parent` is the index of the box above (-1: none), `weight` in the unit of the profile."""

    parent: int
    frame: Frame
    weight: float


@dataclass(frozen=True, slots=True)
class CallTree:
    """Boxes, parents before children and siblings heaviest first; `total` is what the width stands for.

    `shared` says that some weight was shared out: a profile keeps who called whom, and not whole stacks.
    `left_out` counts boxes that were too many, or too small, to draw; what is below them is not counted.
    """

    nodes: tuple[Node, ...]
    total: float
    shared: bool
    left_out: int


def call_tree(profile: Profile, most: int = MOST_NODES) -> CallTree:
    """The tree, heaviest boxes first until there are `most`.

    Where a function has several callers, its callees are shared out among them by the time that each brought.
    A function that is on the way down already is not opened again: its time is in the box above.
    """
    graph = _Graph(profile)
    roots = list(graph.roots(profile.total))
    total = max(profile.total, sum(weight for _, weight in roots))
    nodes: list[Node] = []
    order = count()
    small = 0
    waiting = [(-weight, next(order), Node(-1, frame, weight), 0) for frame, weight in roots]
    heapq.heapify(waiting)
    while waiting and len(nodes) < most:
        _, _, node, depth = heapq.heappop(waiting)
        nodes.append(node)
        if depth >= _DEEPEST:
            continue
        for frame, weight in graph.below(node, _above(nodes, node)):
            if weight < total * _LEAST_SHARE:
                small += 1
                continue
            heapq.heappush(waiting, (-weight, next(order), Node(len(nodes) - 1, frame, weight), depth + 1))
    return CallTree(tuple(nodes), total, graph.is_shared, len(waiting) + small)


def _above(nodes: list[Node], node: Node) -> frozenset[Frame]:
    """The frames on the way down to the node, its own included."""
    frames = [node.frame]
    while node.parent >= 0:
        node = nodes[node.parent]
        frames.append(node.frame)
    return frozenset(frames)


class _Graph:
    def __init__(self, profile: Profile) -> None:
        self._whole: dict[Frame, float] = {c.frame: max(c.cumulative, c.own) for c in profile.functions}
        self._own = {c.frame: c.own for c in profile.functions}
        self._calls: dict[Frame, list[tuple[Frame, float]]] = defaultdict(list)
        self._brought: dict[Frame, float] = defaultdict(float)
        callers: dict[Frame, int] = defaultdict(int)
        for edge in profile.edges:
            if edge.caller != edge.callee and edge.cumulative > 0:
                self._calls[edge.caller].append((edge.callee, edge.cumulative))
                self._brought[edge.callee] += edge.cumulative
                callers[edge.callee] += 1
                self._whole.setdefault(edge.callee, edge.cumulative)
                self._whole.setdefault(edge.caller, 0.0)
        for frame, calls in self._calls.items():
            called = sum(weight for _, weight in calls)
            self._whole[frame] = self._whole[frame] or called
        self.is_shared = any(number > 1 and self._calls.get(frame) for frame, number in callers.items())

    def roots(self, total: float) -> Iterator[tuple[Frame, float]]:
        """What no caller accounts for; then one entry into each ring of calls that nothing leads to."""
        reached: set[Frame] = set()
        by_weight = sorted(self._whole.items(), key=lambda item: -item[1])
        for frame, whole in by_weight:
            brought = self._brought.get(frame, 0.0)
            stray = whole - brought
            if whole > 0 and (not brought or stray > max(_STRAY * whole, _STRAY * total)):
                self._reach(frame, reached)
                yield frame, stray
        for frame, whole in by_weight:
            if whole > 0 and frame not in reached:
                self._reach(frame, reached)
                yield frame, whole

    def _reach(self, frame: Frame, reached: set[Frame]) -> None:
        waiting = [frame]
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += [callee for callee, _ in self._calls.get(one, ())]

    def below(self, node: Node, above: frozenset[Frame]) -> Iterator[tuple[Frame, float]]:
        """What the box called and what of its weight that is; together no more than the box has."""
        calls = [(frame, weight) for frame, weight in self._calls.get(node.frame, ()) if frame not in above]
        called = sum(weight for _, weight in calls)
        room = max(self._whole[node.frame], called + self._own.get(node.frame, 0.0))
        for frame, weight in calls:
            yield frame, weight * node.weight / room if room > 0 else 0.0


def as_rows(tree: CallTree, frames: Mapping[Frame, int]) -> list[list[float]]:
    """The boxes as `[parent, frame, millionths of the whole]`, for the script."""
    whole = tree.total or 1.0
    return [[node.parent, frames[node.frame], round(node.weight / whole * 1e6)] for node in tree.nodes]
