"""A costly test that comes before a cheap one.

## What it does
Finds `costly() and cheap` and `costly() or cheap` where the second test only looks at a variable or a constant, and
tests that first.

## Why it is slow
`and` and `or` stop at the first test that decides. Whatever the cheap test would have decided on its own was paid for
with a whole search, a regular expression, a look at the file system or a call.

## When it is not the same
The costly test must have no effect, and the cheap one must not rely on it (`hasattr(x, "n") and x.n`): the fix asks
for facts on both. An exception of the costly test is no longer raised where the cheap one decides, which is named as
a difference. The value of `a and b` is one of both: it is only rewritten where just its truth is used, or where both
are bools. Where a method's effects are not known the finding is advice.

## When it is not faster
Where the cheap test hardly ever decides: then both are evaluated in either order, and nothing is lost.

## References
462 performance fixes read: 63 were of the order of work, in 34 projects, the largest family.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    UNSAFE,
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    Truth,
    View,
    asks_unguarded,
    chain_of,
    cst,
    is_light,
    is_plain,
    is_tested,
    needs,
    only_asks,
    why_costly,
)

GRAPH = """
def weight(graph, u, v):
    if graph.has_edge(u, v) and u != v:
        return 1
    return 0
"""

RULE = Rule(
    code="PA513",
    name="costly-test-first",
    measured=True,
    message="`{costly}` is evaluated before the cheap test `{cheap}`: {why}",
    cure="test `{cheap}` first",
    examples=(
        Example(
            before="def f(xs: list[int], limit: int, quick: bool) -> int:\n"
            "    if any(x > limit for x in xs) and quick:\n        return 1\n    return 0\n",
            after="def f(xs: list[int], limit: int, quick: bool) -> int:\n"
            "    if quick and any(x > limit for x in xs):\n        return 1\n    return 0\n",
            calls=("f([1, 2], 1, True)", "f([1, 2], 1, False)"),
            generated={"xs": "list[int]", "limit": "int", "quick": "bool"},
            applicability=UNSAFE,
        ),
        Example(
            before="def f(xs: list[int], ys: list[int], n: int | None) -> bool:\n"
            "    while not (max(xs) > 3 or n is None):\n        return True\n    return False\n",
            after="def f(xs: list[int], ys: list[int], n: int | None) -> bool:\n"
            "    while not (n is None or max(xs) > 3):\n        return True\n    return False\n",
            calls=("f([1, 4], [], 3)", "f([1], [], None)"),
            applicability=UNSAFE,
        ),
        Example(
            before=GRAPH,
            after=GRAPH,
            calls=("weight(None, 1, 1)",),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(
            "import inspect\n\n\ndef f(g) -> bool:\n    return bool(inspect.ismethod(g) and g.__self__ is not None)\n",
            why="the first test makes sure that there is such an attribute",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> bool:\n    return bool(n and any(x > n for x in xs))\n",
            why="the cheap test comes first already",
        ),
        Silent(
            "def f(check, g):\n    if check.is_method(g) and g.owner is not None:\n        return 1\n    return 0\n",
            why="a guard: without it the attribute may not be there",
        ),
        Silent(
            "def f(xs: list[int], quick: int) -> int:\n    return any(x > 3 for x in xs) and quick\n",
            why="the value that is returned would be another",
        ),
        Silent(
            "class A:\n    def f(self, xs: list[int]) -> int:\n"
            "        if all(isinstance(x, int) for x in xs) and self.n:\n            return 1\n        return 0\n\n"
            "    @property\n    def n(self) -> int:\n        return sum(range(10_000))\n",
            why="the attribute is a property: nothing says that it is cheap",
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    if max(m := xs) and m is None:\n        return 1\n    return 0\n",
            why="the first test binds what the second reads",
        ),
        Silent(
            "from collections.abc import Iterator\n\ndef f(it: Iterator[int], done: bool) -> int:\n"
            "    if all(it) and done:\n        return 1\n    return next(it)\n",
            why="the test takes items out of an iterator",
        ),
        Silent(
            "def f(x: int, y: int) -> int:\n    if abs(x) and y:\n        return 1\n    return 0\n",
            why="`abs` is cheap",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); quick = False",
        before="any(x < 0 for x in xs) and quick",
        after="quick and any(x < 0 for x in xs)",
        sizes=(1, 10, 1000),
        losing="quick = True; xs = [1, 2, 3]",
    ),
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.BooleanOperation):
        holder = view.parent(test)
        if isinstance(holder, cst.BooleanOperation) and type(holder.operator) is type(test.operator) and not test.lpar:
            continue
        parts = chain_of(test, type(test.operator))
        for first, part in enumerate(parts[:-1]):
            why = why_costly(view, part)
            seems = is_light if why else is_plain
            cheap = next((i for i in range(first + 1, len(parts)) if seems(view, parts[i])), None)
            if cheap is not None and (why or asks_unguarded(view, part, parts[cheap])):
                yield _match(view, test, parts, (first, cheap), why)
                break


def change(match: Match, view: View) -> Rewrite:
    parts, (first, cheap) = match.captures["parts"], match.captures["order"]
    word = " and " if isinstance(match.captures["test"].operator, cst.And) else " or "
    order = [*parts[:first], parts[cheap], *parts[first:cheap], *parts[cheap + 1 :]]
    code = word.join(view.code(part) for part in order)
    bare = "\n" not in code and isinstance(view.parent(match.node), cst.If | cst.While | cst.Return | cst.CompIf)
    return Rewrite((Replacement.of(match.node, code if bare or not match.captures["test"].lpar else f"({code})"),))


def _match(
    view: View, test: cst.BooleanOperation, parts: list[cst.BaseExpression], order: tuple[int, int], why: str
) -> Match:
    costly, cheap, skipped = parts[order[0]], parts[order[1]], parts[order[0] : order[1]]
    raises = f"an exception of `{view.code(costly)}` is not raised where `{view.code(cheap)}` decides"
    captures = {"parts": parts, "order": order, "test": test, "costly": costly, "cheap": cheap}
    captures["why"] = why or "each call costs many times a look at a variable"
    bound = view.facts.effects(cheap).reads & view.facts.effects(skipped).binds
    alone = needs.holds(not bound, f"`{view.code(cheap)}` does not depend on it", "it binds what that reads")
    safe = [needs.is_pure(view, part) for part in skipped] + [needs.cannot_raise(view, cheap)]
    truths = {need.answer.truth for need in safe}
    unsure = Truth.UNKNOWN in truths and Truth.NO not in truths
    guarded = _parts_of(cheap) & {name for part in skipped for name in view.facts.effects(part).reads}
    if unsure and not guarded and is_plain(view, cheap) and only_asks(view, costly):
        note = "test `{cheap}` first, where nothing depends on the call being made"
        return Match(test, captures, (alone, _truth_only(view, test, parts)), note=note, fixable=False)
    safe += [needs.value(view.facts.cannot_raise(part), "the costly test raises nothing", raises) for part in skipped]
    return Match(test, captures, (alone, *safe, _truth_only(view, test, parts)))


def _truth_only(view: View, test: cst.BooleanOperation, parts: list[cst.BaseExpression]) -> Need:
    if is_tested(view, test) or isinstance(view.parent(test), cst.CompIf | cst.Assert):
        return needs.holds(True, "only its truth is used")
    bools = [needs.is_type(view, part, "bool").answer for part in parts]
    unsure = next((answer for answer in bools if not answer.holds), bools[0])
    return Need(unsure, "only its truth is used, or all parts are bools")


def _parts_of(node: cst.CSTNode) -> set[str]:
    """The variables whose attributes or items are read, which a test before may have made sure of."""
    found = (
        {node.value.value}
        if isinstance(node, cst.Attribute | cst.Subscript) and isinstance(node.value, cst.Name)
        else set()
    )
    return found.union(*(_parts_of(child) for child in node.children)) - {"self"}
