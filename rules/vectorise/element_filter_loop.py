"""Elements of arrays chosen one at a time into a list.

## What it does
Finds loops that append elements of arrays, or their positions, where a condition holds, and chooses them by a mask.

## Why it is slow
Each pass reads, boxes and compares single elements: about 60 ns, against below 2 ns in NumPy.

## When it is not the same
The list gets the same objects in the same order: NumPy numbers where the loop appended them. Values are computed for
all elements, with a warning where one has no value.

## When it is not faster
Arrays of fewer than about twenty elements.

## References
NumPy documentation, "Boolean array indexing", `numpy.flatnonzero`; measured 20 to 50x.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ArrayNest, array_nests

FLOATS = "ndarray[float64, 1d]"

RULE = Rule(
    code="PA107",
    name="element-filter-loop",
    message="the loop chooses array elements one at a time: about 20 times the cost of a mask",
    cure="choose the elements by a mask",
    applicability=UNSAFE,
    differences=("an exception half-way leaves other elements appended",),
    packages=("numpy",),
    examples=(
        Example(
            before="""
def within(data, low: float, high: float):
    kept = []
    for i in range(len(data)):
        if data[i] >= low and data[i] <= high:
            kept.append(data[i])
    return kept
""",
            after="""
def within(data, low: float, high: float):
    kept = []
    kept.extend(data[(data >= low) & (data <= high)])
    return kept
""",
            types={"data": FLOATS},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def crossings(wave):
    places = []
    for i in range(1, len(wave)):
        if wave[i - 1] * wave[i] < 0:
            places.append(i)
    return places
""",
            after="""
import numpy as np


def crossings(wave):
    places = []
    places.extend((np.flatnonzero(wave[:-1] * wave[1:] < 0) + 1).tolist())
    return places
""",
            calls=("crossings(np.array([1.0, -1.0, -2.0, 3.0]))", "crossings(np.ones(1))"),
            types={"wave": FLOATS},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(a: list, limit: float):\n    out = []\n    for i in range(len(a)):\n        if a[i] > limit:\n"
            "            out.append(a[i])\n    return out\n",
            why="a list is chosen from as fast by a comprehension",
        ),
        Silent(
            "def f(a):\n    out = []\n    for i in range(len(a)):\n        if a[i] > len(out):\n"
            "            out.append(a[i])\n    return out\n",
            why="what was chosen before decides",
            types={"a": FLOATS},
        ),
        Silent(
            "def f(a, seen: set):\n    for i in range(len(a)):\n        if a[i] > 0:\n            seen.add(a[i])\n",
            why="a set is no list",
            types={"a": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.sin(np.arange(float(n)))",
        before="out = []\nfor i in range(n):\n    if a[i] > 0.5:\n        out.append(a[i])",
        after="out = []\nout.extend(a[a > 0.5])",
        sizes=(10, 1000, 100_000),
        losing="a = np.arange(2.0); n = 2",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for nest in array_nests(view, "collect"):
        yield nest.match()


def change(match: Match, view: View) -> Rewrite:
    nest: ArrayNest = match.captures["nest"]
    return nest.rewrite()
