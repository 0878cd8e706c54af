"""The front of a list, text or buffer cut off in each turn of a loop.

## What it does
Finds `buf = buf[n:]`, `del xs[0]` and `del xs[:n]` in a loop, and names what keeps the rest in place.

## Why it is slow
All that is left is copied or moved in each turn, however little was taken: O(n) per turn, O(n * n) for the loop.

## When it is not the same
A position that moves on (`start += n`) reads the same items without a copy; what else reads the name has to start
there too. For bytes a `memoryview` is sliced without a copy; a `collections.deque` gives items from the front.

## When it is not faster
Texts and lists of fewer than about a hundred items.

## References
462 performance fixes read: 21 were of growth and consumption of sequences, in 16 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Need, Rule, Silent, View, cst, needs, same_code

PARSE = """
def records(data: bytes) -> list[bytes]:
    out = []
    while data:
        size = data[0]
        out.append(data[1:size + 1])
        data = data[size + 1:]
    return out
"""
DROP = """
def drain(xs: list[int]) -> int:
    total = 0
    while xs:
        total += xs[0]
        del xs[0]
    return total
"""
FEW = 16
KINDS = ("list", "str", "bytes", "bytearray", "tuple")

RULE = Rule(
    code="PA521",
    name="front-cut-off-each-turn",
    message="`{cut}` copies or moves all that is left of `{items}` in each turn: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=PARSE, after=PARSE, calls=("records(b'\\x01a\\x02bc')",), applicability=DISPLAY),
        Example(before=DROP, after=DROP, calls=("drain([1, 2])",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def f(xs: list[str], n: int) -> None:\n    for i in range(len(xs)):\n        xs[i] = xs[i][n:]\n",
            why="another text in each turn",
        ),
        Silent("def f(data: bytes) -> bytes:\n    data = data[4:]\n    return data\n", why="once"),
        Silent(
            "def f(lines: list[str]) -> list[str]:\n    out = []\n    for line in lines:\n        line = line[1:]\n"
            "        out.append(line)\n    return out\n",
            why="another text in each turn",
        ),
        Silent(
            "def f(data: bytes) -> int:\n    n = 0\n    while data:\n        data = data[:-1]\n        n += 1\n"
            "    return n\n",
            why="the end is cut off",
        ),
        Silent(
            "def f(view: memoryview) -> int:\n    n = 0\n    while view:\n        view = view[4:]\n        n += 1\n"
            "    return n\n",
            why="a memoryview is sliced without a copy",
        ),
        Silent(
            "def f(xs: list[int], size: int) -> list[list[int]]:\n    out = []\n    while xs:\n"
            "        out.append(xs[:size])\n        xs = xs[size:]\n    return out\n",
            why="chunk by chunk: few turns for a list, and each a single fast copy",
        ),
        Silent(
            "def f(xs: dict[int, int]) -> None:\n    while xs:\n        del xs[0]\n",
            why="a dict has no order to keep up",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.Assign, cst.Del):
        items = _items(node)
        loop = next(iter(view.turns(node)), None)
        if items is None or not isinstance(loop, cst.While | cst.For) or _is_new_each_turn(view, items, node, loop):
            continue
        if view.facts.is_type(items, "list").holds and _is_chunk(view, node, loop):
            continue
        kind = view.facts.is_type(items, *KINDS)
        note = "keep a position that moves on, or use a `collections.deque` and `popleft()`"
        if view.facts.is_type(items, "bytes").holds:
            note = "keep a position that moves on, or slice a `memoryview`"
        yield Match(
            node,
            captures={"cut": node, "items": items},
            needs=(Need(kind, f"`{view.code(items)}` is a list, a text or bytes"), needs.is_pure(view, items)),
            note=note,
            fixable=False,
        )


def _items(node: cst.CSTNode) -> cst.BaseExpression | None:
    """`xs` of `xs = xs[n:]`, `del xs[0]` and `del xs[:n]`."""
    cut = _cut(node)
    if not isinstance(cut, cst.Subscript) or len(cut.slice) != 1:
        return None
    part = cut.slice[0].slice
    if isinstance(node, cst.Assign):
        same = len(node.targets) == 1 and same_code(node.targets[0].target, cut.value)
        return cut.value if same and isinstance(part, cst.Slice) and _to_end(part) else None
    first = isinstance(part, cst.Index) and isinstance(part.value, cst.Integer) and part.value.value == "0"
    front = isinstance(part, cst.Slice) and part.lower is None and part.upper is not None and part.step is None
    return cut.value if first or front else None


def _cut(node: cst.CSTNode) -> cst.BaseExpression | None:
    return node.value if isinstance(node, cst.Assign) else node.target if isinstance(node, cst.Del) else None


def _to_end(part: cst.Slice) -> bool:
    """Whether it is `n:` with an `n` that is not written as a negative number: that would be the end only."""
    return part.lower is not None and part.upper is None and not isinstance(part.lower, cst.UnaryOperation)


def _is_chunk(view: View, node: cst.CSTNode, loop: cst.While | cst.For) -> bool:
    """Whether many items are cut off at a time, the same number in each turn: the loop has few turns for its list."""
    cut = _cut(node)
    part = cut.slice[0].slice if isinstance(cut, cst.Subscript) else None
    size = (part.lower or part.upper) if isinstance(part, cst.Slice) else None
    if isinstance(size, cst.Integer):
        return size.evaluated_value > FEW
    return size is not None and view.facts.invariant_in(size, loop).holds


def _is_new_each_turn(view: View, items: cst.BaseExpression, node: cst.CSTNode, loop: cst.While | cst.For) -> bool:
    """Whether the loop binds the name to something else before it is cut."""
    if not isinstance(items, cst.Name):
        effects = view.facts.effects(items)
        return bool(effects.reads & view.facts.effects(loop).binds)
    others = [d for d in view.facts.definitions(items.value) if view.inside(d, loop)]
    return any(not view.inside(d, node) for d in others)
