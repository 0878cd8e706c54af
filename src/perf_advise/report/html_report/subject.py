"""What every part of the page is about."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from perf_advise.catalog.loading import LoadedRule
from perf_advise.engine.apply import may_apply
from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.figures import run_seconds
from perf_advise.report.texts import Texts

Key = tuple[Path, str]
_Item = TypeVar("_Item", Finding, Refusal)


@dataclass(frozen=True, slots=True)
class Entry:
    """A hot function with what there is to say of it; `number` makes its anchor."""

    number: int
    function: HotFunction
    findings: tuple[Finding, ...]
    applied: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    reason: str

    @property
    def anchor(self) -> str:
        """Where the function stands on the page."""
        return f"function-{self.number}"

    @property
    def has_something(self) -> bool:
        """Whether a rule matched in it."""
        return bool(self.findings or self.applied or self.refusals)

    @property
    def applicable(self) -> list[Finding]:
        """The findings whose fix was applied, or may be, with --unsafe-fixes at the most."""
        return [*self.applied, *(finding for finding in self.findings if may_apply(finding, unsafe=True))]


@dataclass(slots=True)
class Subject:
    """A report, the options it was made with, the texts it speaks of, and the rules that found something."""

    report: Report
    options: Options
    rules: Sequence[LoadedRule]
    texts: Texts = field(init=False)
    entries: list[Entry] = field(init=False)
    seconds: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.texts = Texts(self.report)
        entries = list(_entries(self.report))
        # Without a profile every function is hot, and one of which nothing is said is not worth a section.
        self.entries = entries if self.has_shares else [entry for entry in entries if entry.has_something]
        self.seconds = run_seconds(self.report.profile)

    @property
    def has_shares(self) -> bool:
        """Whether functions have costs; several projects at once have, and no one profile."""
        return self.report.profile is not None or not self.options.no_profile

    @property
    def title(self) -> str:
        """The command that was measured, or what else the report is about."""
        profile = self.report.profile
        if profile is not None:
            return profile.command or profile.tool
        return "several projects" if self.has_shares else "every function, without a profile"

    def applicable(self, unsafe: bool) -> list[Finding]:
        """What `--fix` would apply, or with `unsafe` what `--fix --unsafe-fixes` would."""
        return [finding for finding in self.report.findings if may_apply(finding, unsafe, self.options.float_tolerance)]


def _entries(report: Report) -> Iterator[Entry]:
    findings, applied, refusals = _grouped(report.findings), _grouped(report.applied), _grouped(report.refusals)
    reasons = {_key(quiet.function): quiet.reason for quiet in report.quiet}
    for number, function in enumerate(report.hot_functions, 1):
        key = _key(function)
        yield Entry(
            number,
            function,
            findings.pop(key, ()),
            applied.pop(key, ()),
            refusals.pop(key, ()),
            reasons.get(key, ""),
        )


def _grouped(items: Sequence[_Item]) -> dict[Key, tuple[_Item, ...]]:
    found: dict[Key, list[_Item]] = defaultdict(list)
    for item in items:
        found[_key(item.function)].append(item)
    return {key: tuple(group) for key, group in found.items()}


def _key(function: HotFunction) -> Key:
    """Not by line: fixes that were applied may have moved the function."""
    return function.path, function.qualname
