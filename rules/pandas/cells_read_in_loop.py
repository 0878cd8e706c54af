"""Cells of a frame read one by one in a loop.

## What it does
Finds `df["a"].iloc[i]`, `df.iloc[i]["a"]`, `df.at[i, "a"]`, `df.loc[i, "a"]`, `df["a"][i]` in a `for i in range(...)`
loop that does not write those columns, takes each column out as an array before the loop, and reads the array.

## Why it is slow
Each access finds its way through indexers, dtypes and labels, and may make a Series of the whole row: 5 to 30
microseconds. An item of an array costs 0.05.

## When it is not the same
By label (`loc`, `at`, `[i]`) row i is only item i where the index is 0, 1, 2, ...: that is assumed and named. Dates are
NumPy's instead of `Timestamp`. Out of range it is an IndexError either way, by label a KeyError. In
`df.iloc[i]["a"]` the row has one dtype: an int beside a float stays an int.

## When it is not faster
For a loop of two or three iterations.

## References
pandas documentation, "Indexing and selecting data": fast scalar value getting; "Enhancing performance".
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
    variable_uses,
)
from perf_advise.rulekit.cells import Cell, cells_in

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA612",
    name="cells-read-in-loop",
    message="`{cell}` finds its way through index and dtypes for a single cell, in each iteration",
    cure="take the columns out as arrays before the loop",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("dates are NumPy's, not Timestamps", "an int in a row with floats stays an int"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> list[float]:
    out = []
    for i in range(1, len(df)):
        out.append(df["a"].iloc[i] - df["a"].iloc[i - 1] + df.iloc[i]["b"])
    return out
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> list[float]:
    out = []
    a = df["a"].to_numpy()
    b = df["b"].to_numpy()
    for i in range(1, len(df)):
        out.append(a[i] - a[i - 1] + b[i])
    return out
""",
            generated={"df": "DataFrame[a: float, b: float]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    for i in range(len(df)):
        if df.loc[i, "name"]:
            df.at[i, "size"] = len(df["name"][i])
    return df
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    name = df["name"].to_numpy()
    for i in range(len(df)):
        if name[i]:
            df.at[i, "size"] = len(name[i])
    return df
""",
            generated={"df": "DataFrame[name: str, size: float, default]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t):\n    return [t['a'].iloc[i] for i in range(len(t))]\n", why="`t` may be anything"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for i in range(1, len(df)):\n"
            "        df.loc[i, 'a'] = df.loc[i - 1, 'a'] + 1\n",
            why="the loop writes the column that it reads",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, change):\n    for i in range(len(df)):\n"
            "        change(df)\n        print(df['a'].iloc[i])\n",
            why="the frame is handed to a function that may change it",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for key in ('x', 'y'):\n        print(df.loc[key, 'a'])\n",
            why="labels, not numbers",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": [0.5] * n, "b": 1})',
        before='for i in range(n):\n    df["a"].iloc[i]',
        after='a = df["a"].to_numpy()\nfor i in range(n):\n    a[i]',
        sizes=(10, 100, 1000),
        losing='n = 1\nimport pandas as pd\ndf = pd.DataFrame({"a": [0.5] * n, "b": 1})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    done: list[cst.CSTNode] = []
    for loop in view.walk(cst.For):
        if not isinstance(loop.target, cst.Name) or match_pattern("range", _function(loop.iter), view.facts) is None:
            continue
        for frame in dict.fromkeys(view.code(n.value) for n in view.walk(cst.Subscript) if view.inside(n, loop.body)):
            yield from _matches(view, loop, loop.target.value, frame.partition("[")[0], done)


def change(match: Match, view: View) -> Rewrite:
    reads: list[Cell] = match.captures["reads"]
    frame = view.code(match.captures["frame"])
    names = frames.value_names(view, tuple(dict.fromkeys(cell.label for cell in reads)))
    lines = [f"{name} = {frame}[{frames.quoted(label)}].to_numpy()" for label, name in names.items()]
    return Rewrite(
        tuple(Replacement.of(cell.node, f"{names[cell.label]}[{view.code(cell.row)}]") for cell in reads),
        (Insertion(match.captures["loop"], "\n".join(lines)),),
    )


def _function(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.func if isinstance(node, cst.Call) else node


def _matches(view: View, loop: cst.For, index: str, frame: str, done: list[cst.CSTNode]) -> Iterator[Match]:
    for accessor in (".iloc", ".loc", ".at", ".iat"):
        frame = frame.removesuffix(accessor)
    found = cells_in(view, loop.body, frame) if frame and frame.replace(".", "").isidentifier() else None
    if found is None:
        return
    reads = [cell for cell in found[0] if _is_row(cell, index) and cell.node not in done]
    stale = {cell.label for cell in found[1]} | {cell.label for cell in found[0] if cell not in reads}
    reads = [cell for cell in reads if cell.label not in stale]
    bound = any(
        isinstance(view.parent(u), cst.AssignTarget) and view.inside(u, loop) for u in variable_uses(view, frame)
    )
    if not reads or bound:
        return
    done += [cell.node for cell in reads]
    by_label = any(not cell.by_position for cell in reads)
    claim = needs.value(
        Answer.unknown("not known"), f"the index of `{frame}` is 0, 1, 2, ...", "another index than 0, 1, ..."
    )
    captures = {"loop": loop, "reads": reads, "frame": reads[0].frame, "cell": reads[0].node}
    yield Match(reads[0].node, captures, needs=(frames.is_frame(view, reads[0].frame), *([claim] if by_label else [])))


def _is_row(cell: Cell, index: str) -> bool:
    """Whether the row is the loop's variable, or by position something that is added to it."""
    row = cell.row
    if cell.by_position and isinstance(row, cst.BinaryOperation) and isinstance(row.operator, cst.Add | cst.Subtract):
        row = row.left if isinstance(row.right, cst.Integer) else row
    return isinstance(row, cst.Name) and row.value == index
