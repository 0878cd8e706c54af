"""The position of the largest or smallest element looked for one element at a time.

## What it does
Finds loops that keep the extreme of an array and where it stands (`if a[i] > best: best = a[i]; k = i`), and calls
`argmax` or `argmin`.

## Why it is slow
Each pass reads, boxes and compares one element: about 40 ns, against below 1 ns in NumPy.

## When it is not the same
Of equal extremes both find the first; loops that keep the last (`>=`) are left alone. With NaN among the elements NumPy
takes the NaN. Without elements NumPy raises ValueError.

## When it is not faster
Arrays of fewer than about thirty elements.

## References
NumPy documentation, `numpy.argmax` ("in case of multiple occurrences, the first").
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"

RULE = Rule(
    code="PA103",
    name="extreme-search-loop",
    message="the loop looks for the extreme of an array one element at a time: about 50 times the cost of argmax",
    cure="call argmax or argmin",
    applicability=UNSAFE,
    differences=("an extreme that is NaN is found, where the loop passes it by",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
import numpy as np


def peak(signal):
    best = signal[0]
    place = 0
    for i in range(1, len(signal)):
        if signal[i] > best:
            best = signal[i]
            place = i
    return place, best
""",
            after="""
import numpy as np


def peak(signal):
    place = int(np.argmax(signal))
    best = signal[place]
    return place, best
""",
            calls=("peak(np.array([1.0, 3.0, 3.0]))[0]", "peak(np.array([2.0]))[0]"),
            types={"signal": FLOATS},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def nearest(gaps, limit):
    least = limit
    k = -1
    for i in range(len(gaps)):
        if gaps[i] < least:
            least = gaps[i]
            k = i
    return k
""",
            after="""
import numpy as np


def nearest(gaps, limit):
    least = limit
    k = -1
    k_of_min = int(np.argmin(gaps))
    if gaps[k_of_min] < least:
        least = gaps[k_of_min]
        k = k_of_min
    return k
""",
            calls=("nearest(np.array([4.0, 3.0, 3.0]), 3.5)", "nearest(np.array([2.0]), 1.0)"),
            types={"gaps": FLOATS, "limit": "float"},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def closest(points, x, y):
    found = -1
    least = float("inf")
    for i in range(len(points)):
        dx = points[i, 0] - x
        dy = points[i, 1] - y
        gap = dx * dx + dy * dy
        if gap <= least:
            least = gap
            found = i
    return found
""",
            after="""
import numpy as np


def closest(points, x, y):
    dx = points[:, 0] - x
    dy = points[:, 1] - y
    gap = dx * dx + dy * dy
    found = len(gap) - 1 - int(np.argmin(gap[::-1]))
    return found
""",
            calls=("closest(np.arange(8.0).reshape(4, 2), 2.5, 2.5)", "closest(np.ones((3, 2)), 0.0, 0.0)"),
            types={"points": "ndarray[float64, 2d]", "x": "float", "y": "float"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(a, b):\n    m, k, w = a[0], 0, 0.0\n    for i in range(len(a)):\n        if a[i] > m:\n"
            "            m = a[i]\n            k = i\n            w = b[i]\n    return k, w\n",
            why="more than the position is kept beside the extreme",
            types={"a": FLOATS, "b": FLOATS},
        ),
        Silent(
            "def f(a, m, k):\n    for i in range(len(a)):\n        if a[i] > m:\n            m = a[i]\n"
            "            k = i\n    return k\n",
            why="a may be a list, which max and index serve as well",
        ),
        Silent(
            "def f(a, m, k):\n    for i in range(len(a)):\n        if a[i] > m:\n            m = a[i]\n"
            "            k = i\n            print(k)\n    return k\n",
            why="each new extreme is printed",
            types={"a": FLOATS, "m": "float"},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.sin(np.arange(float(n)))",
        before="m = a[0]; k = 0\nfor i in range(1, n):\n    if a[i] > m:\n        m = a[i]\n        k = i",
        after="k = int(np.argmax(a)); m = a[k]",
        sizes=(10, 1000, 100_000),
        losing="a = np.arange(2.0); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "argreduce"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
