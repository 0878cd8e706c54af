"""A coroutine that looks again and again whether something has happened.

## What it does
Finds `while not ready: await asyncio.sleep(0.1)` where the loop does nothing else, and names `asyncio.Event` and
`asyncio.Condition`.

## Why it is slow
The coroutine wakes up to look, whether or not anything changed, and what it waits for is seen half an interval late on
average; a task that waits for an event is not run until the event is set.

## When it is not the same
Whoever changes the state has to set the event.

## When it is not faster
Where the state is kept by another process or library, which nobody can ask for a signal.

## References
Python documentation, `asyncio.Event`; ruff ASYNC110.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst, match_pattern

POLL = """
import asyncio


async def wait(job):
    while not job.done:
        await asyncio.sleep(0.01)
    return job.result
"""

RULE = Rule(
    code="PA412",
    name="state-polled",
    message="`{test}` is looked at again every `{pause}` seconds, and seen late",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=POLL, after=POLL, applicability=DISPLAY),),
    silent=(
        Silent(POLL.replace("asyncio.sleep(0.01)", "job.changed.wait()"), why="waits for an event"),
        Silent(
            "import asyncio\n\n\nasync def run(job):\n    while True:\n        job.step()\n"
            "        await asyncio.sleep(1)\n",
            why="does something in each turn",
        ),
        Silent(POLL.replace("not job.done", "True"), why="looks at nothing"),
        Silent(POLL.replace("0.01", "0"), why="only lets others run"),
        Silent(
            POLL.replace("import asyncio\n", "import asyncio\n\nfrom jobs import sleep\n").replace(
                "asyncio.sleep", "sleep"
            ),
            why="another sleep",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.While):
        line = loop.body.body[0] if len(loop.body.body) == 1 else None
        step = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        waited = step.value.expression if isinstance(step, cst.Expr) and isinstance(step.value, cst.Await) else None
        bound = match_pattern("asyncio.sleep($pause)", waited, view.facts) if waited is not None else None
        constant = isinstance(loop.test, cst.Name) and loop.test.value == "True"
        if bound is None or constant or isinstance(loop.test, cst.Integer) or view.code(bound["pause"]) in ("0", "0.0"):
            continue
        note = "let what changes it set an `asyncio.Event`, and await its `wait()`"
        yield Match(loop.test, {"test": loop.test, "pause": bound["pause"]}, note=note, fixable=False)
