"""A matrix made of a vector only to multiply by it.

## What it does
Finds `np.diag(v) @ a`, `a @ np.diag(v)` and the same with `np.dot`, and multiplies the rows or columns by the vector
instead; and `w = np.diag(v)` whose matrix is only multiplied by, as advice.

## Why it is slow
The matrix has n * n elements, nearly all of them zero, and its product costs O(n^2 * m): scaling the rows is O(n * m).

## When it is not the same
Where `v` is a matrix, `np.diag` takes its diagonal instead of making a matrix. A row with an infinity or a NaN spreads
NaN through the product (0 * inf), which the scaled rows do not.

## When it is not faster
Vectors of fewer than about five elements.

## References
462 performance fixes read: 26 were of copies, temporaries and algebra of arrays, in 14 projects; weighted least squares
is the usual place.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    UNSAFE,
    Answer,
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    fill_template,
    match_pattern,
    needs,
    variable_uses,
)

HEAD = "import numpy as np\n\n\ndef f(v: np.ndarray, a: np.ndarray):\n"
TYPES = {"v": "ndarray[float64, 1d]", "a": "ndarray[float64, 2d]"}
NAMED = HEAD + "    w = np.diag(v)\n    return a.T @ w @ a, a.T @ w\n"
CALLS = ("f(np.arange(2.0), np.ones((2, 2))).tolist()",)
_ROWS = ("numpy.diag($v) @ $a", "numpy.dot(numpy.diag($v), $a)", "numpy.matmul(numpy.diag($v), $a)",
         "numpy.diag($v).dot($a)")  # fmt: skip
_COLUMNS = ("$a @ numpy.diag($v)", "numpy.dot($a, numpy.diag($v))", "numpy.matmul($a, numpy.diag($v))",
            "$a.dot(numpy.diag($v))")  # fmt: skip
_MATRIX = "`{v}` has one dimension"

RULE = Rule(
    code="PA537",
    name="product-with-diagonal",
    message="a whole matrix is made of `{v}` and multiplied with: O(n^2) memory, O(n^2 * m) instead of O(n * m)",
    cure="multiply the rows or columns by the vector",
    applicability=UNSAFE,
    differences=("an infinity or a NaN no longer makes NaN of the whole column or row",),
    examples=(
        Example(
            before=f"{HEAD}    return np.diag(v) @ a\n",
            after=f"{HEAD}    return v[:, None] * a\n",
            calls=CALLS,
            types=TYPES,
            applicability=UNSAFE,
        ),
        Example(
            before=f"{HEAD}    return np.dot(a + 1, np.diag(v))\n",
            after=f"{HEAD}    return (a + 1) * v\n",
            calls=CALLS,
            types=TYPES,
            applicability=UNSAFE,
        ),
        Example(before=NAMED, after=NAMED, applicability=DISPLAY),
    ),
    silent=(
        Silent(f"{HEAD}    return np.diag(v) * a\n", why="element by element"),
        Silent(f"{HEAD}    return np.diag(a) @ v\n", why="the diagonal of a matrix", types=TYPES),
        Silent(f"{HEAD}    w = np.diag(v)\n    w[0, 1] = 1\n    return w @ a\n", why="the matrix is changed"),
        Silent(f"{HEAD}    w = np.diag(v)\n    return w @ a, w\n", why="the matrix itself is wanted"),
        Silent("import scipy.sparse as sp\n\n\ndef f(v, a):\n    return sp.diags(v) @ a\n", why="a sparse matrix"),
    ),
    bench=Bench(
        setup="import numpy as np\nv = np.ones(n); a = np.ones((n, n))",
        before="np.diag(v) @ a",
        after="v[:, None] * a",
        sizes=(3, 50, 500),
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.BinaryOperation, cst.Call, cst.Assign):
        if isinstance(node, cst.Assign):
            yield from _named(view, node)
            continue
        for pattern in (*_ROWS, *_COLUMNS):
            if bound := match_pattern(pattern, node, view.facts):
                yield _match(view, node, bound, pattern in _ROWS)
                break


def change(match: Match, view: View) -> Rewrite:
    codes = {key: view.code(match.captures[key]) for key in ("v", "a")}
    template = "$v[:, None] * $a" if match.captures["rows"] and match.captures["is_matrix"] else "$a * $v"
    return Rewrite((Replacement.of(match.node, fill_template(template, codes)),))


def _match(view: View, node: cst.CSTNode, bound: dict[str, cst.BaseExpression], rows: bool) -> Match:
    v, a = bound["v"], bound["a"]
    vector, other = (view.facts.type_of(x).type for x in (v, a))
    sizes = (vector.ndim if vector else None, other.ndim if other else None)
    plain = Answer.unknown("its dimensions are not known")
    if sizes[0] is not None:
        plain = Answer.yes("its type") if sizes[0] == 1 else Answer.no(f"it has {sizes[0]} dimensions")
    return Match(
        node,
        captures={**bound, "rows": rows, "is_matrix": sizes[1] == 2},
        needs=(
            needs.is_type(view, v, "numpy.ndarray"),
            needs.is_type(view, a, "numpy.ndarray"),
            needs.value(plain, _MATRIX.replace("{v}", view.code(v)), "a matrix in place of the vector"),
        ),
        note="" if sizes[1] in (1, 2) else "multiply by the vector: `v[:, None] * a` for the rows, `a * v` for columns",
        fixable=sizes[1] in (1, 2),
    )


def _named(view: View, assign: cst.Assign) -> Iterator[Match]:
    """`w = np.diag(v)` where each use of `w` is an operand of `@`, or an argument of `dot`."""
    bound = match_pattern("numpy.diag($v)", assign.value, view.facts)
    target = assign.targets[0].target
    if bound is None or len(assign.targets) != 1 or not isinstance(target, cst.Name):
        return
    once = view.facts.scope(target.value) == "local" and len(view.facts.definitions(target.value)) == 1
    uses = [use for use in variable_uses(view, target.value) if use is not target]
    if once and uses and all(_is_factor(view, use) for use in uses):
        kind = view.facts.type_of(bound["v"]).type
        flat = kind is None or kind.ndim in (None, 1)
        arrays = needs.is_type(view, bound["v"], "numpy.ndarray")
        alone = needs.holds(flat, "it makes a matrix", "it takes a diagonal")
        note = f"multiply by the vector where `{target.value}` stands: `v[:, None] * a` for `{target.value} @ a`"
        yield Match(assign, dict(bound), (arrays, alone), note=note, fixable=False)


def _is_factor(view: View, use: cst.Name) -> bool:
    holder = view.parent(use)
    if isinstance(holder, cst.BinaryOperation):
        return isinstance(holder.operator, cst.MatrixMultiply)
    call = view.parent(holder) if isinstance(holder, cst.Arg | cst.Attribute) else None
    return isinstance(call, cst.Call) and view.code(call.func).rpartition(".")[2] in ("dot", "matmul")
