"""A function of each item of a Series where an operator on the Series does the same.

## What it does
Finds `s.apply(lambda x: x * 2 + 1)` and `s.map(lambda x: ...)` where the lambda is arithmetic, a comparison or a
condition on its argument and constants, and computes it on the whole Series: `s * 2 + 1`, `np.where(s > 3, ...)`.

## Why it is slow
A Python call per item, boxed and unboxed: about 0.2 microseconds each; an operator on the Series is one loop in C.

## When it is not the same
Ints of 64 bits wrap; dividing by zero gives inf instead of raising; a missing item stays missing where the function
would raise (None in a column of objects). Values are computed in the dtype of the column.

## When it is not faster
Each operator on a Series costs about 50 microseconds: for fewer than about 200 items, more for long expressions.

## References
pandas documentation, "Essential basic functionality": binary operations; `Series.apply`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    frames,
    parenthesised,
    variable_uses,
)
from perf_advise.rulekit.columns import as_columns, assigned_column, lambda_of

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA603",
    name="item-function-on-series",
    message="a lambda on `{series}` calls a Python function for each item",
    cure="compute it from the whole Series",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "ints wrap at 64 bits, dividing by zero gives inf, a missing item stays missing",
        "both branches of a condition have one dtype",
    ),
    imports=("numpy",),
    examples=(
        Example(
            before=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return s.apply(lambda x: (x - 32) * 5 / 9)
""",
            after=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return (s - 32) * 5 / 9
""",
            generated={"s": "Series[finite, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["big"] = df["a"].map(lambda v: 1 if v > 2 else 0)
    return df
""",
            after="""import numpy as np
import pandas as pd

def f(df: pd.DataFrame) -> pd.DataFrame:
    df["big"] = np.where(df["a"] > 2, 1, 0)
    return df
""",
            generated={"df": "DataFrame[a: float, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df["name"].apply(lambda x: "<" + x + ">")
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return "<" + df["name"] + ">"
""",
            generated={"df": "DataFrame[name: str, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs):\n    return xs.apply(lambda x: x + 1)\n", why="`xs` may be anything"),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: x if x else 0)\n",
            why="the truth of an item is not elementwise",
        ),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: 'a' if x > 1 else 0)\n",
            why="branches of two types would become one",
        ),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: '%05d' % x)\n",
            why="`%` of a text would format the Series as a whole",
        ),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: 'a' if x > 1 else 'b')\n",
            why="np.where gives an array without the index: only where a column takes it",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.apply(lambda x: x + 1)\n",
            why="called once per column: a frame has few",
        ),
        Silent(f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: 3)\n", why="a Series of constants"),
    ),
    bench=Bench(
        setup="import pandas as pd\ns = pd.Series(range(n), dtype=float)",
        before="s.apply(lambda x: x * 2 + 1)",
        after="s * 2 + 1",
        sizes=(100, 1000, 100_000),
        losing="n = 10\nimport pandas as pd\ns = pd.Series(range(n), dtype=float)",
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply", "map")
        function = lambda_of(call) if called is not None and len(call.args) == 1 else None
        if called is None or function is None:
            continue
        series, (item, body) = called[0], function
        uses = [use for use in variable_uses(view, item) if view.inside(use, body)]
        leaves = dict.fromkeys(map(id, uses), parenthesised(view.code(series)))
        whole = as_columns(view, body, leaves, _where(view))
        if whole is None or (len(uses) > 1 and not frames.is_repeatable(series)):
            continue
        if _where(view) not in whole.code or assigned_column(view, call) is not None:
            captures = {"series": series, "whole": whole}
            yield Match(call, captures, needs=(frames.is_series(view, series),))


def change(match: Match, view: View) -> Rewrite:
    whole = match.captures["whole"]
    outer = view.parent(match.node)
    operand = isinstance(outer, cst.Attribute | cst.BinaryOperation | cst.Comparison | cst.ComparisonTarget)
    code = parenthesised(whole.code) if operand else whole.code
    return Rewrite((Replacement.of(match.node, code),), imports=("numpy",) if _where(view) in code else ())


def _where(view: View) -> str:
    return f"{view.name_of('numpy')}.where"
