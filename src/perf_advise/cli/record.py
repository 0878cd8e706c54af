"""`perf-advise record -- CMD...`: run a program once and keep its profile."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.live_line import LiveLine
from perf_advise.cli.output import aside, note, show_aside, warn
from perf_advise.hot_code import hot_functions
from perf_advise.model.errors import UserError
from perf_advise.proof.job import replayed_qualname
from perf_advise.recording.attach import attach
from perf_advise.recording.calls import forget as forget_calls
from perf_advise.recording.choosing import SHORT_SECONDS
from perf_advise.recording.measured import Measured
from perf_advise.recording.recorder import Profiler, RecordResult, record
from perf_advise.report import recorded
from perf_advise.report.figures import counted, seconds
from perf_advise.report.texts import short
from perf_advise.source.root import project_root

CONTEXT = {"allow_interspersed_args": False}
"""What follows the command's name is the command's."""
_DURATION = 30.0
_ATTACHED = "Instead of CMD, a process that runs already: Python 3.15 with its own sampler, any other with py-spy."
_CHOICE = (
    "sampler: low overhead, for long runs. cprofile: precise counts of calls, for short ones. "
    f"auto: counts where the last recording of the same command took under {SHORT_SECONDS:.0f} s, "
    "samples otherwise. [auto]"
)


def command(
    program: Annotated[
        list[str] | None, typer.Argument(metavar="CMD...", help="What you type to run it: python app.py --n 3.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where the profile goes. [.perf-advise/profile.json]"),
    ] = None,
    profiler: Annotated[
        Profiler,
        typer.Option(metavar="NAME", help=_CHOICE, show_default=False),
    ] = "auto",
    python: Annotated[
        Path | None, typer.Option(metavar="PATH", help="What runs scripts that are given without an interpreter.")
    ] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help="Keep also real calls of the functions that the last profile marks hot.")
    ] = False,
    pid: Annotated[int | None, typer.Option(metavar="NUMBER", help=_ATTACHED)] = None,
    duration: Annotated[
        float | None, typer.Option(metavar="S", min=1.0, help="For how many seconds, with --pid. [30]")
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remove all kept calls; runs nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> int:
    """Run it, pass its output and exit code on, and write the profile."""
    root = project_root(Path())
    if pid is None and duration is not None:
        raise UserError("record --duration goes with --pid", "a command is recorded to its end, or to Ctrl-C")
    if (pid is not None or forget) and program:
        raise UserError(f"record --{'forget' if forget else 'pid'} runs nothing", "leave out the command")
    if forget:
        return _forget(root)
    if pid is not None:
        result = _attach(pid, duration or _DURATION, root, output, quiet)
    else:
        keep = _hot_in_last_profile(root) if calls else ()
        result = _record(program or (), root, output, profiler, python, keep, quiet)
    warn(result.warnings, quiet)
    if not quiet and result.path is not None:
        _tell(result, result.path, root)
    return result.exit_code


def _record(
    program: Sequence[str],
    root: Path,
    output: Path | None,
    profiler: Profiler,
    python: Path | None,
    keep: Sequence[tuple[Path, str]],
    quiet: bool,
) -> RecordResult:
    with LiveLine(quiet) as live:

        def progress(elapsed: float, measured: Measured) -> None:
            live.show(recorded.progress_line(elapsed, measured, live.width))

        shown = progress if live.is_shown else None
        return record(program, root, profiler=profiler, output=output, progress=shown, python=python, keep=keep)


def _attach(pid: int, duration: float, root: Path, output: Path | None, quiet: bool) -> RecordResult:
    with LiveLine(quiet) as live:

        def progress(elapsed: float) -> None:
            live.show(f"recording process {pid}: {elapsed:.0f} of {duration:.0f} s"[: live.width])

        return attach(pid, duration, root, output, progress)


def _tell(result: RecordResult, path: Path, root: Path) -> None:
    """The table, where the profile is, and what to do next."""
    screen = aside()
    show_aside(recorded.table(result, root, screen.text_width), screen)
    note(summary(result, path))


def _forget(root: Path) -> int:
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
