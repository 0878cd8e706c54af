"""A call in a coroutine that keeps the whole event loop waiting.

## What it does
Finds `time.sleep`, HTTP requests of `requests`, `httpx`, `urllib` and `urllib3` (through a `Session` or a `Client` as
well), processes of `subprocess`, waiting for processes and `input` in an `async def`. A sleep becomes
`await asyncio.sleep(...)`, the others run in a thread: `await asyncio.to_thread(...)`.

## Why it is slow
An event loop has one thread. While a call blocks it, no other task goes on: a hundred coroutines that each sleep
for 10 ms take a second in all, and 10 ms where they wait together.

## When it is not the same
Other tasks run while this one waits, so what they share may have changed afterwards, and the task can be cancelled
there. A call in a thread goes on after a cancellation, does not see the values of `threading.local`, and may not use
what belongs to one thread. `asyncio.sleep` returns at once where `time.sleep` raises ValueError (negative times).
In a block that holds a lock the rule only advises: another task that asks for that lock would stop the loop.

## When it is not faster
A coroutine that runs alone waits just as long. A thread costs about 0.07 ms per call.

## References
Python documentation, "Developing with asyncio: Running Blocking Code"; `asyncio.to_thread`.
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
from perf_advise.rulekit.clients import blocking_method

_SLEEP = "time.sleep"
_IN_THREAD = "the thread goes on after a cancellation, and sees no values of `threading.local`"
_SHARED = "other tasks use the same client from other threads at the same time"
_ALONE = frozenset({"builtins.input", "os.wait", "os.wait3", "os.wait4", "os.waitid", "os.waitpid"})
_NEGATIVE = "a negative time returns at once instead of ValueError"

RULE = Rule(
    code="PA401",
    name="blocking-call-in-coroutine",
    message="`{function}` blocks the event loop: no other task runs until it returns",
    cure="await it",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("other tasks run meanwhile and may change what is shared; the task can be cancelled there",),
    imports=("asyncio",),
    examples=(
        Example(
            before="import asyncio\nimport time\n\n\nasync def poll(times: int) -> int:\n"
            "    for _ in range(times):\n        time.sleep(0.001)  # as the service asks\n    return times\n",
            after="import asyncio\nimport time\n\n\nasync def poll(times: int) -> int:\n"
            "    for _ in range(times):\n        await asyncio.sleep(0.001)  # as the service asks\n    return times\n",
            calls=("asyncio.run(poll(2))", "asyncio.run(poll(0))"),
            applicability=UNSAFE,
        ),
        Example(
            before="import asyncio\n\nimport requests\n\n\n"
            "async def page(url: str) -> int:\n    session = requests.Session()\n"
            "    return session.get(url, timeout=5).status_code\n",
            after="import asyncio\n\nimport requests\n\n\n"
            "async def page(url: str) -> int:\n    session = requests.Session()\n"
            "    return (await asyncio.to_thread(session.get, url, timeout=5)).status_code\n",
            applicability=UNSAFE,
        ),
        Example(
            before="import asyncio\nimport subprocess\n\n\nasync def size(command: list[str]) -> int:\n"
            "    return len(subprocess.run(command, capture_output=True).stdout.strip())\n",
            after="import asyncio\nimport subprocess\n\n\nasync def size(command: list[str]) -> int:\n"
            "    return len((await asyncio.to_thread(subprocess.run, command, capture_output=True)).stdout.strip())\n",
            calls=("asyncio.run(size(['echo', 'abc']))", "asyncio.run(size([]))"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("import time\n\n\ndef f() -> None:\n    time.sleep(1)\n", why="not a coroutine"),
        Silent("import asyncio\n\n\nasync def f() -> None:\n    await asyncio.sleep(1)\n", why="awaits already"),
        Silent(
            "import asyncio\nimport time\n\n\nasync def f() -> None:\n    await asyncio.to_thread(time.sleep, 1)\n",
            why="the call is made in a thread",
        ),
        Silent(
            "import asyncio\nimport time\n\n\nasync def f() -> None:\n    def work() -> None:\n        time.sleep(1)\n"
            "    await asyncio.to_thread(work)\n",
            why="the nested function is not a coroutine",
        ),
        Silent(
            "import asyncio\nimport requests\n\n\nasync def f(url: str) -> object:\n"
            "    return await asyncio.to_thread(lambda: requests.get(url).json())\n",
            why="a lambda runs where it is called",
        ),
        Silent("import time\n\n\nasync def f() -> None:\n    time.sleep(0)\n", why="gives way to other threads only"),
        Silent(
            "import httpx\n\n\nasync def f(url: str) -> object:\n    async with httpx.AsyncClient() as client:\n"
            "        return await client.get(url)\n",
            why="a client that awaits",
        ),
        Silent(
            "import requests\n\n\nasync def f(cache: dict[str, str], url: str) -> object:\n"
            "    session = requests.Session()\n    session = cache\n    return session.get(url)\n",
            why="the name holds something else as well",
        ),
    ),
    bench=Bench(
        setup="import asyncio, time\nasync def old():\n    time.sleep(0.002)\nasync def new():\n"
        "    await asyncio.sleep(0.002)\nasync def all_of(f):\n    await asyncio.gather(*(f() for _ in range(n)))",
        before="asyncio.run(all_of(old))",
        after="asyncio.run(all_of(new))",
        sizes=(2, 10, 100),
        losing="n = 1",
    ),
)


def see(view: View) -> Iterator[Match]:
    if not coroutines.is_coroutine(view):
        return
    for call in view.walk(cst.Call):
        name = view.facts.qualified_name(call.func) or ""
        if name != _SLEEP and name not in _ALONE and name not in coroutines.BLOCKING_CALLS:
            name = blocking_method(view, call)
        if not name:
            continue
        if not any(isinstance(holder, cst.Lambda) for holder in view.ancestors(call)) and not _gives_way(call):
            yield _match(view, call, name)


def change(match: Match, view: View) -> Rewrite:
    call: cst.Call = match.captures["call"]
    arguments = ", ".join(view.code(arg).rstrip(", \n") for arg in call.args)
    if match.captures["name"] == _SLEEP:
        target, code = "asyncio.sleep", arguments
    else:
        target, code = "asyncio.to_thread", f"{view.code(call.func)}, {arguments}".rstrip(", ")
    module = view.name_of("asyncio")
    awaited = f"await {module}.{target.rpartition('.')[2]}({code})"
    bare = isinstance(view.parent(call), cst.Expr | cst.Assign | cst.AnnAssign | cst.Return | cst.Arg)
    return Rewrite((Replacement.of(call, awaited if bare else f"({awaited})"),), imports=("asyncio",))


def _match(view: View, call: cst.Call, name: str) -> Match:
    sleeps = name == _SLEEP
    cure = "await asyncio.sleep(...)" if sleeps else f"await asyncio.to_thread({view.code(call.func)}, ...)"
    positional = all(not arg.star and (arg.keyword is None or not sleeps) for arg in call.args)
    fixable = positional and coroutines.can_await(view, call)
    return Match(
        call,
        captures={"function": call.func, "call": call, "name": name},
        differences=_differences(view, call, name),
        fixable=fixable,
        note="" if fixable else f"`{cure}`, outside of what holds a lock or runs later",
    )


def _differences(view: View, call: cst.Call, name: str) -> tuple[str, ...]:
    if name == _SLEEP:
        return (_NEGATIVE,)
    through_client = view.facts.qualified_name(call.func) != name
    return (_IN_THREAD, _SHARED) if through_client else (_IN_THREAD,)


def _gives_way(call: cst.Call) -> bool:
    value = call.args[0].value if len(call.args) == 1 else None
    return isinstance(value, cst.Integer) and value.value == "0"
