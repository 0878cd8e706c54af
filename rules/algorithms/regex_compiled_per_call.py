"""A constant regular expression compiled by each call.

## What it does
Finds `re.compile`, `re.match`, `re.sub` and the like of a constant pattern inside of a function, and compiles the
pattern once, at module level.

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
Python documentation, `re.compile`; measured: 2.4x to 4x for a short match.
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
    constant_name,
    cst,
    is_felt,
    is_valid_pattern,
    needs,
    pattern_use,
    runs_per_call,
    to_module_level,
)

LOOK_UP = 4e-7  # seconds to find a compiled pattern again

RULE = Rule(
    code="PA508",
    name="regex-compiled-per-call",
    message="`{shown}` looks the compiled pattern up on each call",
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
        Example(
            before="""
import re


def clean(lines: list[str]) -> list[str]:
    return [re.sub(r"\\s+", " ", line, flags=re.ASCII) for line in lines]
""",
            after="""
import re


_CLEAN_PATTERN = re.compile(r"\\s+", re.ASCII)


def clean(lines: list[str]) -> list[str]:
    return [_CLEAN_PATTERN.sub(" ", line) for line in lines]
""",
            generated={"lines": "list[str]"},
        ),
    ),
    silent=(
        Silent("import re\n\n\ndef f(key: str, text: str):\n    return re.match(key, text)\n", why="not a constant"),
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
        used = pattern_use(view, call)
        if used is None or not runs_per_call(view, call):
            continue
        compiles = view.facts.qualified_name(call.func) == "re.compile"
        if not compiles and not (isinstance(call.func, cst.Attribute) and used.others):
            continue
        valid = is_valid_pattern(view, used.pattern, used.flags) and not (compiles and used.others)
        constant = needs.holds(valid, "it is a valid pattern, written out", "it is computed")
        yield Match(
            call,
            {"call": call, "used": used, "shown": _shown(view, call)},
            needs=(constant, is_felt(view, call, LOOK_UP)),
        )


def change(match: Match, view: View) -> Rewrite:
    call, func, used = match.captures["call"], match.captures["call"].func, match.captures["used"]
    if view.facts.qualified_name(func) == "re.compile":
        return to_module_level(view, call, "pattern")
    made = ", ".join(view.code(part) for part in (used.pattern, used.flags) if part)
    given = ", ".join(view.code(arg).rstrip(", \n") for arg in used.others)
    name = constant_name(view, "pattern")
    definition = f"{name} = {view.code(func.value)}.compile({made})"
    return Rewrite((Replacement.of(call, f"{name}.{func.attr.value}({given})"),), definitions=(definition,))


def _shown(view: View, call: cst.Call) -> str:
    return f"{view.code(call.func)}({view.code(call.args[0].value)}{', ...' if len(call.args) > 1 else ''})"
