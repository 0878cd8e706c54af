"""A table that each call derives from a constant of the module.

## What it does
Finds a comprehension over a module-level constant (`{code: name for name, code in CODES.items()}`) in a function, which
reads nothing of the call, and says to move it to the module. It writes no code: whether something fills the constant
later is for the reader to judge.

## Why it is slow
The same table is computed again by each call, O(n) in the size of the constant, for a look-up of O(1).

## When it is not the same
A constant that other code changes after the module was loaded: the table made beside it would be stale.

## When it is not faster
A function that is called once.

## References
462 performance fixes read: 22 were structures rebuilt per call, in 18 projects.
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, needs, only_reads, runs_per_call
from perf_advise.rulekit.module_constants import sole_uses

NAMES = """
CODES = {"red": 1, "green": 2, "blue": 3}


def name_of(code: int) -> str:
    names = {code: name for name, code in CODES.items()}
    return names[code]
"""

RULE = Rule(
    code="PA542",
    name="table-derived-per-call",
    measured=True,
    message="each call derives the same table from the constant `{items}`: O(n)",
    applicability=DISPLAY,
    examples=(Example(before=NAMES, after=NAMES, calls=("name_of(2)",), applicability=DISPLAY),),
    silent=(
        Silent(NAMES.replace("code: name for", "code + len(x): name for").replace("code: int", "x"), why="reads `x`"),
        Silent(NAMES + "\n\ndef add(name: str) -> None:\n    CODES[name] = 4\n", why="the constant is filled later"),
        Silent(NAMES.replace("return names[code]", "return names"), why="the table is what is wanted"),
        Silent(NAMES.replace("CODES.items()", "load()"), why="no constant"),
        Silent(NAMES.replace("def name_of", "import functools\n\n\n@functools.cache\ndef name_of"), why="cached"),
    ),
)  # fmt: skip
NOTE = "make it a module constant below `{items}`"
_CHANGES = frozenset({"update", "append", "add", "extend", "pop", "clear", "setdefault", "insert", "remove"})


def see(view: View) -> Iterator[Match]:
    for table in view.walk(cst.DictComp, cst.SetComp, cst.ListComp):
        part = getattr(table, "for_in", None)
        items = _constant(part.iter) if isinstance(part, cst.CompFor) and part.inner_for_in is None else None
        if items is None or not isinstance(table, cst.BaseExpression) or not _is_constant(view, items.value):
            continue
        uses = sole_uses(view, table)
        own = {name for name in view.facts.effects(table).reads if view.facts.scope(name) in ("local", "parameter")}
        if uses and runs_per_call(view, table) and not view.repeats(table):
            alone = needs.holds(not own - _bound(part), "it reads nothing of the call", "it reads the call's variables")
            read = needs.holds(all(only_reads(view, use) for use in uses), "it is only looked into", "it is handed on")
            yield Match(table, {"items": items}, (alone, read), note=NOTE, fixable=False)


def _constant(items: cst.BaseExpression) -> cst.Name | None:
    """The name that a comprehension goes over, or asks for its items."""
    if isinstance(items, cst.Call) and isinstance(items.func, cst.Attribute) and not items.args:
        items = items.func.value if items.func.attr.value in ("items", "values", "keys") else items
    return items if isinstance(items, cst.Name) else None


def _is_constant(view: View, name: str) -> bool:
    """Whether the module writes the container out once, and nothing in the file fills or binds it again."""
    values = [n.value for n in view.index.nodes(ast.Assign) if any(_is(target, name) for target in n.targets)]
    written = len(values) == 1 and isinstance(values[0], ast.Dict | ast.List | ast.Tuple | ast.Set)
    if view.facts.scope(name) != "global" or not written:
        return False
    stored = any(_is(n.value, name) and not isinstance(n.ctx, ast.Load) for n in view.index.nodes(ast.Subscript))
    return not stored and not any(_is(n.value, name) and n.attr in _CHANGES for n in view.index.nodes(ast.Attribute))


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _bound(part: cst.CSTNode | None) -> set[str]:
    """The names that the comprehension binds for itself."""
    target = getattr(part, "target", part)
    if isinstance(target, cst.Name):
        return {target.value}
    return set().union(*(_bound(child) for child in target.children)) if target is not None else set()
