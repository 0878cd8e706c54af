"""A reduction of each group by a Python function that pandas has in C.

## What it does
Finds `groups["x"].apply(lambda s: s.mean())`, `.agg(lambda s: s.sum())`, `.agg(np.max)` and `.transform(lambda s:
s.mean())` on a grouped column, and names the reduction: `groups["x"].mean()`, `groups["x"].transform("mean")`.

## Why it is slow
A Python call and a new Series per group, 50 to 100 microseconds each; by name all groups are reduced in one pass in C.

## When it is not the same
Sums and means can differ in the last bits: the order of addition is another one. For an empty frame `apply` and the
reduction give other dtypes. Of 0.0 and -0.0 another one may be the extreme.

## When it is not faster
For fewer than about five groups.

## References
pandas documentation, "Group by: split-apply-combine", built-in aggregation methods.
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
    needs,
)
from perf_advise.rulekit.columns import lambda_of

HEAD = "import pandas as pd\n\n"
REDUCTIONS = frozenset({"sum", "mean", "min", "max", "median", "std", "var", "count", "nunique", "prod"})
FUNCTIONS = {f"{module}.{name}": name for name in ("sum", "min", "max") for module in ("numpy", "builtins")}

RULE = Rule(
    code="PA606",
    name="group-function-in-python",
    message="`.{method}` calls a Python function for each group, where pandas has `{reduction}` in C",
    cure="name the reduction",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("float rounding: another order of addition", "0.0 or -0.0 as extreme", "the dtype for an empty frame"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df.groupby("k")["x"].apply(lambda s: s.max())
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df.groupby("k")["x"].max()
""",
            generated={"df": "DataFrame[k: smallint, x: finite, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    groups = df.groupby("k")
    df["n"] = groups["x"].transform(lambda part: part.count())
    return df
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    groups = df.groupby("k")
    df["n"] = groups["x"].transform("count")
    return df
""",
            generated={"df": "DataFrame[k: str, x: float, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df["x"].groupby(df["k"]).agg(lambda s: s.min())
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df["x"].groupby(df["k"]).min()
""",
            generated={"df": "DataFrame[k: smallint, x: smallint, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(g):\n    return g['x'].apply(lambda s: s.max())\n", why="`g` may be anything"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.groupby('k')['x'].apply(lambda s: s.head())\n",
            why="no reduction",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.groupby('k')['x'].agg(lambda s: s.std(ddof=0))\n",
            why="by name the ddof would be 1",
        ),
        Silent(
            f"{HEAD}import numpy as np\ndef f(df: pd.DataFrame):\n    return df.groupby('k')['x'].agg(np.std)\n",
            why="pandas 2 takes it for its own `std` (ddof 1), pandas 3 calls it (ddof 0)",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df['x'].apply(lambda s: s.max())\n",
            why="not grouped: each item is asked",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.groupby('k')['x'].agg('max')\n",
            why="named already",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"k": [i % max(n // 10, 1) for i in range(n)], "x": 0.5})',
        before='df.groupby("k")["x"].apply(lambda s: s.max())',
        after='df.groupby("k")["x"].max()',
        sizes=(100, 1000, 10_000),
        losing='n = 10\nimport pandas as pd\ndf = pd.DataFrame({"k": [1] * n, "x": 0.5})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply", "agg", "aggregate", "transform")
        reduction = _reduction(view, call) if called is not None and len(call.args) == 1 else None
        if called is not None and reduction is not None:
            yield Match(
                call,
                captures={"groups": called.receiver, "method": called.name, "reduction": reduction},
                needs=(needs.is_type(view, called.receiver, "pandas.SeriesGroupBy"),),
            )


def change(match: Match, view: View) -> Rewrite:
    groups, reduction = view.code(match.captures["groups"]), match.captures["reduction"]
    named = (
        f'{groups}.transform("{reduction}")' if match.captures["method"] == "transform" else f"{groups}.{reduction}()"
    )
    return Rewrite((Replacement.of(match.node, named),))


def _reduction(view: View, call: cst.Call) -> str | None:
    """The name of the reduction that is applied to each group."""
    function = lambda_of(call)
    if function is None:
        return FUNCTIONS.get(view.facts.qualified_name(call.args[0].value) or "")
    part, body = function
    called = frames.method_call(body, *REDUCTIONS)
    own = called is not None and isinstance(called.receiver, cst.Name) and called.receiver.value == part
    return called.name if called is not None and own and not called.call.args else None
