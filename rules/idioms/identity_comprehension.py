"""A comprehension that only copies.

## What it does
Finds `[x for x in xs]`, `{x for x in xs}` and calls `list(xs)` or `set(xs)` instead; of the pairs of `d.items()` and
`enumerate(xs)`, `[(k, v) for k, v in d.items()]` as well.

## Why it is slow
The comprehension runs bytecode for each item; the constructor copies in C.

## When it is not the same
The results are equal. Some iterables define both `__len__` and `__iter__`, and the constructor asks for the
length first; the rule asks for a built-in container, where that shows nothing.

## When it is not faster
Always faster; for a handful of items the gain is a fraction of a microsecond. A dict comprehension is left alone:
`dict(zip(a, b))` takes 1.5 times as long; so is a generator, which `list` resumes in another way.

## References
ruff C416; measured 4.4 to 5.2x on CPython 3.11 to 3.13.
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
    as_argument,
    cst,
    needs,
    same_code,
)

PAIRS = ("dict_items", "enumerate")
CONTAINERS = (
    "list", "tuple", "set", "frozenset", "dict", "str", "bytes", "range", "collections.deque",
    "dict_keys", "dict_values", "zip", "reversed", *PAIRS,
)  # fmt: skip

RULE = Rule(
    code="PA901",
    name="identity-comprehension",
    message="`{comp}` runs bytecode for each item only to copy it",
    cure="copy with `{maker}`",
    examples=(
        Example(
            before="def copied(xs: list[int]) -> list[int]:\n    return [x for x in xs]\n",
            after="def copied(xs: list[int]) -> list[int]:\n    return list(xs)\n",
            calls=("copied([1, 2])", "copied([])"),
            generated={"xs": "list[int]"},
        ),
        Example(
            before="def letters(text: str) -> set[str]:\n    return {c for c in text}\n",
            after="def letters(text: str) -> set[str]:\n    return set(text)\n",
            calls=("letters('abca')",),
            generated={"text": "str"},
        ),
        Example(
            before="def prices(d: dict[str, int]) -> list[int]:\n    return [x for x in d.values()]\n",
            after="def prices(d: dict[str, int]) -> list[int]:\n    return list(d.values())\n",
            generated={"d": "dict[str, int]"},
        ),
        Example(
            before="def rows(d: dict[str, int]) -> list[tuple[str, int]]:\n    return [(k, v) for k, v in d.items()]\n",
            after="def rows(d: dict[str, int]) -> list[tuple[str, int]]:\n    return list(d.items())\n",
            generated={"d": "dict[str, int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(a: list[int], b: list[int]) -> dict[int, int]:\n    return {k: v for k, v in zip(a, b)}\n",
            why="`dict(zip(...))` is slower",
        ),
        Silent(
            "def f(d: dict[str, int]) -> list[tuple[int, str]]:\n    return [(k, v) for v, k in d.items()]\n",
            why="the pairs are turned round",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> list[tuple[int, int]]:\n    return [(a, b) for a, b in rows]\n",
            why="tuples are made of lists",
        ),
        Silent("def f(xs: list[int]) -> list[int]:\n    return [x for x in xs if x]\n", why="it filters"),
        Silent("def f(xs):\n    return [x for x in xs]\n", why="xs may be of any type, with a length of its own"),
        Silent(
            "def list(xs):\n    return xs\n\n\ndef f(xs: tuple[int, ...]):\n    return [x for x in xs]\n",
            why="`list` is not the builtin here",
        ),
    ),
    bench=Bench(setup="xs = list(range(n))", before="[x for x in xs]", after="list(xs)", sizes=(3, 100, 10_000)),
)


def see(view: View) -> Iterator[Match]:
    for comp in view.walk(cst.ListComp, cst.SetComp):
        loop = comp.for_in
        plain = loop.inner_for_in is None and not loop.ifs and loop.asynchronous is None
        kinds = _kinds(comp.elt, loop.target)
        if plain and kinds:
            maker = "list" if isinstance(comp, cst.ListComp) else "set"
            yield Match(
                comp,
                captures={"comp": comp, "maker": maker, "items": loop.iter},
                needs=(
                    needs.is_type(view, loop.iter, *kinds),
                    needs.holds(view.facts.scope(maker) == "builtin", f"`{maker}` is the builtin"),
                ),
            )


def _kinds(item: cst.BaseExpression, target: cst.BaseAssignTargetExpression) -> tuple[str, ...]:
    """The types of iterables that the comprehension copies, if any."""
    if isinstance(target, cst.Name):
        return CONTAINERS if same_code(item, target) else ()
    if not isinstance(target, cst.Tuple) or not isinstance(item, cst.Tuple) or len(target.elements) != 2:
        return ()
    names = [element.value for element in (*item.elements, *target.elements)]
    plain = all(isinstance(name, cst.Name) for name in names)
    return PAIRS if plain and same_code(names[0], names[2]) and same_code(names[1], names[3]) else ()


def change(match: Match, view: View) -> Rewrite:
    items = as_argument(view.code(match.captures["items"]))
    return Rewrite((Replacement.of(match.node, f"{match.captures['maker']}({items})"),))
