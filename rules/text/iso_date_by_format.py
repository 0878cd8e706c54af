"""An ISO date parsed by `strptime` with a format.

## What it does
Finds `datetime.strptime(text, "%Y-%m-%d")` and the ISO formats with a time of day, and calls
`datetime.fromisoformat`.

## Why it is slow
`strptime` is written in Python: it looks up a compiled pattern and the locale, matches, and computes from the groups,
about 3 microseconds. `fromisoformat` is 0.1 microseconds of C.

## When it is not the same
`fromisoformat` takes every ISO form: with a time of day, a zone, or as a week date; and it refuses digits left out,
which `strptime` takes (`2024-1-2`). Both raise ValueError, with other texts.

## When it is not faster
Always faster (Python 3.11 and later read every ISO form).

## References
Python documentation, `datetime.fromisoformat`; ruff FURB162 for the like.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Hotness, Match, Replacement, Rewrite, Rule, Silent, View, cst

FORMATS = frozenset(
    {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S.%f",
     "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z"}
)  # fmt: skip

RULE = Rule(
    code="PA705",
    name="iso-date-by-format",
    message="`strptime` parses an ISO date in Python, which `fromisoformat` reads in C",
    cure="call `fromisoformat`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("other ISO forms are accepted, and digits left out are not", "the text of the ValueError"),
    examples=(
        Example(
            before="""
from datetime import datetime

def days(lines: list[str]) -> list[datetime]:
    return [datetime.strptime(line, "%Y-%m-%d") for line in lines]
""",
            after="""
from datetime import datetime

def days(lines: list[str]) -> list[datetime]:
    return [datetime.fromisoformat(line) for line in lines]
""",
            calls=("days(['2024-02-29', '1999-01-01'])", "days([])"),
            applicability=UNSAFE,
        ),
        Example(
            before="""
import datetime as dt

def when(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")
""",
            after="""
import datetime as dt

def when(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
""",
            calls=("when('2024-02-29T23:59:59')",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "from datetime import datetime\ndef f(s):\n    return datetime.strptime(s, '%d.%m.%Y')\n", why="no ISO form"
        ),
        Silent(
            "from datetime import datetime\ndef f(s, form):\n    return datetime.strptime(s, form)\n",
            why="the format is not known",
        ),
        Silent(
            "import time\ndef f(s):\n    return time.strptime(s, '%Y-%m-%d')\n",
            why="`time.strptime` gives another type",
        ),
        Silent(
            "from datetime import datetime\ndef f(s):\n    return datetime.strptime(s, '%y-%m-%d')\n",
            why="years of two digits",
        ),
    ),
    bench=Bench(
        setup='from datetime import datetime\nlines = ["2024-02-29"] * n',
        before='for line in lines:\n    datetime.strptime(line, "%Y-%m-%d")',
        after="for line in lines:\n    datetime.fromisoformat(line)",
        sizes=(1, 100, 1000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if view.facts.qualified_name(call.func) != "datetime.datetime.strptime" or len(call.args) != 2:
            continue
        form = call.args[1].value
        plain = not any(arg.keyword or arg.star for arg in call.args)
        if plain and isinstance(form, cst.SimpleString) and form.evaluated_value in FORMATS:
            yield Match(call)


def change(match: Match, view: View) -> Rewrite:
    call = cst.ensure_type(match.node, cst.Call)
    owner = view.code(cst.ensure_type(call.func, cst.Attribute).value)
    return Rewrite((Replacement.of(call, f"{owner}.fromisoformat({view.code(call.args[0].value)})"),))
