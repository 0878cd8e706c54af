"""Lists joined by `sum(lists, [])`.

## What it does
Finds `sum(lists, [])` over lists and joins them with `itertools.chain.from_iterable`.

## Why it is slow
Each addition copies everything joined so far: O(n * m) for n items in m lists. `chain` copies each item once.

## When it is not the same
It is the same for lists: a new list with the same items in the same order. The items joined must be lists
(`[] + (1,)` raises, `chain` does not), so the rule asks for a list or tuple of lists.

## When it is not faster
With one or two lists both cost about the same.

## References
Python documentation, `sum`: "to concatenate a series of iterables, consider using itertools.chain()"; ruff RUF017.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    as_argument,
    cst,
    match_pattern,
    needs,
)

UNKNOWN = "def flatten(rows):\n    return sum((row for row in rows), [])\n"

RULE = Rule(
    code="PA506",
    name="sum-of-lists",
    message="`{sum}` copies what is joined so far for each part added: quadratic",
    cure="chain the lists",
    examples=(
        Example(
            before="""
def flatten(rows: list[list[int]]) -> list[int]:
    return sum(rows, [])
""",
            after="""from itertools import chain

def flatten(rows: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(rows))
""",
            calls=("flatten([[1], [], [2, 3]])", "flatten([])"),
            generated={"rows": "list[list[int]]"},
        ),
        Example(
            before="""
import itertools


def parts(text: str) -> list[str]:
    return sum([line.split() for line in text.splitlines()], [])
""",
            after="""
import itertools


def parts(text: str) -> list[str]:
    return list(itertools.chain.from_iterable([line.split() for line in text.splitlines()]))
""",
            calls=("parts('a b\\nc')", "parts('')"),
            generated={"text": "str"},
        ),
        Example(
            before="def flatten(rows: list[tuple[int, ...]]) -> tuple[int, ...]:\n    return sum(rows, ())\n",
            after="from itertools import chain\n\n\ndef flatten(rows: list[tuple[int, ...]]) -> tuple[int, ...]:\n"
            "    return tuple(chain.from_iterable(rows))\n",
            calls=("flatten([(1,), (), (2, 3)])", "flatten([])"),
            generated={"rows": "list[tuple[int, ...]]"},
        ),
        Example(before=UNKNOWN, after=UNKNOWN, calls=("flatten([[1], [2]])",), applicability=DISPLAY),
    ),
    silent=(
        Silent("def f(rows):\n    return sum(rows, [0])\n", why="starts from a list that is not empty"),
        Silent("def f(rows: list[int]) -> int:\n    return sum(rows, 0)\n", why="a sum of numbers"),
        Silent(
            "def f(rows: list[list[int]]) -> list[int]:\n    return sum(rows, [0])\n",
            why="starts from a list that is not empty",
        ),
    ),
    bench=Bench(
        setup="import itertools\nlists = [[1, 2, 3]] * n",
        before="sum(lists, [])",
        after="list(itertools.chain.from_iterable(lists))",
        sizes=(2, 100, 1000),
        losing="lists = [[1, 2, 3]]",
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        for kind, pattern in (("list", "sum($lists, [])"), ("tuple", "sum($lists, ())")):
            bound = match_pattern(pattern, call, view.facts)
            if bound is not None:
                yield _match(view, call, kind, bound["lists"])


def change(match: Match, view: View) -> Rewrite:
    chain, lists = view.name_of("itertools.chain"), as_argument(view.code(match.captures["lists"]))
    code = f"{match.captures['kind']}({chain}.from_iterable({lists}))"
    return Rewrite((Replacement.of(match.node, code),), imports=("itertools.chain",))


def _match(view: View, call: cst.Call, kind: str, lists: cst.BaseExpression) -> Match:
    """Starting from an empty list, a sum joins lists, or raises; what comes out of it is only known by the items."""
    items = needs.has_elements(view, lists, kind)
    captures = {"sum": call, "lists": lists, "kind": kind}
    to_write = (Need(items.answer, items.claim, NeedKind.REPAIR),)
    return Match(call, captures, to_write, note=f"chain them: `{kind}(itertools.chain.from_iterable(...))`")
