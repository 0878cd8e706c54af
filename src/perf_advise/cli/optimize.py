"""`perf-advise optimize -- CMD...`: the whole loop, until nothing gains."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import note, quietly, say
from perf_advise.model.finding import Finding
from perf_advise.optimize import ROUNDS, Outcome, optimize
from perf_advise.report.figures import seconds
from perf_advise.report.texts import short

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
    outcome = optimize(program, options, quietly(note, bool(quiet)), ignore_output, rounds)
    say(_summary(outcome))
    return 0 if outcome.same else 1


def _summary(outcome: Outcome) -> list[str]:
    if not outcome.applied:
        return [outcome.reason]
    gain = outcome.before / outcome.after
    lines = [f"{seconds(outcome.before)} -> {seconds(outcome.after)}: {gain:.1f}x faster, same output"]
    lines += [_told(finding) for finding in outcome.applied]
    lines += [f"changed {short(change.path)}" for change in outcome.changes]
    return [*lines, "`perf-advise undo` takes it all back"]


def _told(finding: Finding) -> str:
    place = f"{short(finding.path)}:{finding.start.row}"
    gain = f", {finding.proof.speedup.ratio:.3g}x there" if finding.proof and finding.proof.speedup else ""
    return f"  {finding.code} {finding.function.qualname} {place}{gain}"
