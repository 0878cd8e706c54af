"""A function of the row, called for each row by `apply(axis=1)`.

## What it does
Finds `df.apply(lambda row: ..., axis=1)` where the lambda reads items of the row by constant label. Arithmetic,
comparisons and conditions become an expression over whole columns (`df["a"] * df["b"]`, `np.where(...)`); any
other body whose result is assigned to a column of the frame becomes a comprehension over the columns that it reads.

## Why it is slow
`apply(axis=1)` makes a Series for each row and calls a Python function with it: 4 to 10 microseconds a row. An
expression over columns is one pass in C; a comprehension makes no Series.

## When it is not the same
A row has one dtype: beside a float an int of the row is a float. Over columns ints of 64 bits wrap, dividing by zero
gives inf instead of raising, a missing item stays missing where the function would raise, and a name of the
result may be kept. For an empty frame `apply` gives a frame. A condition that is negated stays negated (`~`), since a
missing item answers no to either.

## When it is not faster
Column expressions cost about 50 microseconds each: for fewer than about ten rows.

## References
pandas documentation, "Enhancing performance"; semantics of `DataFrame.apply`.
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
from perf_advise.rulekit.columns import Columns, as_columns, assigned_column, is_by_row, lambda_of

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA602",
    name="row-function-on-columns",
    message="`{frame}.apply(..., axis=1)` makes a Series and calls a function for each row",
    cure="compute it from the columns",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "a row has one dtype: an int beside a float stays an int",
        "ints wrap at 64 bits, dividing by zero gives inf, a missing item stays missing",
        "both branches of a condition have one dtype; the dtype for an empty frame",
        "the name of a Series made of one column",
    ),
    imports=("numpy",),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df.apply(lambda row: (row["a"] + row.b) * 2 - 1, axis=1)
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return (df["a"] + df["b"]) * 2 - 1
""",
            generated={"df": "DataFrame[a: float, b: float, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["level"] = df.apply(lambda r: "high" if r["a"] > 2 and not r["b"] < 0 else "low", axis=1)
    return df
""",
            after="""import numpy as np
import pandas as pd

def f(df: pd.DataFrame) -> pd.DataFrame:
    df["level"] = np.where((df["a"] > 2) & (~(df["b"] < 0)), "high", "low")
    return df
""",
            generated={"df": "DataFrame[a: float, b: smallint, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["text"] = df.apply(lambda row: row["name"].strip() + f"({{row['a']}})", axis=1)
    return df
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["text"] = [name.strip() + f"({{a}})" for name, a in zip(df["name"], df["a"])]
    return df
""",
            generated={"df": "DataFrame[name: str, a: int, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t):\n    return t.apply(lambda r: r['a'] + 1, axis=1)\n", why="`t` may be anything"),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return df.apply(lambda c: c['a'] + 1)\n", why="called per column"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.apply(lambda r: '%s' % r['a'], axis=1)\n",
            why="`%` of a text and a column would format the whole column",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    df['x'] = df.apply(lambda r: sum(r), axis=1)\n",
            why="the whole row is used",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, other: pd.DataFrame):\n"
            "    other['x'] = df.apply(lambda r: len(r['a']), axis=1)\n",
            why="a list would not be aligned to the index of another frame",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, k):\n    return df.apply(lambda r: r['a'] * k, axis=1)\n",
            why="`k` may be a list or a Series: over columns that means something else",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": range(n), "b": [0.5] * n})',
        before='df.apply(lambda r: r["a"] * r["b"], axis=1)',
        after='df["a"] * df["b"]',
        sizes=(10, 100, 2000),
        losing="n = 1\n" + 'import pandas as pd\ndf = pd.DataFrame({"a": [1], "b": [0.5]})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply")
        function = lambda_of(call) if called is not None else None
        if called is None or function is None or not is_by_row(call):
            continue
        frame, (row, body) = called[0], function
        reads = frames.column_reads(view, row, [body])
        if reads and frames.is_simple(frame):
            whole = _columns(view, frame, body, reads, call)
            target = assigned_column(view, call)
            if whole is not None or (target is not None and view.code(target) == view.code(frame)):
                captures = {"frame": frame, "body": body, "reads": reads, "whole": whole}
                yield Match(call, captures, needs=(frames.is_frame(view, frame),))


def change(match: Match, view: View) -> Rewrite:
    whole, reads, frame = match.captures["whole"], match.captures["reads"], view.code(match.captures["frame"])
    if whole is not None:
        outer = view.parent(match.node)
        operand = isinstance(outer, cst.Attribute | cst.BinaryOperation | cst.Comparison | cst.ComparisonTarget)
        code = f"({whole.code})" if operand else whole.code
        return Rewrite((Replacement.of(match.node, code),), imports=("numpy",) if _where(view) in code else ())
    names = frames.value_names(view, frames.labels(reads))
    columns = [f"{frame}[{frames.quoted(label)}]" for label in names]
    source = f"zip({', '.join(columns)})" if len(columns) > 1 else columns[0]
    element = frames.renamed(view, match.captures["body"], {id(r.node): names[r.label] for r in reads})
    return Rewrite((Replacement.of(match.node, f"[{element} for {', '.join(names.values())} in {source}]"),))


def _columns(
    view: View, frame: cst.BaseExpression, body: cst.BaseExpression, reads: list[frames.ColumnRead], call: cst.Call
) -> Columns | None:
    leaves = {id(r.node): f"{view.code(frame)}[{frames.quoted(r.label)}]" for r in reads}
    whole = as_columns(view, body, leaves, _where(view))
    return None if whole is not None and _where(view) in whole.code and assigned_column(view, call) is None else whole


def _where(view: View) -> str:
    return f"{view.name_of('numpy')}.where"
