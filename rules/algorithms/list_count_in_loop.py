"""Items counted with `list.count` inside a loop.

## What it does
Finds `xs.count(x)` in a loop or comprehension that does not change the list, and reads the number from a
`collections.Counter` that is made once before the loop.

## Why it is slow
`count` compares with every item: O(n) per call, O(n * m) for the loop. A Counter goes over the list once.

## When it is not the same
A Counter answers 0 for what it does not hold, as `count` does. Items and value must be of built-in immutable types,
which hash as they compare; NaN is found by identity in both. `str.count` and `bytes.count` look for parts, not items.

## When it is not faster
Making the Counter costs about as much as three calls of `count`: a loop of two turns gains nothing.

## References
Python documentation, `collections.Counter`; measured: 200x at 3000 items.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
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
    code="PA503",
    name="list-count-in-loop",
    message="`{items}.count({item})` goes over the whole list on each iteration: O(n) per call",
    cure="count all of `{items}` once before the loop",
    imports=("collections.Counter",),
    examples=(
        Example(
            before="""
def repeated(words: list[str]) -> list[str]:
    return [word for word in words if words.count(word) > 1]
""",
            after="""from collections import Counter

def repeated(words: list[str]) -> list[str]:
    words_count = Counter(words)
    return [word for word in words if words_count[word] > 1]
""",
            calls=("repeated(['a', 'b', 'a'])", "repeated([])"),
            generated={"words": "list[str]"},
        ),
        Example(
            before="""
def mode(votes: list[int]) -> int:
    best, most = 0, 0
    for vote in set(votes):
        if votes.count(vote) > most:
            best, most = vote, votes.count(vote)
    return best
""",
            after="""from collections import Counter

def mode(votes: list[int]) -> int:
    best, most = 0, 0
    votes_count = Counter(votes)
    for vote in set(votes):
        if votes_count[vote] > most:
            best, most = vote, votes_count[vote]
    return best
""",
            calls=("mode([3, 1, 3])", "mode([])"),
            generated={"votes": "list[int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(text: str, parts: list[str]) -> int:\n    return sum(text.count(p) for p in parts)\n",
            why="a str counts substrings",
        ),
        Silent(
            """
def f(xs: list[int]) -> int:
    n = 0
    for x in range(9):
        n += xs.count(x)
        xs.append(n)
    return n
""",
            why="the loop changes the list",
        ),
        Silent("def f(xs: list[int], y: int) -> int:\n    return xs.count(y)\n", why="once, not in a loop"),
        Silent(
            "def f(rows: list[list[int]], y: int) -> list[int]:\n    return [row.count(y) for row in rows]\n",
            why="another list in each iteration",
        ),
        Silent(
            "def f(xs: list[list[int]], ys: list[list[int]]) -> list[int]:\n    return [xs.count(y) for y in ys]\n",
            why="lists are not hashable",
        ),
    ),
    bench=Bench(
        setup="from collections import Counter\nxs = [i % 7 for i in range(n)]",
        before="for x in xs:\n    xs.count(x)",
        after="xs_count = Counter(xs)\nfor x in xs:\n    xs_count[x]",
        sizes=(10, 100, 1000),
        losing="n = 1; xs = [1]",
    ),
)


def see(view: View) -> Iterator[Match]:
    grouped: dict[tuple[str, cst.CSTNode], list[Match]] = {}
    for call in view.walk(cst.Call):
        bound = match_pattern("$items.count($item)", call, view.facts)
        loops = view.turns(call)
        if bound and loops and isinstance(bound["items"], cst.Name | cst.Attribute):
            match = _match(view, call, bound, outermost_invariant(view, bound["items"], loops))
            grouped.setdefault((view.code(bound["items"]), match.captures["loop"]), []).append(match)
    for matches in grouped.values():
        yield _joined(matches)


def change(match: Match, view: View) -> Rewrite:
    code = view.code(match.captures["items"])
    name = name_after(view, match.captures["items"], "count")
    made = f"{name} = {view.name_of('collections.Counter')}({code})"
    read = tuple(Replacement.of(c, f"{name}[{view.code(c.args[0].value)}]") for c in match.captures["calls"])
    return Rewrite(read, (Insertion(view.statement(match.captures["loop"]), made),), imports=RULE.imports)


def _match(view: View, call: cst.Call, bound: dict[str, cst.BaseExpression], loop: cst.CSTNode) -> Match:
    items, item = bound["items"], bound["item"]
    return Match(
        call,
        captures={"item": item, "items": items, "loop": loop, "calls": [call]},
        needs=(
            needs.is_type(view, items, "list"),
            needs.items_hash_alike(view, items),
            needs.hashes_alike(view, item),
            steady(view, items, loop),
            stands_before(view, items, loop),
        ),
    )


def _joined(matches: list[Match]) -> Match:
    """One match for all calls on one list in one loop: they share the Counter."""
    first = matches[0]
    calls = [call for match in matches for call in match.captures["calls"]]
    stated = tuple(need for match in matches for need in match.needs)
    return Match(first.node, captures={**first.captures, "calls": calls}, needs=stated)
