"""`perf-advise [check] PATH...`: advice for the hot functions under the paths."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.hook import run_check
from perf_advise.model.options import OUTPUT_FORMATS

Flag = bool | None
Texts = list[str] | None


def formats(incomplete: str) -> list[str]:
    """The output formats that begin so, for the shell."""
    return [name for name in OUTPUT_FORMATS if name.startswith(incomplete)]


def command(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Files and folders; - is standard input.")
    ] = None,
    profile: Annotated[
        Texts,
        typer.Option(
            "--profile", "-p", help="A profile of any tool: file, folder or glob. [.perf-advise/profile.json]"
        ),
    ] = None,
    hot: Annotated[str | None, typer.Option(metavar="SHARE", help="What counts as hot: 1% or 0.01. [1%]")] = None,
    no_profile: Annotated[Flag, typer.Option("--no-profile", help="Take every function for hot.")] = None,
    select: Annotated[Texts, typer.Option(metavar="CODES", help="Rules: codes, prefixes or names.")] = None,
    ignore: Annotated[Texts, typer.Option(metavar="CODES", help="Rules to leave out.")] = None,
    extend_select: Annotated[Texts, typer.Option(metavar="CODES", help="Rules to add.")] = None,
    per_file_ignores: Annotated[Texts, typer.Option(metavar="GLOB:CODE", help="Rules to leave out by file.")] = None,
    rules: Annotated[Texts, typer.Option(metavar="FOLDER", help="A folder with rules of your own.")] = None,
    fix: Annotated[Flag, typer.Option("--fix/--no-fix", help="Apply the fixes that hold.")] = None,
    unsafe_fixes: Annotated[
        Flag, typer.Option("--unsafe-fixes/--no-unsafe-fixes", help="Apply also fixes that may show a difference.")
    ] = None,
    prove: Annotated[
        Flag, typer.Option("--prove", help="Run the recorded command again and prove each fix on its calls.")
    ] = None,
    float_tolerance: Annotated[
        str | None, typer.Option(metavar="TOL", help="Floats this near are the same: 4ulp, 1e-12. [none]")
    ] = None,
    diff: Annotated[Flag, typer.Option("--diff", help="Show what --fix would write, and write nothing.")] = None,
    test: Annotated[
        str | None, typer.Option(metavar="CMD", help="With --fix: run these tests, and take back what breaks them.")
    ] = None,
    interactive: Annotated[Flag, typer.Option("--interactive", help="Ask about each fix before it is applied.")] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The interpreter that runs the program.")] = None,
    target_version: Annotated[str | None, typer.Option(metavar="3.N", help="The Python it runs on.")] = None,
    exclude: Annotated[Texts, typer.Option(metavar="GLOB", help="Leave out; replaces the default list.")] = None,
    extend_exclude: Annotated[Texts, typer.Option(metavar="GLOB", help="Leave out as well.")] = None,
    force_exclude: Annotated[
        Flag, typer.Option("--force-exclude/--no-force-exclude", help="Exclude also what is named as a path.")
    ] = None,
    stdin_filename: Annotated[Path | None, typer.Option(metavar="FILE", help="What standard input is.")] = None,
    why_not: Annotated[Flag, typer.Option("--why-not", help="Show what matched and was refused, and why.")] = None,
    unused_ignores: Annotated[
        Flag, typer.Option("--unused-ignores", help="Report `# perf-advise: ignore` that ignore nothing.")
    ] = None,
    statistics: Annotated[Flag, typer.Option("--statistics", help="Count findings by rule.")] = None,
    output_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", autocompletion=formats, help=f"{', '.join(OUTPUT_FORMATS)}. [text]")
    ] = None,
    output_file: Annotated[
        str | None, typer.Option("--output-file", "-o", metavar="FILE", help="Where the report goes.")
    ] = None,
    exit_zero: Annotated[Flag, typer.Option("--exit-zero", help="Exit 0 in spite of findings.")] = None,
    config: Annotated[Texts, typer.Option(metavar="FILE|TOML", help='A TOML file, or "key = value".')] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Read no configuration file.")] = False,
    quiet: Annotated[Flag, typer.Option("--quiet", "-q", help="Findings only.")] = None,
    verbose: Annotated[Flag, typer.Option("--verbose", "-v", help="All that is known.")] = None,
    no_color: Annotated[Flag, typer.Option("--no-color", help="No colour, whatever the terminal.")] = None,
) -> int:
    """Advice for the hot functions under PATHS."""
    return run_check(paths or [Path()], context.params)
