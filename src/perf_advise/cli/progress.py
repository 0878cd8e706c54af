"""Progress bars on stderr: while a long look at many functions goes on, and over the steps of a long command."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from perf_advise.cli.output import note

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 1.0
"""Seconds after which work is long."""


class Bar:
    """Called with what is done and what there is; shows itself only on a terminal, and once the work is long."""

    def __init__(self, quiet: bool) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._start = time.monotonic()
        self._shown: Progress | None = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is; at the end the bar goes away."""
        if self._silent:
            return
        if done == total:
            self._stop()
            return
        if self._shown is None and time.monotonic() - self._start > _PATIENCE:
            self._shown = _started()
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=done, total=total)

    def _stop(self) -> None:
        if self._shown is not None:
            self._shown.stop()
            self._shown = None
        self._start = time.monotonic()


class Steps:
    """The steps of a long command: a bar that changes in place on a terminal, lines elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._is_terminal = quiet, sys.stderr.isatty()
        self._shown: Progress | None = None

    def __enter__(self) -> "Steps":
        if self._is_terminal and not self._quiet:
            self._shown = _steps()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown is not None:
            self._shown.stop()

    def tell(self, text: str) -> None:
        """A step begins; how long it takes is not known yet."""
        if self._shown is not None:
            self._shown.reset(self._shown.task_ids[0], total=None, description=text)
        elif not self._quiet:
            note(text)

    def __call__(self, done: int, total: int) -> None:
        """So much of the step is done."""
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=done, total=total)


def _steps() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TimeElapsedColumn(), BarColumn(), TextColumn("{task.description}", markup=False))
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    shown.add_task("", total=None)
    shown.start()
    return shown


def _started() -> "Progress":
    # A short look, which is most of them, need not pay for the import.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("looking at hot functions"), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    shown.add_task("")
    shown.start()
    return shown
