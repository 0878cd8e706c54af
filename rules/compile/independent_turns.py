"""A numeric loop whose iterations are independent, long enough for all cores.

## What it does
Where a function or nest is compiled as by PA201 or PA202 and the iterations of its outermost loop do not depend on
each other, shares them out among threads: `parallel=True` and `prange`.

## Why it is slow
Compiled code runs on one core. Iterations that only share sums, products or extremes may run on all of them.

## When it is not the same
As for PA201 and PA202; a float that is added up by several threads has other last bits, which depend on their number.
Races are excluded: each iteration stores to cells of its own, sums are of the forms that Numba combines
(`s += x`, `m = max(m, x)`; an extreme that an `if` picks is refused), and nothing else goes from one to the next.

## When it is not faster
Compiling in parallel takes 1.5 s longer, and each call wakes the threads. The rule asks that the profile gives the
function three minutes: what two cores save of the compiled code is then more than that. With more cores it pays
earlier, but advice must not depend on the machine that gives it.

## References
Numba documentation, "Automatic parallelization with @jit", "Explicit Parallel Loops".
"""

from collections.abc import Iterator
from dataclasses import replace

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    support_of,
    whole_function,
)
from perf_advise.rulekit.numba.parallel import CORES, ParallelLoop, parallel_loop, pays_in_parallel
from perf_advise.rulekit.numba.support import Support, compiles_whole
from perf_advise.rulekit.outline.kernels import Kernel, compiled
from perf_advise.rulekit.outline.outlining import outlines

SPEEDUP = 60 * CORES
"""What PA201 was measured to gain on one core, on two; without a profile PA201 comes first."""

RULE = Rule(
    code="PA203",
    name="independent-turns",
    message="independent turns of a numeric loop run in the interpreter, one after the other on one core",
    cure="compile the loop with Numba and share its turns out among the cores",
    applicability=UNSAFE,
    differences=("the first call compiles for some seconds", "results that were NumPy scalars are Python numbers"),
    imports=("numba.njit", "numba.prange"),
    packages=("numba",),
    examples=(
        Example(
            before="""
def count(limit: int) -> int:
    found = 0
    for n in range(2, limit):
        divisors = 0
        for d in range(2, n):
            if n % d == 0:
                divisors += 1
        if divisors == 0:
            found += 1
    return found
""",
            after="""from numba import njit, prange

@njit(cache=True, parallel=True)
def count(limit: int) -> int:
    found = 0
    for n in prange(2, limit):
        divisors = 0
        for d in range(2, n):
            if n % d == 0:
                divisors += 1
        if divisors == 0:
            found += 1
    return found
""",
            calls=("count(30)", "count(1)"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(n: int) -> int:\n    s = 0\n    for i in range(n):\n        for j in range(i):\n"
            "            s = (s * 31 + j) % 65521\n    return s\n",
            why="each turn needs what the one before it left",
        ),
        Silent(
            "def f(n: int) -> float:\n    best = 0.0\n    for i in range(n):\n        x = 0.0\n"
            "        for j in range(i):\n            x += 0.5\n        if x > best:\n            best = x\n"
            "    return best\n",
            why="an extreme that an `if` picks is lost in a parallel loop",
        ),
        Silent(
            "def f(n: int) -> int:\n    s = 0\n    for i in range(2, n):\n        k = 0\n"
            "        for j in range(2, i):\n            if i % j == 0:\n                k += 1\n"
            "        s += k\n    return s\n",
            why="from Python 3.12 on Numba does not compile a parallel sum of a name with several values",
        ),
        Silent(
            "def f(n: int) -> int:\n    for i in range(2, n):\n        for j in range(2, i):\n"
            "            if i * j == n:\n                return i\n    return 0\n",
            why="a loop that is left early",
        ),
        Silent(
            "def f(n: int) -> int:\n    s = 0\n    for i in range(n):\n        s += i % 7\n    return s\n",
            why="turns are too short",
        ),
    ),
    bench=Bench(
        setup="import numba, math\n"
        "def f(n):\n    s = 0.0\n    for i in range(n):\n        for j in range(n):\n"
        "            s += (i * j % 7) * 0.5\n    return s\n"
        "def g(n):\n    s = 0.0\n    for i in numba.prange(n):\n        for j in range(n):\n"
        "            s += (i * j % 7) * 0.5\n    return s\n"
        "if not hasattr(math, 'pa_g'):\n    math.pa_g = numba.njit(parallel=True)(g)\n    math.pa_g(3)\nh = math.pa_g",
        before="f(n)",
        after="h(n)",
        sizes=(3, 100, 1000),
        requires=("numba",),
    ),
)


def see(view: View) -> Iterator[Match]:
    function = whole_function(view)
    if function is not None and compiles_whole(view):
        support = support_of(view, [function.body])
        found = parallel_loop(view, function.body.body, support)
        if found is not None:
            yield _match(view, function, support, found, {"support": support, "parallel": found})
        return
    for number, outline in enumerate(outlines(view)):
        found = parallel_loop(view, outline.nodes, outline.support) if outline.support.possible else None
        if found is not None:
            captures = {"outline": outline, "number": number, "parallel": found}
            yield _match(view, outline.nodes[0], outline.support, found, captures, outline.needs)


def _match(
    view: View,
    node: cst.CSTNode,
    support: Support,
    found: ParallelLoop,
    captures: dict[str, object],
    more: tuple[Need, ...] = (),
) -> Match:
    return Match(
        node,
        captures=captures,
        needs=(*support.needs, *more, *found.needs, *pays_in_parallel(view)),
        differences=(*support.differences, *found.differences),
        speedup=SPEEDUP if view.hot.seconds is not None else CORES,
    )


def change(match: Match, view: View) -> Rewrite:
    found = match.captures["parallel"]
    if "outline" in match.captures:
        kernel = Kernel(view, match.captures["outline"], match.captures["number"], found.range)
        rewrite = kernel.rewrite
        return replace(rewrite, imports=(*rewrite.imports, "numba.prange"))
    rewrite = compiled(view, match.captures["support"], parallel=True)
    shared = Replacement.of(found.range, view.name_of("numba.prange"))
    return replace(rewrite, replacements=(*rewrite.replacements, shared), imports=(*rewrite.imports, "numba.prange"))
