"""`perf-advise facts FILE:FUNCTION`: what is known about a function, and why."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import say
from perf_advise.facts.describe import describe
from perf_advise.hot_code import view_of
from perf_advise.model.errors import UserError


def command(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="FILE:FUNCTION", help="src/grid.py:Grid.energy, or a.py:<module>.")],
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", "-p", metavar="FILE", help="A profile with types seen. [.perf-advise/profile.json]"),
    ] = None,
) -> int:
    """Names with their types, effects and loops, each with its evidence."""
    file, colon, function = target.rpartition(":")
    if not colon or not file or not function:
        raise UserError(f"{target} names no function", "write FILE:FUNCTION, as in src/grid.py:Grid.energy")
    options = options_by_project([Path(file)], context.params)[0]
    say(describe(view_of(options, Path(file), function).facts))
    return 0
