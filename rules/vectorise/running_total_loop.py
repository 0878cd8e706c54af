"""Running sums, products or extremes computed one element at a time.

## What it does
Finds loops in which each element is made of the one before (`c[i] = c[i - 1] + a[i]`), or that store a running total
(`s += a[i]; c[i] = s`), and calls NumPy's accumulations.

## Why it is slow
Each pass reads, boxes and stores single elements: about 100 ns, against 2 ns in NumPy.

## When it is not the same
`cumsum`, `cumprod` and `accumulate` go from left to right as the loop does: the same bits, unless the total starts from
another number. A running extreme of NaN differs.

## When it is not faster
Arrays of fewer than about twenty elements.

## References
NumPy documentation, `numpy.ufunc.accumulate`; measured 50x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"

RULE = Rule(
    code="PA105",
    name="running-total-loop",
    message="the loop computes a running total one element at a time: about 50 times the cost of an accumulation",
    cure="call NumPy's accumulation",
    applicability=UNSAFE,
    differences=("an exception half-way leaves other elements stored",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
import numpy as np


def cumulative(flow: np.ndarray) -> np.ndarray:
    level = np.empty(len(flow))
    level[0] = flow[0]
    for i in range(1, len(flow)):
        level[i] = level[i - 1] + flow[i]
    return level
""",
            after="""
import numpy as np


def cumulative(flow: np.ndarray) -> np.ndarray:
    level = np.empty(len(flow))
    level[0] = flow[0]
    level[1:] = flow[1:]
    np.add.accumulate(level, out=level)
    return level
""",
            calls=("cumulative(np.arange(5.0) / 3).tolist()", "cumulative(np.ones(1)).tolist()"),
            types={"flow": FLOATS},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def distribution(counts):
    total = 0
    shares = np.zeros(len(counts))
    for i in range(len(counts)):
        total += counts[i]
        shares[i] = total / 100
    return shares
""",
            after="""
import numpy as np


def distribution(counts):
    shares = np.cumsum(counts) / 100
    return shares
""",
            calls=("distribution(np.arange(5)).tolist()", "distribution(np.zeros(0, int)).tolist()"),
            types={"counts": "ndarray[int64, 1d]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(a, c):\n    for i in range(1, len(a)):\n        c[i] = 0.5 * c[i - 1] + a[i]\n",
            why="a recurrence, not a sum",
            types={"a": FLOATS, "c": FLOATS},
        ),
        Silent(
            "def f(a, c):\n    s = 0.0\n    for i in range(len(a)):\n        s += a[i]\n        c[i] = s\n"
            "    return s\n",
            why="the total is needed afterwards as well",
            types={"a": FLOATS, "c": FLOATS},
        ),
        Silent(
            "def f(a, c):\n    s = 0.0\n    for i in range(len(a)):\n        c[i] = s\n        s += a[i]\n",
            why="each total is stored before the element is added",
            types={"a": FLOATS, "c": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.arange(float(n)); c = a.copy()",
        before="for i in range(1, n):\n    c[i] = c[i - 1] + a[i]",
        after="c[1:] = a[1:]\nnp.add.accumulate(c, out=c)",
        sizes=(10, 1000, 100_000),
        losing="a = np.arange(2.0); c = a.copy(); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "scan"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
