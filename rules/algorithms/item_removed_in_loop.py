"""Items taken out of the middle of a list in a loop.

## What it does
Finds `xs.remove(x)`, `del xs[i]` and `xs.pop(i)` in a loop over a list that outlives the turn, and names what takes
many items out at once.

## Why it is slow
Each call searches the list, or moves every item behind the gap: O(n) per turn, O(n * n) for the loop.

## When it is not the same
A comprehension that keeps the others makes a new list: other names of the old one do not see the change, unless it is
stored with `xs[:] = ...`. `remove` takes out only the first of equal items, and raises where there is none.

## When it is not faster
Lists of fewer than about a hundred items, or a loop that takes out one or two.

## References
Python wiki, TimeComplexity; 462 performance fixes read: 21 were of growth and consumption of sequences.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Example,
    Match,
    Need,
    Rule,
    Silent,
    View,
    cst,
    is_of_the_turn,
    needs,
    same_code,
    shown_as_list,
)

REMOVE = """
def without(xs, bad):
    left = list(xs)
    for x in bad:
        if x in left:
            left.remove(x)
    return left
"""
DELETE = """
def positive(xs: list[int]) -> None:
    for i in reversed(range(len(xs))):
        if xs[i] <= 0:
            del xs[i]
"""

RULE = Rule(
    code="PA525",
    name="item-removed-in-loop",
    message="`{removal}` searches the list or moves what is behind the gap: O(n) per turn",
    applicability=DISPLAY,
    examples=(
        Example(before=REMOVE, after=REMOVE, calls=("without([1, 2], [2])",), applicability=DISPLAY),
        Example(before=DELETE, after=DELETE, calls=("positive([1, -2])",), applicability=DISPLAY),
    ),
    silent=(
        Silent("def f(xs: list[int], x: int) -> None:\n    xs.remove(x)\n", why="once"),
        Silent(
            "def f(xs: set[int], ys: list[int]) -> None:\n    for y in ys:\n        xs.remove(y)\n",
            why="a set takes an item out in O(1)",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    n = 0\n    while xs:\n        n += xs.pop()\n    return n\n",
            why="the last item moves no other",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> None:\n    for row in rows:\n        row.remove(0)\n",
            why="another list in each turn",
        ),
        Silent(
            "def f(xs: list[int], table: list[list[int]]) -> None:\n    while len(xs) > 1:\n        least = 0\n"
            "        for i in range(len(xs)):\n            if table[i][0] < table[least][0]:\n"
            "                least = i\n        del xs[least]\n",
            why="each turn loops over as many items beside it: moving some is nothing against that",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    while xs:\n        x = min(xs)\n        xs.remove(x)\n    return 0\n",
            why="the smallest each turn wants a heap: PA520's finding",
        ),
        Silent(
            "def f(xs: list[int], k: int) -> None:\n    for x in range(9):\n        if x == k:\n            del xs[x]\n"
            "            break\n",
            why="the loop ends there",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Call, cst.Del):
        items = _items(node)
        loop = next(iter(view.turns(node)), None)
        if items is None or not isinstance(loop, cst.For | cst.While):
            continue
        if is_of_the_turn(view, items, loop) or _is_smallest(view, items, loop):
            continue
        beside = (n for n in view.walk(cst.For, cst.While, cst.CompFor) if n is not loop and view.inside(n, loop))
        if _searches(node) or not any(beside):
            yield Match(
                node,
                captures={"removal": node},
                needs=(
                    Need(shown_as_list(view, items), f"`{view.code(items)}` is a list"),
                    needs.is_pure(view, items),
                ),
                note="keep the others with one comprehension after the loop, or use a dict or a set for what is left",
                fixable=False,
            )


def _items(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The list of `xs.remove(x)`, `xs.pop(i)` and `del xs[i]`, with an `i` that is no constant."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and len(node.args) == 1:
        removes = node.func.attr.value == "remove"
        pops = node.func.attr.value == "pop" and isinstance(node.args[0].value, cst.Name)
        return node.func.value if removes or pops else None
    if isinstance(node, cst.Del) and isinstance(node.target, cst.Subscript) and len(node.target.slice) == 1:
        part = node.target.slice[0].slice
        return node.target.value if isinstance(part, cst.Index) and isinstance(part.value, cst.Name) else None
    return None


def _searches(node: cst.CSTNode) -> bool:
    """Whether items are compared one by one, and not only moved: `remove`."""
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "remove"


def _has_loop(view: View, loop: cst.CSTNode) -> bool:
    return any(inner is not loop and view.inside(inner, loop) for inner in view.walk(cst.For, cst.While, cst.CompFor))


def _is_smallest(view: View, items: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether the loop looks for the smallest or largest of the same list."""
    calls = [call for call in view.walk(cst.Call) if view.inside(call, loop) and call.args]
    extremes = [c for c in calls if view.facts.qualified_name(c.func) in ("builtins.min", "builtins.max")]
    return any(same_code(call.args[0].value, items) for call in extremes)
