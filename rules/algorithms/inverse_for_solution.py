"""The inverse of a matrix computed to multiply by it once.

## What it does
Finds `np.linalg.inv(a) @ b`, `np.linalg.inv(a).dot(b)` and `np.dot(np.linalg.inv(a), b)`, and solves the equations:
`np.linalg.solve(a, b)`.

## Why it is slow
The inverse is the solution of n systems of equations, one per column of the identity; `solve` solves the ones that are
asked for, without the product afterwards.

## When it is not the same
The last bits differ; the solution is the more exact of both. A singular matrix raises LinAlgError either way. For
stacks of matrices, `solve` takes the last axes of `b` in another way: the rule names that.

## When it is not faster
Where `b` has more columns than `a`, or the same inverse is used many times: compute it, or its LU factors
(`scipy.linalg.lu_factor`), once outside of the loop.

## References
NumPy documentation, `numpy.linalg.solve`; 462 performance fixes read: the inverse times a vector was among them.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    match_pattern,
    needs,
)

HEAD = "import numpy as np\n\n\ndef f(a: np.ndarray, b: np.ndarray) -> np.ndarray:\n    return "
_FORMS = (
    "numpy.linalg.inv($a) @ $b",
    "numpy.linalg.inv($a).dot($b)",
    "numpy.dot(numpy.linalg.inv($a), $b)",
    "numpy.matmul(numpy.linalg.inv($a), $b)",
)

RULE = Rule(
    code="PA534",
    name="inverse-for-solution",
    message="the inverse of `{a}` is computed only to multiply `{b}` by it",
    cure="solve the equations",
    applicability=UNSAFE,
    differences=("the last bits differ", "stacks of matrices are taken in another way"),
    examples=(
        Example(
            before=f"{HEAD}np.linalg.inv(a) @ b\n",
            after=f"{HEAD}np.linalg.solve(a, b)\n",
            calls=("f(2 * np.eye(2), np.array([2.0, 4.0])).tolist()",),
            applicability=UNSAFE,
        ),
        Example(
            before=f"{HEAD}b + np.dot(np.linalg.inv(a), b) - np.linalg.inv(a.T).dot(b)\n",
            after=f"{HEAD}b + np.linalg.solve(a, b) - np.linalg.solve(a.T, b)\n",
            calls=("f(2 * np.eye(2), np.array([2.0, 4.0])).tolist()",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(f"{HEAD}b @ np.linalg.inv(a)\n", why="the vector stands before: that is the transposed system"),
        Silent(f"{HEAD}np.linalg.inv(a) * b\n", why="element by element"),
        Silent(
            "import numpy as np\n\n\ndef f(a: np.ndarray, bs: list[np.ndarray]):\n    inverse = np.linalg.inv(a)\n"
            "    return [inverse @ b for b in bs]\n",
            why="one inverse for many vectors",
        ),
        Silent("import numpy as np\n\n\ndef f(a, b):\n    return np.linalg.inv(a) @ b\n", why="b may be of any type"),
    ),
    bench=Bench(
        setup="import numpy as np\nrng = np.random.default_rng(1)\na = rng.random((n, n)); b = rng.random(n)",
        before="np.linalg.inv(a) @ b",
        after="np.linalg.solve(a, b)",
        sizes=(10, 100, 500),
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    products: list[cst.BaseExpression] = [*view.walk(cst.BinaryOperation), *view.walk(cst.Call)]
    for product in products:
        matched = (match_pattern(form, product, view.facts) for form in _FORMS)
        bound = next((found for found in matched if found is not None), None)
        if bound is not None:
            a, b = bound["a"], bound["b"]
            arrays = (needs.is_type(view, a, "numpy.ndarray"), needs.is_type(view, b, "numpy.ndarray"))
            yield Match(product, {"a": a, "b": b}, arrays)


def change(match: Match, view: View) -> Rewrite:
    a, b = view.code(match.captures["a"]), view.code(match.captures["b"])
    return Rewrite((Replacement.of(match.node, f"{view.name_of('numpy')}.linalg.solve({a}, {b})"),), imports=("numpy",))
