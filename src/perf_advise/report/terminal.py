"""The report as text: for a terminal with colour, and plain for everything else."""

from collections import defaultdict
from collections.abc import Iterator

from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report import summary
from perf_advise.report.blocks import Blocks
from perf_advise.report.figures import run_seconds
from perf_advise.report.lines import Line
from perf_advise.report.painting import paint
from perf_advise.report.screen import Screen, screen_for

_Key = tuple[str, str, int]


def render(report: Report, options: Options, screen: Screen | None = None) -> str:
    """The report for `screen`, by default the one that standard output is."""
    target = screen or screen_for(options)
    lines = _patches(report) if options.diff else _layout(report, options, target)
    return paint(lines, target)


def _patches(report: Report) -> Iterator[Line]:
    return summary.patches(report.changes)


def _layout(report: Report, options: Options, screen: Screen) -> Iterator[Line]:
    if not options.quiet:
        yield from summary.header(report, screen.text_width)
        yield ()
    if options.statistics:
        yield from summary.statistics(report.findings, run_seconds(report.profile))
    else:
        yield from _functions(report, options, screen)
    yield from summary.applied(report.applied, screen.text_width)
    if options.quiet:
        return
    if report.quiet and not options.statistics:
        yield from summary.quiet_functions(report.quiet, screen.text_width)
        yield ()
    yield from summary.closing(report, options, screen.text_width)


def _functions(report: Report, options: Options, screen: Screen) -> Iterator[Line]:
    """The functions that have something to say, hottest first, each with its findings in the order of the file."""
    blocks = Blocks(report, options, screen)
    findings: dict[_Key, list[Finding]] = defaultdict(list)
    refusals: dict[_Key, list[Refusal]] = defaultdict(list)
    for finding in report.findings:
        findings[_key(finding.function)].append(finding)
    for refusal in report.refusals if options.why_not else ():
        refusals[_key(refusal.function)].append(refusal)
    for function in report.hot_functions:
        key = _key(function)
        if key not in findings and key not in refusals:
            continue
        yield from blocks.function(function)
        for finding in findings.get(key, ()):
            yield from blocks.finding(finding)
            yield ()
        if key in refusals:
            yield from blocks.refusals(refusals[key])
            yield ()


def _key(function: HotFunction) -> _Key:
    return str(function.path), function.qualname, function.line
