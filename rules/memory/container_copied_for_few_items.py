"""A whole container copied to a list for its first items.

## What it does
Finds `list(items)[0]`, `list(items)[:3]`, the same with `tuple`, and `[x for x in items][0]` where `items` is a list,
tuple, set or dict, and takes the items from the container itself: `items[0]`, `next(iter(items))`, `items[:3]`,
`list(islice(items, 3))`.

## Why it is slow
All references are copied, O(n) time and memory, for one or a few of them.

## When it is not the same
Where a set or dict is empty, `next` raises StopIteration instead of IndexError: a fix that may change that says so.
What can be iterated only once would be left with the rest of its items: iterators are left alone.

## When it is not faster
For containers of up to about five items.

## References
ruff RUF015; measured: 33x for the first item of a list of 1,000, 109x for the first key of a dict of 1,000.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Answer,
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
    is_atom,
    is_target,
    match_pattern,
    needs,
    same_code,
)

RULE = Rule(
    code="PA806",
    name="container-copied-for-few-items",
    message="all of `{items}` is copied for {what}: O(n)",
    cure="take what is needed from `{items}` itself",
    examples=(
        Example(
            before="def f(xs: list[int]) -> int:\n    return list(xs)[0]\n",
            after="def f(xs: list[int]) -> int:\n    return xs[0]\n",
            calls=("f([1, 2])", "f([])"),
            generated={"xs": "list[int]"},
        ),
        Example(
            before="def f(d: dict[str, int]) -> str:\n    return list(d.keys())[0]\n",
            after="def f(d: dict[str, int]) -> str:\n    return next(iter(d))\n",
            calls=("f({'a': 1})",),
            applicability=UNSAFE,
        ),
        Example(
            before="""
def first(s: set[int]) -> int:
    if not s:
        return 0
    return [x for x in s][0]
""",
            after="""
def first(s: set[int]) -> int:
    if not s:
        return 0
    return next(iter(s))
""",
            generated={"s": "set[int]"},
        ),
        Example(
            before="def f(d: dict[str, int]) -> list[str]:\n    return list(d)[:3]\n",
            after="from itertools import islice\n\n\ndef f(d: dict[str, int]) -> list[str]:\n"
            "    return list(islice(d, 3))\n",
            generated={"d": "dict[str, int]"},
        ),
        Example(
            before="def f(xs: list[int]) -> list[int]:\n    return list(xs)[:3]\n",
            after="def f(xs: list[int]) -> list[int]:\n    return xs[:3]\n",
            generated={"xs": "list[int]"},
        ),
    ),
    silent=(
        Silent("def f(xs) -> int:\n    return list(xs)[0]\n", why="an iterator would keep the rest of its items"),
        Silent("def f(s: set[int]) -> int:\n    return list(s)[-1]\n", why="the last item of a set is at its end"),
        Silent("def f(s: set[int]) -> list[int]:\n    return list(s)[:-1]\n", why="nearly all items are needed"),
        Silent("def f(s: set[int], k: int) -> list[int]:\n    return list(s)[:k]\n", why="k may be negative"),
        Silent("def f(s: set[int]) -> int:\n    s = list(s)\n    return s[0]\n", why="the list may be used again"),
        Silent("def f(xs: list[int]) -> int:\n    list(xs)[0] = 3\n    return xs[0]\n", why="the copy is stored to"),
    ),
    bench=Bench(
        setup="d = dict.fromkeys(range(n), 0)",
        before="list(d)[0]",
        after="next(iter(d))",
        sizes=(3, 30, 300),
    ),
)


def see(view: View) -> Iterator[Match]:
    for taken in view.walk(cst.Subscript):
        items, wanted = _copied(view, taken.value), _wanted(view, taken)
        if items is None or wanted is None or is_target(view, taken):
            continue
        views = match_pattern("$d.keys()", items, view.facts)
        source = views["d"] if views and view.facts.is_type(views["d"], "dict").holds else items
        is_tuple = match_pattern("tuple($_)", taken.value, view.facts) is not None
        yield Match(
            taken,
            captures={"items": source, "count": wanted, "what": "its first items" if wanted else "its first item",
                      "tuple": is_tuple},
            needs=tuple(_needs(view, source, wanted, is_tuple)),
        )  # fmt: skip


def change(match: Match, view: View) -> Rewrite:
    items, count = match.captures["items"], match.captures["count"]
    code = view.code(items) if is_atom(view.code(items)) else f"({view.code(items)})"
    maker = "tuple" if match.captures["tuple"] else "list"
    if view.facts.is_type(items, *((maker,) if count else ("list", "tuple"))).holds:
        return Rewrite((Replacement.of(match.node, f"{code}[:{count}]" if count else f"{code}[0]"),))
    if not count:
        return Rewrite((Replacement.of(match.node, f"next(iter({view.code(items)}))"),))
    islice = view.name_of("itertools.islice")
    return Rewrite(
        (Replacement.of(match.node, f"{maker}({islice}({view.code(items)}, {count}))"),), imports=("itertools.islice",)
    )


def _copied(view: View, value: cst.BaseExpression) -> cst.BaseExpression | None:
    """What a call or comprehension copies, item by item."""
    if isinstance(value, cst.ListComp):
        part = value.for_in
        return None if part.ifs or part.inner_for_in or not same_code(value.elt, part.target) else part.iter
    bound = match_pattern("list($items)", value, view.facts) or match_pattern("tuple($items)", value, view.facts)
    return bound["items"] if bound else None


def _wanted(view: View, taken: cst.Subscript) -> str | None:
    """ "" for the first item, the number of items for a slice from the start; None for anything else."""
    place = taken.slice[0].slice if len(taken.slice) == 1 else None
    if isinstance(place, cst.Index):
        return "" if view.code(place) == "0" else None
    if isinstance(place, cst.Slice) and place.lower is None and place.step is None:
        return place.upper.value if isinstance(place.upper, cst.Integer) else None
    return None


def _needs(view: View, items: cst.BaseExpression, count: str, is_tuple: bool) -> Iterator[Need]:
    yield needs.is_type(view, items, "list", "tuple", "set", "frozenset", "dict")
    yield needs.holds(not isinstance(items, cst.List | cst.Tuple | cst.Set | cst.Dict), "the items are not written out")
    if not count and not view.facts.is_type(items, "list", "tuple").holds:
        filled = view.facts.nonempty(items)
        empty = "where it is empty, StopIteration is raised instead of IndexError"
        yield needs.value(filled if filled.holds else Answer.unknown(filled.why), "it is not empty", empty)
