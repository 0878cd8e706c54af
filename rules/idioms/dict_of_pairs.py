"""A dict made of pairs that are made to be taken apart.

## What it does
Finds `dict((k, v) for ...)` and `dict([(k, v) for ...])`, and writes the comprehension `{k: v for ...}`.

## Why it is slow
A tuple is made for each item, a list of all of them besides, and `dict` unpacks them; the comprehension stores key
and value at once.

## When it is not the same
It is the same for a generator. Of a list, all pairs are made before the first key is stored: where one key is not
hashable and a later pair raises, another of the two errors comes first.

## When it is not faster
Always faster from a few items on.

## References
ruff C402, C404.
"""

from collections.abc import Iterator

from perf_advise.rulekit import SAFE, UNSAFE, Bench, Example, Match, Replacement, Rewrite, Rule, Silent, View, cst

ORDER = ("which of two errors is raised first",)

RULE = Rule(
    code="PA910",
    name="dict-of-pairs",
    message="a tuple is made of each item only to be taken apart by `dict`",
    cure="write a dict comprehension",
    examples=(
        Example(
            before="""
def sizes(words: list[str]) -> dict[str, int]:
    return dict((word, len(word)) for word in words if word)
""",
            after="""
def sizes(words: list[str]) -> dict[str, int]:
    return {word: len(word) for word in words if word}
""",
            generated={"words": "list[str]"},
        ),
        Example(
            before="""
def table(rows: list[list[int]]) -> dict[int, int]:
    return dict([(x, x % 3) for row in rows for x in row])
""",
            after="""
def table(rows: list[list[int]]) -> dict[int, int]:
    return {x: x % 3 for row in rows for x in row}
""",
            generated={"rows": "list[list[int]]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs):\n    return dict(zip(xs, xs))\n", why="`zip` reuses its tuple: in C all along"),
        Silent("def f(xs):\n    return dict(pair for pair in xs)\n", why="the pairs are there already"),
        Silent("def f(xs):\n    return dict(((x, 1) for x in xs), y=2)\n", why="with a keyword besides"),
        Silent(
            "def f(xs):\n    d = {}\n    for x in xs:\n        d[x] = x\n    return d\n",
            why="a comprehension gains nothing",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="dict((x, x) for x in xs)",
        after="{x: x for x in xs}",
        sizes=(3, 100, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if len(call.args) != 1 or view.facts.qualified_name(call.func) != "builtins.dict":
            continue
        pairs = call.args[0].value
        if call.args[0].star or call.args[0].keyword or not isinstance(pairs, cst.GeneratorExp | cst.ListComp):
            continue
        pair = pairs.elt
        if isinstance(pair, cst.Tuple) and len(pair.elements) == 2 and _is_plain(pair):
            at_once = isinstance(pairs, cst.ListComp)
            captures = {"pairs": pairs, "pair": pair}
            yield Match(call, captures, (), ORDER if at_once else (), UNSAFE if at_once else SAFE)


def change(match: Match, view: View) -> Rewrite:
    key, value = (view.code(element.value) for element in match.captures["pair"].elements)
    clauses = view.code(match.captures["pairs"].for_in).strip()
    return Rewrite((Replacement.of(match.node, f"{{{key}: {value} {clauses}}}"),))


def _is_plain(pair: cst.Tuple) -> bool:
    """Whether neither part is starred or would read otherwise beside a colon."""
    return all(
        isinstance(e, cst.Element) and not isinstance(e.value, cst.NamedExpr | cst.Lambda) for e in pair.elements
    )
