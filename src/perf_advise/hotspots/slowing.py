"""By how much a profiler made the interpreter slower: seconds that the program alone does not take."""

import re
import sys

from perf_advise.model.profile import Profile

_COUNTING = frozenset({"cprofile", "profile", "pstats", "yappi", "viztracer", "callgrind"})
_BY_LINE = frozenset({"line_profiler", "pprofile"})
_BYTECODE, _LINES = 1.8, 5.0
"""Measured as CPU time with and without: loops without calls take 1.4 to 3.0 times as long under cProfile on CPython
3.11, which traces each instruction then, and 0.8 to 1.3 times on 3.12 and 3.13; under line_profiler 6.5 times."""
_NEVER_TRACED = (3, 12)
_LIBRARY = re.compile(r"python(\d)\.(\d+)")


def slowing(profile: Profile) -> float:
    """What bytecode takes under the profiler, in times of what it takes without; 1.0 for one that samples."""
    tools = {name.strip().lower() for name in profile.tool.split(";")}
    if tools & _BY_LINE:
        return _LINES
    return _BYTECODE if tools & _COUNTING and _version(profile) < _NEVER_TRACED else 1.0


def _version(profile: Profile) -> tuple[int, int]:
    """The Python that ran: as it is written, by the paths of its library, else the one that reads the profile."""
    numbers = [int(part) for part in profile.python.split(".")[:2] if part.isdecimal()]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    for cost in profile.functions:
        found = _LIBRARY.search(cost.frame.path)
        if found is not None:
            return int(found[1]), int(found[2])
    return sys.version_info[:2]
