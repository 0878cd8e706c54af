"""Items put at the front of a list, again and again.

## What it does
Finds `xs.insert(0, item)` and `xs = [item] + xs` in a loop, and names the containers that take items at the front.

## Why it is slow
Every item that is there already moves by one place: O(n) per insertion, O(n * n) for the loop.

## When it is not the same
Appending and reversing once at the end gives the same list where nothing reads it in between. `collections.deque` has
`appendleft`, but no slices, and an index in its middle is slow.

## When it is not faster
Lists of fewer than about a hundred items: moving them is a single fast copy.

## References
CPython `Objects/listobject.c`; measured: 65x for 100,000 items.
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
    match_pattern,
    needs,
    same_code,
    shown_as_list,
)

PATH = """
def path(parent, node):
    out = []
    while node is not None:
        out.insert(0, node)
        node = parent[node]
    return out
"""

RULE = Rule(
    code="PA519",
    name="list-inserted-at-front",
    message="`{insert}` moves every item of the list by one place: O(n) per iteration",
    applicability=DISPLAY,
    examples=(
        Example(before=PATH, after=PATH, calls=("path({1: 2, 2: None}, 1)",), applicability=DISPLAY),
        Example(
            before="def back(xs):\n    out = []\n    for x in xs:\n        out = [x] + out\n    return out\n",
            after="def back(xs):\n    out = []\n    for x in xs:\n        out = [x] + out\n    return out\n",
            calls=("back([1, 2])",),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(
            "import sys\n\n\ndef f(xs: list[str]) -> None:\n    for x in xs:\n        sys.path.insert(0, x)\n",
            why="the list belongs to another module",
        ),
        Silent(
            "def f(xs: list[int], g) -> list[int]:\n    out: list[int] = []\n    for x in xs:\n"
            "        out.insert(0, x)\n        g(out)\n    return out\n",
            why="each turn hands the list on in its order",
        ),
        Silent("def f(x: int) -> list[int]:\n    out = [2]\n    out.insert(0, x)\n    return out\n", why="done once"),
        Silent(
            "def f(xs: list[int]) -> list[list[int]]:\n    out = []\n    for x in xs:\n        row = [x]\n"
            "        row.insert(0, 1)\n        out.append(row)\n    return out\n",
            why="a new short list in each iteration",
        ),
        Silent(
            "def join(nodes):\n    for node in nodes:\n        last = node.parts[0]\n"
            "        last.parts.insert(0, node)\n        node.parts.append(last)\n",
            why="another node's list in each turn",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> None:\n    for row in rows:\n        row.insert(0, 1)\n",
            why="another list in each turn",
        ),
        Silent(
            "def f(table, xs):\n    for x in xs:\n        table.insert(0, x)\n",
            why="nothing says that it is a list: a widget or a database has an `insert` too",
        ),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    out: list[int] = []\n    for x in xs:\n        out.insert(x, x)\n"
            "    return out\n",
            why="not at the front",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Call, cst.Assign):
        items = _items(view, node)
        loops = view.turns(node)
        if items is not None and loops and not _is_of_module(view, items):
            made = _is_made_in(view, node, items, loops[0])
            yield Match(
                node,
                captures={"insert": node},
                needs=(
                    Need(shown_as_list(view, items), f"`{view.code(items)}` is a list"),
                    needs.holds(not made, "it grows from one iteration to the next"),
                    needs.holds(not _is_handed_on(view, items, loops[0]), "it is wanted in order after the loop only"),
                ),
                note="append, and reverse once after the loop; or use a `collections.deque` and `appendleft`",
                fixable=False,
            )


def _is_of_module(view: View, items: cst.BaseExpression) -> bool:
    """Whether it belongs to another module (`sys.path`), and stays a list."""
    root = items.value if isinstance(items, cst.Attribute) else items
    return isinstance(root, cst.Name) and view.facts.scope(root.value) == "import"


def _items(view: View, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The list that gets an item at the front."""
    if isinstance(node, cst.Call):
        bound = match_pattern("$items.insert(0, $_)", node, view.facts)
        return bound["items"] if bound else None
    bound = match_pattern("[$item] + $items", node.value, view.facts) if isinstance(node, cst.Assign) else None
    if bound is None or not isinstance(node, cst.Assign) or len(node.targets) > 1:
        return None
    return bound["items"] if same_code(bound["items"], node.targets[0].target) else None


def _is_made_in(view: View, node: cst.CSTNode, items: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether each turn of the loop has another list, by more than the statement that adds to it."""
    if isinstance(node, cst.Call):
        return is_of_the_turn(view, items, loop)
    made = [a for a in view.walk(cst.Assign) if view.inside(a, loop) and same_code(a.targets[0].target, items)]
    return any(_items(view, assign) is None for assign in made)


def _is_handed_on(view: View, items: cst.BaseExpression, loop: cst.CSTNode) -> bool:
    """Whether each turn hands the list on as it is, in its order."""
    calls = (arg for arg in view.walk(cst.Arg) if view.inside(arg, loop) and same_code(arg.value, items))
    holders = ((arg, view.parent(arg)) for arg in calls)
    return any(
        isinstance(call, cst.Call) and view.facts.qualified_name(call.func) != "builtins.len" for _, call in holders
    )
