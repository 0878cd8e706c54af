"""`perf-advise ratchet [PATH...]`: fails only on what is slow now and was not at the base."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.check import formats
from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import deliver, warn
from perf_advise.cli.progress import Bar
from perf_advise.model.options import OUTPUT_FORMATS, Options
from perf_advise.ratchet.comparing import Comparison, compare
from perf_advise.report import render_all
from perf_advise.report.figures import counted

Flag = bool | None
Texts = list[str] | None


def command(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH...", help="Files and folders. [.]")] = None,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="The revision to compare with. [what CI names, or origin/HEAD]")
    ] = None,
    profile: Annotated[
        Texts, typer.Option("--profile", "-p", metavar="FILE", help="A profile of now; several are runs of their own.")
    ] = None,
    base_profile: Annotated[
        Texts, typer.Option(metavar="FILE", help="A profile of the base: functions that got slower fail too.")
    ] = None,
    hot: Annotated[str | None, typer.Option(metavar="SHARE", help="What counts as hot: 1% or 0.01. [1%]")] = None,
    select: Annotated[Texts, typer.Option(metavar="CODES", help="Rules: codes, prefixes or names.")] = None,
    ignore: Annotated[Texts, typer.Option(metavar="CODES", help="Rules to leave out.")] = None,
    output_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", autocompletion=formats, help=f"{', '.join(OUTPUT_FORMATS)}. [text]")
    ] = None,
    output_file: Annotated[
        str | None, typer.Option("--output-file", "-o", metavar="FILE", help="Where the report goes.")
    ] = None,
    exit_zero: Annotated[Flag, typer.Option("--exit-zero", help="Exit 0 in spite of what is new.")] = None,
    config: Annotated[Texts, typer.Option(metavar="FILE|TOML", help="As in check.")] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Read no configuration file.")] = False,
    quiet: Annotated[Flag, typer.Option("--quiet", "-q", help="What is new only.")] = None,
    no_color: Annotated[Flag, typer.Option("--no-color", help="No colour, whatever the terminal.")] = None,
) -> int:
    """0 when nothing is new, 1 when a hot function has a new slow shape or got slower, 2 when it cannot be told."""
    given = {name: value for name, value in context.params.items() if name not in ("base", "base_profile")}
    projects = options_by_project(paths or [Path()], given)
    with Bar(projects[0].quiet) as bar:
        comparisons = [compare(project, base, base_profile or (), bar) for project in projects]
    warn((warning for one in comparisons for warning in one.report.warnings), projects[0].quiet)
    deliver(_text(comparisons, projects), projects[0])
    return int(any(one.report.findings for one in comparisons) and not projects[0].exit_zero)


def _text(comparisons: Sequence[Comparison], projects: Sequence[Options]) -> str:
    """The report on what is new; for people only where there is some, and with the comparison in a line."""
    if projects[0].output_format != "text":
        return render_all([one.report for one in comparisons], projects)
    found = [pair for pair in zip(comparisons, projects, strict=True) if pair[0].report.findings]
    shown = render_all([one.report for one, _ in found], [options for _, options in found]) if found else ""
    return shown if projects[0].quiet else shown + "".join(f"{_line(one)}\n" for one in comparisons)


def _line(one: Comparison) -> str:
    new = f"{counted(one.shapes, 'new slow shape')} in hot functions" if one.shapes else "no new slow shape"
    slower = f", {counted(one.slower, 'function')} slower" if one.slower else ""
    known = f"; {one.known} known" if one.known else ""
    return f"compared with {one.base}: {new}{slower}{known}"
