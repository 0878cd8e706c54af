"""A prefix or suffix tested, and then cut off by its length.

## What it does
Finds `if s.startswith("ab"): s = s[2:]`, `s[len(p):] if s.startswith(p) else s` and the same for `endswith` with a
negative bound, and writes `s.removeprefix("ab")` or `s.removesuffix("ab")`.

## Why it is slow
A call for the test, a second one for the length, and a slice object: `removeprefix` tests and cuts in one call.

## When it is not the same
An empty suffix: `s[:-len(p)]` of it is empty, where `removesuffix` leaves the text; the fix asks for a literal there.

## When it is not faster
Always faster.

## References
ruff FURB188; PEP 616.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Match,
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

RULE = Rule(
    code="PA713",
    name="prefix-cut-by-length",
    message="`{test}` and a slice look at the text twice: `{way}` does both in one call",
    cure="call `{way}`",
    examples=(
        Example(
            before="def f(s: str) -> str:\n    if s.startswith('ab'):\n        s = s[2:]\n    return s\n",
            after="def f(s: str) -> str:\n    s = s.removeprefix('ab')\n    return s\n",
            generated={"s": "str"},
        ),
        Example(
            before="def f(s: str, p: str) -> str:\n    return s[len(p):] if s.startswith(p) else s\n",
            after="def f(s: str, p: str) -> str:\n    return s.removeprefix(p)\n",
            generated={"s": "str", "p": "str"},
        ),
        Example(
            before="def f(s: bytes) -> bytes:\n    return s[:-1] if s.endswith(b'a') else s\n",
            after="def f(s: bytes) -> bytes:\n    return s.removesuffix(b'a')\n",
            generated={"s": "bytes"},
        ),
    ),
    silent=(
        Silent(
            "def f(s: str, marks: list[str]) -> str:\n"
            "    return s[len(marks.pop()):] if s.startswith(marks.pop()) else s\n",
            why="the second mark is another one",
        ),
        Silent("def f(s: str) -> str:\n    return s[3:] if s.startswith('ab') else s\n", why="cuts more"),
        Silent("def f(s: str) -> str:\n    return s[2:] if s.startswith('ab') else ''\n", why="another text otherwise"),
        Silent("def f(s):\n    return s[2:] if s.startswith('ab') else s\n", why="it may be another type"),
        Silent(
            "def f(s: str) -> str:\n    if s.startswith('ab'):\n        s = s[2:]\n        print(s)\n    return s\n",
            why="more is done where there is a prefix",
        ),
        Silent(
            "def f(s: str, p: str) -> str:\n    return s[:-len(p)] if s.endswith(p) else s\n",
            why="an empty suffix cuts all",
        ),
        Silent(
            "def f(s: str) -> str:\n    return s[2:] if s.startswith(('ab', 'cd')) else s\n",
            why="one of several prefixes",
        ),
    ),
    bench=Bench(
        setup="s = 'ab' + 'x' * n",
        before="t = s[2:] if s.startswith('ab') else s",
        after="t = s.removeprefix('ab')",
        sizes=(3, 100, 10_000),
        losing="s = 'x' * n",
    ),
)  # fmt: skip


def see(view: View) -> Iterator[Match]:
    choices: list[cst.If | cst.IfExp] = [*view.walk(cst.If), *view.walk(cst.IfExp)]
    for node in choices:
        cut = _cut(node)
        if cut is None or isinstance(view.parent(node), cst.If):
            continue
        text, part = cut
        for way, side in (("removeprefix", "startswith"), ("removesuffix", "endswith")):
            bound = match_pattern(f"$text.{side}($part)", node.test, view.facts)
            if (
                bound
                and same_code(bound["text"], text)
                and same_code(part.value, text)
                and _is_cut(view, part, bound["part"], way == "removesuffix")
            ):
                stated = (
                    needs.is_type(view, text, "str", "bytes"),
                    needs.is_type(view, bound["part"], "str", "bytes"),
                    needs.is_pure(view, bound["part"]),
                )
                yield Match(node, {"test": node.test, "way": way, "text": text, "part": bound["part"]}, stated)


def change(match: Match, view: View) -> Rewrite:
    text, part = view.code(match.captures["text"]), view.code(match.captures["part"])
    code = f"{text}.{match.captures['way']}({part})"
    return Rewrite((Replacement.of(match.node, f"{text} = {code}" if isinstance(match.node, cst.If) else code),))


def _cut(node: cst.If | cst.IfExp) -> tuple[cst.BaseExpression, cst.Subscript] | None:
    """The text that stays where the test fails, and the slice that replaces it where it holds."""
    if isinstance(node, cst.IfExp):
        return (node.orelse, node.body) if isinstance(node.body, cst.Subscript) else None
    line = node.body.body[0] if len(node.body.body) == 1 and node.orelse is None else None
    assign = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or not isinstance(assign.value, cst.Subscript):
        return None
    target = assign.targets[0].target
    return (target, assign.value) if isinstance(target, cst.Name) else None


def _is_cut(view: View, cut: cst.Subscript, part: cst.BaseExpression, at_end: bool) -> bool:
    """Whether the slice leaves out as much as the prefix or suffix is long."""
    bounds = cut.slice[0].slice if len(cut.slice) == 1 else None
    if not isinstance(bounds, cst.Slice) or bounds.step is not None:
        return False
    place, other = (bounds.upper, bounds.lower) if at_end else (bounds.lower, bounds.upper)
    if at_end and isinstance(place, cst.UnaryOperation) and isinstance(place.operator, cst.Minus):
        place = place.expression
    elif at_end:
        return False
    size = len(part.evaluated_value) if isinstance(part, cst.SimpleString) else 0
    if place is None or other is not None or (at_end and not size):
        return False
    counted = match_pattern("len($part)", place, view.facts)
    by_number = isinstance(place, cst.Integer) and bool(size) and place.evaluated_value == size
    return by_number or (counted is not None and same_code(counted["part"], part))
