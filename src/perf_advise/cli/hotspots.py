"""`perf-advise hotspots [PATH...]`: the hot functions of a profile."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import show, warn
from perf_advise.hot_code import hot_functions
from perf_advise.report import hotspots
from perf_advise.report.screen import screen_for


def command(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH...", help="Files and folders.")] = None,
    profile: Annotated[
        list[str] | None, typer.Option("--profile", "-p", metavar="FILE", help="A profile of any tool.")
    ] = None,
    hot: Annotated[str | None, typer.Option(metavar="SHARE", help="What counts as hot: 1% or 0.01. [1%]")] = None,
    sort: Annotated[
        Literal["own", "cumulative", "calls"],
        typer.Option(metavar="KEY", help="own, cumulative or calls first. [own]", show_default=False),
    ] = "own",
    filter_: Annotated[str, typer.Option("--filter", metavar="TEXT", help="A part of name or path.")] = "",
    callers: Annotated[bool, typer.Option("--callers", help="Who calls them.")] = False,
    callees: Annotated[bool, typer.Option("--callees", help="What they call.")] = False,
    output_format: Annotated[
        Literal["text", "json"], typer.Option(metavar="FORMAT", help="text or json. [text]", show_default=False)
    ] = "text",
    config: Annotated[list[str] | None, typer.Option(metavar="FILE|TOML", help="As in check.")] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Read no configuration file.")] = False,
    no_color: Annotated[bool | None, typer.Option("--no-color", help="No colour.")] = None,
) -> int:
    """The hot functions, hottest first."""
    for options in options_by_project(paths or [Path()], context.params):
        found = hot_functions(options)
        warn(found.warnings)
        functions = hotspots.chosen(found.functions, sort, filter_)
        if output_format == "json":
            print(hotspots.as_json(functions, callers, callees), end="")
            continue
        screen = screen_for(options)
        lost = (len(found.unmapped), found.unmapped_share)
        show(hotspots.as_lines(functions, lost, callers, callees, screen.text_width), screen)
    return 0
