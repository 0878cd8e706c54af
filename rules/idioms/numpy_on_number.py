"""A function of NumPy called on a single number, or on the few of a shape.

## What it does
Finds `np.sqrt(x)`, `np.abs(x)`, `np.isnan(x)` and their like on an `int` or `float`, and `np.prod(shape)` of a tuple or
list of ints, and calls `math.sqrt`, `abs`, `math.isnan`, `math.prod`.

## Why it is slow
A NumPy function looks up types, makes an array of the number, and a NumPy number of the result: 5 to 20 times what
`math` takes, and the NumPy number makes each later operation slower as well.

## When it is not the same
The result is a plain `float`, `bool` or `int` in place of a NumPy one. Outside of the domain (`sqrt(-1)`, `log(0)`)
`math` raises ValueError, where NumPy gives NaN with a warning; `exp` of a large number raises OverflowError. The last
digit can differ. `math.prod` is exact where NumPy wraps at 64 bits.

## When it is not faster
Always faster on a single number.

## References
Python documentation, `math`. NumPy, xarray, zarr and SciPy replaced `np.prod` of shapes by `math.prod`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
)

_NUMBERS = ("float", "int", "numpy.float64")
_OF_MATH = {
    "sqrt": "sqrt", "exp": "exp", "log": "log", "log10": "log10", "log2": "log2", "log1p": "log1p", "sin": "sin",
    "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "arctan2": "atan2", "hypot": "hypot", "isnan": "isnan", "isinf": "isinf", "isfinite": "isfinite",
    "deg2rad": "radians", "radians": "radians", "rad2deg": "degrees", "degrees": "degrees",
}  # fmt: skip
_TOTAL = frozenset({"isnan", "isinf", "isfinite", "deg2rad", "radians", "rad2deg", "degrees", "arctan", "tanh"})
"""Functions that `math` has for every float, without an error."""
PLAIN = "the result is a plain Python number"
RAISES = "an argument outside of the domain raises ValueError or OverflowError instead of giving NaN or inf"

RULE = Rule(
    code="PA913",
    name="numpy-on-number",
    message="`{call}` makes an array of a single number, or of a few: 5 to 20 times the cost of `{cure}`",
    cure="call `{cure}`",
    applicability=UNSAFE,
    differences=(PLAIN,),
    examples=(
        Example(
            before="import numpy as np\n\n\ndef f(xs: list[float]) -> float:\n    total = 0.0\n    for x in xs:\n"
            "        if not np.isnan(x):\n            total += np.abs(x)\n    return total\n",
            after="import math\n\nimport numpy as np\n\n\ndef f(xs: list[float]) -> float:\n    total = 0.0\n"
            "    for x in xs:\n        if not math.isnan(x):\n            total += abs(x)\n    return total\n",
            calls=("float(f([1.0, -2.5]))", "f([])"),
            applicability=UNSAFE,
        ),
        Example(
            before="import math\nimport numpy as np\n\n\ndef f(x: float, y: float) -> float:\n"
            "    return np.sqrt(x * x + y * y)\n",
            after="import math\nimport numpy as np\n\n\ndef f(x: float, y: float) -> float:\n"
            "    return math.sqrt(x * x + y * y)\n",
            calls=("float(f(3.0, 4.0))",),
            applicability=UNSAFE,
        ),
        Example(
            before="import math\nimport numpy as np\n\n\ndef f(a: np.ndarray, chunks: tuple[int, ...]) -> int:\n"
            "    return np.prod(a.shape) // np.prod(chunks)\n",
            after="import math\nimport numpy as np\n\n\ndef f(a: np.ndarray, chunks: tuple[int, ...]) -> int:\n"
            "    return math.prod(a.shape) // math.prod(chunks)\n",
            calls=("int(f(np.ones((4, 6)), (2, 3)))",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("import numpy as np\n\n\ndef f(a: np.ndarray):\n    return np.sqrt(a)\n", why="an array"),
        Silent("import numpy as np\n\n\ndef f(x):\n    return np.sqrt(x)\n", why="it may be an array"),
        Silent("import numpy as np\n\n\ndef f(xs: list[float]):\n    return np.sqrt(xs)\n", why="a list: an array"),
        Silent(
            "import numpy as np\nfrom numba import njit\n\n\n@njit\ndef f(x: float):\n    return np.sqrt(x)\n",
            why="compiled: both are one instruction",
        ),
        Silent("import numpy as np\n\n\ndef f(xs: list[float]):\n    return np.prod(xs)\n", why="products of floats"),
        Silent("import numpy as np\n\n\ndef f(x: float, out):\n    return np.sqrt(x, out=out)\n", why="into an array"),
        Silent(
            "import numpy as np\n\nHALF = np.sqrt(0.5)\n",
            why="computed once",
        ),
    ),
    bench=Bench(
        setup="import math\nimport numpy as np\nx = 2.5",
        before="np.sqrt(x)",
        after="math.sqrt(x)",
        sizes=(1,),
        requires=("numpy",),
    ),
)  # fmt: skip


def see(view: View) -> Iterator[Match]:
    decorators = getattr(view.slice.node, "decorators", ())
    if view.hot.is_module or any("jit" in view.code(d) or "vectorize" in view.code(d) for d in decorators):
        return
    for call in view.walk(cst.Call):
        name = view.facts.qualified_name(call.func) or ""
        if not name.startswith("numpy.") or any(arg.star or arg.keyword for arg in call.args) or not call.args:
            continue
        short = name.removeprefix("numpy.")
        if short == "prod" and len(call.args) == 1:
            yield _match(call, "math.prod", (_of_ints(view, call.args[0].value),), ())
        elif short in ("abs", "absolute", "fabs") and len(call.args) == 1:
            yield _match(call, "abs", _numbers(view, call), ())
        elif short in _OF_MATH and len(call.args) == (2 if short in ("arctan2", "hypot") else 1):
            differs = () if short in _TOTAL else (RAISES, "the last digit can differ")
            yield _match(call, f"math.{_OF_MATH[short]}", _numbers(view, call), differs)


def change(match: Match, view: View) -> Rewrite:
    target = match.captures["cure"]
    called = match.captures["call"].func
    if target == "abs":
        return Rewrite((Replacement.of(called, target),))
    return Rewrite((Replacement.of(called, target.replace("math", view.name_of("math"))),), imports=("math",))


def _match(call: cst.Call, cure: str, stated: tuple[Need, ...], differences: tuple[str, ...]) -> Match:
    return Match(call, {"call": call, "cure": cure}, stated, differences)


def _numbers(view: View, call: cst.Call) -> tuple[Need, ...]:
    return tuple(needs.is_type(view, arg.value, *_NUMBERS) for arg in call.args)


def _of_ints(view: View, shape: cst.BaseExpression) -> Need:
    """The argument is a tuple or a list of ints, by its type."""
    typed = view.facts.type_of(shape)
    known = typed.type is not None and typed.type.name in ("tuple", "list") and bool(typed.type.args)
    if known and typed.type is not None and all(item.name in ("int", "bool") for item in typed.type.args):
        return needs.is_type(view, shape, "tuple", "list")
    return needs.holds(False, f"`{view.code(shape)}` holds ints", "its items are not known to be ints")
