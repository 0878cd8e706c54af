"""The rules that found something, in their own words."""

from collections.abc import Iterator, Sequence

from perf_advise.catalog.explanations import HEADINGS
from perf_advise.catalog.loading import LoadedRule
from perf_advise.report.html_report.markup import Html, element, joined


def section(rules: Sequence[LoadedRule]) -> Html | None:
    """Each rule folded up; a link to it opens it."""
    if not rules:
        return None
    return element(
        "section",
        element("h2", "The rules", id="rules"),
        joined(*map(_rule, rules)),
        class_="rules",
        aria_labelledby="rules",
    )


def _rule(loaded: LoadedRule) -> Html:
    summary = element("summary", element("b", loaded.rule.code), " ", element("span", loaded.rule.name))
    return element(
        "details",
        summary,
        element("p", loaded.explanation.summary),
        joined(*_parts(loaded)),
        id=f"rule-{loaded.rule.code}",
    )


def _parts(loaded: LoadedRule) -> Iterator[Html]:
    for heading in HEADINGS:
        if text := loaded.explanation.sections.get(heading):
            yield joined(element("h4", heading), element("div", text, class_="prose"))
