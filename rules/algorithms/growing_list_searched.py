"""Membership test against a list that grows in the same loop.

## What it does
Finds `x in seen` in a loop that appends to `seen`, and keeps a set beside the list, which keeps the order. A list that
is only tested and appended to becomes a set itself.

## Why it is slow
`in` on a list compares item by item, and the list gets longer: n tests cost O(n²) comparisons. A set answers in O(1).

## When it is not the same
The items and the tested value must be hashable and must hash as they compare: builtin immutable types and tuples of
them do. Of other types that is not known, and the finding leaves the change to you. NaN behaves alike.

## When it is not faster
A list that never has more than about ten items.

## References
Python wiki, TimeComplexity: `x in s` for list and set.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Insertion,
    ListUses,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_membership,
    list_uses,
    name_after,
    needs,
    starts_empty,
    variable_uses,
)

RULE = Rule(
    code="PA550",
    name="growing-list-searched",
    message="`{item} in {items}` scans a list that the loop makes longer: O(n) per test",
    cure="keep a set of what `{items}` holds, and test against it",
    examples=(
        Example(
            before="""
def unique(words: list[str]) -> list[str]:
    seen = []
    for word in words:
        if word not in seen:
            seen.append(word)
    return seen
""",
            after="""
def unique(words: list[str]) -> list[str]:
    seen = []
    seen_set = set()
    for word in words:
        if word not in seen_set:
            seen.append(word)
            seen_set.add(word)
    return seen
""",
            calls=("unique(['a', 'b', 'a'])", "unique([])"),
            generated={"words": "list[str]"},
        ),
        Example(
            before="""
def repeats(numbers: list[int]) -> int:
    seen = []
    count = 0
    for n in numbers:
        if n in seen:
            count += 1
        seen.append(n)
    return count
""",
            after="""
def repeats(numbers: list[int]) -> int:
    seen = set()
    count = 0
    for n in numbers:
        if n in seen:
            count += 1
        seen.add(n)
    return count
""",
            calls=("repeats([1, 2, 1, 1])", "repeats([])"),
            generated={"numbers": "list[int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(rows: list[list[int]]) -> list[list[int]]:\n    seen: list[list[int]] = []\n    for row in rows:\n"
            "        if row not in seen:\n            seen.append(row)\n    return seen\n",
            why="lists are not hashable",
        ),
        Silent(
            "def f(xs: list[int], ys: list[int]) -> int:\n    count = 0\n    for x in xs:\n        if x in ys:\n"
            "            count += 1\n    return count\n",
            why="the list does not grow in the loop: another rule's",
        ),
        Silent(
            "def f(groups: list[list[int]]) -> list[list[int]]:\n    for group in groups:\n        if 3 not in group:\n"
            "            group.append(3)\n    return groups\n",
            why="another list for each test",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="seen = []\nfor x in xs:\n    if x not in seen:\n        seen.append(x)",
        after="seen = []\nseen_set = set()\nfor x in xs:\n    if x not in seen_set:\n"
        "        seen.append(x)\n        seen_set.add(x)",
        sizes=(10, 100, 1000, 3000),
        losing="xs = [0] * n",
    ),
)


def see(view: View) -> Iterator[Match]:
    found: dict[tuple[str, cst.CSTNode], list[cst.Comparison]] = {}
    for test in view.walk(cst.Comparison):
        items = test.comparisons[0].comparator
        if is_membership(test) and isinstance(items, cst.Name):
            loop = _outermost_loop(view, test, items.value)
            if loop is not None:
                found.setdefault((items.value, loop), []).append(test)
    for (name, loop), tests in found.items():
        inside = list_uses(view, [use for use in variable_uses(view, name) if view.inside(use, loop)])
        if inside.appends:
            yield _match(view, name, loop, tests, inside)


def change(match: Match, view: View) -> Rewrite:
    name, everywhere = match.captures["name"], match.captures["everywhere"]
    if len(everywhere.made) == 1 and not everywhere.reads and not everywhere.other:
        added = [Replacement.of(a.func, f"{name}.add") for a in everywhere.appends]
        return Rewrite((Replacement.of(everywhere.made[0], "set()"), *added))
    beside, loop = name_after(view, match.captures["items"], "set"), match.captures["loop"]
    tested = [Replacement.of(t.comparisons[0].comparator, beside) for t in match.captures["tests"]]
    made = f"{beside} = set()" if starts_empty(view, name, loop) else f"{beside} = set({name})"
    added_too = [
        Insertion(view.statement(a), f"{beside}.add({view.code(a.args[0].value)})", after=True)
        for a in match.captures["inside"].appends
    ]
    return Rewrite(tuple(tested), (Insertion(loop, made), *added_too))


def _match(view: View, name: str, loop: cst.CSTNode, tests: list[cst.Comparison], inside: ListUses) -> Match:
    items = tests[0].comparisons[0].comparator
    everywhere = list_uses(view, variable_uses(view, name))
    is_own = view.facts.scope(name) == "local" and not view.facts.is_captured(name)
    simple = all(isinstance(a.args[0].value, cst.Name | cst.SimpleString | cst.Integer) for a in inside.appends)
    return Match(
        tests[0],
        captures={"item": tests[0].left, "items": items, "name": name, "loop": loop, "tests": tests}
        | {"inside": inside, "everywhere": everywhere},
        needs=(
            needs.is_type(view, items, "list"),
            needs.items_hash_alike(view, items),
            *(needs.hashes_alike(view, test.left) for test in everywhere.tests),
            needs.to_repair(is_own and not inside.other, f"nothing but this function's appends changes `{name}`"),
            needs.to_repair(simple, "what is appended is a name or a literal, which can be written twice"),
        ),
    )


def _outermost_loop(view: View, test: cst.Comparison, name: str) -> cst.CSTNode | None:
    """The outermost loop statement around the test in which the list is not bound anew."""
    found = None
    for loop in view.turns(test):
        if isinstance(loop, cst.For | cst.While):
            if any(view.inside(node, loop) for node in view.facts.definitions(name)):
                break
            found = loop
    return found
