"""A class made anew by each call of a function.

## What it does
Finds a `class` statement, `collections.namedtuple(...)`, `enum.Enum(...)`, `dataclasses.make_dataclass(...)` and
`struct.Struct("...")` in the body of a function, where the class is only used inside, and says so.

## Why it is slow
Making a class takes 10 microseconds, a named tuple 100 and a dataclass several hundred: it compiles source text. Each
class starts with cold method caches, and is only freed by the garbage collector.

## When it is not the same
A class at module level is one object for all calls: attributes that a call sets on it are seen by the next, and what
it reads from the function's variables has to be handed over.

## When it is not faster
A function that runs once.

## References
462 performance fixes read: 22 were structures rebuilt per call, in 18 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, runs_per_call, variable_uses

TUPLE = """
from collections import namedtuple


def parse(line):
    Entry = namedtuple("Entry", "name size")
    name, size = line.split()
    return Entry(name, int(size)).size
"""
CLASS = """
def distance(a, b):
    class Point:
        def __init__(self, x, y):
            self.x = x
            self.y = y

    p, q = Point(*a), Point(*b)
    return abs(p.x - q.x) + abs(p.y - q.y)
"""

MANY = 50
"""Calls from which on what each one makes anew is worth a line."""

RULE = Rule(
    code="PA528",
    name="class-made-per-call",
    measured=True,
    message="the class `{name}` is made again by each call",
    applicability=DISPLAY,
    examples=(
        Example(before=TUPLE, after=TUPLE, calls=("parse('a 3')",), applicability=DISPLAY),
        Example(before=CLASS, after=CLASS, calls=("distance((1, 2), (3, 4))",), applicability=DISPLAY),
    ),
    silent=(
        Silent("from collections import namedtuple\n\nEntry = namedtuple('Entry', 'name size')\n", why="made once"),
        Silent(
            "def make(base):\n    class Sub(base):\n        pass\n\n    return Sub\n",
            why="a factory: a new class is what it is for",
        ),
        Silent(
            "import functools\nfrom collections import namedtuple\n\n\n@functools.cache\ndef f(n: int):\n"
            "    Entry = namedtuple('Entry', 'name size')\n    return Entry(n, n)\n",
            why="kept by a cache",
        ),
        Silent(
            "def f(base, x):\n    class Sub(base):\n        pass\n\n    return Sub(x)\n",
            why="it depends on an argument",
        ),
        Silent(
            "import struct\n\n\ndef f(order, data):\n    record = struct.Struct(order + 'IH')\n"
            "    return record.unpack(data)\n",
            why="it depends on an argument",
        ),
    ),
)

MAKERS = frozenset(
    {"collections.namedtuple", "typing.NamedTuple", "enum.Enum", "enum.IntEnum", "dataclasses.make_dataclass",
     "struct.Struct", "string.Template", "typing.TypedDict"}
)  # fmt: skip
SET_UP = ("main", "__init_subclass__", "setup", "configure")


def see(view: View) -> Iterator[Match]:
    if view.hot.is_module or (view.hot.calls or MANY) < MANY or view.hot.qualname.rpartition(".")[2] in SET_UP:
        return
    for node in view.walk(cst.ClassDef, cst.Assign):
        name = _made(view, node)
        if name is None or not runs_per_call(view, node) or _reads_locals(view, node):
            continue
        uses = [use for use in variable_uses(view, name.value) if use is not name]
        if uses and all(_is_used_up(view, use) for use in uses):
            yield Match(node, captures={"name": name}, note="make it once, at module level", fixable=False)


def _made(view: View, node: cst.CSTNode) -> cst.Name | None:
    """The name of the class that is made."""
    if isinstance(node, cst.ClassDef):
        return node.name
    if not isinstance(node, cst.Assign) or not isinstance(node.value, cst.Call):
        return None
    made = view.facts.qualified_name(node.value.func) in MAKERS
    target = node.targets[0].target
    return target if made and isinstance(target, cst.Name) and len(node.targets) == 1 else None


def _reads_locals(view: View, node: cst.CSTNode) -> bool:
    """Whether what makes the class reads a variable of the function."""
    if isinstance(node, cst.Assign):
        names = set(view.facts.effects(node.value).reads)
    else:
        names = _names(node)
    return any(view.facts.scope(name) in ("local", "parameter", "nonlocal") for name in names)


def _names(node: cst.CSTNode) -> set[str]:
    """Every name in a class statement but its own, and those of `self`: more than it reads, never less."""
    found = {node.value} if isinstance(node, cst.Name) else set()
    if isinstance(node, cst.Attribute):
        return _names(node.value)
    found = found.union(*(_names(child) for child in node.children))
    return found - {node.name.value} if isinstance(node, cst.ClassDef) else found


def _is_used_up(view: View, use: cst.Name) -> bool:
    """Whether the class is only called, or asked for an attribute: nothing gets hold of it."""
    holder = view.parent(use)
    if isinstance(holder, cst.Call) and holder.func is use:
        return True
    return isinstance(holder, cst.Attribute) and holder.value is use
