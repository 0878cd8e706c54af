"""Time of each hot function now against after its fixes; also the way to its section."""

from perf_advise.report.figures import counted, percent, seconds
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.html_report.subject import Entry, Subject
from perf_advise.report.texts import spot


def section(subject: Subject) -> Html:
    """A list, hottest first."""
    spans = [now_and_after(entry) for entry in subject.entries]
    longest = max((now for now, _ in spans), default=0.0) or 1.0
    has_shares = subject.has_shares
    rows = [
        _row(entry, _figures(entry, *span, longest, subject.seconds) if has_shares else None)
        for entry, span in zip(subject.entries, spans, strict=True)
    ]
    return element(
        "nav",
        element("h2", "Hot functions, now and after" if has_shares else "Functions", id="hot"),
        element("ol", joined(*rows), class_="bars"),
        class_="hot",
        aria_labelledby="hot",
    )


def now_and_after(entry: Entry) -> tuple[float, float]:
    """Shares of the program: own time, or what the fixes cover where that is more (with what it calls)."""
    gains = [finding.gain for finding in entry.applicable if finding.gain and finding.gain.saved_share > 0]
    now = max((entry.function.own, *(gain.share for gain in gains)))
    return now, max(now - sum(gain.saved_share for gain in gains), 0.0)


def _row(entry: Entry, figures: Html | None) -> Html:
    function, number = entry.function, len(entry.findings)
    said = counted(number, "finding") if number else "applied" if entry.applied else "no finding"
    return element(
        "li",
        element(
            "a",
            element("span", function.qualname, class_="name"),
            element("span", spot(function.path, function.line), class_="place"),
            href=f"#{entry.anchor}",
        ),
        figures,
        element("span", said, class_="said"),
        class_="" if number or entry.applied else "quiet",
    )


def _figures(entry: Entry, now: float, after: float, longest: float, whole: float | None) -> Html:
    """Both times in words, and as bars."""
    function = entry.function
    changes = now - after >= 0.005
    text = _figure(now, whole) + (f" → {_figure(after, whole)}" if changes else "")
    if now < 0.005:
        text = f"{percent(function.cumulative)} with what it calls"
    elif now > function.own + 0.005:
        text = f"{text}, with what it calls"
    bars = [element("span", Html(""), class_="now", style=f"width:{now / longest * 100:.2f}%")]
    if changes:
        bars.append(element("span", Html(""), class_="after", style=f"width:{after / longest * 100:.2f}%"))
    return joined(
        element("span", text, class_="figure"), element("span", joined(*bars), class_="pair", aria_hidden="true")
    )


def _figure(share: float, whole: float | None) -> str:
    return f"{seconds(share * whole)} ({percent(share)})" if whole else percent(share)
