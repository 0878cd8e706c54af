"""A constant regular expression compiled by each call.

## What it does
Finds `re.compile` of a constant pattern inside of a function, and compiles it once, at module level.

## Why it is slow
`re` keeps compiled patterns, but each call still builds the key and looks it up: about as much as a short match. In a
program with over 512 patterns, or after `re.purge()`, it compiles again.

## When it is not the same
A compiled pattern cannot be changed, and the same pattern gives the same results. The rule tries whether the pattern
compiles: importing the module will not fail.

## When it is not faster
Where the text searched is long, the look-up does not show. A function that is called once gains nothing, and its
module is imported a little later.

## References
Python documentation, `re.compile`; measured: 2.4x for a short match.
"""

import ast
import re
import warnings
from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Match,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
    runs_per_call,
    to_module_level,
)

RULE = Rule(
    code="PA508",
    name="regex-compiled-per-call",
    message="`{call}` looks the compiled pattern up on each call",
    cure="compile it once, at module level",
    imports=("re",),
    examples=(
        Example(
            before="""
import re


def numbers(text: str) -> list[str]:
    number = re.compile(r"[-+]?\\d+")
    return number.findall(text)
""",
            after="""
import re


_NUMBER = re.compile(r"[-+]?\\d+")


def numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)
""",
            calls=("numbers('1, -2')",),
            generated={"text": "str"},
        ),
        Example(
            before="""
import re


def tidy(lines: list[str]) -> list[str]:
    # Runs of blanks.
    blanks = re.compile("[ \\t]+", re.M | re.ASCII)
    return [blanks.sub(" ", line) for line in lines]
""",
            after="""
import re


_BLANKS = re.compile("[ \\t]+", re.M | re.ASCII)


def tidy(lines: list[str]) -> list[str]:
    # Runs of blanks.
    blanks = _BLANKS
    return [blanks.sub(" ", line) for line in lines]
""",
            calls=("tidy(['a  b # c', ''])",),
            generated={"lines": "list[str]"},
        ),
        Example(
            before='import re\n\n\ndef digits(text: str) -> list[str]:\n    return re.compile("[0-9]").findall(text)\n',
            after='import re\n\n\n_DIGITS_PATTERN = re.compile("[0-9]")\n\n\n'
            "def digits(text: str) -> list[str]:\n    return _DIGITS_PATTERN.findall(text)\n",
            generated={"text": "str"},
        ),
    ),
    silent=(
        Silent(
            'import re\n\n\ndef f(word: str, text: str):\n    return re.compile(word + "$").match(text)\n',
            why="the pattern depends on an argument",
        ),
        Silent(
            "import re\n_number = None\n\n\ndef f(text: str):\n    global _number\n    if _number is None:\n"
            "        _number = re.compile('[0-9]+')\n    return _number.match(text)\n",
            why="kept in a global: compiled once",
        ),
        Silent('import re\n\nDIGITS = re.compile("[0-9]+")\n', why="at module level already"),
        Silent(
            'import re\n\n\ndef f(text: str, number=re.compile("[0-9]+")):\n    return number.match(text)\n',
            why="a default is made once",
        ),
        Silent('import re\n\n\ndef f(text: str):\n    return re.compile("(").match(text)\n', why="it does not compile"),
        Silent("def f(re, text: str):\n    return re.compile('a').match(text)\n", why="not the module `re`"),
    ),
    bench=Bench(
        setup="import re\nPATTERN = re.compile(r'\\d+')\ntext = '1' * n",
        before="re.compile(r'\\d+').match(text)",
        after="PATTERN.match(text)",
        sizes=(1, 10, 100),
        losing="text = 'a ' * 10_000 + '1'",
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if view.facts.qualified_name(call.func) != "re.compile" or not runs_per_call(view, call):
            continue
        constant = needs.holds(_compiles(view, call), "it is a valid pattern, written out", "it is computed")
        yield Match(call, captures={"call": call}, needs=(constant,))


def change(match: Match, view: View) -> Rewrite:
    return to_module_level(view, match.captures["call"], "pattern")


def _compiles(view: View, call: cst.Call) -> bool:
    """Whether the call has a literal pattern and flags of `re`, and compiles."""
    if not 1 <= len(call.args) <= 2 or any(a.keyword or a.star for a in call.args):
        return False
    flags = _flags(view, call.args[1].value) if len(call.args) == 2 else 0
    try:
        pattern = ast.literal_eval(view.code(call.args[0].value))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return flags is not None and bool(re.compile(pattern, flags))
    except (ValueError, SyntaxError, TypeError, Warning, re.error, RecursionError, OverflowError):
        return False


def _flags(view: View, node: cst.BaseExpression) -> int | None:
    """The value of `re.X | re.M`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        left, right = _flags(view, node.left), _flags(view, node.right)
        return None if left is None or right is None else left | right
    name = view.facts.qualified_name(node) or ""
    flag = getattr(re, name.removeprefix("re."), None) if name.startswith("re.") else None
    return int(flag) if isinstance(flag, re.RegexFlag) else None
