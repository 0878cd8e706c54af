"""Position looked up with `list.index` inside a loop.

## What it does
Finds `xs.index(x)` in a loop or comprehension that does not change the list, and looks the position up in a dict of
first positions that is made once before the loop.

## Why it is slow
`index` compares item by item from the start: O(n) per call, O(n * m) for the loop. A dict answers in O(1).

## When it is not the same
A value that is not in the list raises KeyError, not ValueError: the rule is silent inside of a `try` that could tell
them apart and names the difference for the callers. Of equal items the first position counts, as with `index`. Items
and value must be of built-in immutable types, which hash as they compare.

## When it is not faster
Making the dict costs about as much as a few calls of `index`: a loop of two or three turns, a list of fewer than about
ten items, or values that all stand at the front gain nothing.

## References
Python wiki, TimeComplexity; Python documentation, `list.index`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Insertion,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    match_pattern,
    name_after,
    needs,
    outermost_invariant,
    stands_before,
    steady,
)

RULE = Rule(
    code="PA502",
    name="list-index-in-loop",
    message="`{items}.index({item})` scans the list on each iteration: O(n) per call",
    cure="make a dict of the positions in `{items}` before the loop",
    applicability=UNSAFE,
    differences=("a value that is not in the list raises KeyError instead of ValueError",),
    examples=(
        Example(
            before="""
def edges(nodes: list[str], pairs: list[tuple[str, str]]) -> list[tuple[int, int]]:
    out = []
    for one, other in pairs:
        out.append((nodes.index(one), nodes.index(other)))
    return out
""",
            after="""
def edges(nodes: list[str], pairs: list[tuple[str, str]]) -> list[tuple[int, int]]:
    out = []
    nodes_index = {item: i for i, item in reversed(list(enumerate(nodes)))}
    for one, other in pairs:
        out.append((nodes_index[one], nodes_index[other]))
    return out
""",
            calls=("edges(['a', 'b', 'a'], [('a', 'b'), ('b', 'a')])", "edges([], [])"),
            applicability=UNSAFE,
        ),
        Example(
            before="""
def first_positions(xs: list[float]) -> list[int]:
    return [xs.index(x) for x in xs]
""",
            after="""
def first_positions(xs: list[float]) -> list[int]:
    xs_index = {item: i for i, item in reversed(list(enumerate(xs)))}
    return [xs_index[x] for x in xs]
""",
            calls=("first_positions([2.0, 1.0, 2.0])", "first_positions([0.0, -0.0])"),
            generated={"xs": "list[float]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            """
def ids(words: list[str]) -> list[int]:
    known: list[str] = []
    out = []
    for word in words:
        if word not in known:
            known.append(word)
        out.append(known.index(word))
    return out
""",
            why="the loop changes the list",
        ),
        Silent(
            """
def found(xs: list[int], ys: list[int]) -> list[int]:
    out = []
    for y in ys:
        try:
            out.append(xs.index(y))
        except ValueError:
            out.append(-1)
    return out
""",
            why="the handler waits for ValueError",
        ),
        Silent("def f(s: str, cs: list[str]) -> list[int]:\n    return [s.index(c) for c in cs]\n", why="a str"),
        Silent("def f(xs: list[int], y: int) -> int:\n    return xs.index(y)\n", why="once, not in a loop"),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> list[int]:\n    return [xs.index(y, 2) for y in ys]\n",
            why="the search starts further on",
        ),
        Silent(
            "def f(xs: list[list[int]], ys: list[list[int]]) -> list[int]:\n    return [xs.index(y) for y in ys]\n",
            why="lists are not hashable",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); ys = xs[::-1]",
        before="for y in ys:\n    xs.index(y)",
        after="xs_index = {item: i for i, item in reversed(list(enumerate(xs)))}\nfor y in ys:\n    xs_index[y]",
        sizes=(10, 100, 1000),
        losing="xs = list(range(30)); ys = [0]",
    ),
)


def see(view: View) -> Iterator[Match]:
    grouped: dict[tuple[str, cst.CSTNode], list[Match]] = {}
    for call in view.walk(cst.Call):
        bound = match_pattern("$items.index($item)", call, view.facts)
        loops = view.turns(call)
        if bound and loops and isinstance(bound["items"], cst.Name | cst.Attribute):
            match = _match(view, call, bound, outermost_invariant(view, bound["items"], loops))
            grouped.setdefault((view.code(bound["items"]), match.captures["loop"]), []).append(match)
    for matches in grouped.values():
        yield _joined(matches)


def change(match: Match, view: View) -> Rewrite:
    code = view.code(match.captures["items"])
    name = name_after(view, match.captures["items"], "index")
    made = f"{name} = {{item: i for i, item in reversed(list(enumerate({code})))}}"
    looked_up = tuple(Replacement.of(c, f"{name}[{view.code(c.args[0].value)}]") for c in match.captures["calls"])
    return Rewrite(looked_up, (Insertion(view.statement(match.captures["loop"]), made),))


def _match(view: View, call: cst.Call, bound: dict[str, cst.BaseExpression], loop: cst.CSTNode) -> Match:
    items, item = bound["items"], bound["item"]
    caught = any(isinstance(holder, cst.Try) for holder in view.ancestors(call))
    return Match(
        call,
        captures={"item": item, "items": items, "loop": loop, "calls": [call]},
        needs=(
            needs.is_type(view, items, "list"),
            needs.items_hash_alike(view, items),
            needs.hashes_alike(view, item),
            steady(view, items, loop),
            stands_before(view, items, loop),
            needs.holds(not caught, "no handler waits for ValueError", "it stands in a `try`"),
        ),
    )


def _joined(matches: list[Match]) -> Match:
    """One match for all calls on one list in one loop: they share the dict."""
    first = matches[0]
    calls = [call for match in matches for call in match.captures["calls"]]
    stated = tuple(need for match in matches for need in match.needs)
    return Match(first.node, captures={**first.captures, "calls": calls}, needs=stated)
