"""Everything a renderer gets, sorted."""

from dataclasses import dataclass
from pathlib import Path

from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.profile import Profile


@dataclass(frozen=True, slots=True)
class QuietFunction:
    """A hot function without a finding, and the reason in words."""

    function: HotFunction
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """The text of one file before and after the fixes that `--fix` wrote, or that `--diff` would write."""

    path: Path
    before: str
    after: str
    before_bytes: bytes = b""
    after_bytes: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one `check`.

    `findings` are sorted by path, row, column and code; `hot_functions` hottest first. `applied` are findings whose
    fix `--fix` wrote. `unmapped` counts profile entries below the project that fit no function, with their
    share. `profile` is None under `--no-profile`. `age_seconds` is how old the profile is. `changes` are the
    files that `--fix` wrote or `--diff` would write, by path. `stdin` is the text of standard input, and the path
    that it passes for.
    """

    root: str
    profile: Profile | None
    hot_functions: tuple[HotFunction, ...]
    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...] = ()
    quiet: tuple[QuietFunction, ...] = ()
    applied: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    unmapped: int = 0
    unmapped_share: float = 0.0
    age_seconds: float | None = None
    changes: tuple[Change, ...] = ()
    stdin: tuple[Path, str] | None = None
