"""Thousands of items sent to worker processes one by one.

## What it does
Finds `ProcessPoolExecutor.map` without `chunksize` over a range of a thousand numbers or more.

## Why it is slow
Every item is pickled, sent, and its result sent back by itself: about 0.1 ms each, whatever the call costs.

## When it is not the same
Results come in the same order. After an exception the results behind it in its chunk are lost.

## When it is not faster
Where a call takes milliseconds, or calls differ so much in cost that large chunks leave workers idle.

## References
Python documentation, `Executor.map`; measured 107 us per task at chunk size 1, 2 us at 64.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst
from perf_advise.rulekit.pools import mapped, pools

MANY = 1000

_SINGLE = """
from concurrent.futures import ProcessPoolExecutor


def run(work):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(work, range(100000)))
"""

RULE = Rule(
    code="PA304",
    name="single-items-to-processes",
    message="each of these items goes to a worker and back by itself: about 0.1 ms per item",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=_SINGLE, after=_SINGLE, applicability=DISPLAY),),
    silent=(
        Silent(_SINGLE.replace("100000)", "100000), chunksize=500"), why="sent in chunks"),
        Silent(_SINGLE.replace("100000", "8"), why="eight items only"),
        Silent(_SINGLE.replace("Process", "Thread"), why="threads send nothing"),
        Silent(
            "from multiprocessing import Pool\n\n\ndef f(work):\n    with Pool() as pool:\n"
            "        return pool.map(work, range(100000))\n",
            why="`Pool.map` makes chunks itself",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for pool in pools(view):
        if pool.kind != "process" or not pool.made_by.endswith("ProcessPoolExecutor"):
            continue
        for call in mapped(view, pool):
            if all(arg.keyword is None for arg in call.args) and _is_long(view, call):
                yield Match(call, note="add `chunksize`, such that a chunk takes some ten milliseconds")


def _is_long(view: View, call: cst.Call) -> bool:
    """Whether what is mapped is known to have many items."""
    items = call.args[1].value if len(call.args) > 1 else None
    if not isinstance(items, cst.Call) or not view.facts.is_called(items, "builtins.range").holds:
        return False
    stop = view.facts.interval(items.args[-1].value) if len(items.args) < 3 else None
    start = view.facts.interval(items.args[0].value) if len(items.args) == 2 else None
    return stop is not None and stop.low - (start.high if start is not None else 0) >= MANY
