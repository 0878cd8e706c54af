"""A buffer that grows by pieces and is searched from its start after each of them.

## What it does
Finds a loop that adds to a text or bytes (`buffer += chunk`) and then looks through all of it, by
`pattern.search(buffer)`, `buffer.find(mark)` or `mark in buffer`, and says where to start instead. It writes no code:
how far back a hit may begin depends on what is looked for.

## Why it is slow
What was searched in vain is searched again for each piece: O(n) per turn, O(n * n) for the loop.

## When it is not the same
A hit may begin in the old part and end in the new one: the search has to start as many characters before the new piece
as a hit can be long, less one. A pattern without such a bound has to be searched from the start.

## When it is not faster
Where the hit comes with the first pieces.

## References
pypdf, Twisted and CPython's `html.parser` mended this. 462 performance fixes read: 21 were of strings and bytes.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, same_code

READ = """
def read_until(stream, pattern):
    buffer = b""
    while True:
        chunk = stream.read(16)
        if not chunk:
            return buffer
        buffer += chunk
        found = pattern.search(buffer)
        if found:
            return buffer[:found.start()]
"""

RULE = Rule(
    code="PA712",
    name="grown-buffer-searched-again",
    message="`{search}` goes through all of `{buffer}` again after each piece: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=READ, after=READ, applicability=DISPLAY),
        Example(
            before=READ.replace("pattern.search(buffer)", "pattern in buffer"),
            after=READ.replace("pattern.search(buffer)", "pattern in buffer"),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(READ.replace("pattern.search(buffer)", "pattern.search(chunk)"), why="only the new piece is searched"),
        Silent(READ.replace("pattern.search(buffer)", "pattern.search(buffer, 3)"), why="told where to start"),
        Silent(READ.replace("pattern.search(buffer)", "pattern.match(buffer)"), why="looks at the start alone"),
        Silent(READ.replace("buffer += chunk", "buffer = chunk"), why="another buffer in each turn"),
        Silent(
            READ.replace("        if found:\n            return", "        buffer ="),
            why="the buffer is cut: it does not grow",
        ),
        Silent(READ.replace('b""', "0").replace("pattern.search(buffer)", "abs(buffer)"), why="a number"),
    ),
)  # fmt: skip
NOTE = "start the search a little before the new piece: remember `len({buffer})` before adding to it"


def see(view: View) -> Iterator[Match]:
    for step in view.walk(cst.AugAssign):
        loop = next(iter(view.repeats(step)), None)
        adds = isinstance(step.operator, cst.AddAssign) and isinstance(step.target, cst.Name)
        if not adds or not isinstance(step.target, cst.Name) or not isinstance(loop, cst.While | cst.For):
            continue
        bound = [d for d in view.facts.definitions(step.target.value) if view.inside(d, loop) and not _ends(view, d)]
        if set(bound) != {step.target} or not _is_text(view, step.target):
            continue
        for search in view.walk(cst.Call, cst.Comparison):
            if next(iter(view.repeats(search)), None) is loop and _searches(view, search, step.target):
                yield Match(search, {"search": search, "buffer": step.target}, note=NOTE, fixable=False)


def _ends(view: View, node: cst.CSTNode) -> bool:
    """Whether the loop is left at the end of the block where the node stands."""
    last = view.siblings(view.statement(node))[-1:]
    return (
        bool(last)
        and isinstance(last[0], cst.SimpleStatementLine)
        and isinstance(last[0].body[-1], cst.Break | cst.Return)
    )


def _is_text(view: View, buffer: cst.Name) -> bool:
    """Whether the buffer is text or bytes: by its type, or by the literal that it starts as."""
    if view.facts.is_type(buffer, "str", "bytes", "bytearray").holds:
        return True
    values = [a.value for a in view.walk(cst.Assign) if same_code(a.targets[0].target, buffer)]
    return any(isinstance(value, cst.SimpleString) for value in values)


def _searches(view: View, node: cst.BaseExpression, buffer: cst.Name) -> bool:
    """Whether it goes through the buffer from its start: a search, no match at its start, and no place given."""
    if isinstance(node, cst.Comparison):
        target = node.comparisons[0]
        return isinstance(target.operator, cst.In | cst.NotIn) and same_code(target.comparator, buffer)
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args:
        return False
    way = node.func.attr.value
    if same_code(node.func.value, buffer):
        return way in ("find", "index", "count", "split") and len(node.args) == 1
    of_module = (view.facts.qualified_name(node.func) or "").startswith("re.")
    place = 1 if of_module else 0
    return (
        way in ("search", "findall", "finditer")
        and len(node.args) == place + 1
        and same_code(node.args[place].value, buffer)
    )
