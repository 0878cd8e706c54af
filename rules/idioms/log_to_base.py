"""A logarithm to base 2, 10 or e computed as a quotient of two.

## What it does
Finds `math.log(x, 2)`, `math.log(x, 10)` and `math.log(x, math.e)`, and calls `math.log2`, `math.log10`, `math.log`.

## Why it is slow
With a base, two logarithms are taken and divided, through a slower way of passing arguments: 2 to 5 times the cost.

## When it is not the same
The result is the nearest float, where the quotient may be off by one in the last digit (`math.log(8, 2)` is right,
`math.log(2**29, 2)` gives 29.000000000000004); `math.log(x, math.e)` is off where `math.e` is not quite e.

## When it is not faster
Always faster.

## References
ruff FURB163; Python documentation, `math.log2`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    as_argument,
    cst,
    match_pattern,
)

_BASES = {"math.log($x, 2)": "log2", "math.log($x, 2.0)": "log2", "math.log($x, 10)": "log10",
          "math.log($x, 10.0)": "log10", "math.log($x, math.e)": "log"}  # fmt: skip

RULE = Rule(
    code="PA915",
    name="log-to-base",
    message="`{call}` takes two logarithms and divides: `math.{way}` takes one",
    cure="call `math.{way}`",
    applicability=UNSAFE,
    differences=("the last digit can differ: the new one is right",),
    examples=(
        Example(
            before="import math\n\n\ndef f(xs: list[float]) -> list[float]:\n    return [math.log(x, 2) for x in xs]\n",
            after="import math\n\n\ndef f(xs: list[float]) -> list[float]:\n    return [math.log2(x) for x in xs]\n",
            calls=("f([1.0, 2.0, 0.5])",),
            applicability=UNSAFE,
        ),
        Example(
            before="import math\n\n\ndef f(x: float) -> float:\n    return math.log(x, 10) + math.log(x + 1, math.e)\n",
            after="import math\n\n\ndef f(x: float) -> float:\n    return math.log10(x) + math.log(x + 1)\n",
            calls=("f(1.0)",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("import math\n\n\ndef f(x):\n    return math.log(x)\n", why="no base"),
        Silent("import math\n\n\ndef f(x):\n    return math.log(x, 3)\n", why="no function has that base"),
        Silent("import math\n\n\ndef f(x, two):\n    return math.log(x, two)\n", why="the base is not known"),
        Silent("def log(*args):\n    return args\n\n\ndef f(x):\n    return log(x, 2)\n", why="another function"),
    ),
    bench=Bench(
        setup="import math\nx = 7.5",
        before="math.log(x, 2)",
        after="math.log2(x)",
        sizes=(1,),
    ),
)


def see(view: View) -> Iterator[Match]:
    if view.hot.is_module:
        return
    for call in view.walk(cst.Call):
        for pattern, way in _BASES.items():
            bound = match_pattern(pattern, call, view.facts)
            if bound is not None:
                yield Match(call, {"call": call, "way": way, "x": bound["x"]})
                break


def change(match: Match, view: View) -> Rewrite:
    x = as_argument(view.code(match.captures["x"]))
    name = f"{view.name_of('math')}.{match.captures['way']}"
    return Rewrite((Replacement.of(match.node, f"{name}({x})"),), imports=("math",))
