"""GitLab's code-quality JSON."""

import json

from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.identity import file_rows, fingerprints, relative
from perf_advise.report.texts import Texts

_SEVERITIES = ((0.25, "critical"), (0.1, "major"), (0.03, "minor"))


def render(report: Report, options: Options) -> str:
    """An array of issues; severity goes by the share of the program that the function costs."""
    texts = Texts(report)
    prints = fingerprints(report.findings, report.root, texts)
    issues = [
        {
            "description": f"{finding.code}: {finding.message}",
            "check_name": finding.name,
            "fingerprint": fingerprint,
            "severity": _severity(finding),
            "location": {
                "path": relative(finding.path, report.root),
                "lines": dict(zip(("begin", "end"), file_rows(finding, texts.of(finding)), strict=True)),
            },
        }
        for finding, fingerprint in zip(report.findings, prints, strict=True)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _severity(finding: Finding) -> str:
    share = max(finding.function.own, finding.gain.saved_share if finding.gain else 0.0)
    return next((name for least, name in _SEVERITIES if share >= least), "info")
