"""Renderers: a `Report` in, text out; one per format, none knows another."""

import importlib
from collections.abc import Sequence
from dataclasses import replace

from perf_advise.model.options import Options, OutputFormat
from perf_advise.model.report import Report

MODULES: dict[OutputFormat, str] = {
    "text": "terminal",
    "json": "json_report",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "html": "html_report.page",
}
"""The module of each format; it has `render(report, options) -> str`."""


def render_all(reports: Sequence[Report], projects: Sequence[Options]) -> str:
    """The reports of one run in the format asked for: text one after the other, the rest as one document."""
    module = importlib.import_module(f"{__name__}.{MODULES[projects[0].output_format]}")
    if projects[0].output_format == "text":
        return "\n".join(module.render(*pair) for pair in zip(reports, projects, strict=True))
    text: str = module.render(combined(reports), projects[0])
    return text


def combined(reports: Sequence[Report]) -> Report:
    """Reports of several projects as one; it has no one profile."""
    if len(reports) == 1:
        return reports[0]
    return replace(
        reports[0],
        profile=None,
        hot_functions=tuple(f for r in reports for f in r.hot_functions),
        findings=tuple(f for r in reports for f in r.findings),
        refusals=tuple(f for r in reports for f in r.refusals),
        quiet=tuple(f for r in reports for f in r.quiet),
        applied=tuple(f for r in reports for f in r.applied),
        warnings=tuple(f for r in reports for f in r.warnings),
        changes=tuple(f for r in reports for f in r.changes),
    )


def exit_code(reports: Sequence[Report], options: Options) -> int:
    """0 nothing, or all fixed; 1 findings, or under `--diff` something to write."""
    left = [r.changes if options.diff else r.findings for r in reports]
    return 0 if options.exit_zero or not any(left) else 1
