"""The head of the page: what was measured, what the fixes would bring, how to apply them."""

from collections.abc import Iterator, Sequence

from perf_advise.model.finding import Finding
from perf_advise.model.rule import Applicability
from perf_advise.report.commands import check_command
from perf_advise.report.figures import counted, left_in_words, percent, remaining_share, seconds
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.html_report.subject import Subject


def heading(subject: Subject) -> Html:
    """The command that was measured, and the measurement in a line."""
    profile = subject.report.profile
    facts = [
        seconds(subject.seconds) if subject.seconds else "",
        f"measured by {profile.tool}" if profile else "",
        f"Python {profile.python}" if profile and profile.python else "",
        counted(len(subject.report.hot_functions), "hot function" if subject.has_shares else "function"),
    ]
    return joined(
        element("h1", subject.title), element("p", joined(*(element("span", f) for f in facts if f)), class_="facts")
    )


def outlook(subject: Subject) -> Html:
    """How long the run takes now, with the safe fixes, and with all; the commands that apply them."""
    applied = list(subject.report.applied)
    safe, every = subject.applicable(unsafe=False), subject.applicable(unsafe=True)
    command = check_command(subject.options)
    rows = [_row("as measured", [], subject.seconds, "now", "")]
    if applied:
        text = f"with {counted(len(applied), 'fix', 'fixes')} applied"
        rows.append(_row(text, applied, subject.seconds, "every", "perf-advise undo"))
    if safe:
        text = f"with {counted(len(safe), 'fix', 'fixes')} that --fix applies"
        rows.append(_row(text, [*applied, *safe], subject.seconds, "safe", f"{command} --fix"))
    if len(every) > len(safe):
        text = f"with {counted(len(every), 'fix', 'fixes')}, unsafe ones too"
        flags = "--fix --unsafe-fixes"
        rows.append(_row(text, [*applied, *every], subject.seconds, "every", f"{command} {flags}"))
    chart = element("ol", joined(*rows), class_="outlook", aria_label="run time now and after the fixes")
    has_chart = subject.report.profile is not None and len(rows) > 1
    return joined(chart if has_chart else None, _counts(subject))


def _row(text: str, mended: Sequence[Finding], whole: float | None, kind: str, command: str) -> Html:
    share = remaining_share(mended)
    figure = seconds(share * whole) if whole else percent(share)
    return element(
        "li",
        element("span", text, class_="what"),
        element(
            "span",
            element("span", Html(""), class_=f"length {kind}", style=f"--share:{max(share, 0.004):.4f}"),
            element("span", left_in_words(mended, figure) if mended else figure, class_="figure"),
            class_="run",
        ),
        element("code", command, class_="command") if command else None,
    )


def _counts(subject: Subject) -> Html:
    return element(
        "ul", joined(*(element("li", element("b", n), f" {what}") for n, what in _numbers(subject))), class_="counts"
    )


def _numbers(subject: Subject) -> Iterator[tuple[str, str]]:
    report = subject.report
    kinds = [f.fix.applicability if f.fix else Applicability.DISPLAY for f in report.findings]
    proved = sum(f.proof is not None and f.proof.holds for f in report.findings)
    numbers = (
        (len(report.findings), "findings" if len(report.findings) != 1 else "finding", True),
        (kinds.count(Applicability.SAFE), "with a safe fix", False),
        (kinds.count(Applicability.UNSAFE), "with an unsafe fix", False),
        (kinds.count(Applicability.DISPLAY), "to mend by hand", False),
        (proved, "proved", False),
        (len(report.applied), "applied", False),
        (len(report.refusals), "matched and refused", False),
    )
    yield from ((f"{number:,}", what) for number, what, always in numbers if number or always)
