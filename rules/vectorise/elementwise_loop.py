"""Array elements computed one at a time.

## What it does
Finds loops, nested ones too, that compute each element of an array from elements of the same place (or of places next
to it) in others, or from rows (`np.sum((a[i] - b[j]) ** 2)`), and writes one array expression over slices.

## Why it is slow
Each pass reads, boxes and stores single elements: about 60 ns per element and access, against below 1 ns in NumPy.

## When it is not the same
NumPy computes the right side as a whole before it stores. The loop model shows that no iteration needs what another
one stores; arrays that may share memory are refused. Indices out of range raise at another point. A `math` function of
a value outside of its domain gives nan with a warning. `np.where` computes both branches.

## When it is not faster
Arrays of fewer than about ten elements. Temporaries as large as the arrays are made.

## References
NumPy documentation, "Broadcasting"; Allen and Kennedy, Optimizing Compilers for Modern Architectures, chapter 2.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"
GRID = "ndarray[float64, 2d]"

RULE = Rule(
    code="PA102",
    name="elementwise-loop",
    message="the loop computes array elements one at a time: about 100 times the cost of an array expression",
    cure="write array expressions over slices",
    applicability=UNSAFE,
    differences=("an exception half-way leaves other elements stored",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
import numpy as np


def damped(speed: np.ndarray, drag: float) -> np.ndarray:
    out = np.zeros(len(speed))
    for i in range(len(speed)):
        out[i] = speed[i] - drag * speed[i] * speed[i]
    return out
""",
            after="""
import numpy as np


def damped(speed: np.ndarray, drag: float) -> np.ndarray:
    out = speed - drag * speed * speed
    return out
""",
            calls=("damped(np.arange(5.0), 0.1).tolist()", "damped(np.zeros(0), 0.1).tolist()"),
            generated={"speed": FLOATS, "drag": "float"},
            types={"speed": FLOATS},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def blur(grid: np.ndarray) -> np.ndarray:
    out = grid.copy()
    rows, columns = grid.shape
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            out[i, j] = 0.5 * (grid[i - 1, j] + grid[i + 1, j])
    return out
""",
            after="""
import numpy as np


def blur(grid: np.ndarray) -> np.ndarray:
    out = grid.copy()
    rows, columns = grid.shape
    out[1:-1, 1:-1] = 0.5 * (grid[:-2, 1:-1] + grid[2:, 1:-1])
    return out
""",
            calls=("blur(np.arange(20.0).reshape(4, 5)).tolist()",),
            types={"grid": GRID},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def distances(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    gaps = np.zeros((here.shape[0], there.shape[0]))
    for i in range(here.shape[0]):
        for j in range(there.shape[0]):
            gaps[i, j] = np.sqrt(np.sum((here[i, :] - there[j, :]) ** 2))
    return gaps
""",
            after="""
import numpy as np


def distances(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    gaps = np.zeros((here.shape[0], there.shape[0]))
    for i in range(here.shape[0]):
        gaps[i] = np.sqrt(np.sum((here[i] - there) ** 2, axis=1))
    return gaps
""",
            calls=("np.round(distances(np.arange(6.0).reshape(2, 3), np.ones((4, 3))), 9).tolist()",),
            types={"here": GRID, "there": GRID},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "import numpy as np\n\n\ndef f(a, b, n: int):\n    for i in range(n):\n        b[i] = np.sum(a[i:i + 3])\n",
            why="the last windows may be cut off",
            types={"a": FLOATS, "b": FLOATS},
        ),
        Silent(
            "import numpy as np\n\n\ndef f(a, b, c, n: int):\n    for i in range(n):\n"
            "        b[i] = np.sum(np.exp(a * c[i]))\n",
            why="all rows at once would outgrow every array",
            types={"a": FLOATS, "b": FLOATS, "c": FLOATS},
        ),
        Silent(
            "import numpy as np\n\n\ndef f(a, b):\n    for i in range(len(a)):\n        b[i, 0] = np.sum(b[i - 1])\n",
            why="each sum reads the one stored before",
            types={"a": GRID, "b": GRID},
        ),
        Silent(
            "def f(a, n: int):\n    for i in range(1, n):\n        a[i] = a[i - 1] * 0.5\n",
            why="each element needs the one before",
            types={"a": FLOATS},
        ),
        Silent(
            "def f(a, b, n: int):\n    for i in range(n):\n        b[i] = 2 * a[i]\n",
            why="nothing says what a and b are",
        ),
        Silent(
            "def f(a, b, n: int):\n    for i in range(n):\n        b[i] = a[i]\n        print(b[i])\n",
            why="printing keeps its order",
            types={"a": FLOATS, "b": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.arange(float(n)); b = np.zeros(n)",
        before="for i in range(n):\n    b[i] = 2.0 * a[i] + 1.0",
        after="b[:] = 2.0 * a + 1.0",
        sizes=(10, 1000, 100_000),
        losing="a = np.arange(2.0); b = np.zeros(2); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "map", "masked map", "stencil", "strided store", "gather"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
