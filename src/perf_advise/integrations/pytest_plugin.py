"""`pytest --perf-advise`: profile the tests as they run, and advise on what was hot at the end.

Every run of pytest imports this file, so it imports what it needs when it is asked.
"""

from __future__ import annotations

import cProfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from perf_advise.model.report import Report

_KEY = "perf_advise_profiler"
_MOST = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, in a group of their own."""
    group = parser.getgroup("perf-advise", "advice for what the tests spend their time on")
    group.addoption("--perf-advise", action="store_true", help="Profile the tests; print the best advice at the end.")
    group.addoption("--perf-advise-profile", metavar="FILE", help="Keep the profile in FILE.")


def pytest_configure(config: pytest.Config) -> None:
    """Hook the profiler in, where it is asked for, in the process that runs tests."""
    if not config.getoption("--perf-advise"):
        return
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--perf-advise profiles one process: leave out -n, or pass -n 0")
    config.pluginmanager.register(Profiling(), _KEY)


class Profiling:
    """One session under the deterministic profiler; only test functions, not collection."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self) -> Iterator[None]:
        """Measure the call of one test function, without fixtures and reporting."""
        try:
            self._profile.enable()
        except ValueError:  # another profiler is at work
            return (yield)
        try:
            return (yield)
        finally:
            self._profile.disable()

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """The advice; a fault of ours never changes the outcome of the tests."""
        terminalreporter.section("perf-advise")
        kept = config.getoption("--perf-advise-profile")
        path = Path(kept) if kept else Path(config.rootpath, ".perf-advise", "pytest.pstats")
        try:
            for line in self._advice(path, config.rootpath, terminalreporter.hasmarkup):
                terminalreporter.write_line(line)
        except Exception as error:
            terminalreporter.write_line(f"no advice: {error}")

    def _advice(self, path: Path, root: Path, is_colour: bool) -> list[str]:
        from perf_advise.cli.configuration import options_by_project
        from perf_advise.pipeline import check

        if not self._profile.getstats():
            return ["no test function ran, or another profiler was at work"]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._profile.dump_stats(path)
        given = {"profile": [str(path)], "no_color": not is_colour}
        report = check(options_by_project([root], given)[0])
        return [*_best(report), f"profile: {path}; all of it: perf-advise {root} -p {path}"]


def _best(report: Report) -> Iterator[str]:
    """The findings that save most, and how many more there are."""
    ranked = sorted(report.findings, key=lambda f: -(f.gain.saved_share if f.gain else f.function.own * 0.5))
    for finding in ranked[:_MOST]:
        place = f"{finding.path}:{finding.start.row}"
        yield f"{finding.function.own:4.0%}  {place}  {finding.code} {finding.message}"
    if not ranked:
        yield f"no known slow shape in {len(report.hot_functions)} hot functions"
    elif len(ranked) > _MOST:
        yield f"and {len(ranked) - _MOST} more"
