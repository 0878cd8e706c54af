"""Independent coroutines that are awaited one after the other.

## What it does
Finds consecutive lines such as `a = await f(x)` and `b = await g(x)` where no line reads what the ones before
bind, and awaits them together: `a, b = await asyncio.gather(f(x), g(x))`. It writes that where the coroutines are
functions of the project that change nothing outside of themselves as far as their text shows; otherwise it says so.

## Why it is slow
The second question is asked only once the first is answered: the waits add up, and could run side by side.

## When it is not the same
All of them start before the first one ends, so their effects interleave. When one raises, the others have started
and go on in the background, and the first error by time is the one raised. A ContextVar that one of them sets is not
seen by the caller. The rule is silent where names say that calls act in order or share one connection (`send`,
`execute`, `session`, `cursor`, `reader`), or that a lock or a transaction is held.

## When it is not faster
Coroutines that never wait gain nothing: `gather` costs about 6 us.

## References
Python documentation, `asyncio.gather`, `asyncio.TaskGroup`.
"""

import ast
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
    needs,
)

_FETCHES = (
    "import asyncio\n\n\nasync def user(key: int) -> str:\n    await asyncio.sleep(0.001)\n    return f'u{key}'\n\n\n"
    "async def total(key: int) -> int:\n    await asyncio.sleep(0.001)\n    return 12 // key\n\n\n"
    "async def page(key: int) -> tuple[str, int]:\n"
)

RULE = Rule(
    code="PA402",
    name="awaits-in-sequence",
    message="{count} awaits in a row need nothing of each other: their waits add up instead of overlapping",
    cure="await them together with `asyncio.gather`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "all of them run at once, and their effects interleave",
        "after an error the others go on, and the first error by time is raised",
    ),
    imports=("asyncio",),
    examples=(
        Example(
            before=_FETCHES + "    name = await user(key)\n    amount = await total(key)\n    return name, amount\n",
            after=_FETCHES
            + "    name, amount = await asyncio.gather(user(key), total(key))\n    return name, amount\n",
            calls=("asyncio.run(page(3))", "asyncio.run(page(0))"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("async def f(k):\n    a = await user(k)\n    b = await total(a)\n    return b\n", why="needs the first"),
        Silent(
            "async def f(reader):\n    a = await reader.header()\n    b = await reader.body()\n    return a, b\n",
            why="what one reader gives comes in order",
        ),
        Silent(
            "async def f(session, k):\n    a = await user(session, k)\n    b = await total(session, k)\n",
            why="one database session serves one query at a time",
        ),
        Silent(
            "async def f(k):\n    a = await create_user(k)\n    b = await total(k)\n    return a, b\n",
            why="the second may see what the first made",
        ),
        Silent(
            "async def f(k):\n    a = await user(k)\n    if not a:\n        return None\n    b = await total(k)\n"
            "    return a, b\n",
            why="the second is not always wanted",
        ),
        Silent(
            "async def f(k):\n    a = await k\n    b = await total(k)\n    return a, b\n", why="a task runs already"
        ),
    ),
    bench=Bench(
        setup="import asyncio\nasync def f():\n    await asyncio.sleep(n / 1000)\nasync def old():\n"
        "    a = await f()\n    b = await f()\nasync def new():\n    a, b = await asyncio.gather(f(), f())",
        before="asyncio.run(old())",
        after="asyncio.run(new())",
        sizes=(1, 10),
        losing="async def f():\n    pass",
    ),
)


def see(view: View) -> Iterator[Match]:
    done: set[int] = set()
    for line in view.walk(cst.SimpleStatementLine):
        if id(line) in done or _awaited(line) is None:
            continue
        lines = _independent(view, line)
        done.update(map(id, lines))
        calls = [call for each in lines if (call := _call(each)) is not None]
        if len(calls) > 1 and coroutines.may_wait_together(view, calls) and coroutines.can_await(view, line):
            apart = all(_keeps_to_itself(view, call) for call in calls)
            yield Match(
                _awaited(line) or line,
                captures={"count": len(calls), "lines": lines},
                needs=(needs.to_repair(apart, "none of them changes what another one reads"),),
            )


def change(match: Match, view: View) -> Rewrite:
    lines: list[cst.SimpleStatementLine] = match.captures["lines"]
    names = ", ".join(_bound(line) for line in lines)
    calls = ", ".join(view.code(call) for line in lines if (call := _call(line)) is not None)
    code = f"{names} = await {view.name_of('asyncio')}.gather({calls})"
    return Rewrite((Replacement(tuple(lines), code),), imports=("asyncio",))


def _independent(view: View, first: cst.SimpleStatementLine) -> list[cst.SimpleStatementLine]:
    """The lines from `first` on that await a call each and read nothing that one before binds."""
    block = list(view.siblings(first))
    found: list[cst.SimpleStatementLine] = []
    for line in block[block.index(first) :]:
        call = _call(line) if isinstance(line, cst.SimpleStatementLine) else None
        if call is None or not isinstance(line, cst.SimpleStatementLine):
            break
        bound = {_bound(earlier) for earlier in found}
        if bound & {*view.facts.effects(call).reads, _bound(line)}:
            break
        found.append(line)
    return found


def _awaited(line: cst.SimpleStatementLine) -> cst.Await | None:
    """What is awaited by a line `name = await ...`."""
    assign = line.body[0] if len(line.body) == 1 else None
    named = isinstance(assign, cst.Assign) and len(assign.targets) == 1
    if not named or not isinstance(assign, cst.Assign) or not isinstance(assign.targets[0].target, cst.Name):
        return None
    return assign.value if isinstance(assign.value, cst.Await) else None


def _call(line: cst.SimpleStatementLine) -> cst.Call | None:
    awaited = _awaited(line)
    return awaited.expression if awaited and isinstance(awaited.expression, cst.Call) else None


def _bound(line: cst.SimpleStatementLine) -> str:
    assign = cst.ensure_type(line.body[0], cst.Assign)
    return cst.ensure_type(assign.targets[0].target, cst.Name).value


def _keeps_to_itself(view: View, call: cst.Call) -> bool:
    """Whether it is a coroutine of the project that stores into nothing but its own variables."""
    function = view.facts.callee(call)
    if not isinstance(function, ast.AsyncFunctionDef):
        return False
    stored = (n for n in ast.walk(function) if isinstance(n, ast.Attribute | ast.Subscript))
    outer = any(isinstance(n, ast.Global | ast.Nonlocal) for n in ast.walk(function))
    return not outer and all(isinstance(n.ctx, ast.Load) for n in stored)
