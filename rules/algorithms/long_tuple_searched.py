"""Membership test against a long display of constants.

## What it does
Finds `x in ("a", "b", ...)` or `x in [...]` with six or more constants, and writes a set display.

## Why it is slow
A tuple is compared item by item: O(n) per test. The compiler makes a frozenset of a set display of constants once,
which answers in O(1).

## When it is not the same
The tested value must be hashable and hash as it compares: the rule asks for a built-in immutable type. The constants
are all of one type, so that the order in which they are compared does not matter.

## When it is not faster
Where the value mostly is one of the first two constants.

## References
ruff PLR6201, which fires from one constant on; measured: 4x to 7x for a miss among eight to ten constants, 1.2x to 2.7x
for a hit in the middle of five, 0.65x to 0.9x for a hit on the first.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_membership,
    needs,
)

_LEAST = 6
HEAD = "def f(words: list[str]) -> list[str]:\n    return [word for word in words if word in "
LONG = "'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'"

RULE = Rule(
    code="PA532",
    name="long-tuple-searched",
    message="`{item}` is compared with {count} constants one by one",
    cure="write the constants as a set",
    examples=(
        Example(
            before=f"{HEAD}({LONG})]\n",
            after=f"{HEAD}{{{LONG}}}]\n",
            calls=("f(['mon', 'x'])",),
            generated={"words": "list[str]"},
        ),
        Example(
            before="def f(n: int) -> bool:\n    return n not in [2, 3, 5, 7, 11, 13]\n",
            after="def f(n: int) -> bool:\n    return n not in {2, 3, 5, 7, 11, 13}\n",
            generated={"n": "int"},
        ),
    ),
    silent=(
        Silent(f"{HEAD}('mon', 'tue', 'wed')]\n", why="a few constants are compared as fast"),
        Silent(f"{HEAD}{{{LONG}}}]\n", why="a set already"),
        Silent(f"def f(x) -> bool:\n    return x in ({LONG})\n", why="x may not be hashable"),
        Silent(
            "def f(n: int, a: int) -> bool:\n    return n in (a, 1, 2, 3, 4, 5, 6)\n",
            why="a set with a variable is made by each test",
        ),
        Silent("def f(c: str) -> bool:\n    return c in 'abcdefgh'\n", why="a text"),
    ),
    bench=Bench(
        setup="xs = [str(i % 12) for i in range(n)]",
        before="for x in xs:\n    x in ('1', '2', '3', '4', '5', '6', '7', '8')",
        after="for x in xs:\n    x in {'1', '2', '3', '4', '5', '6', '7', '8'}",
        sizes=(10, 1000, 10_000),
        losing="xs = ['1'] * n",
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        if not is_membership(test):
            continue
        items = test.comparisons[0].comparator
        constants = [e.value for e in items.elements] if isinstance(items, cst.Tuple | cst.List) else []
        kinds = {type(constant) for constant in constants}
        if len(constants) >= _LEAST and len(kinds) == 1 and kinds <= {cst.SimpleString, cst.Integer}:
            yield Match(
                test,
                captures={"item": view.code(test.left), "items": items, "count": len(constants)},
                needs=(needs.is_type(view, test.left, "int", "str", "bool", "bytes", "float", "NoneType"),),
            )


def change(match: Match, view: View) -> Rewrite:
    items = match.captures["items"]
    inner = view.code(items)[1:-1].rstrip().removesuffix(",")
    return Rewrite((Replacement.of(items, f"{{{inner}}}"),))
