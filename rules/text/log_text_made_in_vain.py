"""A log text that is rendered whether or not anybody logs it.

## What it does
Finds `logger.debug(f"...{x}...")` and `logger.info(f"...")` in a loop, and hands the values over:
`logger.debug("...%s...", x)`. The logger renders them only where the level is on.

## Why it is slow
The f-string calls `str` of every value and joins the parts, each time, also where the level is off and the text is
thrown away.

## When it is not the same
A value is rendered when the record is handled: a queue handler that renders in another thread may see a value that
was changed since. Filters and tools that group records see the template instead of the text. Values are still
computed.

## When it is not faster
Where the level is on, rendering costs the same.

## References
Python documentation, "Logging HOWTO", optimization; ruff G004.
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
)

LEVELS = frozenset({"debug", "info"})
CONVERSIONS = {None: "%s", "s": "%s", "r": "%r", "a": "%a"}

RULE = Rule(
    code="PA706",
    name="log-text-made-in-vain",
    message="the text is rendered in each iteration, also where the level `{level}` is off",
    cure="hand the values to the logger",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("values are rendered when the record is handled", "the record's `msg` is the template"),
    examples=(
        Example(
            before="""
import logging

logger = logging.getLogger(__name__)

def total(xs: list[int]) -> int:
    total = 0
    for x in xs:
        logger.debug(f"added {x!r} to {total}: 100% of it")
        total += x
    return total
""",
            after="""
import logging

logger = logging.getLogger(__name__)

def total(xs: list[int]) -> int:
    total = 0
    for x in xs:
        logger.debug("added %r to %s: 100%% of it", x, total)
        total += x
    return total
""",
            generated={"xs": "list[int]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "import logging\nlog = logging.getLogger()\ndef f(x):\n    log.debug(f'got {x}')\n",
            why="not in a loop: once per call",
        ),
        Silent(
            "import logging\nlog = logging.getLogger()\ndef f(xs):\n    for x in xs:\n        log.error(f'got {x}')\n",
            why="errors are on",
        ),
        Silent(
            "import logging as log\ndef f(xs):\n    for x in xs:\n        log.debug(f'got {x:>10}')\n",
            why="the format has no like in `%`",
        ),
        Silent("def f(log, xs):\n    for x in xs:\n        log.debug(f'got {x}')\n", why="`log` may be anything"),
    ),
    bench=Bench(
        setup="import logging\nlogger = logging.getLogger('perf_advise_bench')\nlogger.setLevel(30)",
        before='for x in range(n):\n    logger.debug(f"added {x!r} to {n}")',
        after='for x in range(n):\n    logger.debug("added %r to %s", x, n)',
        sizes=(10, 100, 1000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        text = call.args[0].value if len(call.args) == 1 and call.args[0].keyword is None else None
        if (
            not isinstance(text, cst.FormattedString)
            or not isinstance(call.func, cst.Attribute)
            or not view.turns(call)
        ):
            continue
        level = call.func.attr.value
        if level in LEVELS and _template(view, text) is not None:
            claim = f"`{view.code(call.func.value)}` is a logger"
            yield Match(
                call, {"level": level, "text": text}, needs=(needs.holds(_is_logger(view, call.func.value), claim),)
            )


def change(match: Match, view: View) -> Rewrite:
    template, values = _template(view, match.captures["text"]) or ("", [])
    return Rewrite((Replacement.of(match.captures["text"], ", ".join([template, *values])),))


def _template(view: View, text: cst.FormattedString) -> tuple[str, list[str]] | None:
    """The literal with `%` in place of the values, and the values; None where a format has no like."""
    if text.prefix.lower() != "f":
        return None
    body, values = "", []
    for part in text.parts:
        if isinstance(part, cst.FormattedStringText):
            body += part.value.replace("{{", "{").replace("}}", "}").replace("%", "%%")
        elif isinstance(part, cst.FormattedStringExpression):
            if part.format_spec or part.equal is not None or isinstance(part.expression, cst.Yield | cst.Tuple):
                return None
            body += CONVERSIONS[part.conversion]
            values.append(view.code(part.expression))
    quote = text.start[-1]
    clash = any(quote in value for value in values)
    return (f"{text.start.lstrip('fF')}{body}{text.end}", values) if values and not clash else None


def _is_logger(view: View, node: cst.BaseExpression) -> bool:
    """Whether it is `logging` itself, or a name of the module that is bound once to `logging.getLogger(...)`."""
    if view.facts.qualified_name(node) == "logging":
        return True
    found = view.index.globals.get(node.value) if isinstance(node, cst.Name) else None
    if found is None or found.bound != 1 or view.facts.scope(node.value) != "global":  # type: ignore[attr-defined]
        return False
    made = ast.unparse(found.value) if isinstance(found.value, ast.expr) else ""
    return made.startswith(("logging.getLogger(", "getLogger(")) and "logging" in {
        target.partition(".")[0] for target in view.index.imports.values()
    }
