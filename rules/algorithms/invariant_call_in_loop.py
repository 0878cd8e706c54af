"""A call that gives the same in every iteration of a loop.

## What it does
Finds calls that go over a whole container or text (`max`, `sum`, `sorted`, `set`, `join`, `split`, ...) in a loop or
comprehension that does not change what they read, and computes them once before it.

## Why it is slow
Each iteration goes over all items again: O(n) per iteration, O(n * m) for the loop.

## When it is not the same
The call is pure and nothing in the loop changes or binds what it reads. A new list or set is only shared where each
use just looks into it. Where the call may raise (`max` of nothing), the fix is unsafe: it raises also where the loop
does not run. Calls in a branch are left alone: they may never be made.

## When it is not faster
A loop of a single turn gains nothing, and one of no turn loses the call.

## References
462 performance fixes read: 49 were hoists or reuse, in 28 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Insertion,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_unconditional,
    name_after,
    needs,
    outermost_invariant,
    stands_before,
)

SCALARS = frozenset({"max", "min", "sum"})
CONTAINERS = frozenset({"sorted", "set", "frozenset", "list", "tuple", "dict"})
METHODS = frozenset({"join", "split", "splitlines", "lower", "upper", "casefold", "encode", "replace"})
IMMUTABLE = ("int", "float", "str", "bool", "bytes", "complex", "NoneType", "frozenset")

RULE = Rule(
    code="PA510",
    name="invariant-call-in-loop",
    message="`{call}` is computed again in each iteration, and always gives the same",
    cure="compute it once before the loop",
    examples=(
        Example(
            before="""
def common(xs: list[int], ys: list[int]) -> list[int]:
    return [x for x in xs if x in set(ys)]
""",
            after="""
def common(xs: list[int], ys: list[int]) -> list[int]:
    ys_set = set(ys)
    return [x for x in xs if x in ys_set]
""",
            calls=("common([1, 2], [2, 3])", "common([], [])"),
            generated={"xs": "list[int]", "ys": "list[int]"},
        ),
        Example(
            before="def shares(xs: list[int]) -> list[float]:\n    out = []\n    for x in xs:\n"
            "        if sum(xs) == 0:\n            break\n        out.append(x / sum(xs))\n    return out\n",
            after="def shares(xs: list[int]) -> list[float]:\n    out = []\n    xs_sum = sum(xs)\n    for x in xs:\n"
            "        if xs_sum == 0:\n            break\n        out.append(x / xs_sum)\n    return out\n",
            calls=("shares([1, 3])", "shares([])"),
            generated={"xs": "list[smallint]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(xs: list[int]):\n    for x in range(9):\n        if x > sum(xs):\n            xs.append(x)\n",
            why="the loop changes the list",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> list[list[int]]:\n    return [sorted(xs) for _ in range(n)]\n",
            why="each iteration hands out a list of its own",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> list[int]:\n    return [sum(row) for row in rows]\n",
            why="another list in each iteration",
        ),
        Silent(
            "def f(rows: list[list[int]], n: int) -> bool:\n    for k in range(n):\n"
            "        if k in [sum(row) for row in rows]:\n            return True\n    return False\n",
            why="another list in each iteration of the comprehension, which is not there before the loop",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> int:\n    n = 0\n    for x in xs:\n        if x == 7:\n"
            "            n += sum(ys)\n    return n\n",
            why="it may never be computed",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    n = 0\n    while n < len(xs):\n        n += 1\n    return n\n",
            why="len is cheap",
        ),
        Silent("def f(xs: list[int]) -> list[int]:\n    return [x for x in sorted(xs)]\n", why="computed once anyway"),
        Silent(
            "def f(xs: list[str]):\n    return [x for x in xs if x.lower() in 'abc']\n", why="another text each time"
        ),
        Silent(
            "def f(n: int) -> list[bool]:\n    return [set() == set([]) for _ in range(n)]\n", why="no item to go over"
        ),
        Silent("def f(xs: list[str], e: str):\n    return [x + '-'.upper() for x in xs]\n", why="a short text"),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="for x in xs:\n    x < sum(xs)",
        after="xs_sum = sum(xs)\nfor x in xs:\n    x < xs_sum",
        sizes=(10, 100, 1000),
        losing="n = 1; xs = [1]",
    ),
)


def see(view: View) -> Iterator[Match]:
    grouped: dict[tuple[str, cst.CSTNode], list[cst.Call]] = {}
    for call in view.walk(cst.Call):
        loops = view.repeats(call)
        kind = _kind(view, call) if loops else ""
        if kind and not _is_short(_source(call, kind)) and is_unconditional(view, call, loops[0]):
            loop = outermost_invariant(view, call, loops)
            grouped.setdefault((view.code(call), loop), []).append(call)
    covered: list[cst.CSTNode] = []
    for (_, loop), calls in grouped.items():
        if not any(holder in covered for holder in view.ancestors(calls[0])):
            match = _match(view, calls, loop)
            covered += calls if all(need.answer.holds for need in match.needs) else []
            yield match


def change(match: Match, view: View) -> Rewrite:
    call, loop = match.captures["call"], match.captures["loop"]
    name = match.captures["name"]
    read = tuple(Replacement.of(c, name) for c in match.captures["calls"])
    return Rewrite(read, (Insertion(view.statement(loop), f"{name} = {view.code(call)}"),))


def _match(view: View, calls: list[cst.Call], loop: cst.CSTNode) -> Match:
    call = calls[0]
    raises = f"`{view.code(call)}` may raise where the loop would not have come to it"
    return Match(
        call,
        captures={"call": call, "calls": calls, "loop": loop, "name": _name(view, call)},
        needs=(
            needs.is_invariant(view, call, loop),
            stands_before(view, call, loop),
            *(_shareable(view, c) for c in calls),
            needs.value(view.facts.cannot_raise(call), f"`{view.code(call)}` raises nothing", raises),
        ),
    )


def _kind(view: View, call: cst.Call) -> str:
    """`max`, `set`, `split`, ... for a call that is worth moving; "" for others."""
    function = (view.facts.qualified_name(call.func) or "").removeprefix("builtins.")
    if function in SCALARS | CONTAINERS and len(call.args) == 1:
        return function
    func = call.func
    if (
        isinstance(func, cst.Attribute)
        and func.attr.value in METHODS
        and (call.args or func.attr.value != "join")
        and view.facts.is_type(func.value, "str").holds
    ):
        return func.attr.value
    return ""


def _shareable(view: View, call: cst.Call) -> Need:
    """The result cannot be changed, or the use just looks into it."""
    holder = view.parent(call)
    looked_into = (
        (isinstance(holder, cst.ComparisonTarget) and isinstance(holder.operator, cst.In | cst.NotIn))
        or (isinstance(holder, cst.For | cst.CompFor) and holder.iter is call)
        or (isinstance(holder, cst.Subscript) and isinstance(view.parent(holder), cst.BinaryOperation | cst.Arg))
    )
    if looked_into:
        return needs.holds(True, "its result is only looked into")
    return needs.is_type(view, call, *IMMUTABLE)


def _source(call: cst.Call, kind: str) -> cst.BaseExpression:
    """What the call goes over: its argument, or what its method belongs to."""
    func = call.func
    is_method = isinstance(func, cst.Attribute) and kind in METHODS - {"join"}
    return func.value if is_method else call.args[0].value  # type: ignore[attr-defined]


def _is_short(source: cst.BaseExpression) -> bool:
    """Whether it is written out, and so is done with at once."""
    return isinstance(source, cst.BaseString | cst.List | cst.Tuple | cst.Set | cst.Dict)


def _name(view: View, call: cst.Call) -> str:
    kind = _kind(view, call)
    return name_after(view, _source(call, kind), "joined" if kind == "join" else kind)
