"""`copy.deepcopy` where a shallow copy would do.

## What it does
Finds `copy.deepcopy(xs)`. Where `xs` is a list or dict of values that cannot be changed it becomes a shallow
copy; elsewhere one finding per function names what takes its place.

## Why it is slow
`deepcopy` runs Python code for each object that it reaches, and keeps a table of all of them: about 1 microsecond per
object, where a shallow copy costs a few nanoseconds per item.

## When it is not the same
The fix asks for a plain list or dict whose items are numbers, texts, bytes or None: sharing them cannot be seen.
A subclass would become the plain type. A set is left alone: its copy may be in another order.

## When it is not faster
Never measured slower; a list of one item gains 10x.

## References
462 performance fixes read: 37 were of copies and wrapper objects, in 24 projects; measured: 149x for flat data.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Answer,
    Bench,
    Example,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_atom,
    match_pattern,
)

PLAIN = frozenset({"int", "float", "str", "bool", "bytes", "complex", "NoneType"})
COPIED = ("list", "dict")
NOTE = "copy only what is changed: `xs[:]`, `[row[:] for row in rows]`, or a `copy` method of the class"
STATE = """
import copy


class Board:
    def moves(self):
        out = []
        for move in self.legal():
            board = copy.deepcopy(self.cells)
            out.append(move.on(board))
        return out
"""

RULE = Rule(
    code="PA803",
    name="deep-copy-of-plain-data",
    measured=True,
    message="`{call}` runs Python code for every object that it reaches",
    cure="make a shallow copy",
    examples=(
        Example(
            before="import copy\n\n\ndef f(xs: list[int]) -> list[int]:\n    ys = copy.deepcopy(xs)\n    ys.append(1)\n"
            "    return ys\n",
            after="import copy\n\n\ndef f(xs: list[int]) -> list[int]:\n    ys = xs.copy()\n    ys.append(1)\n"
            "    return ys\n",
            calls=("f([1, 2])", "f([])"),
            generated={"xs": "list[int]"},
        ),
        Example(
            before="from copy import deepcopy\n\n\ndef f(d: dict[str, float]) -> dict[str, float]:\n"
            "    return deepcopy(d)\n",
            after="from copy import deepcopy\n\n\ndef f(d: dict[str, float]) -> dict[str, float]:\n"
            "    return d.copy()\n",
            calls=("f({'a': 1.0})",),
            generated={"d": "dict[str, float]"},
        ),
        Example(before=STATE, after=STATE, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "import copy\n\n\ndef f(xs: list[int]) -> list[int]:\n    return copy.copy(xs)\n", why="shallow already"
        ),
        Silent(
            "def deepcopy(x):\n    return x\n\n\ndef f(xs: list[int]) -> list[int]:\n    return deepcopy(xs)\n",
            why="another function of that name",
        ),
        Silent(
            "import copy\n\n\nclass A:\n    def __deepcopy__(self, memo):\n        return A(copy.deepcopy(self.x))\n",
            why="part of a deep copy that somebody asked for",
        ),
    ),
    bench=Bench(
        setup="import copy\nxs = list(range(n))",
        before="copy.deepcopy(xs)",
        after="xs.copy()",
        sizes=(1, 50, 1000),
        losing="xs = []",
    ),
)


def see(view: View) -> Iterator[Match]:
    advised = False
    for call in view.walk(cst.Call):
        bound = match_pattern("copy.deepcopy($items)", call, view.facts)
        is_flat = bound is not None and _flat(view, bound["items"]).holds
        if bound is not None and (is_flat or not advised) and "copy" not in view.hot.qualname.rpartition(".")[2]:
            items, advised = bound["items"], advised or not is_flat
            yield Match(
                call,
                captures={"call": call, "items": items},
                needs=(
                    Need(view.facts.is_type(items, *COPIED), "a shallow copy is enough", NeedKind.REPAIR),
                    Need(_flat(view, items), "its items cannot be changed", NeedKind.REPAIR),
                ),
                note="" if is_flat else NOTE,
                fixable=is_flat,
            )


def change(match: Match, view: View) -> Rewrite:
    code = view.code(match.captures["items"])
    return Rewrite((Replacement.of(match.node, f"{code}.copy()" if is_atom(code) else f"({code}).copy()"),))


def _flat(view: View, items: cst.BaseExpression) -> Answer:
    """Whether it is a list or dict of values that cannot be changed."""
    typed = view.facts.type_of(items)
    kind = typed.type
    if kind is None or kind.name not in COPIED or not kind.args:
        return Answer.unknown(typed.why)
    if all(arg.name in PLAIN for arg in kind.args):
        return Answer.yes(typed.why, typed.evidence)
    return Answer.unknown(f"its items are {kind.args[-1]}")
