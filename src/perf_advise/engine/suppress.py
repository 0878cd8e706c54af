"""`# perf-advise: ignore[...]` comments, on the line of the finding or of the `def`."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from perf_advise.engine.analyse import Analysis
from perf_advise.engine.views import Views
from perf_advise.model.finding import Finding
from perf_advise.source.suppression import Suppression, suppressions


def without_suppressed(analysis: Analysis, views: Views, report_unused: bool) -> Analysis:
    """The analysis without silenced findings; comments that silence nothing become warnings on request."""
    used: dict[Path, set[Suppression]] = defaultdict(set)
    kept: list[Finding] = []
    for finding in analysis.findings:
        silencer = _silencer(finding, views)
        if silencer is None:
            kept.append(finding)
        else:
            used[finding.path].add(silencer)
    warnings = [*analysis.warnings, *(_unused(views, used) if report_unused else ())]
    return replace(analysis, findings=kept, warnings=warnings)


def _silencer(finding: Finding, views: Views) -> Suppression | None:
    file, index = views.file(finding.path)
    line = file.lines.line_of(finding.span.start)
    return suppressions(file).find(finding.code, finding.name, line, index.enclosing(line))


def _unused(views: Views, used: dict[Path, set[Suppression]]) -> list[str]:
    """One line per comment of the files with hot functions that silenced nothing."""
    return [
        f"{file.path}:{comment.line}: this ignore comment silences nothing"
        for file, _ in views.opened()
        for comment in suppressions(file).unused(used[file.path])
    ]
