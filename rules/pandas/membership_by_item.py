"""Membership of the items of a Series tested one by one.

## What it does
Finds `s.apply(lambda x: x in known)` and `s.map(...)`, `not in` likewise, where `known` is a list, tuple or set, and
calls `s.isin(known)`.

## Why it is slow
A Python call per item, and a scan of `known` where that is a list: O(n * m). `isin` hashes once, in C.

## When it is not the same
A missing item is equal to another missing one for `isin`, and to none for `in` unless it is the very same object.
Values are compared in the dtype of the Series: a date in a text, or an int beyond 2**53 beside floats, may answer
otherwise.

## When it is not faster
For fewer than about 300 items of a Series tested against a set.

## References
pandas documentation, `Series.isin`.
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

RULE = Rule(
    code="PA609",
    name="membership-by-item",
    message="each item of `{series}` is looked up in `{known}` by a Python call",
    cure="call `isin`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("missing items", "values of another type than the dtype"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    return df[df["name"].apply(lambda x: x not in known)]
""",
            after=f"""{HEAD}def f(df: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    return df[~df["name"].isin(known)]
""",
            generated={"df": "DataFrame[name: str, a: int, filled]", "known": "list[str]"},
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return s.map(lambda code: code in (1, 3, 5))
""",
            after=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return s.isin((1, 3, 5))
""",
            generated={"s": "Series[smallint, filled]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            f"{HEAD}def f(s: pd.Series, text: str):\n    return s.apply(lambda x: x in text)\n",
            why="part of a text, not membership",
        ),
        Silent(
            f"{HEAD}def f(s: pd.Series, known: list[str]):\n    return s.apply(lambda x: 'a' in x)\n",
            why="the items are the containers",
        ),
        Silent(
            f"{HEAD}def f(s: pd.Series, known):\n    return s.apply(lambda x: x in known)\n",
            why="`known` may be a text or a frame",
        ),
        Silent("def f(s, known: set[int]):\n    return s.apply(lambda x: x in known)\n", why="`s` may be anything"),
    ),
    bench=Bench(
        setup="import pandas as pd\ns = pd.Series(range(n)); known = list(range(0, 40, 2))",
        before="s.apply(lambda x: x in known)",
        after="s.isin(known)",
        sizes=(100, 1000, 100_000),
        losing="n = 10\nimport pandas as pd\ns = pd.Series(range(n)); known = {1, 2}",
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply", "map")
        function = lambda_of(call) if called is not None and len(call.args) == 1 else None
        if called is None or function is None:
            continue
        item, test = function
        if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
            continue
        part = test.comparisons[0]
        is_item = isinstance(test.left, cst.Name) and test.left.value == item
        if is_item and isinstance(part.operator, cst.In | cst.NotIn):
            yield Match(
                call,
                captures={
                    "series": called[0],
                    "known": part.comparator,
                    "negated": isinstance(part.operator, cst.NotIn),
                },
                needs=(
                    frames.is_series(view, called[0]),
                    needs.is_type(view, part.comparator, "list", "tuple", "set", "frozenset"),
                ),
            )


def change(match: Match, view: View) -> Rewrite:
    code = f"{view.code(match.captures['series'])}.isin({view.code(match.captures['known'])})"
    attribute = isinstance(view.parent(match.node), cst.Attribute)
    negated = f"(~{code})" if attribute else f"~{code}"
    return Rewrite((Replacement.of(match.node, negated if match.captures["negated"] else code),))
