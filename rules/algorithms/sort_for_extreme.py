"""Everything sorted to take the first or the last.

## What it does
Finds `sorted(xs)[0]` and `sorted(xs)[-1]`, with or without `key` and `reverse`, and asks for `min(xs)` or `max(xs)`.

## Why it is slow
Sorting takes O(n log n) comparisons and a list of all items; `min` and `max` go over the items once.

## When it is not the same
Nothing to choose from raises ValueError instead of IndexError: the rule is silent inside of a `try` and names the
difference. Of equal items `sorted(xs)[0]` gives the first, and so does `min`; `sorted(xs)[-1]` gives the last and `max`
the first, so the rule asks there for items that cannot be told apart when they are equal, and for no `key`. NaN has no
place in an order: with floats the fix is named as different for NaN.

## When it is not faster
On items that are in order already, sorting is one fast pass, and `min` is slower: 0.4x. Fewer than five items gain
nothing.

## References
ruff and refurb FURB192, with their unsafe cases left out.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Answer,
    Bench,
    Example,
    Match,
    Need,
    PyType,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    match_pattern,
    needs,
)

ALIKE = frozenset({"int", "str", "bytes"})
"""Types with a total order, whose equal values cannot be told apart."""

RULE = Rule(
    code="PA505",
    name="sort-for-extreme",
    message="`sorted` puts all of `{items}` in order for a single item: O(n log n)",
    cure="call `{extreme}`",
    applicability=UNSAFE,
    differences=("it is slower on items that are in order already",),
    examples=(
        Example(
            before="def first(words: list[str]) -> str:\n    return sorted(words)[0]\n",
            after="def first(words: list[str]) -> str:\n    return min(words)\n",
            calls=("first(['b', 'a'])",),
            applicability=UNSAFE,
        ),
        Example(
            before="def shortest(words: list[str]) -> str:\n    return sorted(words, key=len)[0] if words else ''\n",
            after="def shortest(words: list[str]) -> str:\n    return min(words, key=len) if words else ''\n",
            calls=("shortest(['ab', 'b', 'c'])", "shortest([])"),
            generated={"words": "list[str]"},
            applicability=UNSAFE,
        ),
        Example(
            before="def spread(xs: list[int]) -> int:\n"
            "    return sorted(x * x for x in xs)[-1] - sorted(xs, reverse=True)[-1] if xs else 0\n",
            after="def spread(xs: list[int]) -> int:\n    return max(x * x for x in xs) - min(xs) if xs else 0\n",
            calls=("spread([3, -4, 2])",),
            generated={"xs": "list[int]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs: list[int]) -> int:\n    return sorted(xs)[1]\n", why="the second one"),
        Silent(
            "def f(words: list[str]) -> str:\n    return sorted(words, key=len)[-1]\n",
            why="of equally long words max gives the first, not the last",
        ),
        Silent("def f(xs):\n    return sorted(xs)[0]\n", why="nothing is known of the items: sets have no total order"),
        Silent(
            "def f(xs: list[int]) -> int | None:\n    try:\n        return sorted(xs)[0]\n"
            "    except IndexError:\n        return None\n",
            why="the handler waits for IndexError",
        ),
        Silent(
            "def f(a: int, b: int) -> int:\n    return sorted((a, b))[0]\n",
            why="a few items gain nothing",
        ),
    ),
    bench=Bench(
        setup="import random\nxs = list(range(n)); random.Random(1).shuffle(xs)",
        before="sorted(xs)[0]",
        after="min(xs)",
        sizes=(10, 100, 1000, 10_000),
        losing="xs.sort()",
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Subscript):
        call, last = node.value, match_pattern("$_[-1]", node, view.facts) is not None
        if not last and match_pattern("$_[0]", node, view.facts) is None:
            continue
        if not isinstance(call, cst.Call) or view.facts.qualified_name(call.func) != "builtins.sorted":
            continue
        options = {a.keyword.value: a.value for a in call.args[1:] if a.keyword and not a.star}
        reverse = _truth(options.get("reverse"))
        if len(options) == len(call.args) - 1 and not call.args[0].star and reverse is not None:
            yield _match(view, node, call.args[0].value, options.get("key"), (last, reverse))


def change(match: Match, view: View) -> Rewrite:
    items, key = match.captures["items"], match.captures["key"]
    bare = isinstance(items, cst.GeneratorExp) and key is None
    code = view.code(items)[1:-1] if bare and items.lpar else view.code(items)
    arguments = code if key is None else f"{code}, key={view.code(key)}"
    return Rewrite((Replacement.of(match.node, f"{match.captures['extreme']}({arguments})"),))


def _match(
    view: View, node: cst.Subscript, items: cst.BaseExpression, key: cst.BaseExpression | None, end: tuple[bool, bool]
) -> Match:
    last, reverse = end
    short = isinstance(items, cst.List | cst.Tuple | cst.Set) and len(items.elements) < 5
    caught = any(isinstance(holder, cst.Try) for holder in view.ancestors(node))
    empty = f"an empty `{view.code(items)}` raises ValueError instead of IndexError"
    return Match(
        node,
        captures={"items": items, "key": key, "extreme": "max" if last is not reverse else "min"},
        needs=(
            needs.holds(not short, "there are enough items to gain from it", "they are few"),
            needs.holds(not caught, "no handler waits for IndexError", "it stands in a `try`"),
            needs.holds(
                not last or key is None, "the first of equal items is wanted", "of equal keys it takes the last"
            ),
            *_ordered(view, items, key, last),
            needs.value(view.facts.nonempty(items), "there is an item", empty),
        ),
    )


def _ordered(view: View, items: cst.BaseExpression, key: cst.BaseExpression | None, last: bool) -> Iterator[Need]:
    """What is compared has a total order; NaN breaks that of floats."""
    if key is None:
        typed = view.facts.element_type(items)
    elif view.facts.qualified_name(key) == "builtins.len":
        return
    elif isinstance(key, cst.Lambda):
        typed = view.facts.type_of(key.body)
    else:
        yield needs.holds(False, "the keys have a total order", "nothing is known of the key function's results")
        return
    claim = "what is compared has a total order"
    if typed.type is None:
        yield Need(Answer.unknown(typed.why), claim)
    elif _alike(typed.type):
        yield Need(Answer.yes(typed.why, typed.evidence), claim)
    elif typed.type.name == "float":
        zeros = ", and of 0.0 and -0.0 another may be taken" if last else ""
        yield needs.value(Answer.unknown("floats"), "no item is NaN", f"NaN is sorted otherwise than compared{zeros}")
    else:
        yield Need(Answer.unknown(f"{typed.type.name} ({typed.why})"), claim)


def _alike(kind: PyType) -> bool:
    if kind.name == "tuple":
        return bool(kind.args) and all(map(_alike, kind.args))
    return kind.name in ALIKE


def _truth(value: cst.BaseExpression | None) -> bool | None:
    """The value of a literal `reverse=`; None where it is no literal."""
    if value is None:
        return False
    return {"True": True, "False": False}.get(value.value) if isinstance(value, cst.Name) else None
