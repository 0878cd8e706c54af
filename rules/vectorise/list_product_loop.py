"""Matrix products of lists of lists, one number at a time.

## What it does
Finds the matrix product of two lists of lists of floats, written as three loops into lists of zeros or as a nested
comprehension, converts both once, multiplies them with `@` and gives lists back.

## Why it is slow
Every product looks up four items and makes a float, about 60 ns; converting an item costs about as much, but there are
n times fewer of them.

## When it is not the same
BLAS adds in another order, so floats differ in the last digits. Rows of different lengths, or sizes that do not fit,
raise ValueError. Lists of ints are left alone: Python's have no bounds.

## When it is not faster
Matrices of fewer than about eight rows and columns: where the profile says that a call takes less than 100
microseconds, the rule is silent.

## References
NumPy documentation, `numpy.matmul`, `numpy.ndarray.tolist`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Match, Replacement, Rewrite, Rule, Silent, View
from perf_advise.rulekit.arrays import ListProduct, list_products

FLOATS = "list[list[float]]"

RULE = Rule(
    code="PA109",
    name="list-product-loop",
    message="the loops multiply lists of lists one number at a time: a matrix product does it in compiled code",
    cure="convert the lists once and write a matrix product",
    applicability=UNSAFE,
    differences=(
        "float rounding order",
        "lists without items, or rows of different lengths, raise ValueError",
    ),
    packages=("numpy",),
    examples=(
        Example(
            before="""
def multiply(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    n, m, p = len(a), len(b), len(b[0])
    c = [[0.0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            for k in range(m):
                c[i][j] += a[i][k] * b[k][j]
    return c
""",
            after="""import numpy as np

def multiply(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    n, m, p = len(a), len(b), len(b[0])
    c = (np.array(a) @ np.array(b)).tolist()
    return c
""",
            calls=("multiply([[1.0, 2.0], [3.0, 4.0]], [[0.5, 1.0], [2.0, 4.0]])",),
            types={"a": FLOATS, "b": FLOATS},
            applicability=UNSAFE,
        ),
        Example(
            before="""
def multiply(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]
""",
            after="""import numpy as np

def multiply(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    return (np.array(a) @ np.array(b)).tolist()
""",
            calls=("multiply([[1.0, 2.0], [3.0, 4.0]], [[0.5, 1.0], [2.0, 4.0]])",),
            types={"a": FLOATS, "b": FLOATS},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:\n"
            "    return [[sum(x * y for x, y in zip(r, c)) for c in zip(*b)] for r in a]\n",
            why="ints have no bounds, and come back as ints",
            types={"a": "list[list[int]]", "b": "list[list[int]]"},
        ),
        Silent(
            "def f(a, b):\n    return [[sum(x * y for x, y in zip(r, c)) for c in zip(*b)] for r in a]\n",
            why="nothing says what the lists hold",
        ),
        Silent(
            "def f(a: list[list[float]], b: list[list[float]], c: list[list[float]], n: int) -> None:\n"
            "    for i in range(n):\n        for j in range(n):\n            for k in range(n):\n"
            "                c[i][j] += a[i][k] * b[k][j]\n",
            why="the lists that are added to come from outside",
            types={"a": FLOATS, "b": FLOATS, "c": FLOATS},
        ),
        Silent(
            "def f(a: list[list[float]], b: list[list[float]], n: int) -> list[list[float]]:\n"
            "    c = [[0.0] * n for _ in range(n + 1)]\n    for i in range(n):\n        for j in range(n):\n"
            "            for k in range(n):\n                c[i][j] += a[i][k] * b[k][j]\n    return c\n",
            why="not all of the zeros are replaced",
            types={"a": FLOATS, "b": FLOATS},
        ),
    ),
    bench=Bench(
        setup="import numpy as np\na, b = ([[1.0] * n for _ in range(n)] for _ in range(2))",
        before="c = [[sum(x * y for x, y in zip(r, q)) for q in zip(*b)] for r in a]",
        after="c = (np.array(a) @ np.array(b)).tolist()",
        sizes=(8, 40, 120),
        losing="n = 1; a = b = [[1.0]]",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for product in list_products(view):
        yield Match(product.node, captures={"product": product}, needs=tuple(product.needs(view)))


def change(match: Match, view: View) -> Rewrite:
    product: ListProduct = match.captures["product"]
    gone = (Replacement.of(line, "") for line in product.dropped)
    new = Replacement.of(product.node, product.code)
    return Rewrite((new, *gone), imports=("numpy",), packages=("numpy",))
