"""A copy made only to test whether something is in it.

## What it does
Finds `x in list(xs)`, `x in tuple(xs)`, `x in sorted(xs)` and `x in list(d.keys())`, and tests the container itself.

A property of the object that runs a loop for each test (`x in self.hosts`) is shown as well.

## Why it is slow
The copy takes O(n) time and memory for a single test, and then it is searched from the front: O(n) again. A dict or a
set would have answered in O(1).

## When it is not the same
An iterator would be used up only to the hit, and a text would be searched for a part: the rule asks for a dict, set,
list or tuple. A dict and a set ask for the hash of the tested value, so it has to be hashable.

## When it is not faster
Containers of a few items.

## References
462 performance fixes read: 52 were of membership, in 28 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    fit_in,
    match_pattern,
    needs,
    why_costly,
)

HASHING = ("dict", "set", "frozenset", "collections.defaultdict", "collections.OrderedDict", "collections.Counter")
LINEAR = ("list", "tuple")
COPIES = ("list($items)", "tuple($items)", "sorted($items)", "list($items.keys())")
KEEP = "keep what `{copy}` gives in the object, or ask what it is made of"
HOSTS = """
class Network:
    @property
    def hosts(self):
        return [self.first + i for i in range(self.size)]

    def __contains__(self, host):
        return host in self.hosts
"""

RULE = Rule(
    code="PA516",
    name="copy-made-for-test",
    message="`{copy}` goes over all of `{items}` for one test: O(n)",
    cure="test `{items}` itself",
    examples=(
        Example(
            before="def f(d: dict[int, int], x: int) -> bool:\n    return x in list(d) and x in list(d.keys())\n",
            after="def f(d: dict[int, int], x: int) -> bool:\n    return x in d and x in d\n",
            calls=("f({1: 2}, 1)", "f({}, 1)"),
            generated={"d": "dict[int, int]", "x": "int"},
        ),
        Example(
            before="def f(xs: list[int], ys: set[int], x: int) -> bool:\n"
            "    return x not in sorted(xs) or x in tuple(ys)\n",
            after="def f(xs: list[int], ys: set[int], x: int) -> bool:\n    return x not in xs or x in ys\n",
            calls=("f([1], {1}, 1)",),
            generated={"xs": "list[int]", "ys": "set[int]", "x": "int"},
        ),
        Example(before=HOSTS, after=HOSTS, applicability=DISPLAY),
    ),
    silent=(
        Silent(HOSTS.replace("    @property\n    def hosts", "    def hosts"), why="no property: nothing is built"),
        Silent("def f(s: str, x: str) -> bool:\n    return x in list(s)\n", why="a text is searched for parts"),
        Silent(
            "from collections.abc import Iterator\n\n"
            "def f(it: Iterator[int], x: int) -> bool:\n    return x in list(it)\n",
            why="an iterator is only used up to the hit",
        ),
        Silent("def f(d: dict[int, int], x: int) -> bool:\n    return x in list(d.values())\n", why="not the keys"),
        Silent(
            "def f(s: set[int], xs: list[int]) -> bool:\n    return xs in list(s)\n", why="a list cannot be looked up"
        ),
        Silent("def f(d: dict[int, int]) -> list[int]:\n    return list(d)\n", why="the copy is what is wanted"),
        Silent("def f(d: dict[int, int], x: int) -> bool:\n    return x in d.keys()\n", why="a view copies nothing"),
    ),
    bench=Bench(
        setup="d = dict.fromkeys(range(n)); x = n // 2",
        before="x in list(d)",
        after="x in d",
        sizes=(10, 100, 1000),
        losing="d = {n // 2: 0}",
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        target = test.comparisons[0]
        if len(test.comparisons) > 1 or not isinstance(target.operator, cst.In | cst.NotIn):
            continue
        copy = target.comparator
        if isinstance(copy, cst.Attribute) and (why := why_costly(view, copy)):
            built = {"copy": copy, "items": copy}
            yield Match(test, built, message=f"{why}, for one test: O(n)", note=KEEP, fixable=False)
            continue
        bound = next((b for text in reversed(COPIES) if (b := match_pattern(text, copy, view.facts))), None)
        if bound is not None:
            yield _match(view, test, copy, bound["items"])


def change(match: Match, view: View) -> Rewrite:
    copy, items = match.captures["copy"], match.captures["items"]
    return Rewrite((Replacement.of(copy, fit_in(view, copy, view.code(items))),))


def _match(view: View, test: cst.Comparison, copy: cst.BaseExpression, items: cst.BaseExpression) -> Match:
    by_keys = "keys()" in view.code(copy)
    kinds = HASHING if by_keys else HASHING + LINEAR
    known = view.facts.is_type(items, *kinds)
    hashes = view.facts.is_type(items, *LINEAR).holds
    only_fix = NeedKind.REPAIR if by_keys else NeedKind.IDENTITY
    stated = [Need(known, f"`{view.code(items)}` is a dict, set, list or tuple", only_fix)]
    if not hashes:
        stated.append(needs.hashes_alike(view, test.left))
    sorts = match_pattern("sorted($_)", copy, view.facts) is not None
    if sorts:
        raises = "items that cannot be ordered no longer raise TypeError"
        stated.append(needs.value(view.facts.cannot_raise(copy), "the items can be ordered", raises))
    return Match(test, captures={"copy": copy, "items": items}, needs=tuple(stated))
