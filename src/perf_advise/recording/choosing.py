"""Which profiler `auto` means, going by how the last recording of the same command went."""

from pathlib import Path
from typing import Literal

from perf_advise.model.errors import UserError
from perf_advise.model.profile import Profile
from perf_advise.profiles.loading import read_profile

Tool = Literal["sampler", "cprofile"]
SHORT_SECONDS = 2.0
# Counting slows a program down by up to this: a short run stays one when it is counted.
_SLOWED = 2.0
# From here on cProfile mixes up the times of threads.
_MIXES_THREADS = (3, 12)


def choose(command: str, path: Path) -> Tool:
    """Counts for a command whose last recording at `path` was short, else samples."""
    try:
        last = read_profile(path) if path.exists() else None
    except UserError:
        return "sampler"
    return "cprofile" if last is not None and last.command == command and _is_short(last) else "sampler"


def _is_short(last: Profile) -> bool:
    version = tuple(int(part) for part in last.python.split(".")[:2] if part.isdecimal())
    if len(last.threads) > 1 and version >= _MIXES_THREADS:
        return False
    limit = SHORT_SECONDS * (_SLOWED if last.tool == "cprofile" else 1.0)
    return last.seconds is not None and last.seconds < limit
