"""A list of an object from whose front each call takes an item.

## What it does
Finds `self.waiting.pop(0)`, `del self.waiting[0]` and `self.waiting.insert(0, x)` in a method, where the file makes the
attribute a list, and names the container that does this in O(1). It writes no code: other files may use the list.

## Why it is slow
Every item that stays moves by one place: O(n) per call, O(n * n) to drain the list.

## When it is not the same
A `collections.deque` has no slices, and an index in its middle is slow; `json` and `sorted` users may want a list.

## When it is not faster
Lists of fewer than about a hundred items.

## References
CPython `Objects/listobject.c`; PA504 is the same for a variable. 462 performance fixes read: 21 were of growth and
consumption of sequences, in 16 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Need, Rule, Silent, View, cst, match_pattern, shown_as_list

QUEUE = """
class Reader:
    def __init__(self):
        self.waiting = []

    def put(self, item):
        self.waiting.append(item)

    def get(self):
        return self.waiting.pop(0)
"""

RULE = Rule(
    code="PA540",
    name="attribute-drained-from-front",
    measured=True,
    message="`{line}` moves every item of `{items}` by one place: O(n) per call",
    applicability=DISPLAY,
    examples=(
        Example(before=QUEUE, after=QUEUE, applicability=DISPLAY),
        Example(
            before=QUEUE.replace("return self.waiting.pop(0)", "del self.waiting[0]"),
            after=QUEUE.replace("return self.waiting.pop(0)", "del self.waiting[0]"),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(QUEUE.replace("pop(0)", "pop()"), why="the end of a list"),
        Silent(QUEUE.replace("[]", "{}").replace("append(item)", "update(item)"), why="a dict: 0 is its key"),
        Silent(QUEUE.replace("[]", "Tree()"), why="nothing says that it is a list"),
        Silent(QUEUE.replace("def get(self)", "def __init__(self)"), why="once for each object"),
        Silent(
            "import sys\n\n\ndef f(folder: str) -> None:\n    sys.path.insert(0, folder)\n",
            why="the list belongs to another module",
        ),
    ),
)
NOTE = "make it a `collections.deque`: `popleft()` and `appendleft(x)` are O(1)"


def see(view: View) -> Iterator[Match]:
    if view.hot.qualname.rpartition(".")[2] == "__init__":
        return
    for node in view.walk(cst.Call, cst.Del):
        items = _shifted(view, node)
        if isinstance(items, cst.Attribute) and isinstance(items.value, cst.Name) and _is_own(view, items.value):
            is_list = Need(shown_as_list(view, items), f"`{view.code(items)}` is a list")
            yield Match(node, {"line": node, "items": items}, (is_list,), note=NOTE, fixable=False)


def _shifted(view: View, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The list whose items all move by one place."""
    if isinstance(node, cst.Call):
        bound = match_pattern("$items.pop(0)", node, view.facts) or match_pattern(
            "$items.insert(0, $_)", node, view.facts
        )
        return bound["items"] if bound else None
    bound = match_pattern("$items[0]", node.target, view.facts) if isinstance(node, cst.Del) else None
    return bound["items"] if bound else None


def _is_own(view: View, root: cst.Name) -> bool:
    return root.value == view.receiver != ""
