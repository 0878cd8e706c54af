"""Independent, costly calls one after the other.

## What it does
Finds a comprehension or an append loop that calls a pure function of the project once per item, with nothing
carried from one call to the next, and maps it over the cores with a `ProcessPoolExecutor`. The setting `executor`
names another one: `dask` (`Client().get_executor()`) or `mpi4py` (`MPIPoolExecutor`), for the nodes of a cluster.

## Why it is slow
One call after the other uses one core. Calls that depend on nothing but their own arguments can run side by side.

## When it is not the same
Results come in the same order, and the first exception by position is the one raised, but the calls after it
have run by then, and its traceback ends at the pool. Arguments and results are pickled: they must be plain data,
and the function a module-level one that changes nothing outside of itself. Where workers are
started by `spawn` (Windows, macOS) or `forkserver` (Linux from Python 3.14), the program's own entry needs
`if __name__ == "__main__"`.

## When it is not faster
A call has to cost well above 0.5 ms, and all of them well above the 10 to 100 ms that a pool needs to start. The
rule asks the profile for both, and is silent where they are known to be too small, or where the profile does not
count calls and the function has no loop.

## References
Python documentation, `concurrent.futures`; measured costs: 107 us per task at chunk size 1, start-up of two
workers 6 ms (fork), 49 ms (forkserver), 65 ms (spawn).
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    MappedCall,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    mapped_calls,
    needs,
    over_pool,
)
from perf_advise.rulekit.executors import PROCESSES

LEAST_CALL, LEAST_TOTAL = 0.0005, 0.3

PLAIN = ("int", "float", "bool", "str", "bytes", "complex", "NoneType", "list", "tuple", "dict", "set", "frozenset",
         "numpy.ndarray")  # fmt: skip

RULE = Rule(
    code="PA301",
    name="independent-calls-in-loop",
    message="calls of `{function}` do not depend on each other, but run one after the other on one core",
    cure="map the calls over a process pool",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "after an exception the calls behind it have run, and its traceback ends at the pool",
        "where workers are spawned (Windows and macOS, which cannot or do not fork) the program needs "
        '`if __name__ == "__main__"`, and workers see globals as they are after the import',
        "an exception whose class does not unpickle breaks the pool",
    ),
    imports=("concurrent.futures.ProcessPoolExecutor", "itertools.repeat"),
    examples=(
        Example(
            before="""
def collatz(start: int) -> int:
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def lengths(starts: list[int]) -> list[int]:
    return [collatz(start) for start in starts]
""",
            after="""from concurrent.futures import ProcessPoolExecutor

def collatz(start: int) -> int:
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def lengths(starts: list[int]) -> list[int]:
    with ProcessPoolExecutor() as executor:
        return list(executor.map(collatz, starts))
""",
            applicability=UNSAFE,
            hot="lengths",
        ),
    ),
    silent=(
        Silent(
            "SEEN = []\n\n\ndef f(x: int) -> int:\n    SEEN.append(x)\n    return x\n\n\n"
            "def g(xs: list[int]) -> list[int]:\n    return [f(x) for x in xs]\n",
            why="the function changes a global: in a worker that change is lost",
        ),
        Silent(
            "def g(xs: list[int]) -> list[str]:\n    return [str(x) for x in xs]\n",
            why="a builtin costs far less than sending its argument",
        ),
        Silent(
            "def g(xs: list[int]) -> list[int]:\n    def f(x: int) -> int:\n        return x + 1\n"
            "    return [f(x) for x in xs]\n",
            why="a nested function cannot be pickled",
        ),
        Silent(
            "import random\n\n\ndef f(x: int) -> float:\n    return x * random.random()\n\n\n"
            "def g(xs: list[int]) -> list[float]:\n    return [f(x) for x in xs]\n",
            why="each worker has a random stream of its own",
        ),
        Silent(
            "def f(text: str) -> list[int]:\n    return [int(x) for x in text.split('.')]\n\n\n"
            "def g(xs: list[str]) -> list[list[int]]:\n    return [f(x) for x in xs]\n",
            why="nothing says that a call costs more than the way to a worker",
        ),
    ),
    bench=Bench(
        setup="from concurrent.futures import ProcessPoolExecutor\nxs = [range(200_000)] * n",
        before="[sum(x) for x in xs]",
        after="with ProcessPoolExecutor() as executor:\n    list(executor.map(sum, xs))",
        sizes=(16, 64, 256),
        losing="xs = [range(10)] * n",
    ),
)


def see(view: View) -> Iterator[Match]:
    for mapped in mapped_calls(view):
        function = view.facts.qualified_name(mapped.call.func)
        if isinstance(mapped.call.func, cst.Name) and function and not function.startswith("builtins."):
            yield _match(view, mapped)


def change(match: Match, view: View) -> Rewrite:
    return over_pool(match.captures["mapped"], view, PROCESSES[view.executor])


def _match(view: View, mapped: MappedCall) -> Match:
    module_level = view.facts.scope(cst.ensure_type(mapped.call.func, cst.Name).value) in ("global", "import")
    return Match(
        mapped.node,
        captures={"function": mapped.call.func, "mapped": mapped},
        needs=(
            needs.is_type(view, mapped.items, "list", "tuple", "range", "set", "dict"),
            needs.holds(module_level, f"`{view.code(mapped.call.func)}` is a function of a module"),
            needs.is_pure(view, mapped.call),
            *(needs.is_type(view, value, *PLAIN) for value in mapped.invariants),
            *(needs.is_invariant(view, value, mapped.node) for value in mapped.invariants),
            needs.holds(_may_cost(view, mapped.call), "a call can be costly", "nothing in the function loops"),
            needs.costs_at_least(view, mapped.call, LEAST_CALL, LEAST_TOTAL),
        ),
    )


def _may_cost(view: View, call: cst.Call) -> bool:
    """Whether the profile counts the calls, so that it tells, or the function has a loop of statements."""
    cost, callee = view.cost_of(call), view.facts.callee(call)
    if cost is not None and cost.calls and cost.cumulative_seconds:
        return True
    return callee is not None and any(isinstance(node, ast.For | ast.While) for node in ast.walk(callee))
