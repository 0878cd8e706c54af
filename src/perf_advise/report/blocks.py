"""A hot function and its findings, as lines."""

from collections.abc import Iterable, Iterator

from perf_advise.model.finding import Finding, Fix, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.model.rule import Applicability
from perf_advise.report import diffs, frames
from perf_advise.report.figures import percent, run_seconds
from perf_advise.report.headings import heading
from perf_advise.report.lines import Line, Piece, Style, line, spread, wrapped
from perf_advise.report.screen import Screen
from perf_advise.report.texts import Texts, link, place
from perf_advise.report.words import proof_in_words, saved_in_words

_INDENT = "  "
_APPLICABILITY: dict[Applicability, tuple[str, Style]] = {
    Applicability.SAFE: ("safe", "safe"),
    Applicability.UNSAFE: ("unsafe", "unsafe"),
    Applicability.DISPLAY: ("by hand", "muted"),
}
_SHOWN_NAMES = 4


class Blocks:
    """Draws functions and findings of one report for one screen."""

    def __init__(self, report: Report, options: Options, screen: Screen) -> None:
        self._report = report
        self._options = options
        self._screen = screen
        self._width = screen.text_width
        self._texts = Texts(report)

    def function(self, function: HotFunction) -> Iterator[Line]:
        """The share, the name and the place; what is known of its cost on the right, or below."""
        yield from heading(function, self._width, self._report.profile is not None)
        if function.stale:
            yield line(Piece(f"{_INDENT}changed since the profile was made; record again", "unsafe"))
        if self._options.verbose:
            yield from self._flow("called by", function.callers)
            yield from self._flow("calls", function.callees)

    def _flow(self, verb: str, shares: object) -> Iterator[Line]:
        if isinstance(shares, dict) and shares:
            most = list(shares.items())[:_SHOWN_NAMES]
            text = ", ".join(f"{name} {percent(share)}" for name, share in most)
            yield from self._said(f"{verb}: {text}", "muted")

    def finding(self, finding: Finding) -> Iterator[Line]:
        """What was found, where, what it costs; the code; the fix and its proof."""
        head, *more = wrapped(f"{finding.code} {finding.message}", self._width, _INDENT, _INDENT * 4)
        yield line(_INDENT, Piece(finding.code, "code"), head[0].text[len(_INDENT + finding.code) :])
        yield from more
        where = Piece(place(finding.path, finding.start), "path", link(finding.path, finding.start.row))
        saved = saved_in_words(finding.gain, run_seconds(self._report.profile))
        left = line(Piece(f"{_INDENT}--> ", "muted"), where)
        yield from spread(left, line(Piece(saved, "good")) if saved else (), self._width, " " * 6)
        file = self._texts.of(finding)
        if file is not None:
            yield from frames.draw(file, finding, self._screen.width)
        yield from self._fix(finding)
        if self._options.verbose:
            for name, why in finding.facts.items():
                yield from self._said(f"{name}: {why}", "muted")

    def _fix(self, finding: Finding) -> Iterator[Line]:
        fix = finding.fix
        if fix is None:
            if finding.note:
                yield from self._said(f"to do: {finding.note}")
            return
        yield from self._head(fix)
        if fix.assumptions:
            yield from self._said(f"assumes: {'; '.join(fix.assumptions)}", "unsafe")
        if finding.note:
            yield from self._said(finding.note, "bad" if finding.missing else "")
        elif fix.packages:
            yield from self._said(f"needs: {', '.join(fix.packages)} in your dependencies")
        file = self._texts.of(finding)
        if file is not None:
            yield from diffs.draw(file, fix.edits, self._screen.width, _INDENT * 2)
        if finding.proof is not None:
            verdict, good = proof_in_words(finding.proof)
            yield from self._said(verdict, "good" if good else "bad")

    def _head(self, fix: Fix) -> Iterator[Line]:
        """How careful the fix is, what it may change, what it does."""
        kind, style = _APPLICABILITY[fix.applicability]
        why = f": {', '.join(fix.differences)}" if fix.differences else ""
        first, *rest = self._said(f"fix ({kind}{why})" + (f": {fix.message}" if fix.message else ""))
        opening = f"{_INDENT}fix ("
        yield line(opening, Piece(kind, style), first[0].text[len(opening + kind) :])
        yield from rest

    def _said(self, text: str, style: Style = "") -> list[Line]:
        return wrapped(text, self._width, _INDENT, _INDENT * 2, style)

    def refusals(self, refusals: Iterable[Refusal]) -> Iterator[Line]:
        """What matched and stayed silent, a line each."""
        for refusal in refusals:
            where = f"{refusal.code} {refusal.name} at {place(refusal.path, refusal.start)}"
            yield from self._said(f"{where} refused: {refusal.reason}", "muted")
