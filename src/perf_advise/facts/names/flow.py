"""The control-flow graph of a slice: one step per simple statement, test, loop head and binding."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst


class Kind(enum.Enum):
    """What a step does."""

    ENTRY = enum.auto()
    STATEMENT = enum.auto()
    TEST = enum.auto()
    ITER = enum.auto()
    """Evaluates the iterable of a `for`."""
    NEXT = enum.auto()
    """Asks the iterator for an item."""
    TARGET = enum.auto()
    """Binds the item."""
    ENTER = enum.auto()
    EXCEPT = enum.auto()
    SUBJECT = enum.auto()
    CASE = enum.auto()
    DEFINE = enum.auto()
    JOIN = enum.auto()
    """Does nothing; gives paths a place to meet."""
    EXIT = enum.auto()


@dataclass(frozen=True, slots=True)
class Edge:
    """A way out of a step; with a `test`, it is taken where that is true (or false)."""

    step: int
    test: cst.BaseExpression | None = None
    truth: bool = True


@dataclass(slots=True, eq=False)
class Step:
    """What runs as a unit: `parts` are evaluated in order, `node` is the statement it belongs to.

    `after` leads to the next steps, `on_error` to where an exception in it may be caught.
    """

    index: int
    kind: Kind
    node: cst.CSTNode
    parts: tuple[cst.CSTNode, ...] = ()
    after: list[Edge] = field(default_factory=list)
    on_error: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Flow:
    """The steps in the order of the text, which is a reverse post-order but for loops."""

    steps: list[Step]
    ranges: dict[int, tuple[int, int]]
    """First step and the one after the last, for each statement and block by the node's id."""
    by_part: dict[int, int]

    @property
    def exit(self) -> int:
        """The last step."""
        return len(self.steps) - 1

    def steps_of(self, node: cst.CSTNode) -> range | None:
        """The steps of a statement or block; None for other nodes."""
        found = self.ranges.get(id(node))
        return None if found is None else range(*found)


def constant_truth(expr: cst.BaseExpression) -> bool | None:
    """The truth of `True`, `False`, `None` and integer literals; None for anything else."""
    if isinstance(expr, cst.Name) and expr.value in ("True", "False", "None"):
        return expr.value == "True"
    if isinstance(expr, cst.Integer):
        return expr.evaluated_value != 0
    return None


def predecessors(flow: Flow) -> list[list[int]]:
    """For each step, the steps that may run right before it (exceptions included)."""
    before: list[list[int]] = [[] for _ in flow.steps]
    for step in flow.steps:
        for target in successors(step):
            before[target].append(step.index)
    return before


def successors(step: Step) -> Iterator[int]:
    """Every step that may run right after this one."""
    for edge in step.after:
        yield edge.step
    yield from step.on_error
