"""A task that is waited for as soon as it is submitted.

## What it does
Finds `executor.submit(f, x).result()` in a loop.

## Why it is slow
Each call waits for the task before it submits the next one: the pool never runs more than one, and each task pays
for the way there and back (about 0.1 ms for a process, 15 us for a thread).

## When it is not the same
Submitting all tasks first runs those behind an exception as well, and they run side by side.

## When it is not faster
One task at a time is right where each needs the result of the one before.

## References
Python documentation, `concurrent.futures`; measured 107 us per task.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst

RULE = Rule(
    code="PA302",
    name="result-right-after-submit",
    message="each task is waited for before the next one is submitted: the pool runs one at a time",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(
        Example(
            before="def f(executor, work, xs):\n    return [executor.submit(work, x).result() for x in xs]\n",
            after="def f(executor, work, xs):\n    return [executor.submit(work, x).result() for x in xs]\n",
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent("def f(executor, work, x):\n    return executor.submit(work, x).result()\n", why="one task only"),
        Silent(
            "def f(executor, work, xs):\n    futures = [executor.submit(work, x) for x in xs]\n"
            "    return [future.result() for future in futures]\n",
            why="all are submitted first",
        ),
        Silent("def f(form, xs):\n    return [form.submit(x).status for x in xs]\n", why="not a future"),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        inner = call.func.value if isinstance(call.func, cst.Attribute) and call.func.attr.value == "result" else None
        if isinstance(inner, cst.Call) and not call.args and _submits(inner) and view.repeats(call):
            yield Match(call, note="submit all tasks first, or use `executor.map`, then take the results in order")


def _submits(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "submit" and bool(call.args)
