"""Membership in a dict tested through its keys.

## What it does
Finds `key in d.keys()` in a loop where `d` is a dict, and tests `key in d`.

## Why it is slow
`keys` makes a view object for each test; the dict itself answers the same question.

## When it is not the same
It is the same for dicts. Other objects may have `keys` that differ from what `in` asks: the rule wants a dict.

## When it is not faster
Always faster, by some 30 nanoseconds per test.

## References
ruff SIM118.
"""

from collections.abc import Iterator

from perf_advise.rulekit import Bench, Example, Match, Replacement, Rewrite, Rule, Silent, View, cst, frames, needs

DICTS = ("dict", "collections.defaultdict", "collections.OrderedDict", "collections.Counter")

RULE = Rule(
    code="PA909",
    name="membership-in-keys",
    message="`{table}.keys()` makes a view for each test",
    cure="test the dict itself",
    examples=(
        Example(
            before="""
def known(words: list[str], table: dict[str, int]) -> list[str]:
    return [word for word in words if word not in table.keys()]
""",
            after="""
def known(words: list[str], table: dict[str, int]) -> list[str]:
    return [word for word in words if word not in table]
""",
            generated={"words": "list[str]", "table": "dict[str, int]"},
        ),
        Example(
            before="""
def count(words: list[str]) -> dict[str, int]:
    found = {}
    for word in words:
        if word in found.keys():
            found[word] += 1
        else:
            found[word] = 1
    return found
""",
            after="""
def count(words: list[str]) -> dict[str, int]:
    found = {}
    for word in words:
        if word in found:
            found[word] += 1
        else:
            found[word] = 1
    return found
""",
            generated={"words": "list[str]"},
        ),
    ),
    silent=(
        Silent("def f(xs, table):\n    return [x for x in xs if x in table.keys()]\n", why="`table` may be anything"),
        Silent("def f(x: int, table: dict[int, int]):\n    return x in table.keys()\n", why="tested once"),
        Silent(
            "def f(xs: list[int], table: dict[int, int]):\n    return [x for x in xs if x in table.values()]\n",
            why="values, not keys",
        ),
        Silent(
            "def f(table: dict[int, int]):\n    for key in table.keys():\n        print(key)\n",
            why="iterating: made once, and it reads as well",
        ),
    ),
    bench=Bench(
        setup="table = dict.fromkeys(range(n))",
        before="for k in range(n):\n    k in table.keys()",
        after="for k in range(n):\n    k in table",
        sizes=(10, 1000, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        part = test.comparisons[0]
        called = frames.method_call(part.comparator, "keys")
        inside = len(test.comparisons) == 1 and isinstance(part.operator, cst.In | cst.NotIn)
        if called is not None and inside and not called.call.args and view.turns(test):
            known = needs.is_type(view, called.receiver, *DICTS)
            yield Match(part.comparator, {"table": called.receiver}, needs=(known,))


def change(match: Match, view: View) -> Rewrite:
    return Rewrite((Replacement.of(match.node, view.code(match.captures["table"])),))
