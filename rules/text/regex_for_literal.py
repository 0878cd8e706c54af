"""A regular expression that only replaces literal text.

## What it does
Finds `re.sub(pattern, new, text)` where the pattern is a literal without special characters and the replacement one
without backslashes, and calls `str.replace`.

## Why it is slow
The regex engine tries a match at each position and builds the result piece by piece; `str.replace` searches in C.

## When it is not the same
Both replace the same occurrences from left to right. The rule asks for a `str`: `re.sub` raises for other types, and
some have a `replace` of their own.

## When it is not faster
Always faster.

## References
ruff RUF055; Sonar S5361; measured 6x.
"""

import re
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
    parenthesised,
)

RULE = Rule(
    code="PA703",
    name="regex-for-literal",
    message="`re.sub` runs the regex engine to replace the literal {old}",
    cure="call `str.replace`",
    examples=(
        Example(
            before='import re\n\n\ndef dashed(name: str) -> str:\n    return re.sub(" ", "-", name)\n',
            after='import re\n\n\ndef dashed(name: str) -> str:\n    return name.replace(" ", "-")\n',
            calls=("dashed('a b  c')", "dashed('')"),
            generated={"name": "str"},
        ),
        Example(
            before="from re import sub\n\n\ndef short(parts: list[str]) -> list[str]:\n"
            "    return [sub(r'ab', '', a + ' ') for a in parts]\n",
            after="from re import sub\n\n\ndef short(parts: list[str]) -> list[str]:\n"
            "    return [(a + ' ').replace(r'ab', '') for a in parts]\n",
            calls=("short(['abab', 'b'])",),
            generated={"parts": "list[str]"},
        ),
    ),
    silent=(
        Silent('import re\n\n\ndef f(s: str) -> str:\n    return re.sub("a+", "b", s)\n', why="a real pattern"),
        Silent('import re\n\n\ndef f(s: str) -> str:\n    return re.sub("a", r"\\\\1", s)\n', why="a group reference"),
        Silent('import re\n\n\ndef f(s: str) -> str:\n    return re.sub("", "-", s)\n', why="the empty pattern"),
        Silent('import re\n\n\ndef f(s):\n    return re.sub("a", "b", s)\n', why="s may be anything"),
        Silent(
            'import re\n\n\ndef f(s: str) -> str:\n    return re.sub("a", "b", s, flags=re.I)\n', why="case is ignored"
        ),
    ),
    bench=Bench(
        setup="import re\ntext = 'a b c ' * n",
        before="re.sub(' ', '-', text)",
        after="text.replace(' ', '-')",
        sizes=(1, 100, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        bound = match_pattern("re.sub($old, $new, $text)", call, view.facts)
        if bound and _is_literal(bound["old"]) and _is_plain(bound["new"]):
            yield Match(call, captures=bound, needs=(needs.is_type(view, bound["text"], "str"),))


def change(match: Match, view: View) -> Rewrite:
    old, new, text = (view.code(match.captures[name]) for name in ("old", "new", "text"))
    return Rewrite((Replacement.of(match.node, f"{parenthesised(text)}.replace({old}, {new})"),))


def _is_literal(node: cst.BaseExpression) -> bool:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return isinstance(value, str) and value != "" and re.escape(value).replace("\\ ", " ").replace("\\-", "-") == value


def _is_plain(node: cst.BaseExpression) -> bool:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return isinstance(value, str) and "\\" not in value
