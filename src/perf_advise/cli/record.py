"""`perf-advise record -- CMD...`: run a program once and keep its profile."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import note, warn
from perf_advise.model.errors import UserError
from perf_advise.pipeline import hot_functions
from perf_advise.proof.job import replayed_qualname
from perf_advise.recording.calls import forget as forget_calls
from perf_advise.recording.recorder import RecordResult, record
from perf_advise.report.figures import counted, seconds
from perf_advise.report.texts import short
from perf_advise.source.root import project_root

CONTEXT = {"allow_interspersed_args": False}
"""What follows the command's name is the command's."""


def command(
    program: Annotated[
        list[str] | None, typer.Argument(metavar="CMD...", help="What you type to run it: python app.py --n 3.")
    ] = None,
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
    calls: Annotated[
        bool, typer.Option("--calls", help="Keep also real calls of the functions that the last profile marks hot.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Remove all kept calls; runs nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> int:
    """Run it, pass its output and exit code on, and write the profile."""
    root = project_root(Path())
    if forget:
        return _forget(root, program)
    keep = _hot_in_last_profile(root) if calls else ()
    result = record(program or (), root, profiler=profiler, output=output, python=python, keep=keep)
    warn(result.warnings, quiet)
    if not quiet and result.path is not None:
        note(summary(result, result.path))
    return result.exit_code


def _forget(root: Path, program: list[str] | None) -> int:
    if program:
        raise UserError("record --forget runs nothing", "leave out the command")
    size = forget_calls(root)
    note(f"removed {size / 1e6:.1f} MB of kept calls" if size else "there are no kept calls")
    return 0


def _hot_in_last_profile(root: Path) -> tuple[tuple[Path, str], ...]:
    """The functions to keep calls of; raises UserError where no profile says which are hot."""
    options = options_by_project([root], {})[0]
    if not (root / ".perf-advise" / "profile.json").is_file():
        raise UserError("record --calls: no profile says yet which functions are hot", "record once without --calls")
    functions = hot_functions(options).functions
    return tuple((f.path, replayed_qualname(f.qualname)) for f in functions if not f.is_module)


def summary(result: RecordResult, path: Path) -> str:
    """What was recorded, where it is, and what to do next."""
    count = len(result.profile.functions) if result.profile else 0
    kept = f"recorded {seconds(result.seconds)}, {counted(count, 'function')} in {short(path)}"
    calls = sum(recording.calls for recording in result.recordings)
    if result.recordings:
        kept = f"{kept}, {counted(calls, 'call')} of {counted(len(result.recordings), 'hot function')}"
    return f"{kept}; commit it, and see `perf-advise .`"
