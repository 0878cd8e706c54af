"""A whole matrix product for its diagonal or its trace.

## What it does
Finds `np.diag(a @ b)`, `(a @ b).diagonal()`, `np.trace(a @ b)` and the same with `np.dot`, and computes only the
elements that are asked for, by `np.einsum`.

## Why it is slow
The product of two matrices of n rows costs O(n^3), and O(n^2) memory; its diagonal is n dot products: O(n^2).

## When it is not the same
The products of a sum are added in another order. What is no pair of matrices whose product is square raises ValueError,
where `diag` takes the shorter side, or makes a matrix of a vector.

## When it is not faster
Up to about fifty rows, where a call of `einsum` costs more than the product.

## References
NumPy documentation, `numpy.einsum`; 462 performance fixes read: 26 were of copies, temporaries and algebra of arrays,
the diagonal of a full product among them.
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

HEAD = "import numpy as np\n\n\ndef f(a: np.ndarray, b: np.ndarray):\n    return "
_FORMS = (
    ("numpy.diag($product)", '"ij,ji->i"'),
    ("numpy.diagonal($product)", '"ij,ji->i"'),
    ("$product.diagonal()", '"ij,ji->i"'),
    ("numpy.trace($product)", '"ij,ji->"'),
    ("$product.trace()", '"ij,ji->"'),
)
"""What takes the diagonal of a product, and the elements that `einsum` is to compute."""
_PRODUCTS = ("$a @ $b", "numpy.dot($a, $b)", "numpy.matmul($a, $b)", "$a.dot($b)")

RULE = Rule(
    code="PA533",
    name="product-for-diagonal",
    message="all of the product of `{a}` and `{b}` is computed for its diagonal: O(n^3) instead of O(n^2)",
    cure="compute the diagonal alone",
    applicability=UNSAFE,
    differences=("the products are added in another order", "a product that is not square raises ValueError"),
    examples=(
        Example(
            before=f"{HEAD}np.diag(a @ b)\n",
            after=f'{HEAD}np.einsum("ij,ji->i", a, b)\n',
            calls=("f(np.eye(3), np.arange(9.0).reshape(3, 3)).tolist()",),
            applicability=UNSAFE,
        ),
        Example(
            before=f"{HEAD}np.trace(np.dot(a, b)) + (a.T @ b).diagonal()[0]\n",
            after=f'{HEAD}np.einsum("ij,ji->", a, b) + np.einsum("ij,ji->i", a.T, b)[0]\n',
            calls=("float(f(np.eye(3), np.arange(9.0).reshape(3, 3)))",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(f"{HEAD}np.diag(a)\n", why="no product"),
        Silent(f"{HEAD}np.diag(a @ b, 1)\n", why="another diagonal"),
        Silent(f"{HEAD}np.diag(a * b)\n", why="element by element: there is no sum to leave out"),
        Silent(f"{HEAD}(a @ b)[0]\n", why="a row"),
        Silent("import numpy as np\n\n\ndef f(a, b):\n    return np.diag(a @ b)\n", why="they may be sparse matrices"),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.ones((n, n)); b = np.ones((n, n))",
        before="np.diag(a @ b)",
        after='np.einsum("ij,ji->i", a, b)',
        sizes=(10, 100, 500),
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        for form, elements in _FORMS:
            taken = match_pattern(form, call, view.facts)
            factors = _factors(view, taken["product"]) if taken else None
            if factors is not None:
                a, b = factors["a"], factors["b"]
                arrays = (needs.is_type(view, a, "numpy.ndarray"), needs.is_type(view, b, "numpy.ndarray"))
                yield Match(call, {"a": a, "b": b, "elements": elements}, arrays)


def change(match: Match, view: View) -> Rewrite:
    a, b = view.code(match.captures["a"]), view.code(match.captures["b"])
    code = f"{view.name_of('numpy')}.einsum({match.captures['elements']}, {a}, {b})"
    return Rewrite((Replacement.of(match.node, code),), imports=("numpy",))


def _factors(view: View, product: cst.BaseExpression) -> dict[str, cst.BaseExpression] | None:
    matched = (match_pattern(pattern, product, view.facts) for pattern in _PRODUCTS)
    return next((bound for bound in matched if bound is not None), None)
