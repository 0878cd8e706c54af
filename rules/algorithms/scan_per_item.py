"""A list searched through for each item of another.

## What it does
Finds two nested loops where the inner one goes over the same items each time and only acts on those whose key equals
one of the outer item, and says which index would replace the search. It writes no code.

## Why it is slow
Every item of one list is compared with every item of the other: O(n * m). With a dict from key to items it is O(n + m).

## When it is not the same
Keys must be hashable and hash as they compare. Several items can have one key: the dict has to hold lists of them, in
their order, unless keys are unique or the first is wanted. That is why the repair is left to the reader.

## When it is not faster
Lists of fewer than about ten items, or a search that mostly ends at the front.

## References
462 performance fixes read: 52 were of membership and look-up, in 28 projects; measured: 740x for a join of lists.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, calls_in, cst, needs, steady_in

JOIN = """
def total(orders: list[tuple[int, int]], prices: list[tuple[int, int]]) -> int:
    out = 0
    for item, number in orders:
        for name, price in prices:
            if name == item:
                out += number * price
    return out
"""
SEARCH = """
def places(xs: list[int], ys: list[int]) -> list[int]:
    out = []
    for x in xs:
        for i, y in enumerate(ys):
            if x * x == y:
                out.append(i)
                break
    return out
"""
CHOSEN = """
def by_id(traces, ids):
    out = {}
    for wanted in ids:
        out[wanted] = [trace for trace in traces if trace.id == wanted]
    return out
"""

RULE = Rule(
    code="PA512",
    name="scan-per-item",
    message="each iteration of the outer loop searches all of `{items}` for `{key} == {wanted}`: O(n * m)",
    applicability=DISPLAY,
    examples=(
        Example(before=JOIN, after=JOIN, calls=("total([(1, 2)], [(1, 3), (1, 4)])",), applicability=DISPLAY),
        Example(before=CHOSEN, after=CHOSEN, applicability=DISPLAY),
        Example(before=SEARCH, after=SEARCH, calls=("places([2], [1, 4])",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def f(rows: list[list[int]], k: int) -> int:\n    n = 0\n    for row in rows:\n        for x in row:\n"
            "            if x == k:\n                n += 1\n    return n\n",
            why="other items each time",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> int:\n    n = 0\n    for x in xs:\n        for y in ys:\n"
            "            if x < y:\n                n += 1\n    return n\n",
            why="no equality: a dict does not help",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> int:\n    n = 0\n    for x in xs:\n        for y in ys:\n"
            "            if x + y == 10 * y:\n                n += 1\n    return n\n",
            why="both items stand on one side: no key of one alone",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> None:\n    for x in xs:\n        for y in ys:\n"
            "            if x == y:\n                ys.append(x + 1)\n                break\n",
            why="the loop changes the list",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    n = 0\n    for x in xs:\n        for i in range(3):\n"
            "            if x == i:\n                n += 1\n    return n\n",
            why="numbers of a range need no index",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for inner in view.walk(cst.For, cst.ListComp, cst.SetComp, cst.GeneratorExp):
        outer = next((loop for loop in view.turns(inner)), None)
        test = _equality(inner) if isinstance(inner, cst.For) else _chosen_by(inner)
        scan = inner if isinstance(inner, cst.For) else getattr(inner, "for_in", None)
        if not isinstance(outer, cst.For) or test is None or not isinstance(scan, cst.For | cst.CompFor):
            continue
        sides = _sides(test, _names(outer.target), _names(scan.target))
        if sides is not None and not _is_short(view, scan.iter, sides[1]):
            yield _match(view, inner, (outer, scan), *sides)


def _match(
    view: View,
    node: cst.CSTNode,
    loops: tuple[cst.For, cst.For | cst.CompFor],
    wanted: cst.BaseExpression,
    key: cst.BaseExpression,
) -> Match:
    outer, inner = loops
    others = _names(key) - _names(inner.target)
    changing = others & view.facts.effects(outer).binds
    return Match(
        node,
        captures={"items": inner.iter, "wanted": wanted, "key": key},
        needs=(
            steady_in(view, inner.iter, outer),
            *(needs.is_pure(view, side) for side in (wanted, key) if any(calls_in(side))),
            needs.holds(not changing, "the key depends on the inner item only", "the loop binds what the key reads"),
        ),
        note="before the outer loop, make a dict from `{key}` to the items of `{items}`; look `{wanted}` up in it",
        fixable=False,
    )


def _chosen_by(scan: cst.CSTNode) -> cst.Comparison | None:
    """The `a == b` that a comprehension over one iterable chooses its items by."""
    part = getattr(scan, "for_in", None)
    if not isinstance(part, cst.CompFor) or part.inner_for_in is not None or len(part.ifs) != 1:
        return None
    test = part.ifs[0].test
    alone = isinstance(test, cst.Comparison) and len(test.comparisons) == 1
    return (
        test
        if isinstance(test, cst.Comparison) and alone and isinstance(test.comparisons[0].operator, cst.Equal)
        else None
    )


def _equality(inner: cst.For) -> cst.Comparison | None:
    """The `a == b` that the whole body of the loop stands under."""
    body = inner.body.body
    only = body[0] if len(body) == 1 else None
    if not isinstance(only, cst.If) or only.orelse is not None or inner.orelse is not None:
        return None
    test = only.test
    while isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        test = test.left
    if not isinstance(test, cst.Comparison) or len(test.comparisons) > 1:
        return None
    return test if isinstance(test.comparisons[0].operator, cst.Equal) else None


def _sides(
    test: cst.Comparison, outer: set[str], inner: set[str]
) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The side of the outer item, then that of the inner one; None where they are mixed."""
    left, right = test.left, test.comparisons[0].comparator
    for wanted, key in ((left, right), (right, left)):
        mine, theirs = _names(wanted), _names(key)
        if mine & outer and not mine & inner and theirs & inner and not theirs & outer:
            return wanted, key
    return None


def _is_short(view: View, items: cst.BaseExpression, key: cst.BaseExpression) -> bool:
    """Whether the items are few and written out, or the numbers of a range, which need no index."""
    if isinstance(items, cst.Call) and view.facts.qualified_name(items.func) == "builtins.range":
        return isinstance(key, cst.Name)
    return isinstance(items, cst.List | cst.Tuple | cst.Set)


def _names(node: cst.CSTNode) -> set[str]:
    if isinstance(node, cst.Attribute):
        return _names(node.value)
    found = {node.value} if isinstance(node, cst.Name) else set()
    return found.union(*(_names(child) for child in node.children))
