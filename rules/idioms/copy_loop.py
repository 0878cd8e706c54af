"""Items appended or added one by one to copy an iterable.

## What it does
Finds `for x in xs: out.append(x)` where the loop does nothing else, and calls `out.extend(xs)`; of a set,
`for x in xs: seen.add(x)` becomes `seen.update(xs)`, and of a dict, `for k, v in d.items(): out[k] = v` becomes
`out.update(d)`.

## Why it is slow
A method call and a turn of the interpreter's loop per item; `extend` and `update` take them in C.

## When it is not the same
It is the same for a list or a deque `out` and for a set: items that come before an error stay in it either way. The
loop variable does not exist afterwards.

## When it is not faster
Always faster from two items on.

## References
ruff PERF402, PERF403, FURB142; measured: 1.2x to 2x for sets, 4x to 18x for dicts, none for pairs that are no dict.
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
    same_code,
)

BOTH = "def both(a: list[str], b: list[str]) -> list[str]:\n"
NAMES = "def names(rows: list[list[str]]) -> set[str]:\n    seen = set()\n    for row in rows:\n"

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
            before=f"{BOTH}    for x in (*b, 'end'):\n        a.append(x)\n    return a\n",
            after=f"{BOTH}    a.extend((*b, 'end'))\n    return a\n",
            generated={"a": "list[str]", "b": "list[str]"},
        ),
        Example(
            before=f"{NAMES}        for name in row:\n            seen.add(name)\n    return seen\n",
            after=f"{NAMES}        seen.update(row)\n    return seen\n",
            generated={"rows": "list[list[str]]"},
        ),
        Example(
            before="def f(d: dict[str, int], e: dict[str, int]):\n    for k, v in e.items():\n        d[k] = v\n"
            "    return d\n",
            after="def f(d: dict[str, int], e: dict[str, int]):\n    d.update(e)\n    return d\n",
            generated={"d": "dict[str, int]", "e": "dict[str, int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(d: dict[str, int], e: dict[str, int]):\n    for k, v in e.items():\n        d[v] = k\n",
            why="keys and values change places",
        ),
        Silent(
            "def f(d: dict[str, int], ps: list[tuple[str, int]]):\n    for k, v in ps:\n        d[k] = v\n",
            why="measured as no faster for pairs",
        ),
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
        step = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if loop.orelse or loop.asynchronous:
            continue
        if isinstance(step, cst.Expr) and isinstance(loop.target, cst.Name):
            for method in ("append", "add"):
                bound = match_pattern(f"$out.{method}($item)", step.value, view.facts)
                if bound and isinstance(bound["out"], cst.Name) and same_code(bound["item"], loop.target):
                    yield _match(view, loop, bound["out"], loop.iter, method)
        elif isinstance(step, cst.Assign) and (copied := _copied_dict(view, loop, step)):
            yield _match(view, loop, *copied, "[]")


def change(match: Match, view: View) -> Rewrite:
    items = view.code(match.captures["items"])
    bare = isinstance(match.captures["items"], cst.Tuple) and not match.captures["items"].lpar
    method = "extend" if match.captures["added"] == "appended" else "update"
    code = f"{view.code(match.captures['out'])}.{method}({f'({items})' if bare else items})"
    return Rewrite((Replacement.of(match.node, code),))


def _copied_dict(view: View, loop: cst.For, step: cst.Assign) -> tuple[cst.Name, cst.BaseExpression] | None:
    """`out` and `d` of `for k, v in d.items(): out[k] = v`."""
    pairs = match_pattern("$d.items()", loop.iter, view.facts)
    stored = match_pattern("$out[$key]", step.targets[0].target, view.facts)
    names = [e.value for e in loop.target.elements] if isinstance(loop.target, cst.Tuple) else []
    if not pairs or not stored or len(names) != 2 or len(step.targets) != 1 or not isinstance(stored["out"], cst.Name):
        return None
    copies = same_code(stored["key"], names[0]) and same_code(step.value, names[1])
    return (stored["out"], pairs["d"]) if copies else None


_KINDS = {"append": ("list", "collections.deque"), "add": ("set",), "[]": ("dict",)}


def _match(view: View, loop: cst.For, out: cst.Name, items: cst.BaseExpression, method: str) -> Match:
    targets = [e.value for e in loop.target.elements] if isinstance(loop.target, cst.Tuple) else [loop.target]
    needed = [
        needs.is_type(view, out, *_KINDS[method]),
        needs.holds(out.value not in view.facts.effects(loop.iter).reads, f"`{out.value}` is not what is read"),
    ]
    for name in map(view.code, targets):
        needed.append(needs.is_dead_after(view, loop, name))
        needed.append(needs.holds(view.facts.scope(name) == "local", f"`{name}` is a local variable"))
    if method == "[]":
        needed.append(needs.is_type(view, items, "dict"))
    return Match(
        loop,
        {"items": items, "out": out, "added": "appended" if method == "append" else "added"},
        needs=tuple(needed),
    )
