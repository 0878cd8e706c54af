"""The rows of each key of a column selected by a scan of the whole column.

## What it does
Finds `for key in df["k"].unique(): part = df[df["k"] == key]` and iterates over the groups: `for key, part in
df.groupby("k", sort=False)`.

## Why it is slow
Each selection compares the whole column and copies its rows: O(n * m) for m keys. `groupby` sorts the rows into groups
once: O(n).

## When it is not the same
Rows whose key is missing are in no group, where `unique` gives the missing key, with no rows that are equal to it. A
categorical column gives its categories in their own order. A part is a copy
of its rows in either case.

## When it is not faster
For two or three keys.

## References
pandas documentation, "Group by: split-apply-combine", iterating through groups.
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
    match_pattern,
    needs,
    variable_uses,
)

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA608",
    name="rows-selected-per-key",
    message="`{select}` scans the whole column for each of its keys: O(n) per key",
    cure="iterate over `groupby`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("rows with a missing key", "keys of a categorical column"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> dict[str, float]:
    totals = {{}}
    for name in df["name"].unique():
        part = df[df["name"] == name]
        totals[name] = part["a"].sum() + len(part)
    return totals
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> dict[str, float]:
    totals = {{}}
    for name, part in df.groupby("name", sort=False):
        totals[name] = part["a"].sum() + len(part)
    return totals
""",
            generated={"df": "DataFrame[name: str, a: smallint]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> list[pd.DataFrame]:
    parts = []
    for k in df["k"].unique():
        parts.append(df.loc[df.k == k].reset_index(drop=True))
    return parts
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> list[pd.DataFrame]:
    parts = []
    for k, group in df.groupby("k", sort=False):
        parts.append(group.reset_index(drop=True))
    return parts
""",
            generated={"df": "DataFrame[k: smallint, a: float]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, keys):\n    return [df[df['k'] == key] for key in keys]\n",
            why="keys from elsewhere: not each of them has rows, and some may come twice",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    for k in df['k'].unique():\n        df = df[df['k'] == k]\n",
            why="the frame is bound anew in the loop",
        ),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return [k for k in df['k'].unique()]\n", why="keys only"),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"k": [i % max(n // 20, 1) for i in range(n)], "a": 0.5})',
        before='for k in df["k"].unique():\n    len(df[df["k"] == k])',
        after='for k, part in df.groupby("k", sort=False):\n    len(part)',
        sizes=(100, 1000, 10_000),
        losing='n = 10\nimport pandas as pd\ndf = pd.DataFrame({"k": [1] * n, "a": 0.5})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For):
        bound = match_pattern("$column.unique()", loop.iter, view.facts)
        column = bound["column"] if bound else None
        label = frames.label_of(column) if column is not None else None
        if isinstance(column, cst.Subscript) and label is not None and isinstance(loop.target, cst.Name):
            selections = _selections(view, loop, column.value, label)
            if selections and frames.is_simple(column.value):
                yield _match(view, loop, column, selections)


def change(match: Match, view: View) -> Rewrite:
    loop, selections = match.captures["loop"], match.captures["selections"]
    frame, label = match.captures["frame"], match.captures["label"]
    named = _named(view, loop, selections)
    name = named[1] if named is not None else frames.free_name(view, "group")
    replacements = [Replacement.of(node, name) for node in selections] if not named else [Replacement.of(named[0], "")]
    groups = f"{view.code(frame)}.groupby({frames.quoted(label)}, sort=False)"
    header = (Replacement.of(loop.target, f"{loop.target.value}, {name}"), Replacement.of(loop.iter, groups))
    return Rewrite((*header, *replacements))


def _match(view: View, loop: cst.For, column: cst.Subscript, selections: list[cst.Subscript]) -> Match:
    frame = column.value
    root = frames.root_name(frame) or ""
    uses = [use for use in variable_uses(view, root) if view.inside(use, loop.body)]
    only = all(any(view.inside(use, selection) for selection in selections) for use in uses)
    key = cst.ensure_type(loop.target, cst.Name).value
    bound = [use for use in variable_uses(view, key) if view.inside(use, loop.body)]
    kept = not any(isinstance(view.parent(use), cst.AssignTarget) for use in bound)
    return Match(
        loop.iter,
        captures={"loop": loop, "frame": frame, "label": frames.label_of(column), "selections": selections,
                  "select": selections[0]},
        needs=(
            frames.is_frame(view, frame),
            needs.holds(only, f"the loop only selects from `{root}`", "it may change between the selections"),
            needs.holds(kept, "the key is not bound again in the loop"),
        ),
    )  # fmt: skip


def _selections(view: View, loop: cst.For, frame: cst.BaseExpression, label: str) -> list[cst.Subscript]:
    """The places in the loop that select the rows whose column is the key."""
    key = cst.ensure_type(loop.target, cst.Name).value
    found = []
    for node in view.walk(cst.Subscript):
        if not view.inside(node, loop.body):
            continue
        bound = match_pattern("$frame[$column == $key]", node, view.facts)
        bound = match_pattern("$frame.loc[$column == $key]", node, view.facts) or bound
        if bound is None or view.code(bound["frame"]) != view.code(frame) or view.code(bound["key"]) != key:
            continue
        column = bound["column"]
        by_name = isinstance(column, cst.Attribute) and column.attr.value == label
        same = isinstance(column, cst.Subscript | cst.Attribute) and view.code(column.value) == view.code(frame)
        if same and (by_name or frames.label_of(column) == label):
            found.append(node)
    return found


def _named(view: View, loop: cst.For, selections: list[cst.Subscript]) -> tuple[cst.CSTNode, str] | None:
    """The first statement of the loop and its variable, where it only names the selection."""
    assign = view.parent(selections[0])
    line = view.statement(selections[0])
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and len(selections) == 1
    if not isinstance(assign, cst.Assign) or not alone or len(assign.targets) != 1 or line is not loop.body.body[0]:
        return None
    target = assign.targets[0].target
    return (line, target.value) if isinstance(target, cst.Name) else None
