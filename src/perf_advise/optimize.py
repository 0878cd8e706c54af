"""The loop around the pipeline: record, advise, prove, apply, run again, compare; until nothing gains."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from types import FrameType

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Change, Report
from perf_advise.pipeline import check
from perf_advise.recording.command import resolve
from perf_advise.recording.recorder import record
from perf_advise.source.undo import one_journal, undo
from perf_advise.source.writing import write_atomically

Tell = Callable[[str], None]
ROUNDS = 5
PAIRS = 3
WORTH_IT = 1.02
_OLDER = 10_000_000_000
"""Nanoseconds; byte code knows whole seconds only."""
_ENDING = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


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
    """

    same: bool
    before: float
    after: float
    applied: tuple[Finding, ...]
    changes: tuple[Change, ...]
    rounds: int
    reason: str = ""


def optimize(
    command: Sequence[str], options: Options, tell: Tell, ignore_output: str = "", rounds: int = ROUNDS
) -> Outcome:
    """Make the program that `command` runs faster, with fixes that hold on its own calls.

    An interruption or error at any point leaves the tree as it was. Raises UserError for a command that cannot be run
    or whose output differs between two runs as it is.
    """
    with _ended_in_order(), one_journal(options.root):
        return _Loop(command, options, tell, ignore_output).run(rounds)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A closed terminal and `kill` are to us what Ctrl-C is: what was begun is taken back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    before = {signum: signal.signal(signum, end) for signum in _ENDING}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


class _Loop:
    def __init__(self, command: Sequence[str], options: Options, tell: Tell, ignore_output: str) -> None:
        self._command = command
        self._arguments = resolve(command, options.root, options.python)
        self._options = replace(options, fix=True, prove=True, profiles=(), quiet=True)
        self._tell = tell
        self._ignored = _pattern(ignore_output)
        self._before: dict[Path, bytes] = {}
        self._texts: dict[Path, str] = {}
        self._applied: list[Finding] = []

    def run(self, rounds: int) -> Outcome:
        """Rounds until one changes nothing or gains nothing, then the measured comparison."""
        self._tell("running the command as it is")
        first = self._plain_run()
        self._require_stable(first)
        done = 0
        while done < rounds:
            report = self._round(done + 1)
            if not report.applied:
                break
            done += 1
            if not _alike(first, self._plain_run()):
                self.take_back()
                codes = ", ".join(sorted({f.code for f in report.applied}))
                reason = f"the output changed after {codes}; everything was taken back"
                return Outcome(False, first.seconds, first.seconds, (), (), done, reason)
        return self._finish(first, done)

    def take_back(self) -> None:
        """Every file as it was before the first round."""
        _write(self._before)
        undo(self._options.root)  # what is left of it: the journal

    def _round(self, number: int) -> Report:
        self._tell(f"round {number}: recording")
        with _hidden_output():
            recorded = record(self._command, self._options.root, python=self._options.python)
        if recorded.stopped:
            raise KeyboardInterrupt
        with _hidden_output():
            report = check(self._options, tell=lambda line: self._tell(f"round {number}: {line}"))
        for change in report.changes:
            self._before.setdefault(change.path, change.before_bytes)
            self._texts.setdefault(change.path, change.before)
        self._applied += report.applied
        for finding in report.applied:
            self._tell(f"round {number}: applied {finding.code} in {finding.function.qualname}")
        return report

    def _finish(self, first: Run, rounds: int) -> Outcome:
        after = {path: path.read_bytes() for path in self._before}
        if not after:
            return Outcome(True, first.seconds, first.seconds, (), (), rounds, "no fix holds and gains")
        self._tell("comparing: the program before and after, in turn")
        before_seconds, after_seconds = self._pairs(after)
        if before_seconds / after_seconds < WORTH_IT:
            self.take_back()
            reason = "the fixes hold, but the whole program gains nothing; everything was taken back"
            return Outcome(True, before_seconds, after_seconds, (), (), rounds, reason)
        changes = tuple(Change(path, self._texts[path], after[path].decode("utf-8", "replace")) for path in after)
        return Outcome(True, before_seconds, after_seconds, tuple(self._applied), changes, rounds)

    def _pairs(self, after: Mapping[Path, bytes]) -> tuple[float, float]:
        """Medians over runs in turn, so that a drift of the machine hits both sides.

        Each side keeps a time stamp of its own: what was compiled from it (Numba's cache) stays valid between runs.
        """
        stamps = {path: path.stat().st_mtime_ns for path in after}
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(PAIRS):
            for side, files in ((0, self._before), (1, after)):
                _write(files)
                for path, stamp in stamps.items():
                    os.utime(path, ns=(stamp, stamp if side else stamp - _OLDER))
                times[side].append(self._plain_run().seconds)
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
