"""Membership test against a list inside a loop.

## What it does
Finds `x in xs` in a loop or comprehension where `xs` is a list that the loop does not change, and tests
against a set that is made once before the loop.

## Why it is slow
`in` on a list compares item by item: O(n) per test, O(n * m) for the loop. A set answers in O(1).

## When it is not the same
The items and the tested value must be hashable and must hash as they compare: the rule asks for items of
built-in immutable types, and stays silent for objects with an `__eq__` of their own. NaN behaves alike: both
containers test identity before equality. Nothing may change the list while the loop runs.

## When it is not faster
Making the set costs about as much as two scans of the list: a loop that tests only once or twice, or a
list of fewer than about ten items, gains nothing.

## References
Python wiki, TimeComplexity: `x in s` for list and set.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Insertion,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    grows_in,
    is_membership,
    name_after,
    needs,
    outermost_invariant,
    shown_as_list,
    stands_before,
    steady,
)
from perf_advise.rulekit.list_uses import is_short_display

RULE = Rule(
    code="PA501",
    name="list-membership-in-loop",
    message="`{item} in {items}` scans a list on each iteration: O(n) per test",
    cure="make a set of `{items}` before the loop",
    examples=(
        Example(
            before="""
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
""",
            after="""
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    ys_set = set(ys)
    for x in xs:
        if x in ys_set:
            found += 1
    return found
""",
            calls=("common([1, 2, 3], [3, 1])", "common([], [])", "common([1], [])"),
            generated={"xs": "list[int]", "ys": "list[int]"},
        ),
        Example(
            before="""
def fresh(words: list[str], known: list[str]) -> list[str]:
    return [word for word in words if word not in known]
""",
            after="""
def fresh(words: list[str], known: list[str]) -> list[str]:
    known_set = set(known)
    return [word for word in words if word not in known_set]
""",
            calls=("fresh(['a', 'b'], ['b'])", "fresh([], [])"),
            generated={"words": "list[str]", "known": "list[str]"},
        ),
    ),
    silent=(
        Silent(
            "def f(xs: list[int], ys: list[int]):\n    for x in xs:\n        if x not in ys:\n"
            "            ys.append(x)\n",
            why="the loop changes the list",
        ),
        Silent(
            "def f(xs: list[int], ys: set[int]) -> int:\n    return sum(x in ys for x in xs)\n", why="a set already"
        ),
        Silent(
            "def f(graph: dict[int, list[int]], todo: list[int]) -> list[int]:\n    seen: list[int] = []\n"
            "    for v in todo:\n        seen.append(v)\n        for u in graph[v]:\n            if u not in seen:\n"
            "                todo.append(u)\n    return seen\n",
            why="the list grows in the outer loop: a set of it would be made again in each turn",
        ),
        Silent(
            "def f(xs: list[list[int]], ys: list[list[int]]):\n    return [x for x in xs if x in ys]\n",
            why="lists are not hashable",
        ),
        Silent(
            "def f(xs: list[int], g) -> int:\n    x = g()\n    while x in xs:\n        x = g()\n    return x\n",
            why="a loop that tries again until something is new mostly ends at once",
        ),
        Silent(
            "def f(xs):\n    order = ['A', 'C', 'G', 'T']\n    return [x for x in xs if x in order]\n", why="four items"
        ),
        Silent("def f(x: int, ys: list[int]) -> bool:\n    return x in ys\n", why="tested once, not in a loop"),
        Silent(
            """
def each(xs: list[int], groups: list[list[int]]) -> list[list[int]]:
    return [[x for x in xs if x in group] for group in groups]
""",
            why="the list is bound by the comprehension around: no line before it could make the set",
        ),
        Silent(
            """
def drain(xs: list[int], ys: list[int]) -> None:
    while [x for x in xs if x in ys]:
        ys.pop()
""",
            why="the list shrinks between two tests of the `while`",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> list[list[int]]:\n    return [row for row in rows if 3 in row]\n",
            why="another list for each test",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]):\n    return (x for x in xs if x in ys)\n",
            why="the generator runs later: the list may have changed by then",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int], n: int) -> list[int]:\n"
            "    return [x for x in xs if x in ys] if n else []\n",
            why="the set would be made also where nothing is tested",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int] | None) -> int:\n    n = 0\n    for x in xs:\n"
            "        if ys is not None and x in ys:\n            n += 1\n    return n\n",
            why="before the loop there may be no list",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(0, 2 * n, 2)); ys = list(range(n))",
        before="for x in xs:\n    x in ys",
        after="ys_set = set(ys)\nfor x in xs:\n    x in ys_set",
        sizes=(10, 100, 1000, 3000),
        losing="xs = [0]; ys = list(range(n))",
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        if not is_membership(test):
            continue
        items = test.comparisons[0].comparator
        loops = view.turns(test)
        if not isinstance(items, cst.Name | cst.Attribute) or not loops or grows_in(view, items, loops):
            continue
        if not _tries_again(loops[0], test, view) and not is_short_display(view, items):
            yield _match(view, test, items, loops)


def _tries_again(loop: cst.CSTNode, test: cst.Comparison, view: View) -> bool:
    """Whether the test decides if a loop goes on: one that looks for something new mostly ends at once."""
    return isinstance(loop, cst.While) and view.inside(test, loop.test)


def change(match: Match, view: View) -> Rewrite:
    items = match.captures["items"]
    code = view.code(items)
    name = name_after(view, match.captures["items"], "set")
    anchor = view.statement(match.captures["loop"])
    return Rewrite(
        replacements=(Replacement.of(items, name),),
        insertions=(Insertion(anchor, f"{name} = set({code})"),),
    )


def _match(view: View, test: cst.Comparison, items: cst.BaseExpression, loops: tuple[cst.CSTNode, ...]) -> Match:
    loop = outermost_invariant(view, items, loops)
    return Match(
        test,
        captures={"item": test.left, "items": items, "loop": loop},
        needs=(
            Need(shown_as_list(view, items), f"`{view.code(items)}` is a list"),
            needs.items_hash_alike(view, items),
            needs.hashes_alike(view, test.left),
            steady(view, items, loop),
            stands_before(view, items, loop),
        ),
    )
