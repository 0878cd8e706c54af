"""Where a process leaves what it measured: one marshal file each, replaced as a whole, never half-written.

A "measured" file has `seconds`, `threads`, `profiler`; `functions`, rows of path, name, first line, own, cumulative,
calls or None, native, {line: own}; `edges`, rows of caller and callee (indices of functions), own or None, cumulative,
calls or None. The sampler's has `samples`; `types`, {index of a function: [{name: type as JSON}]}; and functions and
edges a second time under `waiting`, with the seconds in which nothing worked; the others are CPU seconds then.
"""

from __future__ import annotations

import marshal
import os
import sys
import time

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from typing import Any

VERSION = 2
"""Of the marshal format: plain values, readable by every Python 3."""

_START = time.time_ns()
_FOLDER = os.getcwd()
# As they are now: programs put other functions in their place.
_open, _write, _close, _replace = os.open, os.write, os.close, os.replace


def write(scratch: str, kind: str, data: dict[str, Any]) -> None:
    """Write `data` for this process, over what it wrote before; raises OSError."""
    path = os.path.join(scratch, f"{kind}-{os.getpid()}-{_START}")
    payload = marshal.dumps({**_about(), **data, "kind": kind}, VERSION)
    handle = _open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        _write(handle, payload)
    finally:
        _close(handle)
    _replace(path + ".part", path + ".raw")


def _about() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable or "",
        "folder": _FOLDER,
    }
