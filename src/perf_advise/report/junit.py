"""JUnit XML: a failed test case per finding, a passed one when there is none."""

from xml.etree import ElementTree

from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.identity import relative
from perf_advise.report.texts import place


def render(report: Report, options: Options) -> str:
    """One test suite."""
    count = len(report.findings)
    totals = {"name": "perf-advise", "tests": str(max(count, 1)), "failures": str(count), "errors": "0"}
    suites = ElementTree.Element("testsuites", totals)
    suite = ElementTree.SubElement(suites, "testsuite", totals)
    if not count:
        ElementTree.SubElement(suite, "testcase", name="no findings", classname="perf-advise")
    for finding in report.findings:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            name=f"{finding.code} {finding.function.qualname}",
            classname=relative(finding.path, report.root),
            line=str(finding.start.row),
        )
        failure = ElementTree.SubElement(case, "failure", message=finding.message, type=finding.code)
        failure.text = f"{place(finding.path, finding.start)}: {finding.code} {finding.message}"
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
