"""A collection searched item by item for the one with a given key.

## What it does
Finds a loop over a parameter or an attribute that does nothing but compare a field of each item, or one part of each
pair, with a value and leave at the first hit, `next(item for item in items if item.key == key)`, and a search for the
position of one object (`for i, child in enumerate(self.children): if child is node`). It writes no code: the dict that
replaces the search has to be kept where the items are.

## Why it is slow
Each call goes over the items up to the hit, or over all of them: O(n). In a function that is called often this is
O(n * m). A dict from key to item answers in O(1).

## When it is not the same
Keys must be hashable and hash as they compare. Where several items have one key, the dict has to keep the first. What
adds, removes or renames items has to keep the dict up to date.

## When it is not faster
A handful of items, a function that is called once, or a hit that mostly stands at the front.

## References
462 performance fixes read: 52 were of membership and look-up, in 28 projects; a scan that an index replaces was among
the most common.
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst
from perf_advise.rulekit.key_searches import bound_names, called_builtin, first_hit, key_and_wanted

LOOP = """
def user_of(users, name):
    for user in users:
        if user.name == name:
            return user
    return None
"""
NEXT = """
class Table:
    def column(self, name):
        return next((c for c in self.columns if c.name == name), None)
"""
PLACE = """
class Tag:
    def index(self, element):
        for i, child in enumerate(self.contents):
            if child is element:
                return i
        raise ValueError(element)
"""
PAIRS = """
class Headers:
    def get(self, name):
        wanted = name.lower()
        for key, value in self.pairs:
            if key.lower() == wanted:
                return value
"""
BY_KEY = "keep a dict from `{key}` to the item beside `{items}`, and look `{wanted}` up in it"
BY_PLACE = "keep each object's place, or its neighbour, with it or in a dict from `id` to place"

RULE = Rule(
    code="PA527",
    name="searched-by-key",
    measured=True,
    message="each call searches `{items}` item by item for `{test}`: O(n)",
    applicability=DISPLAY,
    examples=(
        Example(before=LOOP, after=LOOP, calls=("user_of([], 'a')",), applicability=DISPLAY),
        Example(before=NEXT, after=NEXT, applicability=DISPLAY),
        Example(before=PLACE, after=PLACE, applicability=DISPLAY),
        Example(before=PAIRS, after=PAIRS, applicability=DISPLAY),
    ),
    silent=(
        Silent(PLACE.replace("child is element", "child is None"), why="the same for each call"),
        Silent(PAIRS.replace("self.pairs", "name.pairs()"), why="pairs that are made for the call"),
        Silent(
            "class Square:\n    def __init__(self, color):\n        self.color = color\n    def play(self, color):\n"
            "        self.color = color\n\ndef find(squares, color):\n    for square in squares:\n"
            "        if square.color == color:\n            return square\n",
            why="the field changes: a dict from it would be stale",
        ),
        Silent(LOOP.replace("user.name == name", "user.age < name"), why="no equality: a dict does not help"),
        Silent(LOOP.replace("user.name == name", "user.name == user.alias"), why="both sides are of the item"),
        Silent(LOOP.replace("return user\n", "user.count += 1\n"), why="all hits are wanted"),
        Silent(LOOP.replace("users:", "(1, 2, 3):"), why="a few items, written out"),
        Silent(LOOP.replace("in users", "in load(name)"), why="other items on each call"),
        Silent(
            "def f(xs, name):\n    for x in xs:\n        if x.split()[0] == name:\n            return x\n",
            why="texts that are parsed: the items are hardly kept",
        ),
        Silent("def f(xs, x):\n    for y in xs:\n        if y == x:\n            return True\n    return False\n",
               why="a membership test: `in` does it in C"),
    ),
)  # fmt: skip


def see(view: View) -> Iterator[Match]:
    if view.hot.is_module:
        return
    for loop in view.walk(cst.For, cst.GeneratorExp):
        found = first_hit(view, loop)
        if found is None or view.repeats(loop):
            continue
        target, items, test = found
        sides = key_and_wanted(test, target, called_builtin(view, items) == "enumerate")
        items = _searched(view, items)
        if sides is not None and _is_kept(view, items) and _identifies(view, *sides):
            yield Match(
                loop,
                captures={"items": items, "test": f"{view.code(sides[0])} {sides[2]} {view.code(sides[1])}"}
                | {"key": sides[0], "wanted": sides[1]},
                note=BY_PLACE if sides[2] == "is" else BY_KEY,
                fixable=False,
            )


def _identifies(view: View, key: cst.BaseExpression, wanted: cst.BaseExpression, how: str) -> bool:
    """Whether the field may be a key: it is not set anew after the making, and compared with what differs per call."""
    root = wanted.value if isinstance(wanted, cst.Attribute) else wanted
    is_given = isinstance(root, cst.Name) and view.facts.scope(root.value) in ("parameter", "local")
    field = key.attr.value if isinstance(key, cst.Attribute) else ""
    for site in view.index.functions if field and is_given else ():
        stored = (n.attr for n in ast.walk(view.index.node(site)) if isinstance(n, ast.Attribute) and _is_store(n))
        if site.name not in ("__init__", "__new__") and field in stored:
            return False
    return is_given


def _is_store(node: ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _searched(view: View, items: cst.BaseExpression) -> cst.BaseExpression:
    """The items that `reversed`, `enumerate`, `values` or `items` goes over."""
    if isinstance(items, cst.Call) and called_builtin(view, items) in ("reversed", "enumerate", "iter") and items.args:
        return _searched(view, items.args[0].value)
    method = items.func if isinstance(items, cst.Call) and isinstance(items.func, cst.Attribute) else None
    return method.value if method is not None and method.attr.value in ("values", "items") else items


def _is_kept(view: View, items: cst.BaseExpression) -> bool:
    """Whether the items outlive the call: a parameter, an attribute, a global, or a variable made of an attribute."""
    if isinstance(items, cst.Name) and view.facts.scope(items.value) == "local":
        made = [a for a in view.walk(cst.Assign) if bound_names(a.targets[0].target) == [items.value]]
        values = (a.value.func if isinstance(a.value, cst.Call) and not a.value.args else a.value for a in made[:1])
        return any(isinstance(value, cst.Attribute) and _is_kept(view, value) for value in values)
    if isinstance(items, cst.Attribute):
        return isinstance(items.value, cst.Name) or _is_kept(view, items.value)
    return isinstance(items, cst.Name) and view.facts.scope(items.value) in ("parameter", "global")
