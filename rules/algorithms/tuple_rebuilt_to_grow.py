"""A tuple rebuilt by each iteration to grow by an item.

## What it does
Finds `t += (x,)` and `t = t + (x,)` in a loop, and names the list that grows in place.

## Why it is slow
A tuple cannot grow: each iteration copies all that was there, O(n) per iteration, O(n * n) for the loop.

## When it is not the same
A list that is made a tuple once after the loop holds the same items; what reads the tuple inside of the loop (as a key,
or by another name) has to be looked at.

## When it is not faster
Up to about ten items.

## References
462 performance fixes read: 21 were of growth and consumption of sequences, in 16 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, needs, same_code

GROWN = """
def path(parent, node):
    steps = ()
    while node is not None:
        steps += (node,)
        node = parent[node]
    return steps
"""
FOR = "def f(xs: list[int]) -> tuple[int, ...]:\n    out: tuple[int, ...] = ()\n    for x in xs:\n        "

RULE = Rule(
    code="PA526",
    name="tuple-rebuilt-to-grow",
    message="`{grow}` copies the whole tuple in each iteration: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=GROWN, after=GROWN, calls=("path({1: 2, 2: None}, 1)",), applicability=DISPLAY),
        Example(
            before=f"{FOR}out = out + (x, x)\n    return out\n",
            after=f"{FOR}out = out + (x, x)\n    return out\n",
            calls=("f([1, 2])",),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent("def f(x: int) -> tuple[int, ...]:\n    out = (1,)\n    out += (x,)\n    return out\n", why="once"),
        Silent(
            f"{FOR}key = (1, 2)\n        key += (x,)\n        out = key\n    return out\n",
            why="started anew in each iteration",
        ),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    out: list[int] = []\n    for x in xs:\n        out += (x,)\n"
            "    return out\n",
            why="a list grows in place",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.AugAssign, cst.Assign):
        name, added = _growth(node)
        loop = next(iter(view.turns(node)), None)
        if name is None or not isinstance(added, cst.Tuple) or loop is None:
            continue
        others = [d for d in view.facts.definitions(name.value) if view.inside(d, loop) and not view.inside(d, node)]
        anew = any(not isinstance(view.parent(d), cst.AugAssign) for d in others)
        yield Match(
            node,
            captures={"grow": node},
            needs=(
                needs.is_type(view, name, "tuple"),
                needs.holds(not anew, f"`{name.value}` grows from turn to turn", "it is bound anew in each turn"),
            ),
            note="append to a list, and make it a tuple once after the loop",
            fixable=False,
        )


def _growth(node: cst.CSTNode) -> tuple[cst.Name | None, cst.BaseExpression | None]:
    """The name that grows, and what is added."""
    if isinstance(node, cst.AugAssign):
        grown = isinstance(node.operator, cst.AddAssign) and isinstance(node.target, cst.Name)
        return (node.target, node.value) if grown and isinstance(node.target, cst.Name) else (None, None)
    if not isinstance(node, cst.Assign):
        return None, None
    target, value = node.targets[0].target, node.value
    if isinstance(target, cst.Name) and isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        return (target, value.right) if same_code(value.left, target) else (None, None)
    return None, None
