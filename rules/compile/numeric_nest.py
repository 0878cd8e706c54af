"""A numeric loop nest inside a function that cannot be compiled whole.

## What it does
Takes the body of a function or method, or the loops of one or of top-level code, into a kernel that Numba compiles.
Attributes such as `self.n` become parameters; lists (of lists) of numbers are converted once, and those that are
stored to get their values back into the same list objects; text is compared by its code points. A `sum` of a generator
over a range becomes a loop. Functions of the file that the loops call are compiled along.

## Why it is slow
The interpreter spends tens of nanoseconds per operation on boxing and dispatch; compiled code spends less than one.

## When it is not the same
As for PA201: 64-bit integers, one type per name. Lists must be rectangular, lists of lists have a row; a list that
holds ints and floats comes back with floats, unless infinities are all its floats. A sum of no floats is 0.0, not 0,
and from Python 3.12 on `sum` rounds floats less than the loop does. Where nothing but the loops shows what a list
holds, they say that it holds numbers. An exception in the middle of the nest leaves the lists as they were before it.

## When it is not faster
As for PA201. Converting a list costs about 20 ns per item and back: the rule asks that the nest is deeper than its
lists, so that each item is used many times, or does much work per item.

## References
Numba documentation, "Compiling Python code with @jit"; measured: a quadratic nest over lists gains at most 4x.
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
)
from perf_advise.rulekit.numba.support import compiles_whole
from perf_advise.rulekit.outline.kernels import Kernel
from perf_advise.rulekit.outline.outlining import is_possible, outlines

RULE = Rule(
    code="PA202",
    name="numeric-nest",
    message="the loop nest works on numbers in the interpreter: about 100 times the cost of compiled code",
    cure="compile the nest as a kernel with Numba",
    applicability=UNSAFE,
    differences=("the first call compiles for about a second", "an exception leaves the lists as before the nest"),
    imports=("numba.njit", "numpy"),
    packages=("numba",),
    examples=(
        Example(
            before="""
class Product:
    def __init__(self, n: int) -> None:
        self.n = n

    def run(self, a: list[list[float]], b: list[list[float]], c: list[list[float]]) -> None:
        # rows by columns
        for i in range(self.n):
            for j in range(self.n):
                for k in range(self.n):
                    c[i][j] += a[i][k] * b[k][j]
""",
            after="""import numpy as np
from numba import njit

@njit(cache=True, boundscheck=True)
def run_kernel(a, b, c, n):
    for i in range(n):
        for j in range(n):
            for k in range(n):
                c[i][j] += a[i][k] * b[k][j]


class Product:
    def __init__(self, n: int) -> None:
        self.n = n

    def run(self, a: list[list[float]], b: list[list[float]], c: list[list[float]]) -> None:
        # rows by columns
        c_array = np.array(c, dtype=np.float64)
        run_kernel(np.array(a, dtype=np.float64), np.array(b, dtype=np.float64), c_array, self.n)
        for row, values in zip(c, c_array.tolist()):
            row[:] = values
""",
            types=dict.fromkeys("abc", "list[list[float]]"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(a: list[float]) -> float:\n    s = 0.0\n    for i in range(9):\n        s += a[i]\n    return s\n",
            why="one pass over a list does not pay for its conversion",
        ),
        Silent(
            "def f(a, n: int):\n    for i in range(n):\n        for j in range(n):\n            a[i] += j\n",
            why="nothing says what a is",
        ),
        Silent(
            "def f(d: dict[int, int], n: int) -> None:\n    for i in range(n):\n        for j in range(n):\n"
            "            d[i] = j\n",
            why="a dict",
        ),
        Silent(
            "def f(m, n: int) -> list[str]:\n    total = 0.0\n    for i in range(n):\n        for j in range(n):\n"
            "            for k in range(n):\n                total += m[i, j] * m[j, k]\n"
            "    return [m.names[0], str(total)]\n",
            why="a table with an attribute that neither lists nor arrays have",
        ),
        Silent(
            "table = [0] * 256\nfor i in range(256):\n    for j in range(8):\n        table[i] += i * j\n"
            "print(table)\n",
            why="a small table that is made once: the compiler would take a thousand times as long",
        ),
    ),
    bench=Bench(
        setup="import numba, math, numpy as np\n"
        "def f(a, b, c, n):\n    for i in range(n):\n        for j in range(n):\n            for k in range(n):\n"
        "                c[i][j] += a[i][k] * b[k][j]\n"
        "if not hasattr(math, 'pa_k'):\n    math.pa_k = numba.njit(f)\n"
        "    math.pa_k(*[np.ones((2, 2))] * 3, 2)\nk = math.pa_k\n"
        "a, b, c = ([[1.0] * n for _ in range(n)] for _ in range(3))",
        before="f(a, b, c, n)",
        after="x = np.array(c); k(np.array(a), np.array(b), x, n)\n"
        "for row, values in zip(c, x.tolist()):\n    row[:] = values",
        sizes=(3, 20, 60),
        losing="n = 1",
        requires=("numba",),
    ),
)


def see(view: View) -> Iterator[Match]:
    found = () if compiles_whole(view) else tuple(outlines(view))
    parts = [(outline.support, outline.nodes) for outline in found if is_possible(outline)]
    for number, outline in enumerate(found):
        support = outline.support
        yield Match(
            outline.nodes[0],
            captures={"outline": outline, "number": number},
            needs=(*support.needs, *outline.needs, *pays(view, *(parts or [(support, outline.nodes)]))),
            differences=(*support.differences, *(["the text of IndexError"] if support.indexes else [])),
        )


def change(match: Match, view: View) -> Rewrite:
    return Kernel(view, match.captures["outline"], match.captures["number"]).rewrite
