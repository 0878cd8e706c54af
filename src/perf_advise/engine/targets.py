"""Which Python the advice is for: the one the user's program runs on, never ours by accident."""

import re
import sys
import tomllib
from pathlib import Path

from perf_advise.model.options import Options
from perf_advise.model.profile import Profile

_MINIMUM = re.compile(r"(?:>=|~=)\s*(\d+)\.(\d+)")


OLDEST = (3, 11)
"""The first Python that rules are measured on."""


def target_version(options: Options, profile: Profile | None) -> tuple[int, int]:
    """`target-version`, else the recorded run's Python, else the least that `requires-python` allows, else ours.

    What a project promises to older Pythons does not count: advice is for those that are measured.
    """
    if options.target_version:
        return options.target_version
    if profile and (found := re.match(r"(\d+)\.(\d+)", profile.python)):
        return max(OLDEST, (int(found[1]), int(found[2])))
    return max(OLDEST, least_supported(options.root) or sys.version_info[:2])


def least_supported(root: Path) -> tuple[int, int] | None:
    """The lower bound of `requires-python` in the project's pyproject.toml, if it states one."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
        found = _MINIMUM.search(str(project.get("requires-python", "")))
    except (OSError, ValueError, AttributeError):
        return None
    return (int(found[1]), int(found[2])) if found else None
