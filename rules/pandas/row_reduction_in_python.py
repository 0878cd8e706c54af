"""A reduction of each row by a Python function that pandas has in C.

## What it does
Finds `df.apply(sum, axis=1)`, `df.apply(np.mean, axis=1)` and `df.apply(lambda row: row.max(), axis=1)`, and calls
the method of the frame: `df.sum(axis=1)`.

## Why it is slow
`apply(axis=1)` makes a Series for each row and reduces it by itself, 20 to 50 microseconds a row; the method of the
frame reduces all rows in C.

## When it is not the same
The builtins `sum`, `min` and `max` do not skip missing values. Sums and means may differ in the last bits.

## When it is not faster
For a frame of one or two rows.

## References
pandas documentation, "Essential basic functionality": descriptive statistics.
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
)
from perf_advise.rulekit.columns import is_by_row, lambda_of

HEAD = "import pandas as pd\n\n"
METHODS = frozenset({"sum", "mean", "min", "max", "median", "std", "var", "prod", "count", "any", "all", "nunique"})
FUNCTIONS = {
    **{f"builtins.{name}": name for name in ("sum", "min", "max")},
    **{f"numpy.{name}": name for name in ("sum", "mean", "min", "max", "prod")},
}

RULE = Rule(
    code="PA611",
    name="row-reduction-in-python",
    message="each row of `{frame}` is reduced by a call of its own",
    cure="call `{method}(axis=1)`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("missing values: the method skips them", "float rounding: another order of addition"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df[["a", "b"]].apply(lambda row: row.max(), axis=1)
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df[["a", "b"]].max(axis=1)
""",
            generated={"df": "DataFrame[a: float, b: float, name: str, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df.apply(sum, axis=1)
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df.sum(axis=1)
""",
            generated={"df": "DataFrame[a: smallint, b: smallint, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t):\n    return t.apply(sum, axis=1)\n", why="`t` may be anything"),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return df.apply(sum)\n", why="one call per column"),
        Silent(
            f"{HEAD}import numpy as np\ndef f(df: pd.DataFrame):\n    return df.apply(np.std, axis=1)\n",
            why="pandas 2 takes np.std for its own (ddof 1), pandas 3 calls it (ddof 0)",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.apply(lambda r: r.max(skipna=False), axis=1)\n",
            why="with arguments",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": range(n), "b": 0.5})',
        before="df.apply(lambda row: row.max(), axis=1)",
        after="df.max(axis=1)",
        sizes=(10, 100, 2000),
        losing='n = 1\nimport pandas as pd\ndf = pd.DataFrame({"a": [1], "b": 0.5})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply")
        method = _method(view, call) if called is not None and is_by_row(call) else None
        if called is not None and method is not None:
            need = frames.is_frame(view, called.receiver)
            yield Match(call, {"frame": called.receiver, "method": method}, needs=(need,))


def change(match: Match, view: View) -> Rewrite:
    code = f"{view.code(match.captures['frame'])}.{match.captures['method']}(axis=1)"
    return Rewrite((Replacement.of(match.node, code),))


def _method(view: View, call: cst.Call) -> str | None:
    function = lambda_of(call)
    if function is None:
        return FUNCTIONS.get(view.facts.qualified_name(call.args[0].value) or "")
    row, body = function
    called = frames.method_call(body, *METHODS)
    if called is not None and not called.call.args:
        own = isinstance(called.receiver, cst.Name) and called.receiver.value == row
        return called.name if own else None
    return _of_function(view, row, body)


def _of_function(view: View, row: str, body: cst.BaseExpression) -> str | None:
    """The method of `sum(row)`."""
    if not isinstance(body, cst.Call) or len(body.args) != 1 or body.args[0].keyword or body.args[0].star:
        return None
    value = body.args[0].value
    own = isinstance(value, cst.Name) and value.value == row
    return FUNCTIONS.get(view.facts.qualified_name(body.func) or "") if own else None
