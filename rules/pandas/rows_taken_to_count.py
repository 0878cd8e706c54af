"""Rows of a frame selected only to count them.

## What it does
Finds `len(df[mask])`, `len(df.loc[mask])`, `df[mask].shape[0]` where `mask` is a comparison of columns, and counts the
mask itself: `int(mask.sum())`.

## Why it is slow
Selecting copies every column of the rows that match, object columns item by item; the mask alone is one byte per row.

## When it is not the same
A mask with an index of its own is aligned, or refused, by the selection: the rule asks for comparisons of columns of
that very frame. Where labels of columns occur twice, the mask is a frame.

## When it is not faster
Nearly always faster; for tiny frames both cost some 50 microseconds.

## References
pandas documentation, "Indexing and selecting data": boolean indexing.
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
    parenthesised,
)

HEAD = "import pandas as pd\n\n"
PATTERNS = ("len($frame.loc[$mask])", "len($frame[$mask])", "$frame.loc[$mask].shape[0]", "$frame[$mask].shape[0]")

LITERALS = (cst.Integer, cst.SimpleString, cst.Name, cst.List, cst.Attribute, cst.Subscript, cst.FormattedString)

RULE = Rule(
    code="PA607",
    name="rows-taken-to-count",
    message="rows of `{frame}` are copied only to be counted",
    cure="sum the mask",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("labels of columns that occur twice",),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> int:
    return len(df[(df["a"] > 1) & ~(df.b == 0)])
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> int:
    return int(((df["a"] > 1) & ~(df.b == 0)).sum())
""",
            generated={"df": "DataFrame[a: float, b: int]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame, name: str) -> list[int]:
    return [df.loc[df["name"] == name].shape[0], len(df[df["name"].isna()])]
""",
            after=f"""{HEAD}def f(df: pd.DataFrame, name: str) -> list[int]:
    return [int((df["name"] == name).sum()), int(df["name"].isna().sum())]
""",
            generated={"df": "DataFrame[name: str]", "name": "str"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs, m):\n    return len(xs[m > 1])\n", why="`xs` may be an array or a dict"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame, other: pd.DataFrame):\n    return len(df[other['a'] > 1])\n",
            why="the mask of another frame is aligned first",
        ),
        Silent(f"{HEAD}def f(df: pd.DataFrame):\n    return len(df[['a', 'b']])\n", why="columns, not rows"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    rows = df[df['a'] > 1]\n    return len(rows), rows\n",
            why="the rows are used",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": range(n), "b": 0.5, "c": "x"})',
        before='len(df[df["a"] > n // 2])',
        after='int((df["a"] > n // 2).sum())',
        sizes=(10, 1000, 100_000),
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Call, cst.Subscript):
        bound = next((b for p in PATTERNS if (b := match_pattern(p, node, view.facts)) is not None), None)
        if bound is not None and frames.is_simple(bound["frame"]) and not isinstance(bound["mask"], LITERALS):
            own = _is_own_mask(view, bound["mask"], view.code(bound["frame"]))
            claim = f"the mask compares columns of `{view.code(bound['frame'])}`"
            yield Match(node, bound, needs=(frames.is_frame(view, bound["frame"]), needs.holds(own, claim)))


def change(match: Match, view: View) -> Rewrite:
    mask = parenthesised(view.code(match.captures["mask"]))
    return Rewrite((Replacement.of(match.node, f"int({mask}.sum())"),))


def _is_own_mask(view: View, mask: cst.BaseExpression, frame: str) -> bool:
    """Whether it is made of comparisons of the frame's own columns with constants, names, or each other."""
    if isinstance(mask, cst.BinaryOperation) and isinstance(mask.operator, cst.BitAnd | cst.BitOr):
        return _is_own_mask(view, mask.left, frame) and _is_own_mask(view, mask.right, frame)
    if isinstance(mask, cst.UnaryOperation) and isinstance(mask.operator, cst.BitInvert):
        return _is_own_mask(view, mask.expression, frame)
    tested = frames.method_call(mask, "isna", "notna", "isnull", "notnull", "isin", "between")
    if tested is not None:
        return _is_own_column(view, tested[0], frame)
    if not isinstance(mask, cst.Comparison) or len(mask.comparisons) != 1:
        return False
    comparison = mask.comparisons[0]
    inside = isinstance(comparison.operator, cst.In | cst.NotIn | cst.Is | cst.IsNot)
    other = view.facts.type_of(comparison.comparator).type
    same = _is_own_column(view, comparison.comparator, frame) or other is None or other.name != "pandas.Series"
    return not inside and _is_own_column(view, mask.left, frame) and same


def _is_own_column(view: View, node: cst.BaseExpression, frame: str) -> bool:
    if isinstance(node, cst.Subscript):
        return frames.label_of(node) is not None and view.code(node.value) == frame
    known = frames.is_series(view, node).answer.holds
    return isinstance(node, cst.Attribute) and view.code(node.value) == frame and known
