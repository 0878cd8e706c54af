"""Call trees in JSON: a node, its children, and theirs."""

from collections.abc import Callable, Iterator
from typing import Any

from perf_advise.profiles.stacks import StackWalk
from perf_advise.profiles.untrusted import mapping

Node = dict[str, Any]


def walk_tree(walk: StackWalk, root: Node, enter: Callable[[Node], Iterator[Node]]) -> None:
    """Walk from node to node: `enter` opens a frame for one, spends what is its own, and gives its children.

    No recursion, for trees may be deep.
    """
    todo = [iter((root,))]
    while todo:
        node = next(todo[-1], None)
        if node is not None:
            todo.append(enter(mapping(node)))
            continue
        todo.pop()
        if todo:
            walk.leave()
