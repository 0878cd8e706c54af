"""A frame that grows row by row through `df.loc[len(df)] = row`.

## What it does
Finds `df.loc[len(df)] = [...]` in a loop that does nothing else with `df`, where `df` starts as
`pd.DataFrame(columns=...)`, collects the rows in a list, and makes the frame once after the loop.

## Why it is slow
Each assignment to a new label copies all columns, and infers their dtypes again: O(n * n) for n rows.

## When it is not the same
The columns get the dtypes of all their values at once; grown row by row they may stay `object`. The index is a
`RangeIndex`.

## When it is not faster
For a loop of one or two rows.

## References
pandas documentation, "Indexing and selecting data": setting with enlargement.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
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
from perf_advise.rulekit.collected import Growth, growth_in_loop

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA605",
    name="row-added-by-label",
    message="`{frame}.loc[len({frame})] = ...` copies the whole frame to add a row: O(n * n)",
    cure="collect the rows in a list and make the frame once",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("dtypes of columns that stayed `object` while they grew", "the type of the index"),
    examples=(
        Example(
            before=f"""{HEAD}def f(words: list[str]) -> list[list[object]]:
    table = pd.DataFrame(columns=["word", "size"])
    for word in words:
        if word:
            table.loc[len(table)] = [word, len(word)]
    return table.values.tolist()
""",
            after=f"""{HEAD}def f(words: list[str]) -> list[list[object]]:
    table_rows = []
    for word in words:
        if word:
            table_rows.append([word, len(word)])
    table = pd.DataFrame(table_rows, columns=["word", "size"])
    return table.values.tolist()
""",
            generated={"words": "list[str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            f"{HEAD}def f(words):\n    t = pd.DataFrame(columns=['w'])\n    for w in words:\n"
            "        if w not in t['w'].values:\n            t.loc[len(t)] = [w]\n    return t\n",
            why="the loop reads the frame while it grows",
        ),
        Silent(
            f"{HEAD}def f(t: pd.DataFrame, words):\n    for w in words:\n        t.loc[len(t)] = [w]\n",
            why="the frame is the caller's",
        ),
        Silent(
            f"{HEAD}def f(words):\n    t = pd.DataFrame(columns=['w'])\n    for w in words:\n        t.loc[w] = [w]\n",
            why="the same label twice writes one row",
        ),
    ),
    bench=Bench(
        setup="import pandas as pd",
        before='df = pd.DataFrame(columns=["a", "b"])\nfor i in range(n):\n    df.loc[len(df)] = [i, "x"]',
        after='rows = []\nfor i in range(n):\n    rows.append([i, "x"])\ndf = pd.DataFrame(rows, columns=["a", "b"])',
        sizes=(3, 30, 100),
        losing="n = 1\nimport pandas as pd",
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        bound = match_pattern("$frame.loc[len($frame)]", assign.targets[0].target, view.facts)
        frame = bound["frame"] if bound else None
        if not isinstance(frame, cst.Name) or len(assign.targets) != 1:
            continue
        growth = growth_in_loop(view, frame.value, assign)
        if growth is not None and isinstance(assign.value, cst.List | cst.Tuple | cst.Dict):
            yield Match(
                assign,
                captures={"frame": frame, "growth": growth, "row": assign.value},
                needs=(needs.holds(_is_empty_frame(view, growth.value), f"`{frame.value}` starts with columns only"),),
            )


def change(match: Match, view: View) -> Rewrite:
    growth: Growth = match.captures["growth"]
    rows = frames.free_name(view, f"{growth.name}_rows")
    call = growth.value
    assert isinstance(call, cst.Call)
    made = f"{view.code(call.func)}({rows}, columns={view.code(call.args[0].value)})"
    return Rewrite(
        (
            Replacement.of(growth.made, f"{rows} = []"),
            Replacement.of(growth.step, f"{rows}.append({view.code(match.captures['row'])})"),
        ),
        (Insertion(growth.loop, f"{growth.name} = {made}", after=True),),
    )


def _is_empty_frame(view: View, made: cst.BaseExpression) -> bool:
    """Whether it is `pd.DataFrame(columns=...)`: a row by name or place needs the columns."""
    if not isinstance(made, cst.Call) or view.facts.qualified_name(made.func) != "pandas.DataFrame":
        return False
    keywords = [arg.keyword.value if arg.keyword is not None else "" for arg in made.args]
    return keywords == ["columns"] and _is_constant(made.args[0].value)


def _is_constant(node: cst.BaseExpression) -> bool:
    """Whether it is a list of literals, which gives the same after the loop as before it."""
    elements = node.elements if isinstance(node, cst.List | cst.Tuple) else ()
    return bool(elements) and all(isinstance(e.value, cst.SimpleString | cst.Integer) for e in elements)
