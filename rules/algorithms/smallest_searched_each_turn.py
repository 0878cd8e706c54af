"""The smallest item searched and taken out in each turn of a loop.

## What it does
Finds a loop that calls `min` or `max` of a list, or sorts it, and takes the item out (`remove`, `pop`), and names the
heap that would give it at once.

## Why it is slow
Each turn goes over the whole list to find the item, and over it again to take it out: O(n) per turn, O(n * n) for the
loop; sorting in each turn costs O(n log n). A heap gives the smallest item in O(log n).

## When it is not the same
`heapq` compares tuples `(key, item)`: of equal keys the items are compared, so a counter stands between them. Where
keys change while they wait (shortest paths), a new entry is pushed and the old one skipped when it comes.

## When it is not faster
Lists of fewer than about twenty items.

## References
Python documentation, `heapq`, "Priority Queue Implementation Notes".
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, needs, same_code

NEAREST = """
def order(unvisited: list[int], dist: dict[int, float]) -> list[int]:
    out = []
    while unvisited:
        node = min(unvisited, key=lambda v: dist[v])
        unvisited.remove(node)
        out.append(node)
    return out
"""
SORTED = """
def run(jobs):
    done = []
    while jobs:
        jobs.sort()
        job = jobs.pop(0)
        jobs += job.more()
        done.append(job)
    return done
"""
BODY = "    while xs:\n        x = min(xs)\n"

RULE = Rule(
    code="PA520",
    name="smallest-searched-each-turn",
    message="`{search}` goes over all of `{items}` in each turn, which then takes one item out: O(n) per turn",
    applicability=DISPLAY,
    examples=(
        Example(before=NEAREST, after=NEAREST, calls=("order([1, 2], {1: 2.0, 2: 1.0})",), applicability=DISPLAY),
        Example(before=SORTED, after=SORTED, calls=("run([])",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            f"def f(xs: list[int], ys: list[int]) -> None:\n{BODY}        ys.remove(x)\n        xs = ys\n",
            why="it is taken out of another list",
        ),
        Silent("def f(xs: list[int]) -> int:\n    x = min(xs)\n    xs.remove(x)\n    return x\n", why="once"),
        Silent(
            f"def f(xs: list[int]) -> list[int]:\n    out = []\n{BODY}        out.append(x)\n        xs = xs[1:]\n"
            "    return out\n",
            why="not the smallest is taken out",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> None:\n    for row in rows:\n        row.remove(min(row))\n",
            why="another list in each turn",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        loop = next(iter(view.turns(call)), None)
        items = _searched(view, call)
        if items is None or not isinstance(loop, cst.For | cst.While):
            continue
        taking = _is_taken_from(view, items, loop, by_place=_sorts(call))
        if taking and not _is_bound_by(view, items, loop):
            yield Match(
                call,
                captures={"search": call, "items": items},
                needs=(needs.is_pure(view, items),),
                note="keep the items in a heap (`heapq.heappush`, `heappop`), as tuples that begin with the key",
                fixable=False,
            )


def _searched(view: View, call: cst.Call) -> cst.BaseExpression | None:
    """The list of `min(items)`, `max(items)`, `items.sort()`; None for other calls."""
    if _sorts(call) and isinstance(call.func, cst.Attribute):
        return call.func.value
    extreme = view.facts.qualified_name(call.func) in ("builtins.min", "builtins.max")
    alone = bool(call.args) and all(arg.keyword is not None for arg in call.args[1:]) and not call.args[0].star
    items = call.args[0].value if extreme and alone else None
    return items if isinstance(items, cst.Name | cst.Attribute) else None


def _sorts(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "sort"


def _is_taken_from(view: View, items: cst.BaseExpression, loop: cst.CSTNode, by_place: bool) -> bool:
    """Whether the loop takes a searched item out of the list: `remove`, or by its place where the list is sorted."""
    methods = ("pop",) if by_place else ("remove",)
    for call in view.walk(cst.Call):
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value in methods and view.inside(call, loop):
            last_loop = view.turns(call)[0]
            if same_code(func.value, items) and last_loop is loop:
                return True
    return False


def _is_bound_by(view: View, items: cst.BaseExpression, loop: cst.For | cst.While) -> bool:
    """Whether each turn looks at another list: one that the loop's target names."""
    root = items.value if isinstance(items, cst.Attribute) else items
    names = view.facts.effects(loop.target).reads if isinstance(loop, cst.For) else frozenset()
    bound = {node.value for node in view.walk(cst.Name) if isinstance(loop, cst.For) and view.inside(node, loop.target)}
    return isinstance(root, cst.Name) and root.value in (bound | names)
