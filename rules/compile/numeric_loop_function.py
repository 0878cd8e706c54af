"""A function that loops over numbers in the interpreter.

## What it does
Finds a module-level function whose loops work on numbers, NumPy arrays and lists of numbers that it makes itself, and
compiles it with Numba, along with the functions of the file that it calls. Types come from the code, from a recording,
or from the calls in the file.

## Why it is slow
The interpreter spends tens of nanoseconds per operation on boxing and dispatch; compiled code spends less than one.

## When it is not the same
Numba's integers wrap at 64 bits; names have one type throughout; NumPy scalars come back as Python numbers; the texts
of exceptions differ. The rule accepts 64-bit arrays and plain numbers, keeps bounds checks on, names each difference
that it cannot exclude, and refuses lists as arguments, dicts, sets, text, `random`, `round(x, n)`, typed `except`,
globals that are not constant numbers, integer powers that may be negative, integers that multiply themselves in a
loop, results of different types, recursion, and functions that are passed around. Before a fix is applied, Numba
compiles the new code in a child process, where it is installed.

## When it is not faster
Importing Numba and starting its compiler costs about a second per process, compiling a function 0.2 to 1 s by its
size (cached on disk for later runs), and a call 150 ns more. The rule asks the profile for more than that, with what
the profiler itself took (up to half of the seconds, under cProfile) left out.

## References
Numba documentation, "Compiling Python code with @jit", "Deviations from Python semantics".
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    pays,
    support_of_whole,
    whole_function,
)
from perf_advise.rulekit.outline.kernels import compiled

RULE = Rule(
    code="PA201",
    name="numeric-loop-function",
    message="`{function}` loops over numbers in the interpreter: about 100 times the cost of compiled code",
    cure="compile `{function}` with Numba",
    applicability=UNSAFE,
    differences=("results that were NumPy scalars are Python numbers", "the first call compiles for about a second"),
    imports=("numba.njit",),
    packages=("numba",),
    examples=(
        Example(
            before="""
def collatz(limit: int) -> int:
    best = 0
    longest = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
            best = start
    return best
""",
            after="""from numba import njit

@njit(cache=True)
def collatz(limit: int) -> int:
    best = 0
    longest = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
            best = start
    return best
""",
            calls=("collatz(30)", "collatz(1)"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(n: int) -> int:\n    p = 1\n    for i in range(1, n + 1):\n        p *= i\n    return p\n",
            why="a factorial passes 64 bits after twenty turns",
        ),
        Silent("def f(n: int) -> None:\n    for i in range(n):\n        print(str(i))\n", why="text and printing"),
        Silent(
            "def f(n: int, k: int) -> int:\n    s = 0\n    for i in range(n):\n        s += i ** k\n    return s\n",
            why="k may be negative: a float in Python, 0 in Numba",
        ),
        Silent(
            "def f(xs, n: int):\n    s = 0.0\n    for i in range(n):\n        s += xs[i]\n    return s\n",
            why="nothing says what xs is",
        ),
        Silent(
            "import random\n\n\ndef f(n: int) -> int:\n    s = 0\n    for i in range(n):\n"
            "        s += random.randint(0, i)\n    return s\n",
            why="Numba has random streams of its own",
        ),
        Silent("def f(a: int, b: int) -> int:\n    return a * b\n", why="no loop"),
    ),
    bench=Bench(
        setup="import numba, math\n"
        "def f(n):\n    s = 0.0\n    for i in range(n):\n        s += (i % 7) * 0.5\n    return s\n"
        "if not hasattr(math, 'pa_f'):\n    math.pa_f = numba.njit(f)\n    math.pa_f(3)\ng = math.pa_f",
        before="f(n)",
        after="g(n)",
        sizes=(10, 1000, 100_000),
        requires=("numba",),
    ),
)


def see(view: View) -> Iterator[Match]:
    function, support = whole_function(view), support_of_whole(view)
    if function is None or support is None:
        return
    yield Match(
        function,
        captures={"function": function.name, "support": support},
        needs=(*support.needs, *pays(view, (support, [function]))),
        differences=(*support.differences, *(["the text of IndexError"] if support.indexes else [])),
    )


def change(match: Match, view: View) -> Rewrite:
    return compiled(view, match.captures["support"])
