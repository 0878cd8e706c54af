"""A list that an object keeps is searched by each call.

## What it does
Finds `x in self.items`, `self.items.index(x)` and `self.items.remove(x)` where `items` is a list that the file appends
to, and names what to keep beside it. It writes no code: every place that changes the list has to change as well.

## Why it is slow
A list is searched item by item: O(n) per call. It grows with the object, so n calls cost O(n * n). A set or a dict
that is kept beside the list answers in O(1).

## When it is not the same
The items must be hashable, and hash as they compare. All places that add to or remove from the list have to keep
the set up to date; where the order of the list does not matter, a set or a dict takes its place.

## When it is not faster
A list that never gets longer than about ten items, or whose match stands at the front.

## References
462 performance fixes read: 52 were of membership and look-up, in 28 projects; lists that are attributes were the most
common of all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from perf_advise.rulekit import (
    DISPLAY,
    Example,
    Match,
    Need,
    Rule,
    Silent,
    Truth,
    View,
    cst,
    grows,
    is_one_of_many,
    needs,
    seems_steady,
    shown_as_list,
)

MEMBER = """
class Graph:
    def __init__(self):
        self.edges = []

    def add(self, a, b):
        if (a, b) not in self.edges:
            self.edges.append((a, b))
"""
REMOVE = """
class Pool:
    def __init__(self, names):
        self.free = list(names)

    def take(self, name):
        self.free.remove(name)

    def give(self, name):
        self.free.append(name)
"""

RULE = Rule(
    code="PA515",
    name="list-attribute-searched",
    message="`{search}` searches the list `{items}`, which grows, item by item: O(n) per call",
    applicability=DISPLAY,
    examples=(
        Example(before=MEMBER, after=MEMBER, applicability=DISPLAY),
        Example(before=REMOVE, after=REMOVE, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def drop(node, other):\n    node.parent.append(other)\n    node.parent.remove(node)\n",
            why="a parent is an object of a tree with methods of its own",
        ),
        Silent(
            "def drop(node, x):\n    node.body.append(x)\n    node.body.remove(node)\n    return node.body.tag\n",
            why="no list has an attribute like this",
        ),
        Silent(
            "import sys\n\n\ndef f(path: str) -> None:\n    sys.path.append(path)\n    sys.path.remove(path)\n",
            why="the list belongs to another module",
        ),
        Silent(MEMBER.replace("[]", "set()").replace("append", "add"), why="a set already"),
        Silent(
            "class A:\n    kinds = ['a', 'b']\n\n    def has(self, x):\n        return x in self.kinds\n",
            why="a few constants that never grow",
        ),
        Silent(
            "class A:\n    def __init__(self, items):\n        self.items = items\n\n"
            "    def has(self, x):\n        return x in self.items\n",
            why="nothing says what it is",
        ),
        Silent(
            "def join(tree, a, b):\n    for part in b.parts:\n        a.parts.append(part)\n    tree.parts.remove(b)\n",
            why="each node has a list of its own, and a short one",
        ),
        Silent(
            "class A:\n    def __init__(self):\n        self.stack = []\n\n    def put(self, x: int):\n"
            "        self.stack.append(x)\n\n    def last(self) -> bool:\n        return 3 in self.stack[-2:]\n",
            why="only the last items are searched",
        ),
        Silent(
            "class A:\n    def __init__(self):\n        self.rows = []\n\n    def put(self, row: list[int]):\n"
            "        if [1] in self.rows:\n            self.rows.append(row)\n",
            why="lists are not hashable",
        ),
        Silent(
            "class A:\n    def __init__(self):\n        self.items = []\n\n    def put(self, xs):\n"
            "        self.items.append(1)\n\n    def f(self, xs: list[int]) -> list[int]:\n"
            "        return [x for x in xs if x in self.items]\n",
            why="a set before the loop is PA501's finding",
        ),
    ),
)

NOTES = {
    "remove": "keep a dict (`dict.fromkeys`) instead of the list: it keeps the order, and `del` is O(1)",
    "index": "keep a dict from item to position beside the list",
    "in": "keep a set beside the list, or a dict instead of it, and test that",
}


@dataclass(frozen=True, slots=True)
class _Search:
    """One search: `way` is a key of `NOTES`, `item` what is looked for."""

    node: cst.BaseExpression
    way: str
    items: cst.BaseExpression
    item: cst.BaseExpression


def see(view: View) -> Iterator[Match]:
    lists: dict[str, list[_Search]] = {}
    for search in filter(None, map(_searched, view.walk(cst.Comparison, cst.Call))):
        if _is_kept(view, search.items) and not _is_hoisted(view, search):
            lists.setdefault(view.code(search.items), []).append(search)
    for text, searches in lists.items():  # one repair mends all searches of a list
        first, ways = searches[0], {search.way for search in searches}
        hashable = needs.hashes_alike(view, first.item).answer
        yield Match(
            first.node,
            captures={"search": first.node, "items": first.items},
            needs=(
                Need(shown_as_list(view, first.items), f"`{text}` is a list"),
                needs.holds(hashable.truth is not Truth.NO, "its items are hashable", hashable.why),
            ),
            note=next(note for way, note in NOTES.items() if way in ways),
            fixable=False,
        )


def _searched(node: cst.CSTNode) -> _Search | None:
    if isinstance(node, cst.Comparison):
        target = node.comparisons[0]
        is_test = len(node.comparisons) == 1 and isinstance(target.operator, cst.In | cst.NotIn)
        return _Search(node, "in", target.comparator, node.left) if is_test else None
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and len(node.args) == 1:
        way = node.func.attr.value
        return _Search(node, way, node.func.value, node.args[0].value) if way in NOTES else None
    return None


def _is_kept(view: View, items: cst.BaseExpression) -> bool:
    """Whether it outlives the call and grows: an attribute of a variable, or a global."""
    if not grows(view, items) or is_one_of_many(view, items):
        return False
    if isinstance(items, cst.Name):
        return view.facts.scope(items.value) == "global"
    if not isinstance(items, cst.Attribute) or not isinstance(items.value, cst.Name):
        return False
    return view.facts.scope(items.value.value) != "import"  # what another module holds stays a list


def _is_hoisted(view: View, search: _Search) -> bool:
    """Whether a loop around tests it again and again without changing it: another rule's finding."""
    loops = view.repeats(search.node)
    return search.way == "in" and bool(loops) and seems_steady(view, search.items, loops[0])
