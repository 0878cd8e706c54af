"""A list used as a queue: `pop(0)`.

## What it does
Finds a local list that is filled at the end and emptied with `pop(0)`, and makes it a `collections.deque`.

## Why it is slow
`pop(0)` moves every remaining item: O(n) each. A deque pops at either end in O(1).

## When it is not the same
An empty deque raises IndexError as a list does, with another text. A deque has no slices and no `sort`, is not
equal to a list, and prints otherwise: the rule asks that the queue never leaves the function, and that only
`append`, `extend`, `pop`, `len` and truth tests touch it.

## When it is not faster
Queues of fewer than a few dozen items gain little: moving a short list is one `memmove`.

## References
Python documentation, `collections.deque`; Python wiki, TimeComplexity.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
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
    is_of_the_turn,
    is_tested,
    match_pattern,
    needs,
    shown_as_list,
    variable_uses,
)

SHARED_METHODS = frozenset({"append", "extend", "clear", "remove", "reverse", "count"})

RULE = Rule(
    code="PA504",
    name="pop-front-of-list",
    message="`{queue}.pop(0)` moves every item left in the list: O(n) each time",
    cure="make `{queue}` a `collections.deque`",
    imports=("collections.deque",),
    examples=(
        Example(
            before="""
def reach(graph: dict[int, list[int]], start: int) -> int:
    queue = [start]
    seen = {start}
    while queue:
        node = queue.pop(0)
        for other in graph[node]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return len(seen)
""",
            after="""from collections import deque

def reach(graph: dict[int, list[int]], start: int) -> int:
    queue = deque([start])
    seen = {start}
    while queue:
        node = queue.popleft()
        for other in graph[node]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return len(seen)
""",
            calls=("reach({0: [1, 2], 1: [2], 2: [0]}, 0)", "reach({0: []}, 0)"),
        ),
        Example(
            before="""
def merged(a: list[int], b: list[int]) -> list[int]:
    found = []
    while a and b:
        found.append(a.pop(0) if a[0] < b[0] else b.pop(0))
    return found + a + b
""",
            after="""
def merged(a: list[int], b: list[int]) -> list[int]:
    found = []
    while a and b:
        found.append(a.pop(0) if a[0] < b[0] else b.pop(0))
    return found + a + b
""",
            calls=("merged([1, 4], [2])",),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(
            "def f(lines: list[str]) -> list[list[str]]:\n    rows = []\n    for line in lines:\n"
            "        cells = line.split('|')\n        if cells[0] == '':\n            cells.pop(0)\n"
            "        rows.append(cells)\n    return rows\n",
            why="another, short list in each turn",
        ),
        Silent("def f(n: int) -> int:\n    xs = [n]\n    return xs.pop(0)\n", why="popped once, not in a loop"),
        Silent(
            "def f(n: int) -> None:\n    rest = {0: n}\n    while rest:\n        rest.pop(0)\n",
            why="a dict: that is its key",
        ),
        Silent("def f(xs) -> None:\n    while xs:\n        xs.pop(0)\n", why="nothing shows that it is a list"),
    ),
    bench=Bench(
        setup="from collections import deque",
        before="q = list(range(n))\nwhile q:\n    q.pop(0)",
        after="q = deque(range(n))\nwhile q:\n    q.popleft()",
        sizes=(10, 1000, 20_000),
        losing="n = 4",
    ),
)


def see(view: View) -> Iterator[Match]:
    seen: set[str] = set()
    for call in view.walk(cst.Call):
        bound = match_pattern("$queue.pop(0)", call, view.facts)
        queue = bound["queue"] if bound else None
        loops = view.turns(call)
        if not isinstance(queue, cst.Name) or queue.value in seen or not loops:
            continue
        if not is_of_the_turn(view, queue, loops[0]):
            seen.add(queue.value)
            yield _match(view, call, queue)


def change(match: Match, view: View) -> Rewrite:
    deque = view.name_of("collections.deque")
    makes = tuple(Replacement.of(m, _as_deque(view, m, deque)) for m in match.captures["makes"])
    pops = tuple(Replacement.of(p, f"{match.captures['queue'].value}.popleft()") for p in match.captures["pops"])
    return Rewrite(makes + pops, imports=RULE.imports)


def _as_deque(view: View, made: cst.BaseExpression, deque: str) -> str:
    if isinstance(made, cst.List) and not made.elements:
        return f"{deque}()"
    bound = match_pattern("list($items)", made, view.facts)
    return f"{deque}({view.code(bound['items']) if bound else view.code(made)})"


def _match(view: View, call: cst.Call, queue: cst.Name) -> Match:
    makes: list[cst.BaseExpression] = []
    pops: list[cst.Call] = []
    only_queue_use = all(_is_queue_use(view, name, makes, pops) for name in variable_uses(view, queue.value))
    local = view.facts.scope(queue.value) == "local" and not view.facts.is_captured(queue.value)
    return Match(
        call,
        captures={"queue": queue, "makes": makes, "pops": pops},
        needs=(
            Need(shown_as_list(view, queue), f"`{queue.value}` is a list"),
            needs.to_repair(local, f"`{queue.value}` is a list of the function's own"),
            needs.to_repair(only_queue_use and bool(makes), f"`{queue.value}` is used as a queue only"),
            *(_is_filled(view, pop) for pop in pops),
        ),
    )


def _is_filled(view: View, pop: cst.Call) -> Need:
    queue = cst.ensure_type(pop.func, cst.Attribute).value
    claim = f"`{view.code(queue)}` holds an item"
    return needs.value(view.facts.nonempty(queue), claim, "the text of the IndexError of an empty queue")


def _is_queue_use(view: View, name: cst.Name, makes: list[cst.BaseExpression], pops: list[cst.Call]) -> bool:
    holder = view.parent(name)
    if isinstance(holder, cst.AssignTarget | cst.AnnAssign):
        return _is_list_made(view, holder, makes)
    if isinstance(holder, cst.Attribute):
        call = view.parent(holder)
        if not isinstance(call, cst.Call) or call.func is not holder:
            return False
        if match_pattern("$queue.pop(0)", call, view.facts) is not None:
            pops.append(call)
            return True
        return holder.attr.value in SHARED_METHODS or match_pattern("$queue.pop()", call, view.facts) is not None
    if isinstance(holder, cst.Arg):
        call = view.parent(holder)
        return isinstance(call, cst.Call) and view.facts.qualified_name(call.func) == "builtins.len"
    return is_tested(view, name)


def _is_list_made(view: View, holder: cst.CSTNode, makes: list[cst.BaseExpression]) -> bool:
    if isinstance(holder, cst.AnnAssign):
        return False
    assign = view.parent(holder)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return False
    made = assign.value
    makes.append(made)
    return isinstance(made, cst.List | cst.ListComp) or match_pattern("list($items)", made, view.facts) is not None
