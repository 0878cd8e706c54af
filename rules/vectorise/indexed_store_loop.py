"""Elements stored or counted one at a time at places that data choose.

## What it does
Finds loops such as `counts[k[i]] += 1` or `sums[k[i]] += w[i]`, and calls `numpy.bincount` or the `at` method of a
ufunc, which take equal indices one after the other as the loop does (`sums[k] += w` would take one of them only).

## Why it is slow
Each pass reads, boxes and stores single elements: about 120 ns, against 2 to 10 ns in NumPy.

## When it is not the same
All indices are looked at first: one out of range raises before anything is stored. `bincount` raises ValueError for
negative ones, which the loop counts from the end.

## When it is not faster
Arrays of fewer than about thirty elements.

## References
NumPy documentation, `numpy.bincount`, `numpy.ufunc.at`; measured 83x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"
WHOLE = "ndarray[int64, 1d]"
IMAGE = "ndarray[int64, 2d]"

RULE = Rule(
    code="PA106",
    name="indexed-store-loop",
    message="the loop stores at computed places one element at a time: about 50 times the cost of array code",
    cure="call bincount, or the ufunc's at",
    applicability=UNSAFE,
    differences=("an index out of range raises before anything is stored",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
import numpy as np


def histogram(image, bins: int):
    counts = np.zeros(bins, dtype=int)
    rows, columns = image.shape
    for y in range(rows):
        for x in range(columns):
            counts[image[y, x]] += 1
    return counts
""",
            after="""
import numpy as np


def histogram(image, bins: int):
    counts = np.zeros(bins, dtype=int)
    rows, columns = image.shape
    counts += np.bincount(image.ravel(), minlength=len(counts))
    return counts
""",
            calls=("histogram(np.array([[1, 3], [1, 0]]), 5).tolist()", "histogram(np.zeros((0, 2), int), 2).tolist()"),
            types={"image": IMAGE},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def by_group(groups, weights, n: int):
    sums = np.zeros(n)
    for i in range(len(groups)):
        sums[groups[i]] += weights[i]
    return sums
""",
            after="""
import numpy as np


def by_group(groups, weights, n: int):
    sums = np.zeros(n)
    np.add.at(sums, groups, weights[:len(groups)])
    return sums
""",
            calls=("by_group(np.array([0, 2, 0, -1]), np.array([0.1, 0.2, 0.3, 1]), 3).tolist()",),
            types={"groups": WHOLE, "weights": FLOATS},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(h, k):\n    for i in range(len(k)):\n        h[k[i]] += 1\n",
            why="h may be a dict",
            types={"k": WHOLE},
        ),
        Silent(
            "def f(h, k):\n    for i in range(len(k)):\n        h[k[i]] = h[k[i]] * 0.5 + 1\n",
            why="equal indices build on each other",
            types={"h": FLOATS, "k": WHOLE},
        ),
        Silent(
            "def f(h, k, w):\n    for i in range(len(k)):\n        h[k[i]] += w[i]\n",
            why="floats added to integers are cut off each time",
            types={"h": WHOLE, "k": WHOLE, "w": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\nk = np.arange(n) % 7; h = np.zeros(7, int)",
        before="for i in range(n):\n    h[k[i]] += 1",
        after="h += np.bincount(k, minlength=len(h))",
        sizes=(10, 1000, 100_000),
        losing="k = np.array([1, 2]); h = np.zeros(7, int); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "scatter"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
