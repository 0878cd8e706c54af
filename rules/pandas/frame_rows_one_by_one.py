"""Rows of a frame made one by one with `iterrows`.

## What it does
Finds loops and comprehensions over `df.iterrows()` that read items of the row by constant label, and iterates
over those columns instead: `for price, count in zip(df["price"], df["count"])`.

## Why it is slow
`iterrows` makes a Series for each row, with an index, a dtype for all of its items and a lookup per item: about
15 microseconds a row, a hundred times what taking the items from their columns costs.

## When it is not the same
A row has one dtype: beside a float an int of the row is a float, and large ints are rounded; taken from their columns
ints stay ints. In a frame of numbers only, the row's items are NumPy's (they wrap, and dividing by zero
warns), those of a column are Python's (they do not wrap, and dividing by zero raises). A missing column raises before
the first row. Where labels of columns occur twice, an item of the row is a Series.
The rule gives no rewrite where the row is assigned to, handed on whole, or read by a label that is not constant.

## When it is not faster
For frames of less than about five rows.

## References
pandas documentation, `DataFrame.iterrows`: "does not preserve dtypes across the rows"; "Enhancing performance".
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    frames,
    keeps_columns,
    needs,
    over_columns,
    row_loops,
)

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA601",
    name="frame-rows-one-by-one",
    message="`{frame}.iterrows()` makes a Series for each row, about a hundred times the cost of its items",
    cure="iterate over the columns that are read",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "a row has one dtype: an int beside a float stays an int",
        "numbers are Python's, not NumPy's: they do not wrap, and division by zero raises",
    ),
    examples=(
        Example(
            before="""
import pandas as pd

def lines(df: pd.DataFrame) -> list[str]:
    out = []
    for _, row in df.iterrows():
        if row["count"] > 0:
            out.append(f"{row['name']}: {row['count']}")
    return out
""",
            after="""
import pandas as pd

def lines(df: pd.DataFrame) -> list[str]:
    out = []
    for count, name in zip(df["count"], df["name"]):
        if count > 0:
            out.append(f"{name}: {count}")
    return out
""",
            generated={"df": "DataFrame[name: str, count: int, price: float]"},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import pandas as pd

def total(df: pd.DataFrame) -> float:
    total = 0.0
    for i, row in df[df["price"] > 1].iterrows():
        total += row.price * len(str(i))
    return total
""",
            after="""
import pandas as pd

def total(df: pd.DataFrame) -> float:
    total = 0.0
    rows = df[df["price"] > 1]
    for i, price in zip(rows.index, rows["price"]):
        total += price * len(str(i))
    return total
""",
            generated={"df": "DataFrame[name: str, price: float]"},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import pandas as pd

def mark(df: pd.DataFrame) -> pd.DataFrame:
    df["long"] = 0
    for i, row in df.iterrows():
        df.at[i, "long"] = len(row["name"])
    return df
""",
            after="""
import pandas as pd

def mark(df: pd.DataFrame) -> pd.DataFrame:
    df["long"] = 0
    for i, name in zip(df.index, df["name"].tolist()):
        df.at[i, "long"] = len(name)
    return df
""",
            generated={"df": "DataFrame[name: str, unique]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f'{HEAD}def f(df: pd.DataFrame):\n    return [r["b"].upper() for _, r in df.iterrows() if r["b"]]\n',
            after=f'{HEAD}def f(df: pd.DataFrame):\n    return [b.upper() for b in df["b"] if b]\n',
            generated={"df": "DataFrame[a: int, b: str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(table):\n    return [row['a'] for _, row in table.iterrows()]\n",
            why="nothing shows that `table` is a frame: pandas is not even imported",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i, row in df.iterrows():\n        df.at[i + 1, 'a'] = row['a']\n",
            why="the loop writes a column that it reads: a later row may see it",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for _, row in df.iterrows():\n        pass\n    return row['a']\n",
            why="the last row is read after the loop",
        ),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return [r.a for r in df.itertuples()]\n", why="no Series is made"),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": range(n), "b": [0.5] * n, "c": ["x"] * n})',
        before='for _, row in df.iterrows():\n    row["a"] * row["b"]',
        after='for a, b in zip(df["a"], df["b"]):\n    a * b',
        sizes=(10, 100, 2000),
        losing="n = 1\n" + 'import pandas as pd\ndf = pd.DataFrame({"a": [1], "b": [0.5]})',
        requires=("pandas",),
    ),
)
NOTE = "iterate over the columns that are needed (`zip(df['a'], df['b'])`), or over `df.itertuples()`"


def see(view: View) -> Iterator[Match]:
    for found in row_loops(view):
        own = found.is_statement
        seen_later = own and (found.row in view.facts.live_after(found.loop) or view.facts.is_captured(found.row))
        fixable = found.reads is not None and (own or frames.is_simple(found.frame))
        yield Match(
            found.loop.iter,
            captures={"loop": found, "frame": found.frame},
            needs=(
                frames.is_frame(view, found.frame),
                needs.holds(not seen_later, f"`{found.row}` is not read after the loop"),
                *([keeps_columns(view, found)] if fixable and found.uses_frame else []),
            ),
            fixable=fixable,
            note="" if fixable else NOTE,
        )


def change(match: Match, view: View) -> Rewrite:
    return over_columns(view, match.captures["loop"])
