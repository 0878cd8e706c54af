"""Threads that run loops of plain Python.

## What it does
Finds `map` of a thread pool with a function of the same file that computes in Python loops and neither waits nor calls
what could release the interpreter's lock.

## Why it is slow
One thread at a time holds the lock: the threads take turns, and switching makes it slower than one after the other.

## When it is not the same
In processes arguments and results are pickled, and changes of globals stay in the worker.

## When it is not faster
On a free-threaded build (`python3.13t`) threads do run side by side.

## References
Python documentation, "Thread State and the Global Interpreter Lock"; PEP 703.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst
from perf_advise.rulekit.pools import mapped, pools

_THREADS = """
from concurrent.futures import ThreadPoolExecutor


def steps(n: int) -> int:
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


def run(starts: list[int]) -> list[int]:
    with ThreadPoolExecutor() as executor:
        return list(executor.map(steps, starts))
"""

RULE = Rule(
    code="PA305",
    name="threads-for-python-loops",
    message="`{function}` computes in Python: its threads take turns, one at a time",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=_THREADS, after=_THREADS, applicability=DISPLAY, hot="run"),),
    silent=(
        Silent(_THREADS.replace("Thread", "Process"), why="processes do run side by side"),
        Silent(
            "import zlib\nfrom concurrent.futures import ThreadPoolExecutor\n\n\ndef pack(parts: list[bytes]) -> int:\n"
            "    size = 0\n    for part in parts:\n        size += len(zlib.compress(part))\n    return size\n\n\n"
            "def run(files):\n    with ThreadPoolExecutor() as executor:\n        return executor.map(pack, files)\n",
            why="zlib releases the lock",
        ),
        Silent(
            "from concurrent.futures import ThreadPoolExecutor\n\n\ndef read(path: str) -> int:\n"
            "    with open(path) as file:\n        return len(file.read())\n\n\n"
            "def run(paths):\n    with ThreadPoolExecutor() as executor:\n        return executor.map(read, paths)\n",
            why="reading files waits without the lock",
        ),
        Silent(
            "import numpy as np\nfrom concurrent.futures import ThreadPoolExecutor\n\n\ndef total(a):\n    s = 0.0\n"
            "    for row in a:\n        s += np.sort(row)[0]\n    return s\n\n\ndef run(arrays):\n"
            "    with ThreadPoolExecutor() as executor:\n        return list(executor.map(total, arrays))\n",
            why="NumPy releases the lock",
        ),
    ),
)

_PYTHON = frozenset("range len abs min max sum int float bool str enumerate zip sorted list tuple set dict".split())


def see(view: View) -> Iterator[Match]:
    for pool in pools(view):
        for call in mapped(view, pool) if pool.kind == "thread" else ():
            function = call.args[0].value if call.args else None
            if isinstance(function, cst.Name) and _computes(view, function):
                note = "use `ProcessPoolExecutor` with a `chunksize`, or compile the loop"
                yield Match(call, captures={"function": function}, note=note)


def _computes(view: View, function: cst.Name) -> bool:
    """Whether the function of this file has loops, and calls nothing but builtins that compute."""
    qualified = view.facts.qualified_name(function) or ""
    other = view.sibling(function.value) if qualified.endswith(f".{function.value}") else None
    if other is None or not any(other.walk(cst.For, cst.While)):
        return False
    names = [other.facts.qualified_name(call.func) or "" for call in other.walk(cst.Call)]
    imported = any(other.facts.scope(name.value) == "import" for name in other.walk(cst.Name))
    waits = any(other.walk(cst.With, cst.Await, cst.Yield))
    return not waits and not imported and all(name.removeprefix("builtins.") in _PYTHON for name in names)
