"""A position looked up in a list that the same loop makes longer.

## What it does
Finds `xs.index(x)` in a loop that also appends to `xs`, and says what to keep instead. It writes no code: whether a
position or the items behind it are wanted decides which way suits.

## Why it is slow
`index` goes over the list from its start: O(n) per look-up, and n grows with the loop: O(n * n) for the whole.

## When it is not the same
A dict of first positions must be kept up to date where items are taken away; items must hash.

## When it is not faster
Lists of fewer than about ten items, or hits near the start.

## References
networkx mended its biconnected components this way. 462 performance fixes read: 52 were of membership and look-up.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Need, Rule, Silent, View, cst, grows_in, shown_as_list

EDGES = """
def parts(edges, ends):
    stack = []
    for edge in edges:
        stack.append(edge)
        if edge in ends:
            start = stack.index(ends[edge])
            yield stack[start:]
            del stack[start:]
"""

RULE = Rule(
    code="PA541",
    name="growing-list-indexed",
    message="`{search}` goes over a list that the loop makes longer: O(n) per look-up",
    applicability=DISPLAY,
    examples=(Example(before=EDGES, after=EDGES, applicability=DISPLAY),),
    silent=(
        Silent(EDGES.replace("stack.append(edge)", "print(edge)"), why="the list does not grow in the loop"),
        Silent(EDGES.replace("ends[edge])", "ends[edge], 3)"), why="told where to look"),
        Silent(EDGES.replace("stack = []", "stack = ends.tree()"), why="nothing says that it is a list"),
        Silent(
            "def f(rows: list[list[int]]) -> list[int]:\n    out = []\n    for row in rows:\n"
            "        row = list(row)\n        row.append(3)\n        out.append(row.index(3))\n    return out\n",
            why="another list in each turn",
        ),
    ),
)
NOTE = (
    "keep a dict from item to position beside the list; where all from there on is taken, take items off the end with "
    "`pop()` until it comes"
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        func = call.func
        if not isinstance(func, cst.Attribute) or func.attr.value != "index" or len(call.args) != 1:
            continue
        items = func.value
        loop = next((loop for loop in view.repeats(call) if isinstance(loop, cst.For | cst.While)), None)
        if not isinstance(items, cst.Name) or loop is None or not grows_in(view, items, [loop]):
            continue
        if not any(view.inside(made, loop) and _is_new(view, made) for made in view.facts.definitions(items.value)):
            is_list = Need(shown_as_list(view, items), f"`{items.value}` is a list")
            yield Match(call, {"search": call}, (is_list,), note=NOTE, fixable=False)


def _is_new(view: View, made: cst.CSTNode) -> bool:
    """Whether the loop binds the name to something else than a part of the same list."""
    holder = view.parent(made)
    assign = view.parent(holder) if isinstance(holder, cst.AssignTarget) else None
    part = assign.value if isinstance(assign, cst.Assign) else None
    return not (isinstance(part, cst.Subscript) and view.code(part.value) == view.code(made))
