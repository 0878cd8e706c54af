"""A set or dict drained through a new iterator for each item.

## What it does
Finds `item = next(iter(items))` followed by `items.remove(item)` (or `discard`, `del items[item]`, `items.pop(item)`)
in a loop. For a set it writes `item = items.pop()`; for a dict it names `popitem`.

## Why it is slow
The iterator starts at the front of the table each time, and walks over all the places that were emptied before: O(n)
per item, O(n * n) for the loop. `pop` goes on where it stopped.

## When it is not the same
Which item of a set comes first is not promised, and `pop` may take another one. An empty set raises KeyError instead of
StopIteration.

## When it is not faster
For up to ten items.

## References
CPython `set_next`, `set_pop`; measured: 1.6x for 10 items, 6.9x for 1,000, 36x for 5,000.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    UNSAFE,
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    match_pattern,
    needs,
    same_code,
)

HEAD = "def f(todo: set[int]) -> int:\n    n = 0\n    while todo:\n        x = next(iter(todo))\n"
DICT = """
def f(todo: dict[str, int]) -> int:
    n = 0
    while todo:
        key = next(iter(todo))
        n += todo.pop(key)
    return n
"""
_TAKEN = ("$items.remove($item)", "$items.discard($item)", "$items.pop($item)")

RULE = Rule(
    code="PA535",
    name="set-drained-from-front",
    message="`next(iter({items}))` walks over all that was taken out before: O(n) for each item",
    cure="take items out by `pop`",
    applicability=UNSAFE,
    differences=("the items may come in another order", "an empty set raises KeyError instead of StopIteration"),
    examples=(
        Example(
            before=f"{HEAD}        todo.remove(x)\n        n += x\n    return n\n",
            after="def f(todo: set[int]) -> int:\n    n = 0\n    while todo:\n        x = todo.pop()\n        n += x\n"
            "    return n\n",
            calls=("f({1, 2, 3})", "f(set())"),
            generated={"todo": "set[int]"},
            applicability=UNSAFE,
        ),
        Example(before=DICT, after=DICT, calls=("f({'a': 1})",), applicability=DISPLAY),
    ),
    silent=(
        Silent(f"{HEAD}        n += x\n        todo = todo - {{x}}\n    return n\n", why="another set each time"),
        Silent(f"{HEAD}        n += x\n        break\n    return n\n", why="nothing is taken out"),
        Silent(
            "def f(todo: set[int]) -> int:\n    x = next(iter(todo))\n    todo.remove(x)\n    return x\n", why="once"
        ),
        Silent(f"{HEAD}        todo.remove(n)\n        n += x\n    return n\n", why="another item is taken out"),
        Silent(
            HEAD.replace("set[int]", "list[int]") + "        todo.remove(x)\n        n += x\n    return n\n",
            why="a list: another rule",
        ),
    ),
    bench=Bench(
        before="s = set(range(n))\nwhile s:\n    x = next(iter(s))\n    s.remove(x)",
        after="s = set(range(n))\nwhile s:\n    x = s.pop()",
        sizes=(10, 1000, 3000),
        losing="n = 1",
    ),
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        first = match_pattern("next(iter($items))", assign.value, view.facts)
        item = assign.targets[0].target
        line, block = view.statement(assign), list(view.siblings(view.statement(assign)))
        following = block[block.index(line) + 1] if first and view.repeats(assign) and line in block[:-1] else None
        if first is None or following is None or not isinstance(item, cst.Name) or len(assign.targets) != 1:
            continue
        items = first["items"]
        if not _takes_out(view, following, items, item):
            continue
        captures = {"items": items, "value": assign.value, "taken": following}
        if view.facts.is_type(items, "dict").holds:
            note = "take the last item by `popitem()`, or the first of an `OrderedDict` by `popitem(last=False)`"
            yield Match(assign.value, captures, note=note, fixable=False)
        else:
            yield Match(assign.value, captures, (needs.is_type(view, items, "set"), _alone(following)))


def change(match: Match, view: View) -> Rewrite:
    popped = f"{view.code(match.captures['items'])}.pop()"
    return Rewrite((Replacement.of(match.captures["value"], popped), Replacement.of(match.captures["taken"], "")))


def _takes_out(view: View, line: cst.CSTNode, items: cst.BaseExpression, item: cst.Name) -> bool:
    """Whether a line takes the item out of the container."""
    step = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(step, cst.Del):
        bound = match_pattern("$items[$item]", step.target, view.facts)
        return bound is not None and same_code(bound["items"], items) and same_code(bound["item"], item)
    for pattern in _TAKEN if isinstance(step, cst.Expr | cst.Assign | cst.AugAssign) else ():
        bound = match_pattern(pattern, step.value, view.facts)  # type: ignore[union-attr]
        if bound is not None and same_code(bound["items"], items) and same_code(bound["item"], item):
            return True
    return False


def _alone(line: cst.CSTNode) -> Need:
    """The line does nothing else, so that it can go."""
    body = line.body if isinstance(line, cst.SimpleStatementLine) else ()
    return needs.holds(len(body) == 1 and isinstance(body[0], cst.Expr), "the line only takes the item out")
