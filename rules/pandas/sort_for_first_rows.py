"""A frame or Series sorted to take the first few rows.

## What it does
Finds `df.sort_values("a").head(3)` and the like with a small constant number, and calls `nsmallest` or `nlargest`.

## Why it is slow
Sorting is O(n log n) and copies every row; finding the k extreme rows is O(n) and copies k.

## When it is not the same
Of equal values `nsmallest` and `nlargest` keep the first ones in order, `sort_values` any (its default algorithm is not
stable). Missing values are sorted last, and are only taken by a sort when there are too few others; `nsmallest` of a
Series leaves them out. A column of texts can be sorted, and has no `nsmallest`: TypeError.

## When it is not faster
For fewer than about a thousand rows.

## References
pandas documentation, `DataFrame.nsmallest`: "equivalent to `df.sort_values(columns).head(n)`, but more performant".
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
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

HEAD = "import pandas as pd\n\n"
MOST = 100

RULE = Rule(
    code="PA608",
    name="sort-for-first-rows",
    message="`{table}` is sorted whole to take {count} rows: O(n log n)",
    cure="call `{method}`",
    applicability=UNSAFE,
    differences=("which of equal rows are taken", "missing values", "TypeError for texts"),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    return df.sort_values("a", ascending=False).head(3)
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.DataFrame:
    return df.nlargest(3, "a")
""",
            calls=("f(pd.DataFrame({'a': [3.5, 1.0, 9.0, 4.0, 2.0], 'b': list('vwxyz')}, index=[5, 5, 1, 0, 2]))",),
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return s.sort_values()[:2]
""",
            after=f"""{HEAD}def f(s: pd.Series) -> pd.Series:
    return s.nsmallest(2)
""",
            calls=("f(pd.Series([3, 1, 9, 4], index=list('abcd')))", "f(pd.Series([3]))"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(t):\n    return t.sort_values('a').head(3)\n", why="`t` may be anything"),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.sort_values('a').tail(3)\n",
            why="the last rows keep the ascending order: nlargest turns it round",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.sort_values('a').head(5000)\n",
            why="for many rows the sort is as fast",
        ),
        Silent(
            f"{HEAD}def f(df: pd.DataFrame):\n    return df.sort_values('a', kind='stable').head(3)\n",
            why="a stable sort was asked for",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\ndf = pd.DataFrame({"a": [(i * 7919) % 10007 for i in range(n)], "b": "x"})',
        before='df.sort_values("a").head(3)',
        after='df.nsmallest(3, "a")',
        sizes=(1000, 10_000, 100_000),
        losing='n = 10\nimport pandas as pd\ndf = pd.DataFrame({"a": range(n), "b": "x"})',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Call, cst.Subscript):
        taken = _taken(node)
        called = frames.method_call(taken[0], "sort_values") if taken is not None else None
        method = _method(called[1]) if called is not None else None
        if taken is None or called is None or method is None:
            continue
        whole = len(called[1].args) > 0 and called[1].args[0].keyword is None
        yield Match(
            node,
            captures={"table": called[0], "sort": called[1], "count": taken[1], "method": method},
            needs=(needs.is_type(view, called[0], "pandas.DataFrame" if whole else "pandas.Series"),),
        )


def change(match: Match, view: View) -> Rewrite:
    table, sort = view.code(match.captures["table"]), match.captures["sort"]
    by = [view.code(arg.value) for arg in sort.args if arg.keyword is None]
    arguments = ", ".join([match.captures["count"], *by])
    return Rewrite((Replacement.of(match.node, f"{table}.{match.captures['method']}({arguments})"),))


def _taken(node: cst.CSTNode) -> tuple[cst.BaseExpression, str] | None:
    """What `x.head(3)` or `x[:3]` takes from, and how many."""
    called = frames.method_call(node, "head")
    if called is not None and len(called[1].args) == 1:
        count: cst.CSTNode | None = called[1].args[0].value
        base = called[0]
    elif isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        part = node.slice[0].slice
        count, base = (part.upper if part.lower is None and part.step is None else None), node.value
    else:
        return None
    small = isinstance(count, cst.Integer) and 0 < int(count.value) <= MOST
    return (base, count.value) if small and isinstance(count, cst.Integer) else None


def _method(sort: cst.Call) -> str | None:
    """`nsmallest` or `nlargest`; None where the sort is asked for more than one column and a direction."""
    named = {arg.keyword.value: arg.value for arg in sort.args if arg.keyword is not None}
    if len(sort.args) - len(named) > 1 or set(named) - {"ascending"}:
        return None
    direction = named.get("ascending")
    if direction is not None and not isinstance(direction, cst.Name):
        return None
    return {"True": "nsmallest", "False": "nlargest"}.get(direction.value if direction is not None else "True")
