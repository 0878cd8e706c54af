"""Array elements accumulated one at a time.

## What it does
Finds loops, nested ones too, that sum, multiply or take the extreme of array elements, and calls the array's method.

## Why it is slow
Each pass reads and boxes one element: about 60 ns, against below 1 ns in NumPy.

## When it is not the same
NumPy adds in pairs, which is more accurate and differs from the loop in the last digits from eight elements on; integer
sums are the same. An extreme with NaN among the elements is NaN. The result is a NumPy scalar, as it is
after the loop's first addition.

## When it is not faster
Arrays of fewer than about ten elements.

## References
NumPy documentation, `numpy.sum` (pairwise summation); measured 270 to 350x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"
GRID = "ndarray[float64, 2d]"

RULE = Rule(
    code="PA101",
    name="accumulate-loop",
    message="the loop accumulates array elements one at a time: about 100 times the cost of a reduction",
    cure="call the array's reduction",
    applicability=UNSAFE,
    differences=("the result is a NumPy scalar also where the loop runs no iteration",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
def total(grid):
    rows, columns = grid.shape
    stress = 0.0
    for i in range(rows):
        for j in range(columns):
            stress += grid[i, j]
    return stress
""",
            after="""
def total(grid):
    rows, columns = grid.shape
    stress = grid.sum()
    return stress
""",
            types={"grid": GRID},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def excess(water, limit):
    stress = 0.0
    for i in range(len(water)):
        stress += (water[i] - limit[i]) ** 2
    return stress
""",
            after="""
import numpy as np


def excess(water, limit):
    stress = np.sum((water - limit[:len(water)]) ** 2)
    return stress
""",
            calls=("float(excess(np.arange(4.0), np.ones(5)))",),
            types={"water": FLOATS, "limit": FLOATS},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(n: int) -> int:\n    s = 1\n    for i in range(1, n):\n        s *= i\n    return s\n",
            why="no array is read, and Python's integers have no bounds",
        ),
        Silent(
            "def f(xs, n: int):\n    s = 0\n    for i in range(n):\n        s += xs[i]\n    return s\n",
            why="xs may be a list: a conversion costs more than the loop",
        ),
        Silent(
            "def f(a):\n    s = 0.0\n    for i in range(len(a)):\n        s = s * 0.5 + a[i]\n    return s\n",
            why="each sum needs the one before",
            types={"a": FLOATS},
        ),
        Silent(
            "def f(a):\n    s = 0.0\n    for i in range(len(a)):\n        s += a[i]\n        print(s)\n    return s\n",
            why="each sum is printed",
            types={"a": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.arange(float(n))",
        before="s = 0.0\nfor i in range(n):\n    s += a[i]",
        after="s = a.sum()",
        sizes=(10, 1000, 100_000),
        losing="a = np.arange(2.0); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "reduction"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
