"""Bits of an int counted through its binary string.

## What it does
Finds `bin(x).count("1")` on an int and calls `int.bit_count`.

## Why it is slow
`bin` allocates a string of one character per bit, and `count` scans it; `bit_count` is one pass in C.

## When it is not the same
It is the same for every int, negative ones and bools included: the sign and the `0b` hold no `1`. Other types
may define `__index__` without having `bit_count`, so the rule asks for an int.

## When it is not faster
Always faster (Python 3.10 and later have `int.bit_count`).

## References
Python documentation, `int.bit_count`; ruff FURB161.
"""

from perf_advise.rulekit import Bench, Example, Rule, Silent

RULE = Rule(
    code="PA701",
    name="popcount-by-string",
    message="`bin({x})` makes a string only to count its ones",
    cure="call `int.bit_count`",
    pattern='bin($x).count("1")',
    template="$x.bit_count()",
    where={"x": "int|bool"},
    examples=(
        Example(
            before="""
def weights(codes: list[int]) -> list[int]:
    return [bin(code).count("1") for code in codes]
""",
            after="""
def weights(codes: list[int]) -> list[int]:
    return [code.bit_count() for code in codes]
""",
            calls=("weights([0, 1, 255, -7, 2**70])",),
            generated={"codes": "list[int]"},
        ),
        Example(
            before="""
def distance(a: int, b: int) -> int:
    return bin(a ^ b).count('1')
""",
            after="""
def distance(a: int, b: int) -> int:
    return (a ^ b).bit_count()
""",
            calls=("distance(5, 3)",),
            generated={"a": "int", "b": "int"},
        ),
    ),
    silent=(
        Silent("def f(x: int) -> int:\n    return bin(x).count('0')\n", why="the prefix 0b holds a zero"),
        Silent("def f(x):\n    return bin(x).count('1')\n", why="x may be any type with `__index__`"),
        Silent(
            "def bin(x):\n    return str(x)\n\n\ndef f(x: int) -> int:\n    return bin(x).count('1')\n",
            why="this `bin` is not the builtin",
        ),
    ),
    bench=Bench(
        setup="codes = list(range(n, 2 * n))",
        before='[bin(code).count("1") for code in codes]',
        after="[code.bit_count() for code in codes]",
        sizes=(10, 1000, 100_000),
    ),
)
