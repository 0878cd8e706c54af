"""Fixes under the user's own tests: what breaks them is found by halving and taken back, alone."""

import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from perf_advise.ending import ended_in_order
from perf_advise.engine.apply import Applied
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.source.writing import write_atomically

Apply = Callable[[Sequence[Finding]], Applied]
Tell = Callable[[str], None]


def apply_tested(findings: Sequence[Finding], apply: Apply, command: str, root: Path, tell: Tell) -> Applied:
    """Apply the findings and keep those with which `command`, run in `root`, exits 0.

    `apply` writes fixes to files as they were. An interruption or error leaves every file as it was. Raises UserError
    when the command cannot be run, or fails before anything was changed.
    """
    trial = _Trial(apply, arguments_of(command), root, tell)
    if not findings:
        return trial.with_only(())
    if not trial.passes(()):
        raise UserError(f"`{command}` fails before any fix is applied", "mend the tests first, or leave out --test")
    with ended_in_order():
        try:
            return trial.settle(list(findings))
        except BaseException:
            trial.take_back()
            raise


def arguments_of(command: str) -> list[str]:
    """The command split as a shell would; raises UserError when it is not there to be run."""
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise UserError(f"--test: {command!r} is no command ({error})") from None
    if not arguments or shutil.which(arguments[0]) is None:
        raise UserError(f"--test: {command!r}: command not found", "write it as you run it: --test 'pytest -q'")
    return arguments


class _Trial:
    def __init__(self, apply: Apply, arguments: Sequence[str], root: Path, tell: Tell) -> None:
        self._apply = apply
        self._arguments = arguments
        self._root = root
        self._tell = tell
        self._before: dict[Path, bytes] = {}

    def settle(self, kept: list[Finding]) -> Applied:
        """Take the guilty ones out, one after the other, until the tests pass."""
        guilty: list[Finding] = []
        while kept and not self.passes(kept):
            bad = self._guilty(kept)
            kept = [finding for finding in kept if finding is not bad]
            guilty.append(bad)
        applied = self.with_only(kept)
        return Applied(
            applied.findings, applied.changes, (*applied.warnings, *map(_taken_back, guilty)), failed=tuple(guilty)
        )

    def _guilty(self, findings: Sequence[Finding]) -> Finding:
        """The last of the shortest run of fixes from the first that fails."""
        passing, failing = 0, len(findings)
        while failing - passing > 1:
            middle = (passing + failing) // 2
            if self.passes(findings[:middle]):
                passing = middle
            else:
                failing = middle
        return findings[failing - 1]

    def passes(self, findings: Sequence[Finding]) -> bool:
        """Whether the tests pass with just these fixes."""
        self.with_only(findings)
        self._tell(f"running `{shlex.join(self._arguments)}` with {len(findings)} fixes")
        done = subprocess.run(self._arguments, cwd=self._root, stdin=subprocess.DEVNULL, capture_output=True)
        return done.returncode == 0

    def with_only(self, findings: Sequence[Finding]) -> Applied:
        """The files with these fixes and no others."""
        self.take_back()
        if not findings:
            return Applied((), ())
        applied = self._apply(findings)
        self._before |= {change.path: change.before_bytes for change in applied.changes}
        return applied

    def take_back(self) -> None:
        """Every file as it was."""
        for path, content in self._before.items():
            write_atomically(path, content)
        self._before.clear()


def _taken_back(guilty: Finding) -> str:
    place = f"{guilty.path}:{guilty.start.row}"
    fix = f"the fix of {guilty.code} in {guilty.function.qualname}"
    return f"{place}: the tests fail with {fix}, which was taken back"
