"""The same value stored to every k-th element of a list, one at a time.

## What it does
Finds the inner loop of a sieve (`for j in range(i * i, n, i): flags[j] = False`) over a list, a bytearray or an array,
and assigns to the slice.

## Why it is slow
Each pass of the loop costs about 25 ns; the slice is filled in C at about 2 ns per element.

## When it is not the same
An index beyond the end raises IndexError in the loop; the slice raises ValueError before anything is stored, makes the
list longer where the step is one, and of an array is cut short.

## When it is not faster
Fewer than about ten elements.

## References
Python documentation, "Mutable Sequence Types" (`s[i:j:k] = t`).
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Replacement, Rewrite, Rule, Silent, View, needs
from perf_advise.rulekit.arrays import StridedStore, strided_stores

RULE = Rule(
    code="PA108",
    name="strided-store-loop",
    message="the loop stores one value to every k-th element, one at a time: about 10 times the cost of a slice",
    cure="assign to the slice",
    applicability=UNSAFE,
    differences=("an index beyond the end raises ValueError, or changes the length, not IndexError half-way",),
    examples=(
        Example(
            before="""
def sieve(n: int):
    is_prime = [True] * (n + 1)
    for i in range(2, int(n**0.5) + 1):
        if is_prime[i]:
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
    return [i for i in range(2, n + 1) if is_prime[i]]
""",
            after="""
def sieve(n: int):
    is_prime = [True] * (n + 1)
    for i in range(2, int(n**0.5) + 1):
        if is_prime[i]:
            is_prime[i * i:n + 1:i] = [False] * len(range(i * i, n + 1, i))
    return [i for i in range(2, n + 1) if is_prime[i]]
""",
            calls=("sieve(30)", "sieve(4)", "sieve(2)"),
            applicability=UNSAFE,
        ),
        Example(
            before="""
import numpy as np


def odd_numbers(n: int):
    kept = np.ones(n, dtype=bool)
    for j in range(0, n, 2):
        kept[j] = False
    return np.flatnonzero(kept)
""",
            after="""
import numpy as np


def odd_numbers(n: int):
    kept = np.ones(n, dtype=bool)
    kept[0:n:2] = False
    return np.flatnonzero(kept)
""",
            calls=("odd_numbers(7).tolist()", "odd_numbers(0).tolist()"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(flags, n: int):\n    for j in range(4, n, 2):\n        flags[j] = False\n",
            why="flags may be a dict",
        ),
        Silent(
            "def f(n: int):\n    xs = [0] * n\n    for j in range(4, n, 2):\n        xs[j] += 1\n    return xs\n",
            why="each element gets a value of its own",
        ),
        Silent(
            "def f(n: int):\n    rows = [None] * n\n    for j in range(4, n, 2):\n        rows[j] = []\n"
            "    return rows\n",
            why="each element is a new list",
        ),
        Silent(
            "def f(n: int):\n    xs = [0] * n\n    for j in range(2, n):\n        xs[j] = 1\n    return xs\n",
            why="a slice without a step would make the list longer",
        ),
        Silent(
            "def f(n: int):\n    xs = [0] * n\n    j = 0\n    for j in range(4, n, 2):\n        xs[j] = 1\n"
            "    return j\n",
            why="the index is read afterwards",
        ),
    ),
    bench=Bench(
        setup="xs = [True] * n",
        before="for j in range(4, n, 2):\n    xs[j] = False",
        after="xs[4:n:2] = [False] * len(range(4, n, 2))",
        sizes=(30, 1000, 100_000),
        losing="n = 8; xs = [True] * n",
    ),
)


def see(view: View) -> Iterator[Match]:
    for store in strided_stores(view):
        target = needs.is_type(view, store.base, "list", "bytearray", "numpy.ndarray")
        yield Match(store.node, captures={"store": store}, needs=(target, *store.needs))


def change(match: Match, view: View) -> Rewrite:
    store: StridedStore = match.captures["store"]
    kind = view.facts.type_of(store.base).type
    return Rewrite((Replacement.of(store.node, store.code(kind.name if kind is not None else "list")),))
