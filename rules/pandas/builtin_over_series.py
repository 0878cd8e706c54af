"""A builtin that takes the items of a Series one by one.

## What it does
Finds `sum(s)`, `max(s)` and `min(s)` over a Series, and calls the method: `s.sum()`.

## Why it is slow
The builtin iterates: it makes a Python object of every item and adds or compares it through the general protocol. The
method is one loop in C.

## When it is not the same
The method skips missing values, where the builtin's sum becomes NaN and its extremes depend on their order. The
result is a NumPy scalar. Floats are added in another order; ints of 64 bits wrap. For an empty Series `max` raises,
the method gives NaN.

## When it is not faster
For fewer than about 100 items: a method of a Series costs some 20 microseconds.

## References
pandas documentation, "Essential basic functionality": descriptive statistics.
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
    cst,
    frames,
    parenthesised,
)

HEAD = "import pandas as pd\n\n"
METHODS = {"builtins.sum": "sum", "builtins.max": "max", "builtins.min": "min"}

RULE = Rule(
    code="PA614",
    name="builtin-over-series",
    message="`{method}` makes a Python object of each item of `{series}`",
    cure="call the method",
    applicability=UNSAFE,
    differences=(
        "missing values are skipped; the extremes of nothing are NaN",
        "the result is a NumPy scalar; ints wrap at 64 bits",
        "float rounding: another order of addition",
    ),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> list[int]:
    return [int(sum(df["a"])), int(max(df["a"] + 1))]
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> list[int]:
    return [int(df["a"].sum()), int((df["a"] + 1).max())]
""",
            generated={"df": "DataFrame[a: smallint, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs):\n    return sum(xs)\n", why="`xs` may be anything"),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return max(df)\n", why="of a frame: the labels of its columns"),
        Silent(f"{HEAD}def f(s: pd.Series):\n    return sum(s, 10)\n", why="with a start"),
        Silent(f"{HEAD}def f(s: pd.Series):\n    return max(s, key=abs)\n", why="with a key"),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.values, s.to_numpy()\n", why="neither is faster than the other"
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    df.dropna(inplace=True)\n",
            why="`inplace` saves nothing, nor does it cost",
        ),
    ),
    bench=Bench(
        setup="import pandas as pd\ns = pd.Series(range(n))",
        before="sum(s)",
        after="s.sum()",
        sizes=(100, 1000, 100_000),
        losing="n = 5\nimport pandas as pd\ns = pd.Series(range(n))",
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        method = METHODS.get(view.facts.qualified_name(call.func) or "") if len(call.args) == 1 else None
        if method is not None and not call.args[0].star and not isinstance(call.args[0].value, cst.GeneratorExp):
            series = call.args[0].value
            if view.facts.type_of(series).type is not None:
                yield Match(call, {"series": series, "method": method}, needs=(frames.is_series(view, series),))


def change(match: Match, view: View) -> Rewrite:
    series = parenthesised(view.code(match.captures["series"]))
    return Rewrite((Replacement.of(match.node, f"{series}.{match.captures['method']}()"),))
