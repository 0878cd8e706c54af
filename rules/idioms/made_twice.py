"""A container written out or computed only for another maker to copy it.

## What it does
Finds `set([f(x) for x in xs])`, `list([f(x) for x in xs])`, `list([a, b])`, `tuple((a, b))` and `dict([(a, b), ...])`,
and writes the container that is wanted at once.

## Why it is slow
The first container is made, filled, gone over and thrown away: each item is stored twice, and a call is made besides.

## When it is not the same
It is the same for items that hash. Where one does not, `set` and `dict` raise after all items were computed; the
display raises at that item.

## When it is not faster
Always faster: 1.2 times for comprehensions, 2 to 5 times for a few items.

## References
ruff C403, C406, C409, C410, C411; `set(x for ...)` is PA902's, `dict((k, v) for ...)` PA910's.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    SAFE,
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
    needs,
)

ORDER = ("an item that does not hash raises before the later items are computed",)

RULE = Rule(
    code="PA914",
    name="made-twice",
    message="`{maker}` copies what is made for it alone",
    cure="make it at once",
    examples=(
        Example(
            before="def f(xs: list[int]):\n    return set([x % 3 for x in xs]), list([x + 1 for x in xs])\n",
            after="def f(xs: list[int]):\n    return {x % 3 for x in xs}, [x + 1 for x in xs]\n",
            generated={"xs": "list[int]"},
        ),
        Example(
            before="def f(a: int, b: str):\n    return list([a, b]), tuple((a, b)), dict([(a, b), (b, a)])\n",
            after="def f(a: int, b: str):\n    return [a, b], (a, b), {a: b, b: a}\n",
            generated={"a": "int", "b": "str"},
        ),
        Example(
            before="def f(xs):\n    return set([x.name for x in xs])\n",
            after="def f(xs):\n    return {x.name for x in xs}\n",
            calls=("f([])",),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs: list[int]):\n    return set(xs), list(xs)\n", why="a copy is what is wanted"),
        Silent("def f(xs: list[int]):\n    return tuple([x + 1 for x in xs])\n", why="no way is faster"),
        Silent("def f(xs):\n    return dict([pair for pair in xs])\n", why="the pairs are there already"),
        Silent("def f(a, b):\n    return dict([(a, b)], c=1)\n", why="with a keyword besides"),
        Silent("def f(*xs):\n    return tuple((*xs, 1)), set([])\n", why="nothing is written out, or it is empty"),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="set([x + 1 for x in xs])",
        after="{x + 1 for x in xs}",
        sizes=(3, 100, 10_000),
    ),
)  # fmt: skip


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        maker = (view.facts.qualified_name(call.func) or "").removeprefix("builtins.")
        arg = call.args[0] if len(call.args) == 1 else None
        if arg is None or arg.star or arg.keyword:
            continue
        keys = _hashed(maker, arg.value)
        if keys is not None:
            sure = all(needs.hashes_alike(view, key).answer.holds for key in keys)
            captures = {"maker": f"{maker}(...)", "name": maker, "made": arg.value}
            yield Match(call, captures, (), () if sure else ORDER, SAFE if sure else UNSAFE)


def change(match: Match, view: View) -> Rewrite:
    made, maker = match.captures["made"], match.captures["name"]
    inner = view.code(made)
    if isinstance(made, cst.ListComp):
        code = f"{{{inner[1:-1]}}}" if maker == "set" else inner
    elif maker == "dict":
        pairs = (element.value.elements for element in made.elements)
        code = "{" + ", ".join(f"{view.code(k.value)}: {view.code(v.value)}" for k, v in pairs) + "}"
    else:
        code = inner
    return Rewrite((Replacement.of(match.node, code),))


def _hashed(maker: str, made: cst.BaseExpression) -> list[cst.BaseExpression] | None:
    """What the container that is wanted hashes; None where it is no container that is made twice."""
    if isinstance(made, cst.ListComp) and len(made.lpar) == 0:
        return {"set": [made.elt], "list": []}.get(maker)
    if not isinstance(made, cst.List | cst.Tuple) or not made.elements:
        return None
    if any(isinstance(element, cst.StarredElement) for element in made.elements):
        return None
    if (maker, type(made)) in (("list", cst.List), ("tuple", cst.Tuple)):
        return []
    pairs = [element.value for element in made.elements if _is_pair(element.value)]
    return (
        [pair.elements[0].value for pair in pairs if isinstance(pair, cst.Tuple)]
        if (maker == "dict" and len(pairs) == len(made.elements))
        else None
    )


def _is_pair(item: cst.BaseExpression) -> bool:
    """Whether it is `(key, value)`, and neither would read otherwise beside a colon."""
    plain = isinstance(item, cst.Tuple) and len(item.elements) == 2
    return (
        isinstance(item, cst.Tuple)
        and plain
        and all(
            isinstance(e, cst.Element) and not isinstance(e.value, cst.NamedExpr | cst.Lambda) for e in item.elements
        )
    )
