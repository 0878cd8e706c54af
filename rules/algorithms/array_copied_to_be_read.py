"""An array copied only to be read at once.

## What it does
Finds `a.flatten()`, `a.copy()` and `np.array(a)` of an array that go straight into a reduction, a conversion or another
function that only reads (`np.sum(a.flatten())`, `a.flatten().tolist()`), and leaves the copy out: `a.ravel()`, `a`.

## Why it is slow
The copy goes through all of the memory, and asks for as much again; `ravel` gives a view of an array that is
contiguous, and copies only one that is not.

## When it is not the same
It is the same: nothing gets hold of the copy, and what reads it makes its own result.

## When it is not faster
Arrays that are not contiguous are copied by `ravel` as well; small ones cost little either way.

## References
NumPy documentation, `ndarray.flatten`, `numpy.ravel`. 462 performance fixes read: `flatten` and `astype` copies were
among those of arrays.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
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
)

HEAD = "import numpy as np\n\n\ndef f(a: np.ndarray):\n    return "
_COPIES = {
    "$a.flatten()": "$a.ravel()",
    "numpy.array($a).ravel()": "$a.ravel()",
    "$a.copy()": "$a",
    "numpy.array($a)": "$a",
}
_READING = frozenset(
    {"min", "max", "amin", "amax", "sum", "prod", "mean", "std", "var", "median", "percentile", "quantile", "bincount",
     "unique", "histogram", "any", "all", "count_nonzero", "argmin", "argmax", "argsort", "sort", "nanmin", "nanmax",
     "nansum", "nanmean", "nanstd", "concatenate", "hstack", "isin", "allclose", "array_equal", "cumsum", "cumprod",
     "dot", "flatnonzero", "nonzero", "ptp", "average", "isnan", "isfinite", "diff", "digitize", "searchsorted"}
)  # fmt: skip
"""Functions of NumPy that read their arguments and make a result of their own."""
_METHODS = frozenset(
    {"min", "max", "sum", "prod", "mean", "std", "var", "any", "all", "argmin", "argmax", "argsort", "tolist",
     "tobytes", "cumsum", "cumprod", "dot", "nonzero", "searchsorted"}
)  # fmt: skip

RULE = Rule(
    code="PA538",
    name="array-copied-to-be-read",
    message="`{copy}` copies the whole array only to be read once",
    cure="read the array itself",
    examples=(
        Example(
            before=f"{HEAD}np.sum(a.flatten()) + a.flatten().max()\n",
            after=f"{HEAD}np.sum(a.ravel()) + a.ravel().max()\n",
            calls=("float(f(np.arange(6.0).reshape(2, 3)))",),
            generated={"a": "ndarray[float64, 2d]"},
        ),
        Example(
            before=f"{HEAD}np.unique(np.array(a)).tolist(), a.copy().tolist()\n",
            after=f"{HEAD}np.unique(a).tolist(), a.tolist()\n",
            calls=("f(np.arange(3.0))",),
            generated={"a": "ndarray[int64, 1d]"},
        ),
    ),
    silent=(
        Silent(f"{HEAD}a.flatten()\n", why="the copy is what is wanted"),
        Silent("import numpy as np\n\n\ndef f(a):\n    return np.sum(a.flatten())\n", why="it may be another type"),
        Silent(
            "import numpy as np\n\n\ndef f(xs: list[int]):\n    return np.sum(np.array(xs))\n", why="a list: no copy"
        ),
        Silent(f"{HEAD}np.asarray(a.flatten())\n", why="the result may be the copy itself"),
        Silent(f"{HEAD}a.flatten('F').sum()\n", why="another order"),
        Silent(f"{HEAD}np.sum(a.copy(), out=a)\n", why="the result is written where it is read"),
        Silent(f"{HEAD}np.array(a, dtype=float).sum()\n", why="converted"),
    ),
    bench=Bench(
        setup="import numpy as np\na = np.ones((max(n // 10, 1), 10))",
        before="np.max(a.flatten())",
        after="np.max(a.ravel())",
        sizes=(100, 10_000, 1_000_000),
        losing="a = np.ones((2, 2))",
        requires=("numpy",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for copy in view.walk(cst.Call):
        for pattern, template in _COPIES.items():
            bound = match_pattern(pattern, copy, view.facts)
            if bound is not None and _is_read_at_once(view, copy):
                captures = {"copy": copy, "template": template, "array": bound["a"]}
                yield Match(copy, captures, (needs.is_type(view, bound["a"], "numpy.ndarray"),))
                break


def change(match: Match, view: View) -> Rewrite:
    code = fill_template(match.captures["template"], {"a": view.code(match.captures["array"])})
    return Rewrite((Replacement.of(match.node, code),))


def _is_read_at_once(view: View, copy: cst.Call) -> bool:
    """Whether a function of NumPy or a method of the copy reads it, and nothing else gets hold of it."""
    holder = view.parent(copy)
    call = view.parent(holder) if isinstance(holder, cst.Arg | cst.Attribute) else None
    if not isinstance(call, cst.Call) or any(arg.keyword and arg.keyword.value == "out" for arg in call.args):
        return False
    if isinstance(holder, cst.Attribute):
        return call.func is holder and holder.attr.value in _METHODS
    name = view.facts.qualified_name(call.func) or ""
    first = bool(call.args) and call.args[0] is holder and not call.args[0].star and not call.args[0].keyword
    return first and name.startswith("numpy.") and name.removeprefix("numpy.") in _READING
