"""Items compared with one value by a loop in Python.

## What it does
Finds `any(x == value for x in items)`, `all(x != value for x in items)`, `sum(1 for x in items if x == value)` and
`len([x for x in items if x == value])` over a list, tuple, set or dict, and writes `value in items`,
`value not in items` and `items.count(value)`.

## Why it is slow
A turn of the interpreter's loop, and of a generator, per item. `in` and `count` compare in C; in a set or a dict, `in`
looks up one hash: O(1) instead of O(n).

## When it is not the same
`in` and `count` take an item that is the very same object as equal: NaN is not equal to itself, but a list "contains"
it. The rule asks for items and a value of types whose values are equal to themselves: ints, texts, bytes, bools, None.
Texts as `items` are left alone: `in` looks for substrings there.

## When it is not faster
Always faster.

## References
Python documentation, "Membership test operations"; measured: 3x to 6x for a list, 1.3x to 4x for `count`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
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
    fit_in,
    match_pattern,
    needs,
    same_code,
)

COUNTS = "def f(xs: list[int], key: int) -> int:\n    return "
_REFLEXIVE = frozenset({"int", "str", "bytes", "bool", "NoneType"})

RULE = Rule(
    code="PA530",
    name="items-compared-one-by-one",
    message="the items of `{items}` are compared with `{value}` one by one in Python",
    cure="let `{items}` do it",
    examples=(
        Example(
            before="def f(xs: list[int], key: int) -> bool:\n    return any(x == key for x in xs)\n",
            after="def f(xs: list[int], key: int) -> bool:\n    return key in xs\n",
            calls=("f([1, 2], 2)", "f([], 2)"),
            generated={"xs": "list[int]", "key": "int"},
        ),
        Example(
            before="""
def fresh(known: set[str], names: list[str]) -> list[str]:
    return [name for name in names if all(other != name for other in known)]
""",
            after="""
def fresh(known: set[str], names: list[str]) -> list[str]:
    return [name for name in names if name not in known]
""",
            generated={"known": "set[str]", "names": "list[str]"},
        ),
        Example(
            before=f"{COUNTS}sum(1 for x in xs if x == key)\n",
            after=f"{COUNTS}xs.count(key)\n",
            generated={"xs": "list[int]", "key": "int"},
        ),
        Example(
            before=f"{COUNTS}len([x for x in xs if x == key]) + 1\n",
            after=f"{COUNTS}xs.count(key) + 1\n",
            generated={"xs": "list[int]", "key": "int"},
        ),
    ),
    silent=(
        Silent("def f(xs, key: int) -> bool:\n    return any(x == key for x in xs)\n", why="xs may be an iterator"),
        Silent(
            "def f(text: str, key: str) -> bool:\n    return any(c == key for c in text)\n",
            why="`in` would look for a substring",
        ),
        Silent(
            "def f(xs: list[object], key: object) -> bool:\n    return any(x == key for x in xs)\n",
            why="objects may not be equal to themselves",
        ),
        Silent(
            "def f(xs: list[int], key: int) -> bool:\n    return any(x == key for x in xs if x > 0)\n",
            why="not all items are compared",
        ),
        Silent(
            "def f(xs: list[int]) -> bool:\n    return any(x == x + 0 for x in xs)\n",
            why="another value for each item",
        ),
        Silent(
            "def f(xs: list[int], keys: list[int]) -> bool:\n    return any(x == keys.pop() for x in xs)\n",
            why="another value for each item",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="any(x == -1 for x in xs)",
        after="-1 in xs",
        sizes=(3, 100, 10_000),
        losing="xs[0] = -1",
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        comprehension = _consumed(view, call, "any", "all", "sum", "len")
        if comprehension is None or comprehension.for_in.asynchronous or comprehension.for_in.inner_for_in:
            continue
        test = _test(view, call, comprehension)
        variable = comprehension.for_in.target
        if test is None or not isinstance(variable, cst.Name):
            continue
        sides = [test.left, test.comparisons[0].comparator]
        value = next((side for side in sides if not same_code(side, variable)), None)
        if value is not None and any(same_code(side, variable) for side in sides):
            counted = view.facts.is_called(call, "builtins.sum", "builtins.len").holds
            captures = {"items": comprehension.for_in.iter, "value": value, "counted": counted}
            yield Match(call, captures, tuple(_needs(view, comprehension, value, counted)))


def change(match: Match, view: View) -> Rewrite:
    items, value = view.code(match.captures["items"]), view.code(match.captures["value"])
    if match.captures["counted"]:
        return Rewrite((Replacement.of(match.node, f"{items}.count({value})"),))
    word = "not in" if view.facts.is_called(match.node, "builtins.all").holds else "in"
    return Rewrite((Replacement.of(match.node, fit_in(view, match.node, f"{value} {word} {items}")),))


def _consumed(view: View, call: cst.Call, *names: str) -> cst.GeneratorExp | cst.ListComp | None:
    """The comprehension that one of these builtins goes over."""
    called = view.facts.is_called(call, *(f"builtins.{name}" for name in names)).holds
    only = call.args[0].value if called and len(call.args) == 1 else None
    return only if isinstance(only, cst.GeneratorExp | cst.ListComp) else None


def _test(view: View, call: cst.Call, comprehension: cst.GeneratorExp | cst.ListComp) -> cst.Comparison | None:
    """The comparison of each item: the element of `any` and `all`, the only condition of `sum` and `len`."""
    ifs = comprehension.for_in.ifs
    wanted: type[cst.BaseCompOp] = cst.Equal
    test: cst.BaseExpression = comprehension.elt
    if view.facts.is_called(call, "builtins.sum", "builtins.len").holds:
        is_sum = view.facts.is_called(call, "builtins.sum").holds
        counts_items = match_pattern("1", comprehension.elt, view.facts) is not None if is_sum else True
        if len(ifs) != 1 or not counts_items:
            return None
        test, ifs = ifs[0].test, ()
    elif view.facts.is_called(call, "builtins.all").holds:
        wanted = cst.NotEqual
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or ifs:
        return None
    return test if isinstance(test.comparisons[0].operator, wanted) else None


def _needs(
    view: View, loop: cst.GeneratorExp | cst.ListComp, value: cst.BaseExpression, counted: bool
) -> Iterator[Need]:
    items = loop.for_in.iter
    kinds = ("list", "tuple") if counted else ("list", "tuple", "set", "frozenset", "dict")
    yield needs.is_type(view, items, *kinds)
    yield needs.has_elements(view, items, *_REFLEXIVE)
    yield needs.is_type(view, value, *_REFLEXIVE)
    yield needs.is_invariant(view, value, loop)
    yield needs.cannot_raise(view, value)
    yield needs.holds(isinstance(items, cst.Name | cst.Attribute), f"`{view.code(items)}` is a variable")
