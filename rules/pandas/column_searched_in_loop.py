"""Membership in a column tested again and again by a scan.

## What it does
Finds `x in df["a"].values` (and `.unique()`, `.tolist()`) in a loop that does not change the frame, and tests against
a set that is made once before the loop.

## Why it is slow
Each test compares the whole column: O(n). `unique` and `tolist` build it anew besides. A set answers in O(1).

## When it is not the same
A test against an array compares by NumPy's rules: a number in a column of texts is just not found either way, a date
text is not a date in a set. A missing value is found in a set where it is the very same object. Values have to be
hashable.

## When it is not faster
For one or two tests: making the set costs as much as several scans.

## References
Python wiki, TimeComplexity: `x in s` for list and set.
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
    variable_uses,
)
from perf_advise.rulekit.cells import cells_in

HEAD = "import pandas as pd\n\n"
PATTERNS = (
    "$column.values",
    "$column.unique()",
    "$column.tolist()",
    "$column.to_list()",
    "list($column)",
    "set($column)",
)

RULE = Rule(
    code="PA615",
    name="column-searched-in-loop",
    message="`in {searched}` scans the column in each iteration: O(n) per test",
    cure="make a set of the column before the loop",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("values that are not hashable", "dates compared with texts", "missing values"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame, names: list[str]) -> list[str]:
    missing = []
    for name in names:
        if name not in df["name"].values:
            missing.append(name)
    return missing
""",
            after=f"""{HEAD}def f(df: pd.DataFrame, names: list[str]) -> list[str]:
    missing = []
    name_set = set(df["name"])
    for name in names:
        if name not in name_set:
            missing.append(name)
    return missing
""",
            generated={"df": "DataFrame[name: str]", "names": "list[str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t, xs):\n    return [x for x in xs if x in t['a'].values]\n", why="`t` may be anything"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, xs):\n    for x in xs:\n        print(x in df['a'])\n",
            why="that tests the labels of the index, by a hash table",
        ),
        Silent(f"{HEAD}def f(df: pd.DataFrame, x):\n    return x in df['a'].values\n", why="tested once"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, xs):\n    for x in xs:\n        if x not in df['a'].values:\n"
            "            df.loc[len(df)] = x\n",
            why="the loop changes the frame",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": range(n)})\nxs = list(range(0, 2 * n, 2))',
        before='for x in xs:\n    x in df["a"].values',
        after='a_set = set(df["a"])\nfor x in xs:\n    x in a_set',
        sizes=(10, 100, 1000),
        losing='n = 1000\nimport pandas as pd\ndf = pd.DataFrame({"a": range(n)})\nxs = [1]',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        part = test.comparisons[0]
        loops = [loop for loop in view.turns(test) if isinstance(loop, cst.For | cst.While)]
        if len(test.comparisons) != 1 or not isinstance(part.operator, cst.In | cst.NotIn) or not loops:
            continue
        bound = next((b for p in PATTERNS if (b := match_pattern(p, part.comparator, view.facts)) is not None), None)
        column = bound["column"] if bound else None
        if isinstance(column, cst.Subscript) and frames.label_of(column) is not None and frames.is_simple(column.value):
            yield _match(view, part.comparator, column, loops[0])


def change(match: Match, view: View) -> Rewrite:
    column = match.captures["column"]
    label = frames.label_of(column) or "values"
    name = frames.free_name(view, f"{label}_set".lower() if label.isidentifier() else "known")
    line = Insertion(match.captures["loop"], f"{name} = set({view.code(column)})")
    return Rewrite((Replacement.of(match.captures["searched"], name),), (line,))


def _match(view: View, searched: cst.BaseExpression, column: cst.Subscript, loop: cst.For | cst.While) -> Match:
    frame = view.code(column.value)
    uses = [use for use in variable_uses(view, frame.partition(".")[0]) if view.inside(use, loop.body)]
    rest = [use for use in uses if not view.inside(use, searched)]
    cells = cells_in(view, loop.body, frame)
    kept = not rest or (cells is not None and not cells[1])
    return Match(
        searched,
        captures={"searched": searched, "column": column, "loop": loop},
        needs=(frames.is_frame(view, column.value), needs.holds(kept, f"the loop does not change `{frame}`")),
    )
