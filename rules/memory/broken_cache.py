"""A cache that does not keep what it is asked for.

## What it does
Finds `lru_cache(maxsize=0)`; a cached result that is tested for its truth, so that an empty or zero result is computed
each time; and a cache that is looked up under one key and filled under another, because the variable is assigned in
between. It writes no code: which of both is meant is for the author to say.

## Why it is slow
The work that the cache was made for is done again on every call, and the look-up on top of it.

## When it is not the same
Only the results that were computed again are kept after the repair: where those depend on more than the key, they were
right by accident before.

## When it is not faster
Where results are hardly ever empty, or never asked for again.

## References
462 performance fixes read: 42 were of caches, in 25 projects; `maxsize=0`, the key variable assigned before the store
and the truth test of a cached empty value were among them.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, match_pattern, same_code

TRUTH = """
class Store:
    def rows(self, key):
        rows = self._cache.get(key)
        if not rows:
            rows = [row for row in self.table if row.key == key]
            self._cache[key] = rows
        return rows
"""
KEY = """
cache = {}


def find(name, table):
    if name in cache:
        return cache[name]
    name = name.lower()
    cache[name] = [row for row in table if row.name == name]
    return cache[name]
"""
SIZE = """
from functools import lru_cache


@lru_cache(maxsize=0)
def square(n: int) -> int:
    return n * n
"""

RULE = Rule(
    code="PA801",
    name="broken-cache",
    message="{what}",
    applicability=DISPLAY,
    examples=(
        Example(before=TRUTH, after=TRUTH, applicability=DISPLAY),
        Example(before=KEY, after=KEY, calls=("find('a', [])",), applicability=DISPLAY),
        Example(before=SIZE, after=SIZE, calls=("square(3)",), applicability=DISPLAY),
    ),
    silent=(
        Silent(TRUTH.replace("not rows", "rows is None"), why="only what is missing is computed"),
        Silent(KEY.replace("    name = name.lower()\n", ""), why="one key for both"),
        Silent(SIZE.replace("maxsize=0", "maxsize=None"), why="it keeps everything"),
        Silent(
            "def f(d, key, n):\n    value = d.get(key)\n    if value:\n        d[key] = value + n\n"
            "    else:\n        d[key] = n\n",
            why="a value that is brought up to date is no cached result",
        ),
        Silent(
            "def f(d, key):\n    value = d.get(key)\n    if not value:\n        value = 3\n    return value\n",
            why="a default, not a cache: nothing is stored",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    yield from _kept_nowhere(view)
    for lookup in view.walk(cst.Assign):
        bound = match_pattern("$cache.get($key)", lookup.value, view.facts)
        target = lookup.targets[0].target
        if bound is not None and isinstance(target, cst.Name):
            yield from _tested_for_truth(view, lookup, target, bound)
    for test in view.walk(cst.If):
        yield from _other_key(view, test)


def _kept_nowhere(view: View) -> Iterator[Match]:
    function = view.slice.node
    for decorator in function.decorators if isinstance(function, cst.FunctionDef) else ():
        for pattern in ("functools.lru_cache(maxsize=0)", "functools.lru_cache(0)"):
            if match_pattern(pattern, decorator.decorator, view.facts) is not None:
                yield _match(
                    decorator, "the cache has no room: every call computes its result", "give it a size, or None"
                )


def _tested_for_truth(
    view: View, lookup: cst.Assign, target: cst.Name, bound: dict[str, cst.BaseExpression]
) -> Iterator[Match]:
    """`if not value:` right after the look-up, under which the cache is filled."""
    line = view.statement(lookup)
    block = list(view.siblings(line))
    following = block[block.index(line) + 1] if line in block[:-1] else None
    if not isinstance(following, cst.If):
        return
    test = following.test
    missing = isinstance(test, cst.UnaryOperation) and same_code(test.expression, target)
    found = same_code(test, target) and _leaves(following.body)
    after = following.body if missing else view.parent(following) if found else None
    if after is not None and _stores(view, after, bound):
        what = f"an empty or zero result in `{view.code(bound['cache'])}` counts as missing: computed again each time"
        yield _match(test, what, f"test `{target.value} is None`, or `in`, so that empty results are kept as well")


def _leaves(body: cst.BaseSuite) -> bool:
    """Whether the block ends the function or the turn: what was found is all that was asked for."""
    last = body.body[-1] if body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return | cst.Continue)


def _other_key(view: View, test: cst.If) -> Iterator[Match]:
    """`if key in cache: return cache[key]`, then `key = ...`, then `cache[key] = ...` in the same block."""
    bound = match_pattern("$key in $cache", test.test, view.facts)
    block = list(view.siblings(test))
    if bound is None or not isinstance(bound["key"], cst.Name) or test not in block:
        return
    rest, rebound = block[block.index(test) + 1 :], False
    leaves = any(view.inside(node, test) for node in view.walk(cst.Return, cst.Continue))
    for line in rest if leaves else []:
        if rebound and _stores(view, line, bound):
            what = f"`{view.code(bound['cache'])}` is filled under another key than it is asked for"
            yield _match(
                test.test, what, f"keep the key that is asked for: `{view.code(bound['key'])}` is assigned in between"
            )
            return
        assigns = line.body if isinstance(line, cst.SimpleStatementLine) else ()
        rebound |= any(isinstance(a, cst.Assign) and same_code(a.targets[0].target, bound["key"]) for a in assigns)


def _stores(view: View, place: cst.CSTNode, bound: dict[str, cst.BaseExpression]) -> bool:
    """Whether the place assigns to an item of the cache under that key."""
    for assign in view.walk(cst.Assign):
        for target in assign.targets if view.inside(assign, place) else ():
            stored = match_pattern("$cache[$key]", target.target, view.facts)
            if stored and same_code(stored["cache"], bound["cache"]) and same_code(stored["key"], bound["key"]):
                return True
    return False


def _match(node: cst.CSTNode, what: str, note: str) -> Match:
    return Match(node, captures={"what": what}, note=note, fixable=False)
