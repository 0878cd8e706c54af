"""Bytes that grow by `+=` in a loop.

## What it does
Finds `data += part` in a loop, where `data` starts as a bytes literal in the function, and collects the parts in a
`bytearray`.

## Why it is slow
Bytes cannot grow: every `+=` copies all that was there, O(n) per iteration, O(n * n) for the loop. CPython extends a
local `str` in place, but not bytes. A `bytearray` grows in place.

## When it is not the same
The fix asks that the name is local, only added to in loops and then read once the loops are over, where it becomes
bytes again. The parts must be bytes.

## When it is not faster
Up to about a hundred small parts the copies cost little.

## References
462 performance fixes read: `bytes +=` was the most common of 21 fixes of text and bytes; measured: 58x at 100,000.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Answer,
    Bench,
    Example,
    Insertion,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
    variable_uses,
)

RULE = Rule(
    code="PA522",
    name="bytes-grown-in-loop",
    message="`{data} += ...` copies all bytes so far in each iteration: O(n * n) for the loop",
    cure="collect the parts in a `bytearray`",
    examples=(
        Example(
            before='def join(parts: list[bytes]) -> bytes:\n    data = b""\n    for part in parts:\n'
            '        data += part + b";"\n    return data\n',
            after="def join(parts: list[bytes]) -> bytes:\n    data = bytearray()\n    for part in parts:\n"
            '        data += part + b";"\n    data = bytes(data)\n    return data\n',
            calls=("join([b'a', b'b'])", "join([])"),
            generated={"parts": "list[bytes]"},
        ),
    ),
    silent=(
        Silent(
            'def f(parts: list[str]) -> str:\n    text = ""\n    for part in parts:\n        text += part\n'
            "    return text\n",
            why="CPython extends a local text in place",
        ),
        Silent(
            'def f(parts: list[bytes]) -> int:\n    data = b""\n    for part in parts:\n        data += part\n'
            "        if hash(data) == 3:\n            return 1\n    return 0\n",
            why="the loop reads the bytes: a bytearray has no hash",
        ),
        Silent(
            "def f(parts: list[bytes]) -> bytes:\n    data = bytearray()\n    for part in parts:\n"
            "        data += part\n    return bytes(data)\n",
            why="a bytearray already",
        ),
        Silent(
            'def f(n: int) -> bytes:\n    data = b""\n    data += b"a"\n    data += b"b"\n    return data\n',
            why="no loop",
        ),
        Silent(
            "def f(rows: list[list[bytes]]) -> list[bytes]:\n    out = []\n    for row in rows:\n"
            '        data = b""\n        data += row[0]\n        out.append(data)\n    return out\n',
            why="started anew in each iteration",
        ),
    ),
    bench=Bench(
        setup="parts = [b'abcdefgh'] * n",
        before="data = b''\nfor part in parts:\n    data += part",
        after="data = bytearray()\nfor part in parts:\n    data += part\ndata = bytes(data)",
        sizes=(100, 2000, 20_000),
        losing="parts = [b'ab'] * 2",
    ),
)


def see(view: View) -> Iterator[Match]:
    seen: set[tuple[str, cst.CSTNode]] = set()
    for grown in view.walk(cst.AugAssign):
        if not isinstance(grown.operator, cst.AddAssign) or not isinstance(grown.target, cst.Name):
            continue
        loops = [loop for loop in view.repeats(grown) if isinstance(loop, cst.For | cst.While)]
        start = _start(view, grown.target.value, loops)
        if start is not None and (grown.target.value, start[1]) not in seen:
            seen.add((grown.target.value, start[1]))
            yield _match(view, grown, start)


def change(match: Match, view: View) -> Rewrite:
    name, made = match.captures["data"].value, match.captures["made"]
    empty = isinstance(made, cst.SimpleString) and made.evaluated_value == b""
    start = "bytearray()" if empty else f"bytearray({view.code(made)})"
    back = Insertion(match.captures["loop"], f"{name} = bytes({name})", after=True)
    return Rewrite((Replacement.of(made, start),), (back,))


Start = tuple[cst.BaseExpression, cst.For | cst.While]


def _start(view: View, name: str, loops: list[cst.For | cst.While]) -> Start | None:
    """The bytes literal that the name starts with in the block of one of the loops, right before it; and that loop."""
    for loop in loops:
        block = list(view.siblings(loop))
        for line in reversed(block[: block.index(loop)] if loop in block else []):
            assign = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
            if isinstance(assign, cst.Assign) and len(assign.targets) == 1:
                target = assign.targets[0].target
                if isinstance(target, cst.Name) and target.value == name:
                    is_literal = view.facts.is_type(assign.value, "bytes").holds
                    return (assign.value, loop) if is_literal else None
    return None


def _match(view: View, grown: cst.AugAssign, start: Start) -> Match:
    made, loop = start
    assert isinstance(grown.target, cst.Name)
    name = grown.target.value
    between = (view.slice.span(made).end, view.slice.span(loop).end)
    uses = [use for use in variable_uses(view, name) if between[0] <= view.slice.span(use).start < between[1]]
    holders = [(use, view.parent(use)) for use in uses]
    adding = all(isinstance(holder, cst.AugAssign) and holder.target is use for use, holder in holders)
    leaves = any(view.inside(node, loop) for node in view.walk(cst.Return, cst.Raise, cst.Yield, cst.Await))
    in_try = any(isinstance(holder, cst.Try) for holder in view.ancestors(loop))
    part = view.facts.is_type(grown.value, "bytes")
    local = view.facts.scope(name) == "local" and not view.facts.is_captured(name)
    return Match(
        grown,
        captures={"data": grown.target, "made": made, "loop": loop},
        needs=(
            needs.holds(local, f"`{name}` is local", "something else sees it"),
            needs.holds(adding, f"the loop only adds to `{name}`", "the loop reads it"),
            needs.holds(loop.orelse is None, "the loop has no `else`", "the `else` may read it"),
            _for_fix(not leaves and not in_try, "nothing leaves the loop half-way"),
            Need(part, "the parts are bytes", NeedKind.REPAIR),
        ),
    )


def _for_fix(condition: bool, claim: str) -> Need:
    """A condition that only the new code rests on."""
    unsure = Answer.unknown("it returns, raises or yields inside")
    return Need(Answer.yes(claim) if condition else unsure, claim, NeedKind.REPAIR)
