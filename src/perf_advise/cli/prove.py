"""`perf-advise prove [PATH...]`: replay real calls against the old and the new code of every fix."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import deliver, warn
from perf_advise.cli.progress import Steps
from perf_advise.model.options import OUTPUT_FORMATS
from perf_advise.model.proof import Verdict
from perf_advise.pipeline import check
from perf_advise.report import render_all


def command(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders. [.]")] = None,
    profile: Annotated[list[str] | None, typer.Option("--profile", "-p", help="A profile made by `record`.")] = None,
    select: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Rules: codes, prefixes or names.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Rules to leave out.")] = None,
    hot: Annotated[str | None, typer.Option(metavar="SHARE", help="What counts as hot: 1% or 0.01. [1%]")] = None,
    float_tolerance: Annotated[
        str | None, typer.Option(metavar="TOL", help="Floats this near are the same: 4ulp, 1e-12. [none]")
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The interpreter that runs the program.")] = None,
    output_format: Annotated[str | None, typer.Option(metavar="FORMAT", help=f"{', '.join(OUTPUT_FORMATS)}.")] = None,
    output_file: Annotated[str | None, typer.Option("--output-file", "-o", metavar="FILE")] = None,
    quiet: Annotated[bool | None, typer.Option("--quiet", "-q", help="Findings only.")] = None,
) -> int:
    """0 when every fix that was replayed holds, 1 when one was refuted."""
    projects = options_by_project(paths or [Path()], context.params | {"prove": True})
    with Steps(projects[0].quiet) as steps:
        reports = [check(project, steps, steps.tell) for project in projects]
    warn((warning for report in reports for warning in report.warnings), projects[0].quiet)
    deliver(render_all(reports, projects), projects[0])
    proofs = [f.proof for report in reports for f in report.findings if f.proof]
    return int(any(proof.verdict is Verdict.DIFFERENT for proof in proofs))
