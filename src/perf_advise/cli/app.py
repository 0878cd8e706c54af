"""The commands by name, the default one, and errors as one line."""

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from perf_advise import __version__
from perf_advise.cli.commands import COMMANDS, DEFAULT
from perf_advise.cli.interrupts import held_back
from perf_advise.cli.output import complain, guarded
from perf_advise.model.errors import UserError
from perf_advise.model.names import did_you_mean

_OF_THE_GROUP = ("--help", "-h", "--version", "-V", "--install-completion", "--show-completion")
_COMPLETION = "_PERF_ADVISE_COMPLETE"

# typer exports one of these exceptions; the others are its bases.
_UsageError: Any = typer.BadParameter.__base__
_ClickError: Any = _UsageError.__base__


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; the exit code. Errors go to stderr as one line."""
    hint = _path_hint(arguments)
    return guarded(lambda: _answer(arguments, hint), hint)


def _answer(arguments: Sequence[str], hint: str) -> int:
    try:
        return _invoke(*named(arguments))
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except _ClickError as error:
        return complain(f"{_usage(error)}{hint}")


def named(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The command, and the arguments with it in front; no name for help and the like of the whole.

    A lone word that is no path but nearly a command is taken for a misspelt one: UserError.
    """
    if not arguments or arguments[0] in _OF_THE_GROUP or _COMPLETION in os.environ:
        return "", list(arguments) or ["--help"]
    first = arguments[0]
    if first in COMMANDS:
        return first, list(arguments)
    near = did_you_mean(first, COMMANDS)
    if first.replace("-", "").isalpha() and near and not Path(first).exists():
        raise UserError(f"there is no command or path {first}", near)
    return DEFAULT, [DEFAULT, *arguments]


def _invoke(name: str, arguments: list[str]) -> int:
    with held_back():
        group: Any = typer.main.get_command(build(name or _completed()))
    if _COMPLETION in os.environ:
        group.main(arguments, prog_name="perf-advise")
    # Not `main`, which would write a line of its own at Ctrl-C and at a closed pipe.
    with group.make_context("perf-advise", arguments) as context:
        code = group.invoke(context)
    return code if isinstance(code, int) else 0


def build(wanted: str) -> typer.Typer:
    """The application: the wanted command whole, of the others name and help, since each is costly to import."""
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    app = typer.Typer(
        name="perf-advise",
        help="Tells people who have a slow Python program what to change, and proves it.",
        epilog="Without a command: check. A path that is named like a command: write ./rules.",
        context_settings=settings,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_version)
    for name, text in COMMANDS.items():
        module = importlib.import_module(f"perf_advise.cli.{name.replace('-', '_')}") if name == wanted else None
        function = module.command if module else _unwanted
        app.command(name, help=text, context_settings=settings | getattr(module, "CONTEXT", {}))(function)
    return app


def _completed() -> str:
    """The command whose options the shell wants to complete."""
    words = (os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS") or "").split()
    return words[1] if len(words) > 1 and words[1] in COMMANDS and _COMPLETION in os.environ else ""


def _unwanted() -> None:
    """Stands for a command that is only listed."""


def _version(version: bool = typer.Option(False, "--version", "-V", help="Show the version.")) -> None:
    if version:
        print(f"perf-advise {__version__}")
        raise typer.Exit


def _usage(error: Any) -> str:
    """A usage error in the words of this tool: what is wrong, and the nearest option or the help to read."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "perf-advise"
    option = getattr(error, "option_name", None)
    if isinstance(option, str) and context and not isinstance(error, typer.BadParameter):
        known = [name for parameter in context.command.params for name in parameter.opts]
        if option not in known:
            near = did_you_mean(option, [name for name in known if name.startswith("--")])
            return f"there is no option {option}; {near or f'see `{command} --help`'}"
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see `{command} --help`"


def _path_hint(arguments: Sequence[str]) -> str:
    """For who meant the path: a command name wins over a path of the same name."""
    first = arguments[0] if arguments else ""
    return f" (for the path {first} write ./{first})" if first in COMMANDS and Path(first).exists() else ""
