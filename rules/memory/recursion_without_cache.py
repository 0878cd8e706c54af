"""A recursion that computes the same again and again.

## What it does
Finds a function of numbers, texts or tuples that calls itself at least twice with arguments derived by arithmetic
(`fib(n - 1) + fib(n - 2)`, `paths(r - 1, c) + paths(r, c - 1)`), and caches its results.

## Why it is slow
The calls overlap: the same arguments come again on many ways, so the number of calls grows exponentially, where only
as many different results exist as there are different arguments.

## When it is not the same
The fix asks for a body that only computes: no calls but builtins and itself, nothing stored outside, a result that
cannot be changed. `1`, `1.0` and `True` share one result; on 3.11 and 3.12 the recursion reaches only half as deep
before RecursionError; results are kept for the life of the process. Arguments must be hashable.

## When it is not faster
Where no call comes twice with the same arguments: a hit costs less than a call, a miss a little more.

## References
Python documentation, `functools.cache`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Answer,
    Bench,
    Example,
    Insertion,
    Match,
    Need,
    NeedKind,
    Rewrite,
    Rule,
    Silent,
    View,
    calls_in,
    cst,
    fingerprint,
    needs,
)

RULE = Rule(
    code="PA802",
    name="recursion-without-cache",
    message="`{name}` calls itself {count} times with arguments that come again: exponential number of calls",
    cure="keep its results with `functools.cache`",
    applicability=UNSAFE,
    differences=(
        "results are kept for the life of the process",
        "1, 1.0 and True share a result",
        "on 3.11 and 3.12 RecursionError comes at half the depth",
    ),
    examples=(
        Example(
            before="def fib(n: int) -> int:\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
            after="from functools import cache\n\n\n@cache\ndef fib(n: int) -> int:\n    if n < 2:\n        return n\n"
            "    return fib(n - 1) + fib(n - 2)\n",
            calls=("fib(12)", "fib(0)"),
            generated={"n": "natural"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def size(tree):\n    return 1 + size(tree.left) + size(tree.right) if tree else 0\n",
            why="the branches of a tree do not overlap",
        ),
        Silent(
            "def fact(n: int) -> int:\n    return 1 if n < 2 else n * fact(n - 1)\n", why="each argument comes once"
        ),
        Silent(
            "def gcd(a: int, b: int) -> int:\n    if a > b:\n        return gcd(a - b, b)\n    if a < b:\n"
            "        return gcd(a, b - a)\n    return a\n",
            why="only one of both calls is made",
        ),
        Silent(
            "def hanoi(n: int, moves: list[int]) -> None:\n    if n:\n        hanoi(n - 1, moves)\n"
            "        moves.append(n)\n        hanoi(n - 1, moves)\n",
            why="it is called for its effect",
        ),
        Silent(
            "from functools import cache\n\n\n@cache\ndef fib(n: int) -> int:\n"
            "    return n if n < 2 else fib(n - 1) + fib(n - 2)\n",
            why="cached already",
        ),
        Silent(
            "def sort(xs: list[int], lo: int, hi: int) -> list[int]:\n    if hi - lo < 2:\n        return xs[lo:hi]\n"
            "    mid = (lo + hi) // 2\n    return sorted(sort(xs, lo, mid) + sort(xs, mid, hi))\n",
            why="halves do not overlap, and lists are no keys",
        ),
    ),
    bench=Bench(
        setup="from functools import cache\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
        "slow = fib\n@cache\ndef quick(n):\n    return n if n < 2 else quick(n - 1) + quick(n - 2)",
        before="slow(n)",
        after="quick.cache_clear(); quick(n)",
        sizes=(8, 16, 22),
        losing="n = 1",
    ),
)

BUILTINS = frozenset({"min", "max", "abs", "len", "range", "sum", "int", "bool", "divmod", "pow", "any", "all", "ord"})
COMPUTING = (cst.Return, cst.Assign, cst.AugAssign, cst.AnnAssign, cst.Pass, cst.Break, cst.Continue, cst.Raise)
LINE = cst.SimpleStatementLine
CHANGEABLE = (cst.List, cst.ListComp, cst.Dict, cst.DictComp, cst.Set, cst.SetComp, cst.GeneratorExp, cst.Lambda)


def see(view: View) -> Iterator[Match]:
    function = view.slice.node
    if not isinstance(function, cst.FunctionDef) or function.decorators or "." in view.hot.qualname:
        return
    params = {param.name.value for param in function.params.params}
    own = [call for call in view.walk(cst.Call) if _is_own(view, call)]
    overlapping = [call for call in own if _is_derived(call, params)]
    together = max((_made_together(view, call, overlapping) for call in overlapping), default=0)
    if together > 1 and len(overlapping) == len(own) and _only_computes(view, function):
        yield Match(
            function.name,
            captures={"name": function.name, "count": together},
            needs=tuple(_hashable(view, function, param) for param in function.params.params),
        )


def change(match: Match, view: View) -> Rewrite:
    cache = view.name_of("functools.cache")
    return Rewrite(insertions=(Insertion(view.slice.node, f"@{cache}"),), imports=("functools.cache",))


def _is_own(view: View, call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == view.hot.qualname


def _is_derived(call: cst.Call, params: set[str]) -> bool:
    """Whether all arguments are parameters, constants, and sums, differences and quotients of them."""

    def is_arithmetic(node: cst.CSTNode) -> bool:
        if isinstance(node, cst.BinaryOperation):
            return is_arithmetic(node.left) and is_arithmetic(node.right)
        if isinstance(node, cst.UnaryOperation):
            return is_arithmetic(node.expression)
        return isinstance(node, cst.Integer) or (isinstance(node, cst.Name) and node.value in params)

    changed = any(isinstance(arg.value, cst.BinaryOperation) for arg in call.args)
    return changed and all(not arg.star and is_arithmetic(arg.value) for arg in call.args)


def _made_together(view: View, call: cst.Call, calls: list[cst.Call]) -> int:
    """How many different calls of itself the lines of one block make, but for the branches of an `... if ... else`."""
    block = view.parent(view.statement(call))
    here = [c for c in calls if view.parent(view.statement(c)) is block and isinstance(view.statement(c), LINE)]
    branches = {
        id(holder.body if view.inside(c, holder.body) else holder.orelse): c
        for c in here
        for holder in view.ancestors(c)
        if isinstance(holder, cst.IfExp) and not view.inside(c, holder.test)
    }
    if len(branches) > 1:
        return 0
    return len({fingerprint(c) for c in here})


def _only_computes(view: View, function: cst.FunctionDef) -> bool:
    """Whether the body stores nothing outside of it, calls builtins and itself only, and gives nothing changeable."""
    body = function.body
    known = all(
        _is_own(view, call) or (view.facts.qualified_name(call.func) or "").removeprefix("builtins.") in BUILTINS
        for call in calls_in(body)
    )
    targets = [t.target for a in view.walk(cst.Assign) for t in a.targets] + [
        a.target for a in view.walk(cst.AugAssign)
    ]
    local = all(isinstance(target, cst.Name | cst.Tuple) for target in targets)
    lines = [part for line in view.walk(cst.SimpleStatementLine) for part in line.body]
    quiet = all(isinstance(part, COMPUTING) or _is_docstring(part) for part in lines)
    free = view.facts.effects(body).reads
    outside = any(view.facts.scope(name) in ("global", "nonlocal") for name in free if name != view.hot.qualname)
    plain = not any(True for _ in view.walk(*CHANGEABLE, cst.Attribute, cst.Yield, cst.Await, cst.Global, cst.Nonlocal))
    return known and local and quiet and plain and not outside


def _is_docstring(part: cst.CSTNode) -> bool:
    return isinstance(part, cst.Expr) and isinstance(part.value, cst.SimpleString | cst.ConcatenatedString)


def _hashable(view: View, function: cst.FunctionDef, param: cst.Param) -> Need:
    """The argument can be a key; a parameter is typed where it is first read."""
    use = next((n for n in view.walk(cst.Name) if n.value == param.name.value and view.inside(n, function.body)), None)
    if use is None:
        return Need(Answer.unknown("it is not read"), f"`{param.name.value}` is hashable", NeedKind.REPAIR)
    return needs.hashes_alike(view, use)
