"""Bytes that grow by `+=` in a loop.

## What it does
Finds `data += part` in a loop, where `data` starts as a bytes literal in the function, and collects the parts in a
`bytearray`. Where the loop reads `data` as well, or it starts as the result of `encode`, the rule only advises.

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
    DISPLAY,
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

READ = """
import io


def receive(stream: io.BytesIO, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += stream.read(1)
    return data
"""
ENCODED = """
def escaped(text):
    out = text[0].encode()
    for c in text[1:]:
        out += f"#{ord(c):02X}".encode()
    return out
"""
ARRAY = "make it a `bytearray`, which grows in place, and `bytes(...)` of it at the end"

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
        Example(before=READ, after=READ, calls=("receive(io.BytesIO(b'abc'), 2)",), applicability=DISPLAY),
        Example(before=ENCODED, after=ENCODED, calls=("escaped('/a b')",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            'def f(parts):\n    text = ""\n    for part in parts:\n        text += part\n',
            why="CPython extends text in place",
        ),
        Silent(
            'def f(parts: list[bytes]) -> int:\n    data = b""\n    for part in parts:\n        data += part\n'
            '        if len(data) > 9:\n            print(data)\n            data = b""\n    return data\n',
            why="the loop starts it anew",
        ),
        Silent(
            "def f(parts):\n    data = bytearray()\n    for part in parts:\n        data += part\n",
            why="a bytearray already",
        ),
        Silent('def f() -> bytes:\n    data = b""\n    data += b"a"\n    return data\n', why="no loop"),
        Silent(
            'def f(rows):\n    for row in rows:\n        data = b""\n        data += row\n        print(data)\n',
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
        loops = [loop for loop in view.turns(grown) if isinstance(loop, cst.For | cst.While)]
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
                    is_bytes = view.facts.is_type(assign.value, "bytes").holds or _encodes(assign.value)
                    return (assign.value, loop) if is_bytes else None
    return None


def _encodes(made: cst.BaseExpression) -> bool:
    return isinstance(made, cst.Call) and isinstance(made.func, cst.Attribute) and made.func.attr.value == "encode"


def _goes_out(view: View, node: cst.CSTNode) -> bool:
    last = view.siblings(view.statement(node))[-1]
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Break | cst.Return)


def _match(view: View, grown: cst.AugAssign, start: Start) -> Match:
    made, loop = start
    assert isinstance(grown.target, cst.Name)
    name = grown.target.value
    between = (view.slice.span(made).end, view.slice.span(loop).end)
    uses = [use for use in variable_uses(view, name) if between[0] <= view.slice.span(use).start < between[1]]
    holders = [(use, view.parent(use)) for use in uses]
    adding = all(isinstance(holder, cst.AugAssign) and holder.target is use for use, holder in holders)
    anew = any(isinstance(holder, cst.AssignTarget) and not _goes_out(view, use) for use, holder in holders)
    known = view.facts.is_type(made, "bytes").holds
    leaves = any(view.inside(node, loop) for node in view.walk(cst.Return, cst.Raise, cst.Yield, cst.Await))
    in_try = any(isinstance(holder, cst.Try) for holder in view.ancestors(loop))
    part = view.facts.is_type(grown.value, "bytes")
    local = view.facts.scope(name) == "local" and not view.facts.is_captured(name)
    return Match(
        grown,
        captures={"data": grown.target, "made": made, "loop": loop},
        fixable=adding and known,
        note="" if adding and known else ARRAY,
        needs=(
            needs.holds(local, f"`{name}` is local", "something else sees it"),
            needs.holds(not anew, f"`{name}` only grows in the loop", "it is bound anew there"),
            needs.holds(loop.orelse is None, "the loop has no `else`", "the `else` may read it"),
            _for_fix(not leaves and not in_try, "nothing leaves the loop half-way"),
            Need(part, "the parts are bytes", NeedKind.REPAIR),
        ),
    )


def _for_fix(condition: bool, claim: str) -> Need:
    unsure = Answer.unknown("it returns, raises or yields inside")
    return Need(Answer.yes(claim) if condition else unsure, claim, NeedKind.REPAIR)
