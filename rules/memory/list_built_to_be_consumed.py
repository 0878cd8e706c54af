"""A list built only to be gone over once.

## What it does
In functions that allocate much memory, finds `sum([...])`, `max([...])`, `set([...])` and the like over a list
comprehension, and `for line in file.readlines()`. It writes no code: it trades time for memory.

## Why it is slow
All items are in memory at the same time, where one at a time is enough.

## When it is not the same
The items are computed between the steps of what consumes them: computing them must have no effect that the consumer
could see. A loop over a file itself must not read or close the file inside.

## When it is not faster
It is not meant to be: a generator takes 1.3 to 1.7 times as long as the list where memory is plenty. That is why the
rule only looks at functions that a memory profile (memray, scalene, tracemalloc) marks as hot.

## References
PEP 289; measured in time: 0.60 - 0.77x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Need, NeedKind, Rule, Silent, View, cst, match_pattern

CONSUMERS = frozenset(f"builtins.{name}" for name in ("sum", "max", "min", "set", "frozenset", "any", "all"))

SQUARES = """
def f(xs: list[int]) -> int:
    return sum([x * x for x in xs])
"""
LINES = """
def count(path):
    n = 0
    with open(path) as file:
        for line in file.readlines():
            n += len(line.split())
    return n
"""

WITHOUT_LIST = "hand over a generator: leave out the brackets"

RULE = Rule(
    code="PA805",
    name="list-built-to-be-consumed",
    message="`{call}` holds all items in memory at once, to go over them a single time",
    applicability=DISPLAY,
    hotness=Hotness.ALLOCATION,
    examples=(
        Example(before=SQUARES, after=SQUARES, calls=("f([1, 2])",), applicability=DISPLAY),
        Example(before=LINES, after=LINES, applicability=DISPLAY),
    ),
    silent=(
        Silent("def f(xs: list[int]) -> int:\n    return sum(x * x for x in xs)\n", why="a generator already"),
        Silent("def f(xs: list[int]) -> int:\n    return len([x for x in xs])\n", why="a generator has no length"),
        Silent(
            "def f(xs: list[str]) -> str:\n    return ''.join([x for x in xs])\n",
            why="`join` makes a list of it anyway",
        ),
        Silent(
            "def f(out: list[int], xs: list[int]) -> int:\n    return sum([out.append(x) or x for x in xs])\n",
            why="computing the items has an effect",
        ),
        Silent("def f(file):\n    lines = file.readlines()\n    return lines[-1]\n", why="the list is what is wanted"),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        items = call.args[0].value if call.args and not call.args[0].star else None
        alone = all(arg.keyword is not None for arg in call.args[1:])
        if isinstance(items, cst.ListComp) and alone and view.facts.qualified_name(call.func) in CONSUMERS:
            pure = Need(view.facts.is_pure(items), "computing the items has no effect", NeedKind.REPAIR)
            yield Match(
                call, {"call": call}, (pure,), note="hand over a generator: leave out the brackets", fixable=False
            )
        holder = view.parent(call)
        lines = match_pattern("$_.readlines()", call, view.facts) is not None
        if lines and isinstance(holder, cst.For) and holder.iter is call:
            yield Match(call, {"call": call}, note="iterate over the file itself, line by line", fixable=False)
