"""A recursive generator that hands each item through all of its levels.

## What it does
In functions that a profile counted, finds a generator that goes over the results of itself: `yield from walk(child)`,
or `for item in walk(child): yield item`. It writes no code: the order in which the items are wanted is for the author
to keep.

## Why it is slow
Each item passes through every generator between the place where it is found and the caller: O(depth) per item, O(n * n)
for a chain of n nodes. A loop with a stack of what is still to be visited hands it over once.

## When it is not the same
A stack gives the last child first, unless the children are pushed in reversed order; a node that comes after its
children needs a second visit.

## When it is not faster
For trees of three or four levels.

## References
462 performance fixes read: recursive `yield from` was among those of consumption of sequences; measured: 0.96x at depth
3, 1.7x at depth 10, 30x at depth 400.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst

WALK = """
def walk(tree):
    yield tree[0]
    for child in tree[1:]:
        yield from walk(child)
"""
METHOD = """
class Node:
    def __init__(self, *children):
        self.children = children

    def walk(self):
        for child in self.children:
            for node in child.walk():
                yield node
        yield self
"""

RULE = Rule(
    code="PA536",
    name="recursive-yield-from",
    message="each item passes through all levels of `{call}`: O(depth) per item",
    applicability=DISPLAY,
    measured=True,
    examples=(
        Example(before=WALK, after=WALK, calls=("list(walk([1, [2], [3, [4]]]))",), applicability=DISPLAY),
        Example(before=METHOD, after=METHOD, calls=("len(list(Node(Node()).walk()))",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def walk(tree):\n    todo = [tree]\n    while todo:\n        tree = todo.pop()\n        yield tree[0]\n"
            "        todo.extend(reversed(tree[1:]))\n",
            why="a stack",
        ),
        Silent(WALK.replace("yield from walk(child)", "yield from other(child)"), why="another generator"),
        Silent(
            "def count(tree):\n    return 1 + sum(count(child) for child in tree[1:])\n",
            why="it hands nothing on",
        ),
        Silent(METHOD.replace("yield node", "self.seen = node"), why="the items stay here"),
    ),
)


def see(view: View) -> Iterator[Match]:
    for handed in view.walk(cst.From):
        if isinstance(handed.item, cst.Call) and _is_itself(view, handed.item):
            yield _match(handed.item)
    for loop in view.walk(cst.For):
        line = loop.body.body[0] if len(loop.body.body) == 1 else None
        step = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        value = step.value.value if isinstance(step, cst.Expr) and isinstance(step.value, cst.Yield) else None
        same = isinstance(value, cst.Name) and isinstance(loop.target, cst.Name) and value.value == loop.target.value
        if same and isinstance(loop.iter, cst.Call) and _is_itself(view, loop.iter):
            yield _match(loop.iter)


def _match(call: cst.Call) -> Match:
    note = "keep what is still to be visited in a list, and yield from one loop over it"
    return Match(call, {"call": call}, note=note, fixable=False)


def _is_itself(view: View, call: cst.Call) -> bool:
    """Whether the call is one of the function itself, or of the method of that name of another object of the class."""
    name = view.hot.qualname.rpartition(".")[2]
    if isinstance(call.func, cst.Name):
        return call.func.value == name and not view.receiver
    called = isinstance(call.func, cst.Attribute) and call.func.attr.value == name
    return called and bool(view.receiver) and sum(site.name == name for site in view.index.functions) == 1
