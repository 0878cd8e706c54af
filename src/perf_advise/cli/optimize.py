"""`perf-advise optimize -- CMD...`: the whole loop, until nothing gains."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import say, show
from perf_advise.cli.progress import Steps
from perf_advise.optimize import ROUNDS, optimize
from perf_advise.report.gains import gains
from perf_advise.report.screen import screen_for

CONTEXT = {"allow_interspersed_args": False}
"""What follows the command's name is the command's."""


def command(
    context: typer.Context,
    program: Annotated[
        list[str], typer.Argument(metavar="CMD...", help="What you type to run it: python app.py --n 3.")
    ],
    ignore_output: Annotated[
        str, typer.Option(metavar="REGEX", help="What may differ between runs: clocks, paths.")
    ] = "",
    rounds: Annotated[int, typer.Option(metavar="N", help="At most so many rounds.")] = ROUNDS,
    select: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Rules: codes, prefixes or names.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Rules to leave out.")] = None,
    float_tolerance: Annotated[
        str | None, typer.Option(metavar="TOL", help="Floats this near are the same: 4ulp, 1e-12. [none]")
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The interpreter that runs the program.")] = None,
    quiet: Annotated[bool | None, typer.Option("--quiet", "-q", help="The summary only.")] = None,
) -> int:
    """0 when the output stayed the same, 1 when it differed and all was undone."""
    given = {k: v for k, v in context.params.items() if k not in ("program", "ignore_output", "rounds")}
    options = replace(options_by_project([Path()], given)[0], paths=(Path(),))
    with Steps(bool(quiet)) as steps:
        outcome = optimize(program, options, steps.tell, ignore_output, rounds, steps)
    if outcome.applied:
        fixes = list(zip(outcome.applied, outcome.gains, strict=True))
        show(gains(outcome.before, outcome.after, fixes, outcome.changes), screen_for(options))
    else:
        say([outcome.reason])
    return 0 if outcome.same else 1
