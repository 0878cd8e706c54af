"""`min` or `max` of two numbers in a loop.

## What it does
Finds `min(a, b)` and `max(a, b)` of two names or constants that are numbers, in a loop or comprehension, and writes
the comparison: `b if b < a else a`.

## Why it is slow
The call builds arguments and compares through the general protocol: some 60 nanoseconds, where a comparison costs 15.

## When it is not the same
It is the same, NaN and equal values included: of two values that are not less than each other both keep the first.

## When it is not faster
Always a little faster on CPython 3.11 to 3.13; it only matters in very hot lines.

## References
The opposite advice (ruff FURB136) makes hot loops slower: see the measured table.
"""

from collections.abc import Iterator

from perf_advise.rulekit import Bench, Example, Match, Replacement, Rewrite, Rule, Silent, View, cst, fit_in, needs

NUMBERS = ("int", "float", "bool")
SIGNS = {"builtins.min": "<", "builtins.max": ">"}

RULE = Rule(
    code="PA904",
    name="extreme-of-two-by-call",
    message="`{call}` is a call for one comparison, in each iteration",
    cure="write the comparison",
    examples=(
        Example(
            before="""
def clipped(xs: list[float], top: float) -> float:
    total = 0.0
    for x in xs:
        total += min(x, top) + 1
    return total
""",
            after="""
def clipped(xs: list[float], top: float) -> float:
    total = 0.0
    for x in xs:
        total += (top if top < x else x) + 1
    return total
""",
            generated={"xs": "list[float]", "top": "float"},
        ),
        Example(
            before="""
def rising(xs: list[int]) -> list[int]:
    best = 0
    out = []
    for x in xs:
        best = max(best, x)
        out.append(best)
    return out
""",
            after="""
def rising(xs: list[int]) -> list[int]:
    best = 0
    out = []
    for x in xs:
        best = x if x > best else best
        out.append(best)
    return out
""",
            generated={"xs": "list[int]"},
        ),
    ),
    silent=(
        Silent("def f(a: int, b: int) -> int:\n    return min(a, b)\n", why="not in a loop: nothing to gain"),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    return [min(x, abs(x + 1)) for x in xs]\n",
            why="a call would be made twice",
        ),
        Silent("def f(xs, top):\n    return [min(x, top) for x in xs]\n", why="arrays have no single truth"),
        Silent("def f(xs: list[int]) -> list[int]:\n    return [min(x, 1, 2) for x in xs]\n", why="of three"),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    return [x if x < 3 else 3 for x in xs]\n",
            why="written out: never the way back",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); top = n // 2",
        before="for x in xs:\n    min(x, top)",
        after="for x in xs:\n    top if top < x else x",
        sizes=(10, 1000, 100_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        plain = len(call.args) == 2 and not any(arg.keyword or arg.star for arg in call.args)
        sign = SIGNS.get(view.facts.qualified_name(call.func) or "") if plain and view.turns(call) else None
        both = [arg.value for arg in call.args]
        if sign is not None and all(isinstance(part, cst.Name | cst.Integer | cst.Float) for part in both):
            known = tuple(needs.is_type(view, part, *NUMBERS) for part in both)
            yield Match(call, {"call": call, "sign": sign, "both": both}, needs=known)


def change(match: Match, view: View) -> Rewrite:
    first, second = (view.code(part) for part in match.captures["both"])
    code = f"{second} if {second} {match.captures['sign']} {first} else {first}"
    return Rewrite((Replacement.of(match.node, fit_in(view, match.node, code)),))
