"""Coroutines that are awaited one after the other in a loop.

## What it does
Finds `await f(x)` once per item, as a comprehension or with the results appended to a list, and awaits all of
them together: `await asyncio.gather(*(f(x) for x in xs))`. Results keep their order. Where the results go
elsewhere, it says so and leaves the change to you.

## Why it is slow
Each turn waits for its answer before the next question is asked: n answers of 10 ms take n times 10 ms. Together
they take as long as the slowest one (measured: ten waits of 10 ms, 9.7 times faster).

## When it is not the same
All coroutines start before the first one ends, so their effects interleave. When one raises, those behind it have
started and go on in the background, and the first error by time is the one raised. A ContextVar that a coroutine
sets is not seen by the caller. The server gets all requests at once: for many items hold an
`asyncio.Semaphore(10)` in `f`, or hand them out in groups. The rule is silent where a name says that calls act in
order or share one connection (`send`, `execute`, `session`, `cursor`, `ws`), and where the loop can end early.

## When it is not faster
Coroutines that never wait gain nothing: a gathered one costs about 6 us instead of 0.1 us.

## References
Python documentation, `asyncio.gather`, `asyncio.TaskGroup`, `asyncio.Semaphore`.
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
    coroutines,
    cst,
)

RULE = Rule(
    code="PA403",
    name="awaits-in-loop",
    message="`await {function}(...)` waits for each answer before it asks for the next: n waits instead of one",
    cure="await all of them together with `asyncio.gather`; for many items hold a semaphore in `{function}`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "all calls run at once, and their effects interleave",
        "after an error the calls behind it go on, and the first error by time is raised",
    ),
    imports=("asyncio",),
    examples=(
        Example(
            before="import asyncio\n\n\nasync def fetch(key: int) -> int:\n    await asyncio.sleep(0.001)\n"
            "    return 12 // key\n\n\nasync def load(keys: list[int]) -> list[int]:\n"
            "    return [await fetch(key) for key in keys]\n",
            after="import asyncio\n\n\nasync def fetch(key: int) -> int:\n    await asyncio.sleep(0.001)\n"
            "    return 12 // key\n\n\nasync def load(keys: list[int]) -> list[int]:\n"
            "    return await asyncio.gather(*(fetch(key) for key in keys))\n",
            calls=("asyncio.run(load([3, 1, 2]))", "asyncio.run(load([]))", "asyncio.run(load([3, 0]))"),
            applicability=UNSAFE,
        ),
        Example(
            before="import asyncio\n\n\nasync def fetch(name: str, size: int) -> str:\n    await asyncio.sleep(0.001)\n"
            "    return name * size\n\n\nasync def load(sizes: dict[str, int]) -> list[str]:\n    texts = ['all']\n"
            "    for name, size in sizes.items():\n        text = await fetch(name, size=size)\n"
            "        texts.append(text)\n    return texts\n",
            after="import asyncio\n\n\nasync def fetch(name: str, size: int) -> str:\n    await asyncio.sleep(0.001)\n"
            "    return name * size\n\n\nasync def load(sizes: dict[str, int]) -> list[str]:\n    texts = ['all']\n"
            "    texts.extend(await asyncio.gather(*(fetch(name, size=size) for name, size in sizes.items())))\n"
            "    return texts\n",
            calls=("asyncio.run(load({'b': 1, 'a': 2}))", "asyncio.run(load({}))"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("async def f(ws, xs):\n    return [await ws.ask(x) for x in xs]\n", why="one socket, one at a time"),
        Silent("async def f(db, xs):\n    return [await load(db, x) for x in xs]\n", why="one connection"),
        Silent(
            "async def f(xs):\n    out = []\n    for x in xs:\n        out.append(await ask(x))\n"
            "        if out[-1]:\n            break\n    return out\n",
            why="the loop ends early: later calls would be made in vain",
        ),
        Silent(
            "async def f(x):\n    out = []\n    for _ in range(3):\n        out.append(await ask(x))\n    return out\n",
            why="the same question again: a retry or a poll, not a map",
        ),
        Silent(
            "async def f(xs):\n    last = None\n    out = []\n    for x in xs:\n        last = await ask(x, last)\n"
            "        out.append(last)\n    return out\n",
            why="each call needs the result of the one before",
        ),
        Silent("async def f(xs):\n    return [await send(x) for x in xs]\n", why="what is sent keeps its order"),
        Silent(
            "async def f(xs):\n    out = []\n    async for x in xs:\n        out.append(await ask(x))\n",
            why="the items come one by one themselves",
        ),
        Silent(
            "async def f(xs):\n    out = []\n    for x in xs:\n        out.append(await ask(x, len(out)))\n"
            "    return out\n",
            why="a call reads what the ones before gave",
        ),
    ),
    bench=Bench(
        setup="import asyncio\nasync def fetch(x):\n    await asyncio.sleep(0.001)\nasync def old():\n"
        "    return [await fetch(x) for x in range(n)]\nasync def new():\n"
        "    return await asyncio.gather(*(fetch(x) for x in range(n)))",
        before="asyncio.run(old())",
        after="asyncio.run(new())",
        sizes=(2, 10, 100),
        losing="async def fetch(x):\n    pass",
    ),
)


def see(view: View) -> Iterator[Match]:
    for mapped in coroutines.mapped_awaits(view):
        call, out = mapped.call, mapped.out
        before = out is not None and out.value in view.facts.effects(call).reads
        carried = isinstance(mapped.node, cst.For) and _carries(view, mapped)
        if before or carried or not coroutines.may_wait_together(view, [call]):
            continue
        fixable = coroutines.can_await(view, mapped.node) and not _read_later(view, mapped)
        note = "" if fixable else RULE.cure
        yield Match(call, captures={"function": call.func, "mapped": mapped}, fixable=fixable, note=note)


def change(match: Match, view: View) -> Rewrite:
    mapped: coroutines.MappedAwait = match.captures["mapped"]
    clause = f"for {view.code(mapped.target)} in {view.code(mapped.items)}"
    if isinstance(mapped.node, cst.ListComp):
        clause = view.code(mapped.node.for_in).strip()
    each = f"{view.code(mapped.call)} {clause}"
    gathered = f"await {view.name_of('asyncio')}.gather(*({each}))"
    if mapped.out is not None:
        gathered = f"{mapped.out.value}.extend({gathered})"
    elif not isinstance(view.parent(mapped.node), cst.Assign | cst.AnnAssign | cst.Return | cst.Arg):
        gathered = f"({gathered})"
    return Rewrite((Replacement.of(mapped.node, gathered),), imports=("asyncio",))


def _names(view: View, mapped: coroutines.MappedAwait) -> set[str]:
    """What the loop binds besides its own variables: the name in between."""
    own = set(coroutines.bound_names(mapped.target))
    return set(view.facts.effects(mapped.node).binds) - own


def _carries(view: View, mapped: coroutines.MappedAwait) -> bool:
    """Whether a call reads the result of the call before."""
    return bool(_names(view, mapped) & set(view.facts.effects(mapped.call).reads))


def _read_later(view: View, mapped: coroutines.MappedAwait) -> bool:
    """Whether a variable of the loop is read after it."""
    if not isinstance(mapped.node, cst.For):
        return False
    bound = _names(view, mapped) | set(coroutines.bound_names(mapped.target))
    return bool(bound & view.facts.live_after(mapped.node))
