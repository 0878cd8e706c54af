"""Each hot function with its findings, and with what was refused, on demand."""

from collections.abc import Iterable, Iterator, Sequence

from perf_advise.model.finding import Finding, Fix, Refusal
from perf_advise.model.proof import Proof, Verdict
from perf_advise.model.rule import Applicability
from perf_advise.report.figures import counted, percent
from perf_advise.report.headings import cost_of
from perf_advise.report.html_report import code_view, proofs
from perf_advise.report.html_report.markup import Html, element, joined, prose
from perf_advise.report.html_report.subject import Entry, Subject
from perf_advise.report.texts import link, place, spot
from perf_advise.report.words import saved_in_words

_KINDS = {Applicability.SAFE: "safe", Applicability.UNSAFE: "unsafe", Applicability.DISPLAY: "by hand"}


def sections(subject: Subject) -> Iterator[Html]:
    """A section for each function, hottest first."""
    for entry in subject.entries:
        yield _section(subject, entry)


def _section(subject: Subject, entry: Entry) -> Html:
    function = entry.function
    share = element("span", percent(function.own), class_="share") if subject.has_shares else None
    href = link(function.path, function.line)
    place_of = element("a", spot(function.path, function.line), href=href, class_="place")
    cost = cost_of(function)
    articles = [article(subject, f, f"{entry.number}-{n}") for n, f in enumerate(entry.findings, 1)]
    done = [article(subject, f, f"{entry.number}-done-{n}", done=True) for n, f in enumerate(entry.applied, 1)]
    return element(
        "section",
        element("h3", share, element("code", function.qualname), id=f"{entry.anchor}-title"),
        element("p", place_of, element("span", cost) if cost else None, class_="cost"),
        element("p", "changed since the profile was made; record again", class_="warning") if function.stale else None,
        element("p", prose(entry.reason), class_="reason") if entry.reason else None,
        joined(*articles, *done),
        _refused(entry.refusals),
        id=entry.anchor,
        class_="function" if articles or done else "function without",
        aria_labelledby=f"{entry.anchor}-title",
    )


def article(subject: Subject, finding: Finding, number: str, done: bool = False) -> Html:
    """One finding whole."""
    file, fix = subject.texts.of(finding), finding.fix
    kind = "applied" if done else _KINDS[fix.applicability] if fix else "by hand"
    saved = saved_in_words(finding.gain, subject.seconds)
    at = element("a", place(finding.path, finding.start), href=link(finding.path, finding.start.row), class_="place")
    return element(
        "article",
        element(
            "h4",
            _code(subject, finding),
            element("span", prose(finding.message)),
        ),
        element(
            "p",
            element("span", kind, class_=f"badge {kind.replace(' ', '-')}"),
            at,
            element("span", saved, class_="saved") if saved else None,
            class_="line-of-facts",
        ),
        code_view.code_of(file, finding) if file else None,
        _fix(subject, finding, fix) if fix else None,
        element("p", prose(finding.note), class_="note") if finding.note else None,
        proofs.figures(finding.proof) if finding.proof else None,
        _facts(finding),
        id=f"finding-{number}",
        data_kind=kind,
        data_proof=_proof_kind(finding.proof),
    )


def _code(subject: Subject, finding: Finding) -> Html:
    """The code, as a link where the page has the rule: a function that got slower breaks none."""
    known = any(loaded.rule.code == finding.code for loaded in subject.rules)
    href = f"#rule-{finding.code}" if known else None
    return element("a" if known else "span", finding.code, href=href, class_="code-of-rule", title=finding.name)


def _proof_kind(proof: Proof | None) -> str:
    if proof is None or proof.verdict is Verdict.NOT_SHOWN:
        return "open"
    return "proved" if proof.holds else "refuted"


def _fix(subject: Subject, finding: Finding, fix: Fix) -> Html:
    file = subject.texts.of(finding)
    return joined(
        element("p", element("b", "Fix: "), prose(fix.message)) if fix.message else None,
        _told("may change", fix.differences),
        _told("assumes", fix.assumptions),
        _told("needs", fix.packages),
        code_view.diff_of(file, fix) if file and fix.edits else None,
    )


def _told(what: str, items: Sequence[str]) -> Html | None:
    return element("p", element("b", f"{what}: "), prose("; ".join(items)), class_="told") if items else None


def _facts(finding: Finding) -> Html | None:
    if not finding.facts:
        return None
    rows = [joined(element("dt", name), element("dd", prose(why))) for name, why in finding.facts.items()]
    return element("details", element("summary", "what this rests on"), element("dl", joined(*rows)))


def _refused(refusals: Sequence[Refusal]) -> Html | None:
    if not refusals:
        return None
    summary = f"{counted(len(refusals), 'shape')} matched and {'was' if len(refusals) == 1 else 'were'} refused"
    return element(
        "details",
        element("summary", summary),
        element("ul", joined(*_reasons(refusals)), class_="refusals"),
        class_="refused",
    )


def _reasons(refusals: Iterable[Refusal]) -> Iterator[Html]:
    for refusal in refusals:
        at = element(
            "a", place(refusal.path, refusal.start), href=link(refusal.path, refusal.start.row), class_="place"
        )
        code = element("b", refusal.code, title=refusal.name)
        yield element("li", code, " ", refusal.name, " ", at, element("span", prose(refusal.reason), class_="why"))
