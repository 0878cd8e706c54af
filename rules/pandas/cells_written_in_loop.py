"""A column filled cell by cell in a loop over the rows.

## What it does
Finds loops over all rows (`range(len(df))`, `df.index`, `df.iterrows()`, `zip(df.index, ...)`) whose last act in every
iteration is `df.at[i, "c"] = value` (`loc`, `df["c"][i]` likewise), collects the values in a list, and assigns the
column once.

## Why it is slow
Each assignment finds its way through indexers and dtypes, and may copy the column: 10 to 100 microseconds.

## When it is not the same
The column gets the dtype of its values, where cell by cell the old dtype is kept or raised. With labels that occur
twice a cell assignment writes several rows. For `range(len(df))` with labels the index is assumed to be 0, 1, 2, ...
Where an error ends the loop, no row is written: the rule stays silent in a `try`.

## When it is not faster
For frames of two or three rows.

## References
pandas documentation, "Indexing and selecting data": returning a view versus a copy; "Enhancing performance".
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Answer,
    Bench,
    Example,
    Hotness,
    Insertion,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    frames,
    match_pattern,
    needs,
)
from perf_advise.rulekit.cells import Cell, cells_in, rows_of_loop, writes_at_end

HEAD = "import pandas as pd\n\n"
LEAVING = (cst.Continue, cst.Break, cst.Return, cst.Yield, cst.Await)

RULE = Rule(
    code="PA613",
    name="cells-written-in-loop",
    message="`{cell} = ...` finds its way through index and dtypes for a single cell, in each iteration",
    cure="collect the values in a list and assign the column once",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("the column gets the dtype of its values", "labels that occur twice", "the dtype for an empty frame"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["c"] = ""
    for i in df.index:
        text = df.loc[i, "name"]
        # empty names are told apart
        if text:
            df.at[i, "c"] = text.upper()
        else:
            df.at[i, "c"] = "none"
    return df
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    df["c"] = ""
    c_values = []
    for i in df.index:
        text = df.loc[i, "name"]
        # empty names are told apart
        if text:
            c_values.append(text.upper())
        else:
            c_values.append("none")
    df["c"] = c_values
    return df
""",
            generated={"df": "DataFrame[name: str, unique, filled]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> list[float]:
    for i, row in df.iterrows():
        df.loc[i, "total"] = row["a"] * 2.0
    return df["total"].tolist()
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> list[float]:
    total_values = []
    for i, row in df.iterrows():
        total_values.append(row["a"] * 2.0)
    df["total"] = total_values
    return df["total"].tolist()
""",
            generated={"df": "DataFrame[a: float, b: float, unique, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t):\n    for i in range(len(t)):\n        t.at[i, 'c'] = i\n", why="`t` may be anything"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i in df.index:\n        if df.at[i, 'a'] > 1:\n"
            "            df.at[i, 'c'] = 1\n",
            why="only some rows are written: the others keep what they have",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i in range(1, len(df)):\n        df.at[i, 'c'] = i\n",
            why="the first row keeps what it has",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i in range(len(df)):\n"
            "        df.at[i, 'c'] = df.at[i - 1, 'c'] if i else 0\n",
            why="the column is read while it is written",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i in df.index:\n        if i < 0:\n            continue\n"
            "        df.at[i, 'c'] = i\n",
            why="some iterations end before the write",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": [0.5] * n, "c": 0})',
        before='for i in df.index:\n    df.at[i, "c"] = 1',
        after='c = []\nfor i in df.index:\n    c.append(1)\ndf["c"] = c',
        sizes=(10, 100, 1000),
        losing='n = 1\nimport pandas as pd\ndf = pd.DataFrame({"a": [0.5], "c": 0})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For):
        index, frame = rows_of_loop(view, loop)
        left = any(view.inside(node, loop.body) for node in view.walk(*LEAVING))
        found = cells_in(view, loop.body, view.code(frame)) if frame is not None and not left else None
        if frame is None or found is None or loop.orelse is not None or _is_guarded(view, loop):
            continue
        read, written = found
        own = {cell.label for cell in written}
        last = [cell for cell in written if isinstance(cell.row, cst.Name) and cell.row.value == index]
        ends = writes_at_end(loop.body, {id(cell.node) for cell in last})
        if len(own) == 1 and ends == len(written) and not own & {cell.label for cell in read}:
            by_range = match_pattern("range", loop.iter.func, view.facts) if isinstance(loop.iter, cst.Call) else None
            yield _match(view, loop, frame, written, by_range is not None)


def change(match: Match, view: View) -> Rewrite:
    written, loop = match.captures["written"], match.captures["loop"]
    label = written[0].label
    frame = view.code(match.captures["frame"])
    named = next(iter(frames.value_names(view, (label,))))
    name = frames.free_name(view, f"{named}_values".lower() if named.isidentifier() else "values")
    steps = []
    for cell in written:
        assign = cst.ensure_type(view.parent(view.parent(cell.node) or loop), cst.Assign)
        steps.append(Replacement.of(view.statement(assign), f"{name}.append({view.code(assign.value)})"))
    first, last = Insertion(loop, f"{name} = []"), Insertion(loop, f"{frame}[{frames.quoted(label)}] = {name}", True)
    return Rewrite(tuple(steps), (first, last))


def _match(view: View, loop: cst.For, frame: cst.BaseExpression, written: list[Cell], by_range: bool) -> Match:
    text = view.code(frame)
    labelled = by_range and any(not cell.by_position for cell in written)
    claim = needs.value(
        Answer.unknown("not known"), f"the index of `{text}` is 0, 1, 2, ...", "another index than 0, 1, ..."
    )
    return Match(
        written[0].node,
        captures={"loop": loop, "frame": frame, "written": written, "cell": written[0].node},
        needs=(frames.is_frame(view, frame), *([claim] if labelled else [])),
    )


def _is_guarded(view: View, loop: cst.For) -> bool:
    return any(isinstance(holder, cst.Try | cst.TryStar) for holder in view.ancestors(loop))
