"""The loop around the pipeline: record, advise, prove, apply, run again, compare; until nothing gains."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from perf_advise.ending import ended_in_order
from perf_advise.engine.apply import only_rounded
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import FloatTolerance, Options
from perf_advise.model.report import Change, Report
from perf_advise.pipeline import Progress, check
from perf_advise.recording.command import resolve
from perf_advise.recording.recorder import FOLDER, record
from perf_advise.report.figures import run_seconds, seconds
from perf_advise.source.undo import one_journal, remember, undo
from perf_advise.source.writing import write_atomically

Tell = Callable[[str], None]
ROUNDS = 5
PAIRS = 3
WORTH_IT = 1.02
_PROFILE = "profile.json"
_ROUNDING = FloatTolerance(ulp=512.0)
"""What proofs call rounding: such fixes stay where the output of the whole program does."""
_OLDER = 10_000_000_000
"""Nanoseconds; byte code knows whole seconds only."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command without us: its exit code, output as compared, wall seconds."""

    exit_code: int
    output: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the loop achieved. `same` is False when the output changed: then everything was taken back.

    `before` and `after` are medians of wall seconds over interleaved pairs of runs; equal where nothing changed.
    `gains` are the seconds that each applied fix saves by its proof, of the run that was profiled before it; None
    where that is not known.
    """

    same: bool
    before: float
    after: float
    applied: tuple[Finding, ...]
    changes: tuple[Change, ...]
    rounds: int
    reason: str = ""
    gains: tuple[float | None, ...] = ()


def optimize(
    command: Sequence[str],
    options: Options,
    tell: Tell,
    ignore_output: str = "",
    rounds: int = ROUNDS,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Make the program that `command` runs faster, with fixes that hold on its own calls.

    `tell` gets a line at the start of each step, `progress` how far a step is that can be counted. An interruption or
    error at any point leaves the tree as it was, and at the end the profile is one of the program as it then is.
    Raises UserError for a command that cannot be run or whose output differs between two runs as it is.
    """
    with ended_in_order(), one_journal(options.root), _same_profile_unless_done(options.root / FOLDER / _PROFILE):
        return _Loop(command, options, tell, ignore_output, progress).run(rounds)


@contextmanager
def _same_profile_unless_done(path: Path) -> Iterator[None]:
    """An interruption or error gives the profile back that there was, or none."""
    before = _bytes_of(path)
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        elif before != _bytes_of(path):
            write_atomically(path, before)
        raise


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


class _Loop:
    def __init__(
        self, command: Sequence[str], options: Options, tell: Tell, ignore_output: str, progress: Progress
    ) -> None:
        self._command = command
        self._arguments = resolve(command, options.root, options.python)
        self._options = replace(options, fix=True, prove=True, profiles=(), quiet=True)
        self._tell, self._progress = tell, progress
        self._profile = options.root / FOLDER / _PROFILE
        self._first_profile: bytes | None = None
        self._round_profile: bytes | None = None
        self._ignored = _pattern(ignore_output)
        self._before: dict[Path, bytes] = {}
        self._texts: dict[Path, tuple[str, str]] = {}
        self._applied: list[Finding] = []
        self._gains: list[float | None] = []
        self._left = ""

    def run(self, rounds: int) -> Outcome:
        """Rounds until one changes nothing or gains nothing, then the measured comparison."""
        self._tell("running the command as it is")
        first = self._plain_run()
        self._require_stable(first)
        done = 0
        while done < rounds:
            report = self._round(done + 1)
            if not report.applied and self._tries_rounding():
                report = self._round(done + 1, again=True)
            if not report.applied:
                break
            done += 1
            if not _alike(first, self._plain_run()):
                if self._options.float_tolerance is _ROUNDING:
                    self._take_back_rounding(report)
                    break
                self.take_back()
                codes = ", ".join(sorted({f.code for f in report.applied}))
                reason = f"the output changed after {codes}; everything was taken back"
                return Outcome(False, first.seconds, first.seconds, (), (), done, reason)
        else:
            if self._applied:
                self._record("recording the program as it now is")
        return self._finish(first, done)

    def _tries_rounding(self) -> bool:
        """Whether fixes that hold up to rounding are left: they are tried last, and stay if the output does."""
        if not self._left or self._options.float_tolerance is not None:
            return False
        self._tell("trying what holds up to rounding")
        self._options = replace(self._options, float_tolerance=_ROUNDING)
        return True

    def _take_back_rounding(self, report: Report) -> None:
        """The files as they were before this round, whose fixes change the output by their rounding."""
        self._left = "; what rounds changes the output"
        self._tell("the output changed with what rounds: that was taken back")
        _write({change.path: change.before_bytes for change in report.changes})
        count = len(report.applied)
        del self._applied[-count:], self._gains[-count:]
        for change in report.changes:
            self._texts[change.path] = (self._texts[change.path][0], change.before)
        if self._round_profile is not None:
            write_atomically(self._profile, self._round_profile)

    def take_back(self) -> None:
        """Every file as it was before the first round, and the profile of that program."""
        _write(self._before)
        undo(self._options.root)  # what is left of it: the journal
        if self._first_profile is not None:
            write_atomically(self._profile, self._first_profile)

    def _record(self, what: str) -> None:
        self._tell(what)
        with _hidden_output():
            recorded = record(self._command, self._options.root, python=self._options.python)
        if recorded.stopped:
            raise KeyboardInterrupt
        self._round_profile = _bytes_of(self._profile)
        if not self._applied:
            self._first_profile = self._round_profile

    def _round(self, number: int, again: bool = False) -> Report:
        """Advice, proofs, fixes; `again` on what was recorded and proved a moment ago."""
        if not again:
            self._record(f"round {number}: recording")
        options = replace(self._options, prove=not again)
        with _hidden_output():
            report = check(options, self._progress, tell=lambda line: self._tell(f"round {number}: {line}"))
        for change in report.changes:
            self._before.setdefault(change.path, change.before_bytes)
            self._texts[change.path] = (self._texts.get(change.path, (change.before,))[0], change.after)
        self._applied += report.applied
        left, tolerance = only_rounded(report.findings, self._options.float_tolerance)
        self._left = f"; up to rounding {left} would, with --float-tolerance {tolerance}" if left else ""
        self._gains += [_saved(finding, report) for finding in report.applied]
        for finding in report.applied:
            self._tell(f"round {number}: applied {finding.code} in {finding.function.qualname}")
        return report

    def _finish(self, first: Run, rounds: int) -> Outcome:
        after = {path: path.read_bytes() for path in self._before}
        if after == self._before:
            if after:
                undo(self._options.root)  # nothing of it is left but the journal
            return Outcome(True, first.seconds, first.seconds, (), (), rounds, f"no fix holds and gains{self._left}")
        self._tell("comparing: the program before and after, in turn")
        before_seconds, after_seconds = self._pairs(after)
        if before_seconds / after_seconds < WORTH_IT:
            self.take_back()
            figures = f"{seconds(before_seconds)} -> {seconds(after_seconds)}"
            reason = f"the fixes hold, but the whole program gains nothing ({figures}); everything was taken back"
            return Outcome(True, before_seconds, after_seconds, (), (), rounds, reason)
        if self._first_profile is not None:
            remember(self._options.root, self._profile, self._first_profile)
        changed = [path for path in after if after[path] != self._before[path]]
        changes = tuple(Change(path, *self._texts[path], self._before[path], after[path]) for path in changed)
        applied, gains = tuple(self._applied), tuple(self._gains)
        return Outcome(True, before_seconds, after_seconds, applied, changes, rounds, gains=gains)

    def _pairs(self, after: Mapping[Path, bytes]) -> tuple[float, float]:
        """Medians over runs in turn, so that a drift of the machine hits both sides.

        Each side keeps a time stamp of its own: what was compiled from it (Numba's cache) stays valid between runs.
        """
        stamps = {path: path.stat().st_mtime_ns for path in after}
        times: tuple[list[float], list[float]] = ([], [])
        for pair in range(PAIRS):
            for side, files in ((0, self._before), (1, after)):
                self._progress(2 * pair + side, 2 * PAIRS)
                _write(files)
                for path, stamp in stamps.items():
                    os.utime(path, ns=(stamp, stamp if side else stamp - _OLDER))
                times[side].append(self._plain_run().seconds)
        self._progress(2 * PAIRS, 2 * PAIRS)
        return median(times[0]), median(times[1])

    def _plain_run(self) -> Run:
        start = time.perf_counter()
        done = subprocess.run(self._arguments, stdin=subprocess.DEVNULL, capture_output=True)
        seconds = time.perf_counter() - start
        return Run(done.returncode, self._ignored.sub(b"", done.stdout), seconds)

    def _require_stable(self, first: Run) -> None:
        if not _alike(first, self._plain_run()):
            raise UserError(
                "the output of the command differs from run to run, so nothing could be compared",
                "leave out what differs with --ignore-output REGEX",
            )


def _saved(finding: Finding, report: Report) -> float | None:
    whole = run_seconds(report.profile)
    return None if whole is None or finding.gain is None else finding.gain.saved_share * whole


def _write(files: Mapping[Path, bytes]) -> None:
    for path, content in files.items():
        write_atomically(path, content)


def _alike(one: Run, other: Run) -> bool:
    return one.exit_code == other.exit_code and one.output == other.output


def _pattern(text: str) -> "re.Pattern[bytes]":
    try:
        return re.compile(text.encode() or b"(?!)", re.MULTILINE)
    except re.error as error:
        raise UserError(f"--ignore-output: {text!r} is no regular expression ({error})") from None


@contextmanager
def _hidden_output() -> Iterator[None]:
    """What the program prints while it is recorded and replayed is not ours to show."""
    sys.stdout.flush()
    saved, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(null)
