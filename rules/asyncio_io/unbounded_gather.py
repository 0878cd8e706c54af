"""All items of an input awaited at once, however many they are.

## What it does
Finds `asyncio.gather(*(f(x) for x in xs))` over an input of unknown length, in a file that bounds nothing.

## Why it is slow
Every item becomes a task at once: each holds memory, a socket or a file handle, and the server gets all requests
together. Past some hundred the requests time out, are refused or run out of file descriptors, and are made again.

## When it is not the same
It is advice: with `async with asyncio.Semaphore(20)` in the coroutine, at most 20 run at once (measured: 30 at once
became 5, results in the same order).

## When it is not faster
A few dozen items need no bound, nor do clients that bound their connections themselves (`aiohttp` 100, `httpx` 100);
what they hold while they wait is then only memory.

## References
Python documentation, `asyncio.Semaphore`, `asyncio.gather`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Comprehension, Example, Hotness, Match, Rule, Silent, View, cst

_FEW = 100
_BOUNDED = r"(?i)sem(?:aphore)?\b|_sem|limit|throttle|chunk|batch|connector|queue|worker"
_LOAD = (
    "import asyncio\n\n\nasync def load(session, urls):\n"
    "    return await asyncio.gather(*(session.get(url) for url in urls))\n"
)

RULE = Rule(
    code="PA405",
    name="unbounded-gather",
    message="every item of `{items}` becomes a task at once, however many there are",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=_LOAD, after=_LOAD, applicability=DISPLAY),),
    silent=(
        Silent(
            "import asyncio\n\n\nasync def f(ask, sem, xs):\n    async def one(x):\n        async with sem:\n"
            "            return await ask(x)\n    return await asyncio.gather(*(one(x) for x in xs))\n",
            why="a semaphore bounds it",
        ),
        Silent(
            "import asyncio\n\n\nasync def f(ask):\n    return await asyncio.gather(*(ask(x) for x in range(8)))\n",
            why="few items",
        ),
        Silent(
            "import asyncio\n\n\nasync def f(ask):\n    return await asyncio.gather(*(ask(x) for x in ('a', 'b')))\n",
            why="few items",
        ),
        Silent("import asyncio\n\n\nasync def f(a, b):\n    return await asyncio.gather(a(), b())\n", why="two tasks"),
        Silent(
            "import asyncio\n\n\nasync def f(ask, xs):\n    for at in range(0, len(xs), 20):\n"
            "        await asyncio.gather(*(ask(x) for x in xs[at : at + 20]))\n",
            why="a slice at a time",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if view.facts.qualified_name(call.func) != "asyncio.gather" or len(call.args) > 2 or view.repeats(call):
            continue
        comp = call.args[0].value if call.args and call.args[0].star == "*" else None
        if not isinstance(comp, cst.GeneratorExp | cst.ListComp) or view.in_file(_BOUNDED):
            continue
        items = comp.for_in.iter
        if isinstance(comp, Comprehension) and not _are_few(view, items):
            note = "hold an `asyncio.Semaphore` in the coroutine, so that only some run at once"
            yield Match(call, captures={"items": items}, note=note)


def _are_few(view: View, items: cst.BaseExpression) -> bool:
    """Whether the text shows at most a hundred items, or a slice."""
    if isinstance(items, cst.Tuple | cst.List | cst.Set | cst.Subscript):
        return True
    called = isinstance(items, cst.Call) and view.facts.qualified_name(items.func) == "builtins.range"
    if not called or not isinstance(items, cst.Call):
        return False
    ends = [arg.value for arg in items.args[:2]]
    return all(isinstance(end, cst.Integer) and int(end.value, 0) <= _FEW for end in ends)
