"""What a call shows besides its result: standard output, warnings, log records."""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

_NUMPY_OPERATION = re.compile(r"encountered in .*")


class _NoInput(io.TextIOBase):
    """Standard input during a replay: whoever reads it is told of, and finds nothing."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def readable(self) -> bool:
        """It looks like a stream to read."""
        return True

    def read(self, size: int | None = -1) -> str:
        """Nothing."""
        self._tell("read standard input")
        return ""

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """Nothing."""
        return self.read(size)

    @property
    def buffer(self) -> Any:
        """The bytes: none."""
        self.read()
        return io.BytesIO()


class Shown:
    """Context manager: gathers what is printed, warned and logged inside; `tell` hears of a look at standard input."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._input = _NoInput(tell)

    def __enter__(self) -> Shown:
        self._streams = (sys.stdout, sys.stderr, sys.stdin)
        sys.stdin = self._input
        self._out, self._error = io.BytesIO(), io.BytesIO()
        sys.stdout = io.TextIOWrapper(self._out, "utf-8", "surrogateescape", "\n", write_through=True)
        sys.stderr = io.TextIOWrapper(self._error, "utf-8", "surrogateescape", "\n", write_through=True)
        self._warnings = warnings.catch_warnings(record=True)
        self._caught: Any = self._warnings.__enter__()
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # comes whenever the collector runs
        self._watch_logging()
        return self

    def __exit__(self, *details: Any) -> None:
        if self._logging is not None:
            self._logging.setLogRecordFactory(self._factory)
        self._warnings.__exit__(*details)
        self.stdout, self.stderr = self._out.getvalue(), self._error.getvalue()
        sys.stdout, sys.stderr, sys.stdin = self._streams
        # NumPy warns once per element in a loop and once per array operation, and names the operation.
        told = [(w.category.__name__, _NUMPY_OPERATION.sub("encountered", str(w.message))) for w in self._caught or ()]
        self.warned = list(dict.fromkeys(told))

    def _watch_logging(self) -> None:
        self.logged: list[tuple[str, int, str]] = []
        self._logging: Any = sys.modules.get("logging")
        if self._logging is None:
            return
        self._factory = self._logging.getLogRecordFactory()

        def make(*args: Any, **kwargs: Any) -> Any:
            record = self._factory(*args, **kwargs)
            self.logged.append((record.name, record.levelno, record.getMessage()))
            return record

        self._logging.setLogRecordFactory(make)
