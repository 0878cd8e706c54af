"""GitHub workflow commands: an annotation at each finding."""

from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.figures import percent
from perf_advise.report.texts import place, short


def render(report: Report, options: Options) -> str:
    """One `::warning` line per finding; in a notebook at the file, since rows are those of a cell."""
    return "".join(f"::warning {_properties(f)}::{_escaped(_message(f))}\n" for f in report.findings)


def _properties(finding: Finding) -> str:
    properties = {"title": f"perf-advise ({finding.code})", "file": short(finding.path)}
    if finding.start.cell is None:
        properties |= {"line": str(finding.start.row), "endLine": str(finding.end.row)}
        if finding.start.row == finding.end.row:  # GitHub refuses columns over several lines
            properties |= {"col": str(finding.start.column), "endColumn": str(finding.end.column)}
    return ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())


def _message(finding: Finding) -> str:
    share = f" [{percent(finding.function.own)} of the program]" if finding.function.own >= 0.005 else ""
    return f"{place(finding.path, finding.start)}: {finding.code} {finding.message}{share}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
