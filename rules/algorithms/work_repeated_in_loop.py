"""Work that gives the same in every turn of a loop.

## What it does
Finds calls of project functions and costly library functions, properties that run loops, and comprehensions, that a
loop evaluates in each turn although nothing they read changes, and says so. It writes no code: whether the call has an
effect is for the reader to judge.

## Why it is slow
Each turn does the whole work again for the same result.

## When it is not the same
A call with an effect, or one that reads something which changes behind the scenes (a clock, a file), has to stay. Where
the loop may not run at all, a call before it is made once too often; if it can raise, it does so earlier.

## When it is not faster
A loop of one or two turns. Cheap calls are left alone: only loops, whole containers, and what the profile calls costly.

## References
462 performance fixes read: 49 were hoists or reuse, in 28 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Example,
    Match,
    Need,
    NeedKind,
    Rule,
    Silent,
    View,
    cst,
    is_unconditional,
    needs,
    only_reads,
    seems_to_act,
    steady_in,
    variable_uses,
    why_costly,
)

NEIGHBOURS = """
class Graph:
    def neighbours(self, v):
        return [b for b, _ in self.adj[v]]


def common(graph: Graph, a, b):
    result = []
    for x in graph.neighbours(a):
        if x in graph.neighbours(b):
            result.append(x)
    return result
"""
PROPERTY = """
class Layer:
    @property
    def neurons(self):
        return [neuron for cell in self.cells for neuron in cell.neurons]

    def known(self, xs):
        return [x for x in xs if x in self.neurons]
"""
NAMES = """
def missing(rows, columns):
    out = []
    for row in rows:
        if row.name not in [column.name for column in columns]:
            out.append(row)
    return out
"""
PLAIN = "def f(xs, ys):\n    out = []\n    for x in xs:\n        "
TOTAL = """
def shares(counts, names):
    out = []
    for name in names:
        total = sum(counts.values())
        out.append(counts[name] / total)
    return out
"""

RULE = Rule(
    code="PA518",
    name="work-repeated-in-loop",
    measured=True,
    message="`{work}` gives the same in every turn of the loop: {why}",
    applicability=DISPLAY,
    examples=(
        Example(before=NEIGHBOURS, after=NEIGHBOURS, applicability=DISPLAY),
        Example(before=PROPERTY, after=PROPERTY, applicability=DISPLAY),
        Example(before=TOTAL, after=TOTAL, calls=("shares({'a': 2, 'b': 2}, 'ab')",), applicability=DISPLAY),
        Example(before=NAMES, after=NAMES, calls=("missing([], [])",), applicability=DISPLAY),
    ),
    silent=(
        Silent(f"{PLAIN}out.append([y + x for y in ys])\n    return out\n", why="it reads the loop's own item"),
        Silent(f"{PLAIN}out.append([y for y in ys])\n    return out\n", why="each turn hands out a list of its own"),
        Silent(
            f"{PLAIN}ys.append(x)\n        if x in [y.name for y in ys]:\n            out.append(x)\n    return out\n",
            why="the loop changes the list",
        ),
        Silent(
            f"{PLAIN}if x:\n            out.append(sum([y.n for y in ys]))\n    return out\n",
            why="it may never be computed",
        ),
        Silent(
            "def f(source, n):\n    while n:\n        n -= len([x for x in source.read_some()])\n",
            why="reading has an effect",
        ),
        Silent(
            "def f(lexer):\n    while True:\n        token = lexer.word()\n        if not token:\n            break\n\n"
            "\nclass Lexer:\n    def word(self):\n        return next(x for x in self.text if x)\n",
            why="an endless loop that ends by what it gives",
        ),
        Silent(
            "def f(lexer):\n    while token := lexer.word():\n        print(token)\n\n\nclass Lexer:\n"
            "    def word(self):\n        return next(x for x in self.text if x)\n",
            why="the loop ends by what it gives: it is another each turn",
        ),
        Silent("def f(xs, ys):\n    return [x for x in sorted(y.n for y in ys)]\n", why="computed once anyway"),
    ),
)


NUMBERS = frozenset(f"builtins.{name}" for name in ("len", "sum", "any", "all"))
READERS = frozenset(f"builtins.{name}" for name in ("len", "sum", "max", "min", "any", "all"))
LOOKING = (cst.ComparisonTarget, cst.Comparison, cst.For, cst.CompFor, cst.BinaryOperation)


def see(view: View) -> Iterator[Match]:
    covered: list[cst.CSTNode] = []
    for work in view.walk(cst.Call, cst.Attribute, cst.ListComp, cst.SetComp, cst.DictComp):
        loop = next(iter(view.repeats(work)), None)
        if loop is None or _decides(view, work, loop) or any(holder in covered for holder in view.ancestors(work)):
            continue
        why = why_costly(view, work)
        if why and _is_shared(view, work) and is_unconditional(view, work, loop) and not seems_to_act(view, work):
            covered.append(work)
            pure = view.facts.is_pure(work)
            yield Match(
                work,
                captures={"work": work, "why": why},
                needs=(
                    Need(pure, "it has no side effect", NeedKind.REPAIR),
                    needs.holds(bool(view.facts.effects(work).reads), "it reads something", "nothing to tell it by"),
                    steady_in(view, work, loop),
                ),
                note="compute it once before the loop, if it has no effect",
                fixable=False,
            )


def _decides(view: View, work: cst.CSTNode, loop: cst.CSTNode) -> bool:
    """Whether the loop may end by what the work gives: `while token := lexer.word()` gives another each turn, and so
    does a call of unknown effect in a `while True`, which only ends by something that changes."""
    holder = view.parent(work)
    test = holder if isinstance(holder, cst.NamedExpr) else work
    endless = isinstance(loop, cst.While) and isinstance(loop.test, cst.Integer | cst.Name)
    unknown = endless and view.code(getattr(loop, "test", work)) in ("1", "True") and not view.facts.is_pure(work).holds
    return unknown or (isinstance(loop, cst.While) and loop.test is test)


def _is_shared(view: View, work: cst.CSTNode) -> bool:
    """Whether one result serves all turns: a number, or it is only looked into where it stands or through its name."""
    holder = view.parent(work)
    if isinstance(work, cst.Call) and view.facts.qualified_name(work.func) in NUMBERS:
        return True
    if isinstance(holder, cst.Assign):
        target = holder.targets[0].target
        if not isinstance(target, cst.Name) or len(holder.targets) > 1:
            return False
        uses = [use for use in variable_uses(view, target.value) if use is not target]
        return bool(uses) and all(only_reads(view, use) for use in uses)
    if isinstance(holder, cst.Arg):
        call = view.parent(holder)
        name = view.facts.qualified_name(call.func) if isinstance(call, cst.Call) else None
        return name in READERS
    looked_into = isinstance(holder, LOOKING)
    return looked_into or (isinstance(holder, cst.Subscript) and holder.value is work)
