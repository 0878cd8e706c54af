"""A line at the bottom of the terminal that changes in place, while the output of the user's program scrolls above."""

import os
import sys
from types import TracebackType

_LEAST_ROWS = 4
# Index moves the cursor down in its column, and scrolls on the last row; saving and restoring it keeps the program's.
_DOWN, _UP, _SAVE, _RESTORE, _ERASE = "\x1bD", "\x1b[A", "\x1b7", "\x1b8", "\x1b[2K"


class LiveLine:
    """Shows itself only on a terminal; the row is the program's again at the end, whatever happens."""

    def __init__(self, quiet: bool) -> None:
        known = os.environ.get("TERM", "dumb") != "dumb"
        self.is_shown = not quiet and known and sys.stderr.isatty()
        self._rows = 0

    def __enter__(self) -> "LiveLine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._rows:
            self._write(f"{_SAVE}\x1b[r\x1b[{self._rows};1H{_ERASE}{_RESTORE}")
            self._rows = 0

    @property
    def width(self) -> int:
        """The room that a text has."""
        return self._size()[0] - 1

    def show(self, text: str) -> None:
        """Put `text` in place of what is shown."""
        rows = self._size()[1]
        if not self.is_shown or rows < _LEAST_ROWS:
            return
        if rows != self._rows:
            self._write(f"{_DOWN}{_SAVE}\x1b[1;{rows - 1}r{_RESTORE}{_UP}")
            self._rows = rows
        self._write(f"{_SAVE}\x1b[{rows};1H{_ERASE}{text}{_RESTORE}")

    def _size(self) -> os.terminal_size:
        try:
            return os.get_terminal_size(sys.stderr.fileno())
        except (OSError, ValueError):
            return os.terminal_size((80, 0))

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # the terminal went away; the program goes on
            self.is_shown = False
