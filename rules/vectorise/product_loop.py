"""Matrix products written as loops.

## What it does
Finds sums of products over one or more loops (dot product, matrix by vector, matrix by matrix, and the like), and
writes `@` or `numpy.einsum`.

## Why it is slow
Every product reads and boxes two elements, about 100 ns; a matrix product in BLAS takes a fraction of one.

## When it is not the same
BLAS adds in another order, so floats differ in the last digits. Integers are the same.

## When it is not faster
Matrices of fewer than about four rows and columns.

## References
NumPy documentation, `numpy.matmul`, `numpy.einsum`; measured up to 10,000x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

VECTOR = "ndarray[float64, 1d]"
MATRIX = "ndarray[float64, 2d]"

RULE = Rule(
    code="PA104",
    name="product-loop",
    message="the loops multiply and add array elements one at a time: a matrix product does it in compiled code",
    cure="write a matrix product",
    applicability=UNSAFE,
    differences=("the result is a NumPy scalar also where the loop runs no iteration",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
import numpy as np


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    c = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
    return c
""",
            after="""
import numpy as np


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    c = a @ b[:a.shape[1]]
    return c
""",
            calls=("np.round(multiply(np.arange(6.0).reshape(2, 3), np.ones((3, 2))), 9).tolist()",),
            types={"a": MATRIX, "b": MATRIX},
            applicability=UNSAFE,
        ),
        Example(
            before="""
def dot(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * y[i]
    return s
""",
            after="""
def dot(x, y):
    s = x @ y[:len(x)]
    return s
""",
            types={"x": VECTOR, "y": VECTOR},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(x, y, n: int):\n    s = 0.0\n    for i in range(n):\n        s += x[i] * y[i]\n    return s\n",
            why="nothing says what x and y are",
        ),
        Silent(
            "def f(a, n: int):\n    for i in range(1, n):\n        for k in range(n):\n"
            "            a[i, k] += a[i - 1, k] * a[k, i]\n",
            why="reads what it stores",
            types={"a": MATRIX},
        ),
        Silent(
            "def f(x, y):\n    s = 0.0\n    for i in range(len(x)):\n        s += x[i] * y[i]\n        if s > 9:\n"
            "            break\n    return s\n",
            why="it may be left early",
            types={"x": VECTOR, "y": VECTOR},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.ones((n, n)); x = np.ones(n); y = np.zeros(n)",
        before="for i in range(n):\n    for j in range(n):\n        y[i] += a[i, j] * x[j]",
        after="y += a @ x",
        sizes=(4, 30, 300),
        losing="n = 2; a = np.ones((2, 2)); x = np.ones(2); y = np.zeros(2)",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "contraction"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
