"""Dates of a Series parsed item by item.

## What it does
Finds `s.apply(pd.to_datetime)`, `s.map(lambda x: pd.to_datetime(x, ...))` and `s.apply(lambda x: datetime.strptime(x,
format))`, and parses the whole Series at once: `pd.to_datetime(s, format=...)`.

## Why it is slow
Each call finds its way through type checks and format guesses again: 50 to 100 microseconds an item for `to_datetime`,
5 for `strptime`. Parsed at once the format is looked at once, equal items are parsed once, and the loop runs in C.

## When it is not the same
Without a format the one of the first item holds for all: items written otherwise raise, where item by item each was
guessed. Missing items become NaT where `strptime` raises. The resolution (microseconds, nanoseconds) may be another.

## When it is not faster
For fewer than about five items.

## References
pandas documentation, `to_datetime`: `format`, `cache`.
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
from perf_advise.rulekit.columns import lambda_of

HEAD = "import pandas as pd\n\n"
PARSERS = frozenset({"pandas.to_datetime", "pandas.to_numeric", "pandas.to_timedelta"})
STRPTIME = "datetime.datetime.strptime"

RULE = Rule(
    code="PA610",
    name="dates-parsed-one-by-one",
    message="each item of `{series}` is parsed by a call of its own",
    cure="parse the whole Series at once",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("items in formats of their own", "missing items", "the resolution of the dates"),
    imports=("pandas",),
    examples=(
        Example(
            before=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return df["day"].apply(lambda x: pd.to_datetime(x, format="%d.%m.%Y"))
""",
            after=f"""{HEAD}def f(df: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(df["day"], format="%d.%m.%Y")
""",
            calls=(
                "f(pd.DataFrame({'day': ['01.02.2024', '29.02.2024', '01.02.2024']}, index=[3, 3, 1])).dt.day.tolist()",
            ),
            applicability=UNSAFE,
        ),
        Example(
            before="""import pandas as pd
from datetime import datetime

def f(s: pd.Series) -> list[int]:
    return s.map(lambda text: datetime.strptime(text, "%Y/%m/%d")).dt.year.tolist()
""",
            after="""import pandas as pd
from datetime import datetime

def f(s: pd.Series) -> list[int]:
    return pd.to_datetime(s, format="%Y/%m/%d").dt.year.tolist()
""",
            calls=("f(pd.Series(['2024/01/31', '1999/12/01']))",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("import pandas as pd\ndef f(xs):\n    return xs.apply(pd.to_datetime)\n", why="`xs` may be a frame"),
        Silent(
            f"{HEAD}def f(s: pd.Series):\n    return s.apply(lambda x: pd.to_datetime(x, format=x[:2]))\n",
            why="the format depends on the item",
        ),
        Silent(f"{HEAD}def f(s: pd.Series):\n    return pd.to_datetime(s)\n", why="parsed at once already"),
    ),
    bench=Bench(
        setup='import pandas as pd\ns = pd.Series([f"2024-01-{i % 28 + 1:02}" for i in range(n)])',
        before='s.apply(lambda x: pd.to_datetime(x, format="%Y-%m-%d"))',
        after='pd.to_datetime(s, format="%Y-%m-%d")',
        sizes=(10, 100, 1000),
        losing='n = 1\nimport pandas as pd\ns = pd.Series(["2024-01-01"])',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        called = frames.method_call(call, "apply", "map")
        parsed = _parsed(view, call) if called is not None and len(call.args) == 1 else None
        if called is not None and parsed is not None:
            yield Match(call, {"series": called[0], "parsed": parsed}, needs=(frames.is_series(view, called[0]),))


def change(match: Match, view: View) -> Rewrite:
    function, options = match.captures["parsed"]
    name = f"{view.name_of('pandas')}.{function}"
    arguments = "".join(f", {option}" for option in options)
    code = f"{name}({view.code(match.captures['series'])}{arguments})"
    return Rewrite((Replacement.of(match.node, code),), imports=RULE.imports)


def _parsed(view: View, call: cst.Call) -> tuple[str, list[str]] | None:
    """The name of pandas' function, and its options."""
    direct = view.facts.qualified_name(call.args[0].value)
    if direct in PARSERS:
        return direct.rpartition(".")[2], []
    function = lambda_of(call)
    if function is None or not isinstance(function[1], cst.Call) or not function[1].args:
        return None
    item, inner = function
    first, *rest = inner.args  # type: ignore[attr-defined]
    name = view.facts.qualified_name(inner.func)  # type: ignore[attr-defined]
    if not isinstance(first.value, cst.Name) or first.value.value != item or first.keyword or first.star:
        return None
    if name == STRPTIME and len(rest) == 1 and isinstance(rest[0].value, cst.SimpleString):
        return "to_datetime", [f"format={view.code(rest[0].value)}"]
    plain = all(a.keyword is not None and isinstance(a.value, cst.SimpleString | cst.Name) for a in rest)
    mentions = any(isinstance(a.value, cst.Name) and a.value.value == item for a in rest)
    if name not in PARSERS or not plain or mentions:
        return None
    return name.rpartition(".")[2], [f"{a.keyword.value}={view.code(a.value)}" for a in rest]
