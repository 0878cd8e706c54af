"""Record one run of a program: launch it, read what its processes left, keep the profile of the project."""

import shlex
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from perf_advise.model.errors import UserError
from perf_advise.model.profile import Profile
from perf_advise.model.recording import Recording
from perf_advise.profiles import own
from perf_advise.recording import calls
from perf_advise.recording.choosing import choose
from perf_advise.recording.command import resolve
from perf_advise.recording.environment import package_versions
from perf_advise.recording.keeping import project_profile
from perf_advise.recording.launch import Finished, launch
from perf_advise.recording.measured import Measured, read_measured
from perf_advise.recording.settling import settle
from perf_advise.source.writing import write_atomically

Profiler = Literal["auto", "sampler", "cprofile"]
_AGENTS = {"sampler": "ticking", "cprofile": "deterministic"}
FOLDER = ".perf-advise"
_IGNORED = "calls/\nundo/\n"
# Fewer samples than this leave every share uncertain by more than ten points.
FEW_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class RecordResult:
    """One recorded run: the program's own exit code, the profile of the project and where it was written.

    `profile` and `path` are None when no Python process left anything. `warnings` are one-liners. `recordings`
    say what was kept of the calls that were asked for.
    """

    exit_code: int
    seconds: float
    profile: Profile | None
    path: Path | None
    measured: Measured
    warnings: tuple[str, ...] = ()
    recordings: tuple[Recording, ...] = ()
    stopped: bool = False
    """Whether Ctrl-C or another wish to end came while it ran."""


def record(
    command: Sequence[str],
    root: Path,
    *,
    profiler: Profiler = "auto",
    output: Path | None = None,
    progress: Callable[[float, Measured], None] | None = None,
    python: Path | None = None,
    keep: Sequence[tuple[Path, str]] = (),
) -> RecordResult:
    """Run `command` once and write the profile to `output` (default `.perf-advise/profile.json` of `root`).

    The sampler measures unless `profiler` is "cprofile", which counts every call, or "auto" where the last
    recording of the command was short (see `choosing`). `progress` is called now and then with the elapsed seconds
    and what is known so far. `python` runs scripts that are given without an interpreter. `keep` are functions
    (path, qualified name) whose calls are kept
    in the same run, in place of those kept before. Raises UserError when the command cannot be run, or the
    profile not written.
    """
    arguments = resolve(command, root, python)
    output = output or root / FOLDER / "profile.json"
    tool = choose(shlex.join(command), output) if profiler == "auto" else profiler
    scratch = Path(tempfile.mkdtemp(prefix="perf-advise-"))
    try:
        watch = (lambda seconds: progress(seconds, read_measured(scratch, tool))) if progress else None
        agents = [_AGENTS[tool], *(["calls_agent"] if keep else [])]
        settings = {"calls_plan": str(calls.write_plan(root, keep).resolve())} if keep else {}
        with calls.fixed_hash_seed() if keep else nullcontext():
            finished = launch(
                arguments, agents=agents, scratch=scratch, root=root, settings=settings, while_running=watch
            )
        measured = read_measured(scratch, tool)
        recordings = calls.finish(root) if keep else ()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    result = _kept(finished, measured, shlex.join(command), root, output)
    return replace(result, recordings=recordings, stopped=finished.stopped)


def _kept(finished: Finished, measured: Measured, command: str, root: Path, output: Path) -> RecordResult:
    warnings = [*measured.warnings, *_doubts(measured, command)]
    if measured.profile is None:
        return RecordResult(finished.exit_code, finished.seconds, None, None, measured, tuple(warnings))
    whole = replace(
        measured.profile,
        command=command,
        seconds=finished.seconds,
        packages=package_versions(measured.executable),
        threads={f"thread {number}": 0.0 for number in range(1, measured.threads + 1)},
    )
    profile, unmapped = project_profile(whole, root)
    write_profile(profile, root, output)
    return RecordResult(finished.exit_code, finished.seconds, profile, output, measured, (*warnings, *unmapped))


def write_profile(profile: Profile, root: Path, output: Path) -> None:
    """Write a recording where `check` finds it, close to the one that is there; git ignores what is not for it."""
    ignore = root / FOLDER / ".gitignore"
    for folder in (ignore.parent, output.parent):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{folder}: cannot be made ({error.strerror})", "name another file with -o") from None
    if not ignore.exists():
        write_atomically(ignore, _IGNORED.encode())
    write_atomically(output, own.to_json(settle(profile, output, root)).encode())


def _doubts(measured: Measured, command: str) -> list[str]:
    if measured.profile is None:
        return [f"nothing recorded: {command} started no Python 3.9 or later that could be watched"]
    if measured.profile.tool == "sampler" and measured.samples < FEW_SAMPLES:
        few = f"only {measured.samples} sample{'s' * (measured.samples != 1)}"
        return [f"{few}, so shares are rough: record a longer run, or with --profiler cprofile"]
    return []
