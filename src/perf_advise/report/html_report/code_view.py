"""Code on the page: a finding's lines with their heat, and the diff of a fix."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from perf_advise.model.finding import Finding, Fix
from perf_advise.report.excerpts import CodeRow, excerpt, margin_of
from perf_advise.report.figures import percent
from perf_advise.report.html_report.highlighting import highlighted
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.hunks import Row, hunks, rows_of
from perf_advise.source.text import SourceFile

_WORDS = {"- ": "removed", "+ ": "added"}


def code_of(file: SourceFile, finding: Finding) -> Html:
    """The place of the finding, a row per line: heat, line number, code."""
    rows = excerpt(file, finding)
    hottest = max((row.share for row in rows), default=0.0)
    return element("div", joined(*_lines(rows, hottest)), class_="code", role="group", aria_label="the code as it is")


def _lines(rows: Sequence[CodeRow], hottest: float) -> Iterator[Html]:
    before = rows[0].number - 1
    for row in rows:
        if row.number > before + 1:
            yield element("div", element("span", "⋯", class_="cut"), class_="line")
        before = row.number
        yield element(
            "div",
            _heat(row, hottest) if hottest else None,
            element("span", str(row.row), class_="number"),
            element("code", highlighted(row.text) or " "),
            class_="line",
        )


def _heat(row: CodeRow, hottest: float) -> Html:
    if not row.share:
        return element("span", Html(""), class_="heat")
    strength = f"--heat:{0.15 + 0.85 * row.share / hottest:.2f}"
    return element("span", percent(row.share), class_="heat", style=strength, title="share of the program in this line")


def diff_of(file: SourceFile, fix: Fix) -> Html:
    """The diff: what goes beside what comes where there is room, else one below the other."""
    parts = [part for hunk in hunks(file, fix.edits) for part in _groups(list(rows_of(hunk)))]
    return element("div", joined(*parts), class_="diff", role="group", aria_label="the fix as a diff")


def _groups(rows: Sequence[Row]) -> Iterator[Html]:
    margin = margin_of(text for _, text in rows if text != "...")
    for stays, group in groupby(rows, key=lambda row: row[0] == "  "):
        cut = [(sign, text if text == "..." else text[margin:]) for sign, text in group]
        if stays:
            same = _side("same", cut)
            yield element("div", same, _side("same twin", cut, aria_hidden="true"), class_="rows")
        else:
            yield element("div", *(_changed(sign, cut) for sign in _WORDS), class_="rows")


def _changed(sign: str, rows: Iterable[tuple[str, str]]) -> Html:
    chosen = [row for row in rows if row[0] == sign]
    return _side(_WORDS[sign], chosen, role="group", aria_label=_WORDS[sign]) if chosen else _side("none", ())


def _side(kind: str, rows: Iterable[tuple[str, str]], **attributes: str) -> Html:
    lines = (
        element(
            "div",
            element("span", sign.strip(), class_="sign"),
            element("code", highlighted(text) or " "),
            class_="line",
        )
        for sign, text in rows
    )
    return element("div", joined(*lines), class_=f"side {kind}", **attributes)
