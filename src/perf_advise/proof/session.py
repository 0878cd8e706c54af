"""The proofs of one `check`: stored ones for all, new ones when asked for."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.profile import Profile
from perf_advise.model.recording import Recording
from perf_advise.proof.command import (
    Bench,
    functions_to_keep,
    keep_calls,
    prove_findings,
    prove_together,
    with_stored_proofs,
)
from perf_advise.proof.job import Tolerance
from perf_advise.proof.store import ProofStore
from perf_advise.recording.calls import calls_folder, read_recordings
from perf_advise.source.text import SourceFile

Read = Callable[[Path], SourceFile]
Tell = Callable[[str], None]
Progress = Callable[[int, int], None]


def with_proofs(
    findings: Sequence[Finding],
    options: Options,
    profile: Profile | None,
    read: Read,
    tell: Tell,
    progress: Progress = lambda done, total: None,
) -> list[Finding]:
    """The findings with their stored proofs; under `--prove` the others are made, by running the recorded command.

    `tell` gets a line before anything of the user's runs, `progress` how many fixes are proved, of how many. Raises
    UserError where there is no command to run.
    """
    if not any(finding.fix for finding in findings):
        return [*findings]
    store = ProofStore(options.root)
    bench = _bench(options, profile, read)
    if not options.prove:
        return [*with_stored_proofs(findings, bench, store)]
    bench = replace(bench, recordings=_recordings(findings, options, profile, tell))
    fixes = sum(finding.fix is not None for finding in findings)
    proved = prove_findings(findings, bench, store, _counted(fixes, tell, progress))
    progress(fixes, fixes)
    store.save()
    proved = prove_together(proved, bench, store, lambda name: tell(f"proving the fixes of {name} together"))
    store.save()
    return [*proved]


def _counted(total: int, tell: Tell, progress: Progress) -> Callable[[Finding], None]:
    """Says which finding is being proved, and how many there are."""
    numbers = count(1)

    def say(finding: Finding) -> None:
        number = next(numbers)
        tell(f"proving {number} of {total}: {finding.code} in {finding.function.qualname}")
        progress(number - 1, total)

    return say


def _recordings(
    findings: Sequence[Finding], options: Options, profile: Profile | None, tell: Tell
) -> tuple[Recording, ...]:
    command = shlex.split(profile.command) if profile else []
    if not command:
        raise UserError(
            "the profile does not say how the program was started", "record one with `perf-advise record -- CMD`"
        )
    functions = functions_to_keep(findings)
    kept = _kept_in_the_recorded_run(functions, options.root)
    if kept:
        tell(f"proving on the calls that `record --calls` kept of {_functions(functions)}")
        return kept
    tell(f"running `{shlex.join(command)}` again, to keep calls of {_functions(functions)}")
    run = keep_calls(command, functions, options.root, python=options.python, shows_output=False)
    if run.finished.exit_code:
        tell(f"the command ended with exit code {run.finished.exit_code}; the calls until then count")
    return run.recordings


def _functions(functions: Sequence[tuple[Path, str]]) -> str:
    return f"{len(functions)} function{'s' * (len(functions) != 1)}"


def _kept_in_the_recorded_run(functions: Sequence[tuple[Path, str]], root: Path) -> tuple[Recording, ...]:
    """What `record --calls` kept, when it has calls of all the functions and their files are as they were then."""
    plan = calls_folder(root) / "plan.json"
    profile = root / ".perf-advise" / "profile.json"
    try:
        then = plan.stat().st_mtime
        # A run of `prove` keeps calls too, but after the profile was written: its calls are its own.
        if then > profile.stat().st_mtime or any(path.stat().st_mtime > then for path, _ in functions):
            return ()
    except OSError:
        return ()
    kept = read_recordings(root)
    called = {(recording.path, recording.qualname) for recording in kept if recording.calls}
    return kept if all((str(path.resolve()), name) in called for path, name in functions) else ()


def _bench(options: Options, profile: Profile | None, read: Read) -> Bench:
    wanted = options.float_tolerance
    tolerance = Tolerance(wanted.ulp or 0.0, wanted.relative or 0.0) if wanted else None
    return Bench(
        root=options.root,
        read=read,
        python=str(options.python or ""),
        version=profile.python if profile else "",
        packages=profile.packages if profile else {},
        tolerance=tolerance,
    )
