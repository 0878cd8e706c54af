"""A collection searched item by item for the one with a given key.

## What it does
Finds a loop over a parameter or an attribute that does nothing but compare a field of each item with a value and leave
at the first hit, and `next(item for item in items if item.key == key)`. It writes no code: the dict that replaces the
search has to be kept where the items are.

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

RULE = Rule(
    code="PA527",
    name="searched-by-key",
    measured=True,
    message="each call searches `{items}` item by item for `{key} == {wanted}`: O(n)",
    applicability=DISPLAY,
    examples=(
        Example(before=LOOP, after=LOOP, calls=("user_of([], 'a')",), applicability=DISPLAY),
        Example(before=NEXT, after=NEXT, applicability=DISPLAY),
    ),
    silent=(
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
        found = _search(view, loop)
        if found is None or view.repeats(loop):
            continue
        target, items, test = found
        sides = _sides(test, target)
        if sides is not None and _is_kept(view, items) and _identifies(view, *sides):
            yield Match(
                loop,
                captures={"items": items, "key": sides[0], "wanted": sides[1]},
                note="keep a dict from `{key}` to the item beside `{items}`, and look `{wanted}` up in it",
                fixable=False,
            )


def _search(view: View, loop: cst.CSTNode) -> tuple[cst.Name, cst.BaseExpression, cst.BaseExpression] | None:
    """The item's name, the items, and the test of a search for the first hit."""
    if isinstance(loop, cst.For):
        body = loop.body.body
        test = body[0] if len(body) == 1 else None
        is_bare = isinstance(test, cst.If) and test.orelse is None and _leaves(test)
        if isinstance(test, cst.If) and is_bare and isinstance(loop.target, cst.Name):
            return loop.target, loop.iter, test.test
    holder = view.parent(loop)
    call = view.parent(holder) if isinstance(holder, cst.Arg) else None
    if isinstance(loop, cst.GeneratorExp) and isinstance(call, cst.Call):
        part = loop.for_in
        is_next = view.facts.qualified_name(call.func) == "builtins.next"
        if is_next and len(part.ifs) == 1 and part.inner_for_in is None and isinstance(part.target, cst.Name):
            return part.target, part.iter, part.ifs[0].test
    return None


def _leaves(test: cst.If) -> bool:
    last = test.body.body[-1]
    end = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    return isinstance(end, cst.Return | cst.Break)


def _sides(test: cst.BaseExpression, item: cst.Name) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The field of the item, and what it is compared with; None where it is not that plain."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) > 1:
        return None
    target = test.comparisons[0]
    if not isinstance(target.operator, cst.Equal):
        return None
    for key, wanted in ((test.left, target.comparator), (target.comparator, test.left)):
        if _is_field(key, item) and not _mentions(wanted, item) and isinstance(wanted, cst.Name | cst.Attribute):
            return key, wanted
    return None


def _identifies(view: View, key: cst.BaseExpression, wanted: cst.BaseExpression) -> bool:
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


def _is_field(key: cst.BaseExpression, item: cst.Name) -> bool:
    """`item.key` or `item["key"]`, `item[0]`."""
    if isinstance(key, cst.Attribute):
        return isinstance(key.value, cst.Name) and key.value.value == item.value
    constant = isinstance(key, cst.Subscript) and isinstance(key.slice[0].slice, cst.Index)
    if not constant or not isinstance(key, cst.Subscript) or not isinstance(key.value, cst.Name):
        return False
    place = key.slice[0].slice
    known = isinstance(place, cst.Index) and isinstance(place.value, cst.Integer | cst.SimpleString)
    return known and key.value.value == item.value


def _mentions(node: cst.CSTNode, item: cst.Name) -> bool:
    if isinstance(node, cst.Name) and node.value == item.value:
        return True
    return any(_mentions(child, item) for child in node.children)


def _is_kept(view: View, items: cst.BaseExpression) -> bool:
    """Whether the items outlive the call: a parameter, an attribute of a variable, a global."""
    if isinstance(items, cst.Call) and isinstance(items.func, cst.Attribute) and items.func.attr.value == "values":
        items = items.func.value
    if isinstance(items, cst.Attribute):
        return isinstance(items.value, cst.Name)
    return isinstance(items, cst.Name) and view.facts.scope(items.value) in ("parameter", "global")
