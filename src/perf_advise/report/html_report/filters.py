"""What narrows the findings down: words, how careful the fix is, what its proof says, which rule."""

from collections.abc import Iterable

from perf_advise.model.report import Report
from perf_advise.report.html_report.markup import Html, element, joined


def bar_of_filters(report: Report) -> Html | None:
    """The form; None where there is nothing to choose from. It does nothing without script, and is hidden then."""
    if len(report.findings) + len(report.applied) < 2:
        return None
    codes = sorted({finding.code for finding in (*report.findings, *report.applied)})
    return element(
        "form",
        element("input", type="search", name="text", placeholder="filter findings", aria_label="filter by words"),
        _choice("kind", "any fix", ("safe", "unsafe", "by hand", *(("applied",) if report.applied else ()))),
        _choice("proof", "any proof", ("proved", "refuted", "open")),
        _choice("code", "any rule", codes),
        element("output", Html(""), aria_live="polite"),
        class_="filters",
        hidden=True,
        aria_label="filter findings",
    )


def _choice(name: str, every: str, values: Iterable[str]) -> Html:
    options = [element("option", every, value=""), *(element("option", value, value=value) for value in values)]
    return element("select", joined(*options), name=name, aria_label=f"filter by {name}")
