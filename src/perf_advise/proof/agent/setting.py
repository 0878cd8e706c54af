"""A replay process made ready: limits, import path, guard, the module loaded from its text."""

from __future__ import annotations

import os
import resource
import sys
from types import CodeType
from typing import Any

from .cases import keeping
from .elsewhere import Elsewhere
from .guard import Guard
from .loading import MAIN, load
from .running import Runner
from .sides import Side
from .state import ModuleState
from .timing import Stopwatch


class Setting:
    """What both kinds of replay process have. Raises CannotLoad."""

    def __init__(self, job: dict[str, Any], text_path: str, notes: list[dict[str, Any]]) -> None:
        _limit(job)
        if os.path.isdir(job["cwd"]):
            os.chdir(job["cwd"])  # modules may read files beside them while they are imported
        sys.path[:] = job["sys_path"]
        sys.argv[:] = [job["path"]]
        sys.setrecursionlimit(max(job["recursion_limit"], sys.getrecursionlimit()))
        keeping()
        self.guard = Guard(job["scratch"], os.path.join(job["scratch"], job["guard_log"]))
        self.guard.watch()
        try:
            self.loaded = load(job, read(text_path), notes)
        finally:
            self.guard.rest()
            os.chdir(os.path.join(job["scratch"], "work"))
        if "tempfile" in sys.modules:
            sys.modules["tempfile"].gettempdir()  # its first use writes a file to try the folder
        self.guard.home = job["cwd"]
        self.guard.own = os.path.join(job["scratch"], "own")
        self.guard.allow_pools = job["allow_pools"]
        module = sys.modules[MAIN] if job["is_main"] else self.loaded.module
        self.state = ModuleState(module, set(job["rebound"]))
        self.runner = Runner(self.state, Elsewhere(module), self.guard)
        self.stopwatch = Stopwatch(self.state)

    def side(self, target: Any, codes: list[tuple[Any, CodeType]]) -> Side:
        """One side that runs in this process."""
        return Side(self.runner, self.stopwatch, target, codes)


def read(path: str) -> str:
    """A text as it is, line endings included."""
    with open(path, encoding="utf-8", newline="", errors="surrogatepass") as stream:
        return stream.read()


def _limit(job: dict[str, Any]) -> None:
    processor_seconds = int(job["seconds"]) + 5  # ends it even when the tool that started it is gone
    limits = ((resource.RLIMIT_AS, job["memory"]), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, processor_seconds))
    for kind, amount in limits:
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or amount < hard:
            resource.setrlimit(kind, (amount, hard))
