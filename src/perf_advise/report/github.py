"""GitHub workflow commands: an annotation at each finding."""

from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.figures import percent
from perf_advise.report.identity import file_rows, relative
from perf_advise.report.texts import Texts, place


def render(report: Report, options: Options) -> str:
    """One `::warning` line per finding; in a notebook at the rows that the code has in the file."""
    texts = Texts(report)
    lines = (f"::warning {_properties(f, report.root, texts)}::{_escaped(_message(f))}\n" for f in report.findings)
    return "".join(lines)


def _properties(finding: Finding, root: str, texts: Texts) -> str:
    first, last = file_rows(finding, texts.of(finding))
    properties = {
        "title": f"perf-advise ({finding.code})",
        "file": relative(finding.path, root),
        "line": str(first),
        "endLine": str(last),
    }
    # GitHub refuses columns over several lines; those of a notebook are not those of its file.
    if first == last and finding.start.cell is None:
        properties |= {"col": str(finding.start.column), "endColumn": str(finding.end.column)}
    return ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())


def _message(finding: Finding) -> str:
    share = f" [{percent(finding.function.own)} of the program]" if finding.function.own >= 0.005 else ""
    return f"{place(finding.path, finding.start)}: {finding.code} {finding.message}{share}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
