"""A prefix or a suffix gone over in each turn of a loop.

## What it does
Finds `sum(xs[:i])`, `max(xs[:i + 1])`, `min(xs[i:])`, `x in xs[i + 1:]` and the like in a loop over `i`, and names the
running value or the set that gives the same.

## Why it is slow
The slice is copied and gone over again in each turn: O(n) per turn, O(n * n) for the loop. A running value needs one
step per turn.

## When it is not the same
A running sum of floats is added in the same order, so even the rounding is the same. From the end, run backwards.

## When it is not faster
Lists of fewer than about ten items.

## References
Python documentation, `itertools.accumulate`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, needs, steady

SUMS = """
def running(xs):
    out = []
    for i in range(len(xs)):
        out.append(sum(xs[:i + 1]))
    return out
"""
SIZES = """
def starts(sizes):
    return [sum(sizes[0:i]) for i in range(len(sizes) + 1)]
"""
TWICE = """
def twice(xs):
    return [xs[i] for i in range(len(xs)) if xs[i] in xs[i + 1:]]
"""
BEST = """
def trapped(heights):
    return sum(
        min(max(heights[: i + 1]), max(heights[i:])) - heights[i] for i in range(len(heights))
    )
"""

RULE = Rule(
    code="PA524",
    name="prefix-summed-each-turn",
    message="`{call}` copies and goes over a part of `{items}` in each turn: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=SUMS, after=SUMS, calls=("running([1, 2])",), applicability=DISPLAY),
        Example(before=SIZES, after=SIZES, calls=("starts([1, 2])",), applicability=DISPLAY),
        Example(before=TWICE, after=TWICE, calls=("twice([1, 2, 1])",), applicability=DISPLAY),
        Example(before=BEST, after=BEST, calls=("trapped([1, 0, 2])",), applicability=DISPLAY),
    ),
    silent=(
        Silent("def f(xs, k):\n    return sum(xs[:k])\n", why="once"),
        Silent(
            "def f(text: str, ends: list[int]) -> list[int]:\n    return [i for i in ends if 'a' in text[i:]]\n",
            why="a search in a text",
        ),
        Silent(
            "def f(xs, k):\n    return [sum(xs[i:i + k]) for i in range(len(xs))]\n",
            why="a window of fixed width",
        ),
        Silent("def f(xs):\n    return [sum(xs[1:i]) for i in range(3)]\n", why="both ends are given"),
        Silent(
            "def f(rows):\n    return [sum(row[:3]) for row in rows]\n",
            why="the same bounds in each turn",
        ),
        Silent(
            "def f(xs):\n    for i in range(len(xs)):\n        xs[i] = sum(xs[:i])\n", why="the loop changes the list"
        ),
    ),
)


NOTES = {
    "total": "keep a running value from turn to turn, or make all of them once with `itertools.accumulate`",
    "test": "keep a set of the items so far; for those still to come, run backwards, or count all first (`Counter`)",
}


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Call, cst.Comparison):
        way, part = _gone_over(view, node)
        loop = next(iter(view.turns(node)), None)
        if not isinstance(part, cst.Subscript) or loop is None:
            continue
        bound = _open_bound(part)
        moves = bound is not None and bool(_names(bound) & _targets(view, loop))
        if moves and isinstance(part.value, cst.Name | cst.Attribute):
            yield Match(
                node,
                captures={"call": node, "items": part.value},
                needs=(steady(view, part.value, loop), needs.is_pure(view, part.value)),
                note=NOTES[way],
                fixable=False,
            )


def _gone_over(view: View, node: cst.CSTNode) -> tuple[str, cst.BaseExpression | None]:
    """How a part is gone over, and the part."""
    if isinstance(node, cst.Call):
        function = (view.facts.qualified_name(node.func) or "").removeprefix("builtins.")
        return (
            ("total", node.args[0].value) if function in ("sum", "max", "min") and len(node.args) == 1 else ("", None)
        )
    if isinstance(node, cst.Comparison) and isinstance(node.comparisons[0].operator, cst.In | cst.NotIn):
        is_text = view.facts.is_type(node.left, "str", "bytes").holds
        return ("test", None if is_text else node.comparisons[0].comparator)
    return "", None


def _open_bound(part: cst.Subscript) -> cst.BaseExpression | None:
    """`i` of `xs[:i]`, `xs[0:i]` or `xs[i:]`."""
    piece = part.slice[0].slice if len(part.slice) == 1 else None
    if not isinstance(piece, cst.Slice) or piece.step is not None:
        return None
    lower = None if isinstance(piece.lower, cst.Integer) and piece.lower.value == "0" else piece.lower
    return None if (lower is None) is (piece.upper is None) else piece.upper or lower


def _targets(view: View, loop: cst.CSTNode) -> set[str]:
    """The names that the loop's turns go by."""
    if isinstance(loop, cst.For):
        return _names(loop.target)
    return _names(loop.for_in.target) if isinstance(loop, cst.ListComp | cst.GeneratorExp | cst.SetComp) else set()


def _names(node: cst.CSTNode) -> set[str]:
    found = {node.value} if isinstance(node, cst.Name) else set()
    return found.union(*(_names(child) for child in node.children))
