"""`contextlib.suppress` entered in each iteration of a loop.

## What it does
Finds `with suppress(KeyError): ...` in a loop, and writes `try: ... except KeyError: pass`.

## Why it is slow
`suppress` is a class written in Python: each iteration makes an object and calls its `__enter__` and `__exit__`, some
300 nanoseconds. A `try` that nothing goes wrong in costs nothing since Python 3.11.

## When it is not the same
It is the same for exception classes; from Python 3.12 on `suppress` also takes members out of exception groups, which
are rare in a loop body like this.

## When it is not faster
Always faster.

## References
The opposite advice (ruff SIM105) makes hot loops several times slower: see the measured table.
"""

from collections.abc import Iterator

from perf_advise.rulekit import UNSAFE, Bench, Example, Hotness, Match, Replacement, Rewrite, Rule, Silent, View, cst

RULE = Rule(
    code="PA905",
    name="suppress-in-loop",
    message="`suppress` makes an object and calls it twice in each iteration",
    cure="write `try` and `except`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("exception groups are not taken apart (Python 3.12 and later)",),
    examples=(
        Example(
            before="""
from contextlib import suppress

def numbers(words: list[str]) -> list[int]:
    found = []
    for word in words:
        with suppress(ValueError):
            # words that are no numbers are left out
            found.append(int(word))
    return found
""",
            after="""
from contextlib import suppress

def numbers(words: list[str]) -> list[int]:
    found = []
    for word in words:
        try:
            # words that are no numbers are left out
            found.append(int(word))
        except ValueError:
            pass
    return found
""",
            generated={"words": "list[str]"},
            applicability=UNSAFE,
        ),
        Example(
            before="""
import contextlib

def total(table: dict[str, int], keys: list[str]) -> int:
    total = 0
    while keys:
        with contextlib.suppress(KeyError, TypeError):
            total += table[keys[-1]]
        keys.pop()
    return total
""",
            after="""
import contextlib

def total(table: dict[str, int], keys: list[str]) -> int:
    total = 0
    while keys:
        try:
            total += table[keys[-1]]
        except (KeyError, TypeError):
            pass
        keys.pop()
    return total
""",
            generated={"table": "dict[str, int]", "keys": "list[str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "from contextlib import suppress\ndef f(d):\n    with suppress(KeyError):\n        del d[1]\n",
            why="not in a loop: it reads better",
        ),
        Silent(
            "def f(d, keys):\n    for k in keys:\n        try:\n            del d[k]\n        except KeyError:\n"
            "            pass\n",
            why="a `try` in a loop costs nothing since 3.11, and is never moved out of it",
        ),
        Silent(
            "from contextlib import suppress\ndef f(ks, es):\n    for k in ks:\n        with suppress(*es):\n"
            "            print(k)\n",
            why="the classes are not written out",
        ),
    ),
    bench=Bench(
        setup="from contextlib import suppress\nd = dict.fromkeys(range(n))",
        before="for k in d:\n    with suppress(KeyError):\n        d[k]",
        after="for k in d:\n    try:\n        d[k]\n    except KeyError:\n        pass",
        sizes=(10, 1000, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for block in view.walk(cst.With):
        call = block.items[0].item
        if len(block.items) != 1 or block.items[0].asname is not None or block.asynchronous is not None:
            continue
        if not isinstance(call, cst.Call) or view.facts.qualified_name(call.func) != "contextlib.suppress":
            continue
        plain = bool(call.args) and not any(arg.star or arg.keyword for arg in call.args)
        if plain and view.turns(block) and isinstance(block.body, cst.IndentedBlock):
            yield Match(call, {"block": block, "call": call})


def change(match: Match, view: View) -> Rewrite:
    block, call = match.captures["block"], match.captures["call"]
    classes = ", ".join(view.code(arg.value) for arg in call.args)
    caught = classes if len(call.args) == 1 else f"({classes})"
    body = view.code(block).partition("\n")[2].rstrip()
    start = view.code(block).partition("\n")[0]
    return Rewrite(
        (
            Replacement.of(
                block, f"try:{start.partition(':')[2]}\n{_flush(view, block, body)}\nexcept {caught}:\n    pass"
            ),
        )
    )


def _flush(view: View, block: cst.With, body: str) -> str:
    """The body as it stands, moved left by what the statement is indented."""
    text = view.slice.file.text
    start = view.slice.span(block).start
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    return "\n".join(line.removeprefix(indent) for line in body.split("\n"))
