"""Blocking calls that wait one after the other.

## What it does
Finds a comprehension or an append loop that asks the network, or runs a process, once per item: `requests.get`,
`httpx.get`, `urlopen`, `subprocess.run`, or a function of the file that does. The calls are mapped over threads.

## Why it is slow
A call that waits leaves the interpreter free, but the loop asks for the next item only once the answer is there. In
threads the waits overlap: 5 to 20 times faster for many small requests.

## When it is not the same
Results come in the same order, and the first exception by position is the one raised, but the calls behind it have
run by then. All items are taken before the first call. Calls run at the same time: what they share has to bear it,
and the server gets up to 32 requests at once (`max_workers` sets how many). The rule is silent where the function
stores into anything but its own variables.

## When it is not faster
Starting the threads costs about 0.1 ms. A call that computes rather than waits gains nothing: see PA301.

## References
Python documentation, `concurrent.futures.ThreadPoolExecutor`.
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    coroutines,
    cst,
    mapped_calls,
    needs,
    over_pool,
)
from perf_advise.rulekit.executors import THREADS

_SIZE = (
    "import subprocess\n\n\ndef size(command: list[str]) -> int:\n"
    "    return len(subprocess.run(command, capture_output=True).stdout.strip())\n\n\n"
    "def sizes(commands: list[list[str]]) -> list[int]:\n"
)

RULE = Rule(
    code="PA406",
    name="waits-in-loop",
    message="`{function}` waits for each answer before the next item is asked for: n waits one after the other",
    cure="map the calls over threads",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "calls run at the same time, up to 32 of them, and all items are taken first",
        "after an exception the calls behind it have run",
    ),
    imports=("concurrent.futures.ThreadPoolExecutor", "itertools.repeat"),
    examples=(
        Example(
            before=_SIZE + "    return [size(command) for command in commands]\n",
            after=_SIZE.replace("subprocess\n", "subprocess\nfrom concurrent.futures import ThreadPoolExecutor\n", 1)
            + "    with ThreadPoolExecutor() as executor:\n        return list(executor.map(size, commands))\n",
            calls=("sizes([['echo', 'abc'], ['echo', 'a']])", "sizes([])", "sizes([['echo', 'a'], []])"),
            applicability=UNSAFE,
        ),
        Example(
            before="from urllib.request import urlopen\n\n\ndef load(urls: list[str]) -> list[object]:\n"
            "    answers: list[object] = []\n    for url in urls:\n        answers.append(urlopen(url, None, 5))\n"
            "    return answers\n",
            after="from concurrent.futures import ThreadPoolExecutor\nfrom itertools import repeat\n"
            "from urllib.request import urlopen\n\n\ndef load(urls: list[str]) -> list[object]:\n"
            "    answers: list[object] = []\n    with ThreadPoolExecutor() as executor:\n"
            "        answers.extend(executor.map(urlopen, urls, repeat(None), repeat(5)))\n    return answers\n",
            calls=("load([])",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "import subprocess\n\n\nasync def f(xs: list[str]) -> list[object]:\n"
            "    return [subprocess.run(x) for x in xs]\n",
            why="a coroutine awaits: another rule says so",
        ),
        Silent(
            "import requests\n\n\ndef f(urls: list[str], seen: dict[str, int]) -> list[int]:\n"
            "    def one(url: str) -> int:\n        seen[url] = requests.get(url).status_code\n        return 1\n"
            "    return [one(url) for url in urls]\n",
            why="the calls change what they share",
        ),
        Silent(
            "import requests\n\nLAST = ''\n\n\ndef one(url: str) -> str:\n    global LAST\n"
            "    LAST = requests.get(url + LAST).text\n    return LAST\n\n\n"
            "def f(urls: list[str]) -> list[str]:\n    return [one(url) for url in urls]\n",
            why="each call reads what the one before left",
        ),
        Silent("def f(xs: list[str]) -> list[int]:\n    return [len(x) for x in xs]\n", why="waits for nothing"),
        Silent(
            "import requests\n\n\ndef f(n: int, url: str) -> list[object]:\n"
            "    return [requests.get(url) for _ in range(n)]\n",
            why="the same question again: it waits for the answer to change",
        ),
    ),
    bench=Bench(
        setup="import time\nfrom concurrent.futures import ThreadPoolExecutor\ndef ask(x):\n    time.sleep(0.002)",
        before="[ask(x) for x in range(n)]",
        after="with ThreadPoolExecutor() as executor:\n    list(executor.map(ask, range(n)))",
        sizes=(2, 10, 100),
        losing="def ask(x):\n    pass",
    ),
)


def see(view: View) -> Iterator[Match]:
    if coroutines.is_coroutine(view):
        return
    for mapped in mapped_calls(view):
        if view.facts.qualified_name(mapped.call.func) in coroutines.BLOCKING_CALLS or _waits(view, mapped.call):
            yield Match(
                mapped.node,
                captures={"function": mapped.call.func, "mapped": mapped},
                needs=tuple(needs.is_invariant(view, value, mapped.node) for value in mapped.invariants),
            )


def change(match: Match, view: View) -> Rewrite:
    return over_pool(match.captures["mapped"], view, THREADS)


def _waits(view: View, call: cst.Call) -> bool:
    """Whether it is a function of the project that waits, and stores into nothing but its own variables."""
    function = view.facts.callee(call)
    if not isinstance(function, ast.FunctionDef):
        return False
    nodes = tuple(ast.walk(function))
    stored = any(not isinstance(n.ctx, ast.Load) for n in nodes if isinstance(n, ast.Attribute | ast.Subscript))
    called = {ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call)}
    targets = {".".join([view.index.imports.get(head, head), *rest]) for head, *rest in (c.split(".") for c in called)}
    return not stored and not _reaches_out(nodes) and bool(targets & coroutines.BLOCKING_CALLS)


def _reaches_out(nodes: tuple[ast.AST, ...]) -> bool:
    """Whether it rebinds outer names, or calls methods that change an object by their name."""
    methods = (n.func.attr for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute))
    outer = any(isinstance(n, ast.Global | ast.Nonlocal) for n in nodes)
    return outer or any(method in ("append", "add", "extend", "update", "write", "execute") for method in methods)
