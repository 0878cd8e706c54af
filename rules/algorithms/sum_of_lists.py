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

from perf_advise.rulekit import Bench, Example, Rule, Silent

RULE = Rule(
    code="PA506",
    name="sum-of-lists",
    message="`sum({lists}, [])` copies the joined list for every list added: quadratic",
    cure="chain the lists",
    pattern="sum($lists, [])",
    template="list(itertools.chain.from_iterable($lists))",
    where={"lists": "list|tuple, items list"},
    imports=("itertools.chain",),
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
    ),
    silent=(
        Silent("def f(rows):\n    return sum(rows, [])\n", why="the items may be tuples, and then it raises"),
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
