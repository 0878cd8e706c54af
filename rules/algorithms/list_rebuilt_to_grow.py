"""A list rebuilt by each iteration to grow by a few items.

## What it does
Finds `xs = xs + [x]` in a loop and grows the list in place: `xs.append(x)`, or `xs += more`.

## Why it is slow
`+` makes a new list and copies everything collected so far: O(n) per item, O(n^2) for the loop. Appending is O(1).

## When it is not the same
Whoever else holds the list sees it grow. The rule asks that the list is made right before the loop, by a display, a
comprehension or `list(...)`, and that until the loop's end it is only read by index, slice, `len`, `in` and iteration:
no other name, container, call, closure or `yield` gets hold of it. `+` with something that is not a list raises, and
`+=` would take it: the rule asks for a list on the right.

## When it is not faster
A loop that adds fewer than about ten items gains little.

## References
Python wiki, TimeComplexity; measured: 400x for 10,000 items.
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
    growth_of,
    match_pattern,
    may_grow_in_place,
    needs,
)

RULE = Rule(
    code="PA507",
    name="list-rebuilt-to-grow",
    message="`{items} = {items} + ...` copies the whole list on each iteration: quadratic",
    cure="grow `{items}` in place",
    examples=(
        Example(
            before="""
def evens(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        if x % 2 == 0:
            out = out + [x]
    return out
""",
            after="""
def evens(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        if x % 2 == 0:
            out.append(x)
    return out
""",
            calls=("evens([1, 2, 4])", "evens([])"),
            generated={"xs": "list[int]"},
        ),
        Example(
            before="""
def flat(rows: list[list[int]]) -> list[list[int]]:
    groups = []
    for row in rows:
        found = [0]
        for x in row:
            found = found + [found[-1], x]
        found = found + row
        groups.append(found)
    return groups
""",
            after="""
def flat(rows: list[list[int]]) -> list[list[int]]:
    groups = []
    for row in rows:
        found = [0]
        for x in row:
            found += [found[-1], x]
        found = found + row
        groups.append(found)
    return groups
""",
            calls=("flat([[1, 2], [], [3]])",),
            generated={"rows": "list[list[int]]"},
        ),
        Example(
            before="""
def joined(rows: list[list[int]]) -> list[int]:
    out: list[int] = []
    for row in rows:
        out = out + row
    return out
""",
            after="""
def joined(rows: list[list[int]]) -> list[int]:
    out: list[int] = []
    for row in rows:
        out += row
    return out
""",
            calls=("joined([[1, 2], [], [3]])",),
            generated={"rows": "list[list[int]]"},
        ),
    ),
    silent=(
        Silent(
            "def f(xs: list[int], out: list[int]) -> list[int]:\n    for x in xs:\n        out = out + [x]\n"
            "    return out\n",
            why="the list is the caller's",
        ),
        Silent(
            "def f(xs: list[int]) -> list[list[int]]:\n    out, all_ = [], []\n    for x in xs:\n"
            "        out = out + [x]\n        all_.append(out)\n    return all_\n",
            why="each state of the list is kept",
        ),
        Silent(
            "def f(xs: list[int]) -> list[list[int]]:\n    out = []\n    first = out\n    for x in xs:\n"
            "        out = out + [x]\n    return [first, out]\n",
            why="another name holds the list",
        ),
        Silent(
            "def f(n: int) -> list[int]:\n    out = [n]\n    for x in out:\n        if x:\n"
            "            out = out + [x - 1]\n    return out\n",
            why="the loop goes over the list as it was",
        ),
        Silent(
            "def f(xs):\n    out = []\n    for x in xs:\n        out = out + x\n    return out\n",
            why="x may be an array or a tuple",
        ),
        Silent(
            "def f(xs: list[int]):\n    out = []\n    for x in xs:\n        out = out + [x]\n        yield out\n",
            why="each state is handed out",
        ),
        Silent("def f(x: int) -> list[int]:\n    out = [1]\n    out = out + [x]\n    return out\n", why="no loop"),
    ),
    bench=Bench(
        before="xs = []\nfor i in range(n):\n    xs = xs + [i]",
        after="xs = []\nfor i in range(n):\n    xs.append(i)",
        sizes=(10, 100, 1000),
        losing="n = 1",
    ),
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        grown = growth_of(view, assign)
        looped = any(isinstance(loop, cst.For | cst.While) for loop in view.turns(assign))
        if grown is not None and looped and match_pattern("$items + $more", assign.value, view.facts):
            yield Match(
                assign,
                captures={"items": grown.name, "more": grown.more},
                needs=(needs.is_type(view, grown.more, "list"), may_grow_in_place(view, grown, assign)),
            )


def change(match: Match, view: View) -> Rewrite:
    items, more = match.captures["items"].value, match.captures["more"]
    only = more.elements[0] if isinstance(more, cst.List) and len(more.elements) == 1 else None
    code = f"{items} += {view.code(more)}"
    if isinstance(only, cst.Element):
        code = f"{items}.append({as_argument(view.code(only.value))})"
    return Rewrite((Replacement.of(match.node, code),))
