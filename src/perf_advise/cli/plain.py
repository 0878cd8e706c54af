"""Plain command lines of `check`, read without typer: its import and its checks of types cost more than the advice
on a dozen hot functions. Help, completion, other commands and all that is not plainly right are handed on to it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from perf_advise.cli.commands import COMMANDS, DEFAULT
from perf_advise.cli.interrupts import held_back
from perf_advise.cli.lean import load_libcst

FLAGS = (
    "no-profile", "fix", "unsafe-fixes", "prove", "diff", "interactive", "force-exclude", "why-not", "unused-ignores",
    "statistics", "exit-zero", "isolated", "quiet", "verbose", "no-color",
)  # fmt: skip
NEGATABLE = ("fix", "unsafe-fixes", "force-exclude")
TEXTS = (
    "hot", "float-tolerance", "test", "python", "target-version", "stdin-filename", "output-format", "output-file",
)  # fmt: skip
LISTS = (
    "profile", "select", "ignore", "extend-select", "per-file-ignores", "rules", "exclude", "extend-exclude", "config",
)  # fmt: skip
SHORT = {"-p": "--profile", "-o": "--output-file", "-q": "--quiet", "-v": "--verbose"}

Given = dict[str, Any]
"""Raw values by parameter name, as typer gives them."""


class NotPlain(Exception):
    """The command line is for typer to read, or to complain of."""


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; the exit code. Errors go to stderr as one line."""
    try:
        paths, given = plain_check(arguments)
    except NotPlain:
        with held_back():
            from perf_advise.cli.app import run as run_by_typer

        return run_by_typer(arguments)
    with held_back():
        load_libcst()
        from perf_advise.cli.hook import run_check
        from perf_advise.cli.output import guarded

    return guarded(lambda: run_check(paths, given))


def plain_check(arguments: Sequence[str]) -> tuple[list[Path], Given]:
    """The paths and options of `check`; raises NotPlain."""
    first = arguments[0] if arguments else ""
    if not arguments or "_PERF_ADVISE_COMPLETE" in os.environ:
        raise NotPlain
    if first in COMMANDS and (first != DEFAULT or Path(first).exists()):
        raise NotPlain
    paths: list[Path] = []
    given: Given = {}
    words = iter(arguments[1:] if first == DEFAULT else arguments)
    for word in words:
        if word.startswith("-") and word != "-":
            _take_option(word, words, given)
        elif word == "-" or Path(word).exists():
            paths.append(Path(word))
        else:
            raise NotPlain
    return paths or [Path()], given


def _take_option(word: str, words: Iterator[str], given: Given) -> None:
    option, equals, value = word.partition("=")
    name = SHORT.get(option, option).removeprefix("--")
    field = name.replace("-", "_")
    if name in FLAGS and not equals:
        given[field] = True
    elif name.startswith("no-") and name[3:] in NEGATABLE and not equals:
        given[field.removeprefix("no_")] = False
    elif name in TEXTS:
        text = value if equals else next(words, "")
        given[field] = Path(_plain(text)) if name == "stdin-filename" else _plain(text)
    elif name in LISTS:
        given.setdefault(field, []).append(_plain(value if equals else next(words, "")))
    else:
        raise NotPlain


def _plain(value: str) -> str:
    if not value or value.startswith("-"):
        raise NotPlain
    return value
