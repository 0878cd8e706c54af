"""Positions counted only to take the items of a list.

## What it does
Finds `for i in range(len(xs))` where `i` is only used for `xs[i]`, and iterates over the items.

## Why it is slow
Each iteration makes a number and looks the item up by it; iterating over the list hands the item out.

## When it is not the same
The list must not change its length or its items in the loop. The position does not exist afterwards.

## When it is not faster
Where the position is needed besides: `enumerate` gains nothing then, and the rule is silent.

## References
perflint W8201 for the like; ruff PLR1736.
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
    frames,
    is_consumed_at_once,
    match_pattern,
    needs,
    variable_uses,
)
from perf_advise.rulekit.escapes import is_target

RULE = Rule(
    code="PA908",
    name="positions-only-to-index",
    message="positions of `{items}` are counted only to take `{items}[{index}]`",
    cure="iterate over the items",
    examples=(
        Example(
            before="""
def total(prices: list[float], limit: float) -> float:
    total = 0.0
    for i in range(len(prices)):
        if prices[i] < limit:
            total += prices[i]
    return total
""",
            after="""
def total(prices: list[float], limit: float) -> float:
    total = 0.0
    for price in prices:
        if price < limit:
            total += price
    return total
""",
            generated={"prices": "list[float]", "limit": "float"},
        ),
        Example(
            before="""
def upper(words: tuple[str, ...]) -> list[str]:
    return [words[i].upper() for i in range(len(words))]
""",
            after="""
def upper(words: tuple[str, ...]) -> list[str]:
    return [word.upper() for word in words]
""",
            generated={"words": "tuple[str, ...]"},
        ),
    ),
    silent=(
        Silent(
            "def f(xs: list[int]):\n    return [lambda: xs[i] for i in range(len(xs))]\n",
            why="it runs later: the items may be others by then",
        ),
        Silent("def f(xs: list[int]):\n    return (xs[i] for i in range(len(xs)))\n", why="it runs later as well"),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    return [xs[i] * i for i in range(len(xs))]\n",
            why="the position is needed: enumerate gains nothing",
        ),
        Silent(
            "def f(xs: list[int]) -> None:\n    for i in range(len(xs)):\n        xs[i] = xs[i] + 1\n",
            why="the items are replaced",
        ),
        Silent("def f(xs):\n    return [xs[i] for i in range(len(xs))]\n", why="`xs` may be a dict or an array"),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    out = []\n    for i in range(len(xs)):\n"
            "        out.append(xs[i])\n"
            "        xs.append(1)\n    return out\n",
            why="the list grows in the loop",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    for i in range(len(xs)):\n        if xs[i] == 3:\n"
            "            break\n    return i\n",
            why="the position is read after the loop",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="for i in range(len(xs)):\n    xs[i]",
        after="for x in xs:\n    x",
        sizes=(10, 1000, 100_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For, cst.CompFor):
        assert isinstance(loop, cst.For | cst.CompFor)  # `walk` of two kinds gives the kind that both are
        bound = match_pattern("range(len($items))", loop.iter, view.facts)
        items = bound["items"] if bound else None
        if isinstance(items, cst.Name) and isinstance(loop.target, cst.Name) and loop.asynchronous is None:
            found = _match(view, loop, items, loop.target.value)
            if found is not None:
                yield found


def change(match: Match, view: View) -> Rewrite:
    items = match.captures["items"].value
    singular = items[:-1] if items.endswith("s") and len(items) > 2 else "item"
    name = frames.free_name(view, singular.strip("_") or "item")
    loop = match.captures["loop"]
    reads = tuple(Replacement.of(node, name) for node in match.captures["reads"])
    return Rewrite((Replacement.of(loop.target, name), Replacement.of(loop.iter, items), *reads))


def _match(view: View, loop: cst.For | cst.CompFor, items: cst.Name, index: str) -> Match | None:
    scope = loop if isinstance(loop, cst.For) else next(h for h in view.ancestors(loop) if isinstance(h, cst.BaseComp))
    uses = [u for u in variable_uses(view, index) if view.inside(u, scope) and not view.inside(u, loop.target)]
    reads = [node for use in uses if (node := _read(view, use, items.value)) is not None]
    if len(reads) != len(uses) or not reads:
        return None
    changed = needs.is_unchanged(view, scope, items.value)
    later = any(isinstance(h, cst.Lambda) for use in uses for h in view.ancestors(use) if view.inside(h, scope))
    later |= isinstance(scope, cst.GeneratorExp) and not is_consumed_at_once(view, scope)
    at_once = needs.holds(not later, "the items are taken at once", "it runs later, when the list may have changed")
    dead = [needs.is_dead_after(view, loop, index)] if isinstance(loop, cst.For) else []
    local = isinstance(loop, cst.CompFor) or (view.facts.scope(index) == "local" and not view.facts.is_captured(index))
    whole = needs.holds(local and not _is_bound(view, items, scope), f"`{items.value}` is not bound in the loop")
    captures = {"loop": loop, "items": items, "index": index, "reads": reads}
    return Match(
        loop.iter, captures, (needs.is_type(view, items, "list", "tuple", "str"), changed, at_once, *dead, whole)
    )


def _read(view: View, use: cst.Name, items: str) -> cst.Subscript | None:
    """`items[i]` where it is only read."""
    node = next((h for h in view.ancestors(use) if isinstance(h, cst.Subscript)), None)
    if node is None or is_target(view, node) or view.code(node).replace(" ", "") != f"{items}[{use.value}]":
        return None
    return node


def _is_bound(view: View, items: cst.Name, scope: cst.CSTNode) -> bool:
    return any(is_target(view, use) for use in variable_uses(view, items.value) if view.inside(use, scope))
