"""The page: its parts in their order, its style and its scripts in one document."""

from pathlib import Path
from string import Template

from perf_advise import __version__
from perf_advise.catalog.loading import load_rules
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.html_report import bars, findings, flame_section, overview, rules_section
from perf_advise.report.html_report.filters import bar_of_filters
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.html_report.subject import Subject

_ASSETS = Path(__file__).with_name("assets")
_SCRIPTS = ("theme.js", "filters.js", "flame.js")


def render(report: Report, options: Options) -> str:
    """The report as a document that asks nothing of a network."""
    used = {finding.code for finding in (*report.findings, *report.applied)}
    subject = Subject(report, options, [loaded for loaded in load_rules(options.rules) if loaded.rule.code in used])
    return Template(_asset("page.html")).substitute(
        title=element("title", f"perf-advise: {subject.title}"),
        style=_asset("style.css"),
        heading=overview.heading(subject),
        body=_body(subject),
        version=__version__,
        script="".join(map(_asset, _SCRIPTS)),
    )


def _body(subject: Subject) -> Html:
    """Everything below the heading."""
    warnings = [element("li", warning) for warning in subject.report.warnings]
    return joined(
        element("section", overview.outlook(subject), class_="overview", aria_label="overview"),
        element("ul", joined(*warnings), class_="warnings") if warnings else None,
        flame_section.section(subject),
        element(
            "div",
            bars.section(subject),
            element(
                "div",
                element("h2", "What to change", id="advice"),
                bar_of_filters(subject.report),
                joined(*findings.sections(subject)),
                class_="advice",
            ),
            class_="columns",
        ),
        rules_section.section(subject.rules),
    )


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text("utf-8")
