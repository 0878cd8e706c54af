"""A dict or set of constants built by each call.

## What it does
Finds a dict or set of constants that a function builds anew and only looks into, and moves it to module level.

## Why it is slow
CPython keeps constant tuples, and the set of `x in {1, 2}`, in the code; other sets and dicts are built again by each
call: O(n) for n entries, before the one look-up that they serve. A list of constants is a single copy: left alone.

## When it is not the same
The rule asks that nothing changes the collection or gets hold of it: it is only indexed, tested with `in`, iterated,
measured, or asked with `get`, `items`, `keys`, `values`, `index` and `count`. The entries are literals; where some are
functions, classes or their attributes, which may be bound further down or anew, the rule only advises.

## When it is not faster
Building three or four entries costs less than what surrounds them: smaller collections are left alone.

## References
462 performance fixes read: 22 were structures rebuilt per call, in 18 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_felt,
    needs,
    only_reads,
    runs_per_call,
    sole_uses,
    to_module_level,
)
from perf_advise.rulekit.entries import entry_parts, is_constant, is_lasting

FEWEST, ENTRY = 4, 3e-8
"""Smaller collections cost less than a line is worth; seconds that an entry takes to be put in."""
MOVE = "make it a module constant, below what its entries name"

NAMED = """
def upper(x):
    return str(x).upper()


def said(kind: str, x: int) -> str:
    how = {"a": upper, "b": str, "c": repr, "d": lambda x: ""}
    return how[kind](x)
"""

RULE = Rule(
    code="PA509",
    name="constant-collection-per-call",
    message="the {kind} of {count} constants is built again by each call",
    cure="make it a module constant",
    examples=(
        Example(
            before='''
def roman(text: str) -> int:
    """The value of the digits, added up."""
    values = {
        "I": 1, "V": 5, "X": 10, "L": 50,
        "C": 100, "D": 500, "M": 1000,
    }
    return sum(values.get(c, 0) for c in text)
''',
            after='''
_VALUES = {
    "I": 1, "V": 5, "X": 10, "L": 50,
    "C": 100, "D": 500, "M": 1000,
}


def roman(text: str) -> int:
    """The value of the digits, added up."""
    return sum(_VALUES.get(c, 0) for c in text)
''',
            calls=("roman('XVI')", "roman('')"),
            generated={"text": "str"},
        ),
        Example(
            before="""
class Day:
    number = 3

    def name(self) -> str:
        return {0: "Mon", 1: "Tue", 2: "Wed", 3: "Thu", 4: "Fri"}[self.number]
""",
            after="""
_DAY_NAME_TABLE = {0: "Mon", 1: "Tue", 2: "Wed", 3: "Thu", 4: "Fri"}


class Day:
    number = 3

    def name(self) -> str:
        return _DAY_NAME_TABLE[self.number]
""",
            calls=("Day().name()",),
        ),
        Example(before=NAMED, after=NAMED, calls=("said('a', 1)",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def f(c: str):\n    out = {'a': 1, 'b': 2, 'c': 3, 'd': 4}\n    out[c] = 0\n    return out\n",
            why="the dict is changed, and belongs to the caller",
        ),
        Silent("def f(c):\n    return c in {'a', 'b', 'c', 'd'}\n", why="CPython keeps the set of a membership test"),
        Silent(
            "def f(n: int) -> int:\n    ks = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n    return ks[n]\n",
            why="a list of constants is copied from a tuple in one go",
        ),
        Silent(
            "def f(n: int) -> int:\n    d = {'a': n, 'b': n + 1, 'c': n + 2, 'd': 0, 'e': 0}\n    return d['a']\n",
            why="the entries depend on an argument",
        ),
        Silent(
            "def f(c: str, n: int):\n    return {'a': str, 'b': int, 'c': lambda x: x + n, 'd': repr}[c]\n",
            why="the lambda keeps an argument",
        ),
        Silent("def f(g):\n    d = {'a': 1, 'b': 2, 'c': 3, 'd': 4}\n    g(d)\n", why="something else gets hold of it"),
        Silent(
            "def f(c: str) -> list[int]:\n    d = {'a': [], 'b': [], 'c': [], 'd': []}\n    return d[c]\n",
            why="the entries can be changed",
        ),
    ),
    bench=Bench(
        setup="TABLE = {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6}\nkey = 'c'",
        before="table = {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6}\ntable[key]",
        after="TABLE[key]",
        sizes=(6,),
    ),
)


def see(view: View) -> Iterator[Match]:
    for value in view.walk(cst.Dict, cst.Set):
        if not isinstance(value, cst.Dict | cst.Set):
            continue
        uses = sole_uses(view, value)
        if len(value.elements) < FEWEST or not runs_per_call(view, value):
            continue
        if not uses and (uses is not None or not _is_looked_up(view, value)):
            continue
        parts = [part for element in value.elements for part in entry_parts(element)]
        entries = all(is_constant(part) for part in parts)
        named = not entries and all(is_lasting(view, part) for part in parts)
        read = all(only_reads(view, use) for use in uses or ())
        yield Match(
            value,
            captures={"kind": "dict" if isinstance(value, cst.Dict) else "set", "count": len(value.elements)},
            fixable=not named,
            note=MOVE if named else "",
            needs=(
                needs.holds(entries or named, "the entries are constants", "some are computed"),
                needs.holds(read, "it is only looked into", "it is changed, or something else gets hold of it"),
                is_felt(view, value, ENTRY * len(value.elements)),
            ),
        )


def change(match: Match, view: View) -> Rewrite:
    value = match.node
    assert isinstance(value, cst.BaseExpression)
    return to_module_level(view, value, "table")


def _is_looked_up(view: View, value: cst.CSTNode) -> bool:
    """Whether a dict without a name is indexed, or asked with `get`, where it stands."""
    holder = view.parent(value)
    if isinstance(holder, cst.Attribute):
        call = view.parent(holder)
        return isinstance(call, cst.Call) and call.func is holder and holder.attr.value == "get"
    reads = isinstance(holder, cst.Subscript) and not isinstance(view.parent(holder), cst.AssignTarget | cst.Del)
    return isinstance(value, cst.Dict) and reads
