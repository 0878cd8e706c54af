"""Text or bytes of an object that each call makes longer.

## What it does
Finds `self.buffer += data`, `self.buffer = self.buffer + data` and `data = self.buffer + data` in a method, where
the attribute holds bytes or text that the file starts empty, and says what to keep instead. It writes no code: each
place that reads the attribute has to change as well.

## Why it is slow
Bytes are copied whole to add to them, and so is the text of an attribute, which CPython extends in place only for a
local variable. With the buffer, the cost of each call grows: O(n * n) for n calls.

## When it is not the same
A `bytearray` grows in place and is read like bytes, but it is not hashable and not equal in type; a list of parts needs
one `join` where the whole is read.

## When it is not faster
Where the buffer is emptied before it gets longer than a few thousand bytes.

## References
462 performance fixes read: 21 were of strings and bytes, in 10 projects; network protocols and document writers were
mended this way.
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, chain_of, cst, needs, same_code

BYTES = """
class Connection:
    def __init__(self):
        self.pending = b""

    def send(self, data):
        self.pending += data

    def flush(self):
        data, self.pending = self.pending, b""
        return data
"""
TEXT = BYTES.replace('b""', '""').replace("+= data", '= self.pending + data + "\\n"')
JOINED = BYTES.replace("self.pending += data", "data = self.pending + data\n        return data.find(b'\\n')")

RULE = Rule(
    code="PA710",
    name="attribute-grown-per-call",
    measured=True,
    message="`{line}` copies all of `{items}` in each call: O(n) that grows with the object",
    applicability=DISPLAY,
    examples=(
        Example(before=BYTES, after=BYTES, applicability=DISPLAY),
        Example(before=TEXT, after=TEXT, applicability=DISPLAY),
        Example(before=JOINED, after=JOINED, applicability=DISPLAY),
    ),
    silent=(
        Silent(BYTES.replace('b""', "bytearray()"), why="grows in place"),
        Silent(BYTES.replace('b""', "[]"), why="a list grows in place"),
        Silent(BYTES.replace('b""', "0"), why="a number"),
        Silent(
            BYTES.replace("self.pending += data", "self.pending = b''\n        self.pending += data"),
            why="started anew by each call: it stays short",
        ),
        Silent(BYTES.replace("def send(self, data)", "def __init__(self, data)"), why="once for each object"),
        Silent("class A:\n    def f(self, x):\n        self.n += x\n", why="nothing says that it is text"),
        Silent(BYTES.replace("+= data", "+= b'\\n'").replace("send", "close"), why="nothing but a constant is added"),
    ),
)  # fmt: skip


def see(view: View) -> Iterator[Match]:
    if view.hot.qualname.rpartition(".")[2].startswith("__"):
        return
    for step in _steps(view):
        grown = _grown(step)
        if grown is None or not _is_own(view, grown[0]):
            continue
        items, more = grown
        kind = _started_as(view, items)
        collected = kind == "text" and bool(view.repeats(step)) and view.facts.is_type(more, "str").holds  # PA707's
        if kind and not collected and not isinstance(more, cst.SimpleString) and not _is_reset(view, items):
            way = (
                "a `bytearray`, which grows in place" if kind == "bytes" else "a list of parts, joined where it is read"
            )
            yield Match(
                step,
                captures={"line": step, "items": items},
                needs=(needs.holds(True, f"`{view.code(items)}` is {kind}"),),
                note=f"keep {way}",
                fixable=False,
            )


def _steps(view: View) -> list[cst.Assign | cst.AugAssign]:
    return [*view.walk(cst.Assign), *view.walk(cst.AugAssign)]


def _grown(step: cst.Assign | cst.AugAssign) -> tuple[cst.Attribute, cst.BaseExpression] | None:
    """The attribute that is copied to add to it, and what is added."""
    if isinstance(step, cst.AugAssign):
        adds = isinstance(step.operator, cst.AddAssign) and isinstance(step.target, cst.Attribute)
        return (step.target, step.value) if adds and isinstance(step.target, cst.Attribute) else None
    value, *added = chain_of(step.value, cst.Add)
    if not added or not isinstance(value, cst.Attribute) or len(step.targets) != 1:
        return None
    target, more = step.targets[0].target, added[0]
    return (value, more) if same_code(target, value) or same_code(target, more) else None


def _is_own(view: View, items: cst.Attribute) -> bool:
    return isinstance(items.value, cst.Name) and items.value.value == view.receiver != ""


def _started_as(view: View, items: cst.Attribute) -> str:
    """`bytes` or `text` where the file starts the attribute as an empty one and never as anything else; else ""."""
    kinds: set[str] = set()
    stores: list[ast.Assign | ast.AnnAssign] = [*view.index.nodes(ast.Assign), *view.index.nodes(ast.AnnAssign)]
    for node in stores:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and any(isinstance(t, ast.Attribute) and t.attr == items.attr.value for t in targets):
            kinds.add(_kind(node.value))
    return (kinds - {""}).pop() if kinds - {""} in ({"bytes"}, {"text"}) else ""


def _kind(value: ast.expr) -> str:
    """What an attribute is started as; "" for what is computed, which tells nothing."""
    if isinstance(value, ast.Constant):
        if value.value in (b"", ""):
            return "bytes" if value.value == b"" else "text"
        return "other"
    return "other" if isinstance(value, ast.List | ast.Dict | ast.Set) else ""


def _is_reset(view: View, items: cst.Attribute) -> bool:
    """Whether the same function starts it anew: then it is a word at most, and no buffer; what follows the growth
    empties it and hands it on."""
    grown = (step for step in _steps(view) if _grows(step, items))
    first = min((view.slice.span(step).start for step in grown), default=0)
    return any(
        same_code(target.target, items) and isinstance(step.value, cst.SimpleString)
        for step in view.walk(cst.Assign)
        for target in step.targets
        if view.slice.span(step).start < first
    )


def _grows(step: cst.Assign | cst.AugAssign, items: cst.Attribute) -> bool:
    found = _grown(step)
    return found is not None and same_code(found[0], items)
