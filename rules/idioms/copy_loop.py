"""Items appended or added one by one to copy an iterable.

## What it does
Finds `for x in xs: out.append(x)` where the loop does nothing else, and calls `out.extend(xs)`; of a set,
`for x in xs: seen.add(x)` becomes `seen.update(xs)`.

## Why it is slow
A method call and a turn of the interpreter's loop per item; `extend` and `update` take them in C.

## When it is not the same
It is the same for a list or a deque `out` and for a set: items that come before an error stay in it either way. The
loop variable does not exist afterwards.

## When it is not faster
Always faster from two items on.

## References
ruff PERF402, FURB142.
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
    cst,
    match_pattern,
    needs,
)

RULE = Rule(
    code="PA907",
    name="copy-loop",
    message="items of `{items}` are {added} one by one",
    cure="hand them over in one call",
    examples=(
        Example(
            before="""
def flat(rows: list[list[int]]) -> list[int]:
    out = []
    for row in rows:
        # each item of the row
        for x in row:
            out.append(x)
    return out
""",
            after="""
def flat(rows: list[list[int]]) -> list[int]:
    out = []
    for row in rows:
        # each item of the row
        out.extend(row)
    return out
""",
            generated={"rows": "list[list[int]]"},
        ),
        Example(
            before="""
def both(a: list[str], b: list[str]) -> list[str]:
    for x in (*b, "end"):
        a.append(x)
    return a
""",
            after="""
def both(a: list[str], b: list[str]) -> list[str]:
    a.extend((*b, "end"))
    return a
""",
            generated={"a": "list[str]", "b": "list[str]"},
        ),
        Example(
            before="""
def names(rows: list[list[str]]) -> set[str]:
    seen = set()
    for row in rows:
        for name in row:
            seen.add(name)
    return seen
""",
            after="""
def names(rows: list[list[str]]) -> set[str]:
    seen = set()
    for row in rows:
        seen.update(row)
    return seen
""",
            generated={"rows": "list[list[str]]"},
        ),
    ),
    silent=(
        Silent("def f(out, xs):\n    for x in xs:\n        out.append(x)\n", why="`out` may be a deque or anything"),
        Silent(
            "def f(xs: list[int]) -> list[int]:\n    out = []\n    for x in xs:\n        out.append(x + 1)\n"
            "    return out\n",
            why="not a copy: `extend` with a generator is slower than the loop",
        ),
        Silent(
            "def f(xs: list[int]):\n    for x in xs:\n        xs.append(x)\n", why="the list grows while it is read"
        ),
        Silent(
            "def f(xs: list[int]) -> int:\n    out = []\n    x = 0\n    for x in xs:\n        out.append(x)\n"
            "    return x\n",
            why="the last item is used after the loop",
        ),
        Silent(
            "def f(seen: set[int], xs: list[int]):\n    for x in xs:\n        seen.discard(x)\n",
            why="a set among the items is looked up in another way by `difference_update`",
        ),
        Silent("def f(s: set[int]):\n    for x in s:\n        s.add(x)\n", why="the set is read while it grows"),
        Silent(
            "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    else:\n        out = []\n"
            "    return out\n",
            why="the loop has an `else`",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="out = []\nfor x in xs:\n    out.append(x)",
        after="out = []\nout.extend(xs)",
        sizes=(3, 100, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For):
        line = loop.body.body[0] if len(loop.body.body) == 1 else None
        step = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else line
        value = step.value if isinstance(step, cst.Expr) else None
        added = "append"
        bound = match_pattern("$out.append($item)", value, view.facts) if value is not None else None
        if bound is None and value is not None:
            added, bound = "add", match_pattern("$out.add($item)", value, view.facts)
        if bound is None or not isinstance(loop.target, cst.Name) or loop.orelse or loop.asynchronous:
            continue
        item, out = bound["item"], bound["out"]
        if isinstance(item, cst.Name) and item.value == loop.target.value and isinstance(out, cst.Name):
            yield _match(view, loop, out, added)


def change(match: Match, view: View) -> Rewrite:
    items = view.code(match.captures["items"])
    bare = isinstance(match.captures["items"], cst.Tuple) and not match.captures["items"].lpar
    method = "extend" if match.captures["added"] == "appended" else "update"
    code = f"{view.code(match.captures['out'])}.{method}({f'({items})' if bare else items})"
    return Rewrite((Replacement.of(match.node, code),))


def _match(view: View, loop: cst.For, out: cst.Name, method: str) -> Match:
    kinds = ("list", "collections.deque") if method == "append" else ("set",)
    item = view.code(loop.target)
    return Match(
        loop,
        {"items": loop.iter, "out": out, "added": "appended" if method == "append" else "added"},
        needs=(
            needs.is_type(view, out, *kinds),
            needs.is_dead_after(view, loop, item),
            needs.holds(view.facts.scope(item) == "local", f"`{item}` is a local variable"),
            needs.holds(not _mentions(loop.iter, out.value), f"`{out.value}` is not what is read"),
        ),
    )


def _mentions(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Name) and node.value == name:
        return True
    return any(_mentions(child, name) for child in node.children)
