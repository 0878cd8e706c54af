"""`perf-advise record -- CMD...`: run a program once and keep its profile."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from perf_advise.cli.output import note, warn
from perf_advise.recording.recorder import RecordResult, record
from perf_advise.report.figures import counted, seconds
from perf_advise.report.texts import short
from perf_advise.source.root import project_root

CONTEXT = {"allow_interspersed_args": False}
"""What follows the command's name is the command's."""


def command(
    program: Annotated[
        list[str], typer.Argument(metavar="CMD...", help="What you type to run it: python app.py --n 3.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where the profile goes. [.perf-advise/profile.json]"),
    ] = None,
    profiler: Annotated[
        Literal["auto", "sampler", "cprofile"],
        typer.Option(metavar="NAME", help="auto, sampler or cprofile. [auto]", show_default=False),
    ] = "auto",
    python: Annotated[
        Path | None, typer.Option(metavar="PATH", help="What runs scripts that are given without an interpreter.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> int:
    """Run it, pass its output and exit code on, and write the profile."""
    result = record(program, project_root(Path()), profiler=profiler, output=output, python=python)
    warn(result.warnings, quiet)
    if not quiet and result.path is not None:
        note(summary(result, result.path))
    return result.exit_code


def summary(result: RecordResult, path: Path) -> str:
    """What was recorded, where it is, and what to do next."""
    count = len(result.profile.functions) if result.profile else 0
    kept = f"recorded {seconds(result.seconds)}, {counted(count, 'function')} in {short(path)}"
    return f"{kept}; commit it, and see `perf-advise .`"
