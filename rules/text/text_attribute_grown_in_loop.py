"""Text that grows in an attribute, by `+=` in a loop.

## What it does
Finds `self.text += part` in a loop that does nothing else with `self` and does not hand it on, collects the parts in
a list, and joins them once after the loop.

## Why it is slow
CPython extends a *local* string in place; an attribute is held twice while it is added to, so that each `+=` copies
the whole text so far: O(n * n).

## When it is not the same
The attribute has its new value after the loop instead of during it: whoever looks meanwhile (another thread, a
generator's caller), or after an error, sees the old one.

## When it is not faster
For texts of less than about a thousand characters.

## References
CPython `unicode_concatenate`; Python FAQ, "What is the most efficient way to concatenate many strings together?".
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Insertion,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    frames,
    needs,
)

LEAVING = (cst.Return, cst.Yield, cst.Await, cst.Raise)

CLASS = """
class A:
    def __init__(self):
        self.s = ''
    def f(self, ws: list[str]):
        for w in ws:
            self.s += w
"""

RULE = Rule(
    code="PA707",
    name="text-attribute-grown-in-loop",
    message="`{text} += ...` copies the whole text so far in each iteration: O(n * n)",
    cure="collect the parts in a list and join them once",
    applicability=UNSAFE,
    differences=("the attribute is set after the loop, and not at all after an error in it",),
    examples=(
        Example(
            before="""
class Page:
    def __init__(self) -> None:
        self.text = ""

    def fill(self, words: list[str]) -> None:
        for word in words:
            self.text += word + ", "


def page(words: list[str]) -> str:
    page = Page()
    page.fill(words)
    return page.text
""",
            after="""
class Page:
    def __init__(self) -> None:
        self.text = ""

    def fill(self, words: list[str]) -> None:
        text_parts = [self.text]
        for word in words:
            text_parts.append(word + ", ")
        self.text = "".join(text_parts)


def page(words: list[str]) -> str:
    page = Page()
    page.fill(words)
    return page.text
""",
            generated={"words": "list[str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "def f(words: list[str]) -> str:\n    s = ''\n    for w in words:\n        s += w\n    return s\n",
            why="a local text grows in place on CPython: a list and a join gain nothing",
        ),
        Silent(
            "class A:\n    n = 0\n    def f(self, xs: list[int]):\n        for x in xs:\n            self.n += x\n",
            why="a number",
        ),
        Silent(
            f"{CLASS}            self.f([])\n",
            why="a method may look at the text meanwhile",
        ),
        Silent(
            f"{CLASS}            yield w\n",
            why="the caller may look at the text meanwhile",
        ),
    ),
    bench=Bench(
        setup="class A: pass\na = A()",
        before='a.s = ""\nfor i in range(n):\n    a.s += "some text"',
        after='parts = []\nfor i in range(n):\n    parts.append("some text")\na.s = "".join(parts)',
        sizes=(10, 1000, 20_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    done: set[str] = set()
    for grown in view.walk(cst.AugAssign):
        target = grown.target
        if not isinstance(target, cst.Attribute) or not isinstance(grown.operator, cst.AddAssign):
            continue
        loops = [loop for loop in view.turns(grown) if isinstance(loop, cst.For | cst.While)]
        text = view.code(target)
        own = isinstance(target.value, cst.Name) and _holds_text(view, target.attr.value)
        if loops and own and isinstance(target.value, cst.Name) and text not in done:
            done.add(text)
            yield _match(view, target, target.value, loops[-1])


def change(match: Match, view: View) -> Rewrite:
    text, loop = view.code(match.captures["text"]), match.captures["loop"]
    parts = frames.free_name(view, f"{match.captures['text'].attr.value.strip('_')}_parts")
    steps = tuple(
        Replacement.of(view.statement(g), f"{parts}.append({view.code(g.value)})") for g in match.captures["grown"]
    )
    return Rewrite(steps, (Insertion(loop, f"{parts} = [{text}]"), Insertion(loop, f'{text} = "".join({parts})', True)))


def _match(view: View, target: cst.Attribute, owner: cst.Name, loop: cst.For | cst.While) -> Match:
    text = view.code(target)
    grown = [g for g in view.walk(cst.AugAssign) if view.inside(g, loop) and view.code(g.target) == text]
    alone = all(isinstance(g.operator, cst.AddAssign) and _is_alone(view, g) for g in grown)
    uses = [n for n in view.walk(cst.Name) if n.value == owner.value and view.inside(n, loop)]
    only = all(any(view.inside(use, g.target) for g in grown) for use in uses)
    left = any(view.inside(node, loop) for node in view.walk(*LEAVING))
    guarded = any(isinstance(holder, cst.Try | cst.TryStar) for holder in view.ancestors(loop))
    return Match(
        grown[0],
        captures={"text": target, "loop": loop, "grown": grown},
        needs=(
            *(needs.is_type(view, g.value, "str") for g in grown),
            needs.holds(alone and only and not left and not guarded, f"nothing looks at `{text}` while the loop runs"),
        ),
    )


def _holds_text(view: View, name: str) -> bool:
    """Whether every assignment to an attribute of that name in the module gives a text."""
    values = [
        node.value
        for node in ast.walk(view.index.tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == name
    ]
    texts = [isinstance(v, ast.JoinedStr) or (isinstance(v, ast.Constant) and isinstance(v.value, str)) for v in values]
    return bool(texts) and all(texts)


def _is_alone(view: View, grown: cst.AugAssign) -> bool:
    line = view.statement(grown)
    return isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
