"""Run the rules over the hot functions: findings and refusals."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from perf_advise.catalog.loading import LoadedRule
from perf_advise.catalog.ratios import Ratios
from perf_advise.engine.compose import CannotCompose, compose_fix
from perf_advise.engine.gains import gain_of, is_a_loss
from perf_advise.engine.judge import Judgement, judge
from perf_advise.engine.kept import Kept
from perf_advise.engine.views import Views
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction, Hotness
from perf_advise.model.places import Span
from perf_advise.model.profile import Unit
from perf_advise.model.rule import Applicability, Rule
from perf_advise.rulekit.matches import Match
from perf_advise.rulekit.view import View

STRICT = "PERF_ADVISE_STRICT"


@dataclass(slots=True)
class Analysis:
    """What the rules said; lists in the order of discovery."""

    findings: list[Finding] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, said: Iterable[Finding | Refusal]) -> "Analysis":
        """Findings and refusals, told apart."""
        said = tuple(said)
        findings = [one for one in said if isinstance(one, Finding)]
        return cls(findings, [one for one in said if isinstance(one, Refusal)])

    def add(self, other: "Analysis") -> None:
        """Add what was said of another function."""
        self.findings += other.findings
        self.refusals += other.refusals
        self.warnings += other.warnings


def analyse(
    functions: Sequence[HotFunction],
    rules_for: Callable[[HotFunction], Iterable[LoadedRule]],
    views: Views,
    ratios: Ratios,
    threshold: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
    kept: Kept | None = None,
) -> Analysis:
    """Findings and refusals of every hot function; a file that cannot be read becomes a warning.

    `progress` gets how many functions were looked at, and of how many. `kept` remembers from one time to the next.
    """
    out = Analysis()
    unreadable: set[object] = set()
    seen: Counter[tuple[object, str]] = Counter()
    for number, function in enumerate(functions):
        progress(number, len(functions))
        if function.path in unreadable:
            continue
        seen[function.path, function.qualname] += 1
        same_name = seen[function.path, function.qualname]
        try:
            said = kept.said(function, same_name, views) if kept is not None else None
            view = views.of(function) if said is None else None
        except UserError as error:
            unreadable.add(function.path)
            out.warnings.append(str(error))
            continue
        if view is not None:
            rules = (loaded for loaded in rules_for(function) if _looks_at(loaded, function, view, threshold))
            found = _looked_at(view, rules, ratios)
            if kept is not None and not found.warnings:
                kept.keep(same_name, view, views, (*found.findings, *found.refusals))
            out.add(found)
        else:
            out.add(Analysis.of(said or ()))
    progress(len(functions), len(functions))
    return out


def _looked_at(view: View, rules: Iterable[LoadedRule], ratios: Ratios) -> Analysis:
    out = Analysis()
    for loaded in rules:
        _run(loaded, view, ratios, out)
    return out


def _looks_at(loaded: LoadedRule, function: HotFunction, view: View, threshold: float) -> bool:
    rule = loaded.rule
    if rule.since > view.target:
        return False
    if rule.hotness is Hotness.ALLOCATION:
        return function.unit is Unit.BYTES
    if not function.unit.is_time:
        return False
    share = function.own if rule.hotness is Hotness.OWN else function.cumulative
    return share >= threshold


def _run(loaded: LoadedRule, view: View, ratios: Ratios, out: Analysis) -> None:
    try:
        for match in loaded.see(view):
            result = assess(loaded, match, view, ratios)
            (out.findings if isinstance(result, Finding) else out.refusals).append(result)  # type: ignore[arg-type]
    except Exception as error:
        if os.environ.get(STRICT):
            raise
        place = f"{view.hot.path}:{view.hot.line}"
        out.warnings.append(f"{loaded.rule.code} failed on {place} ({type(error).__name__}: {error}); it was skipped")


def assess(loaded: LoadedRule, match: Match, view: View, ratios: Ratios) -> Finding | Refusal:
    """A match becomes a finding, or a refusal with its reason."""
    judgement = judge(loaded.rule, match)
    if isinstance(judgement, str):
        return _refusal(loaded, match, view, judgement)
    by_hand = not match.fixable or judgement.applicability is Applicability.DISPLAY
    if loaded.rule.measured and by_hand and not view.is_measured:
        return _refusal(loaded, match, view, "no profile says that it costs anything here")
    gain = gain_of(loaded.rule, match, view, ratios)
    if gain is not None and is_a_loss(gain):
        version = ".".join(map(str, view.target))
        return _refusal(loaded, match, view, f"gains only {gain.speedup:.2f}x on Python {version}")
    try:
        return _finding(loaded, match, view, judgement, gain)
    except CannotCompose as error:
        return _refusal(loaded, match, view, str(error))


def _finding(loaded: LoadedRule, match: Match, view: View, judgement: Judgement, gain: object) -> Finding:
    rule = loaded.rule
    message = _message(match.message or rule.message, match, view)
    fixable = match.fixable and loaded.change is not None and judgement.applicability is not Applicability.DISPLAY
    fix = None
    if fixable and loaded.change is not None:
        fix = compose_fix(view, loaded.change(match, view), judgement, _message(rule.cure, match, view))
    span = _marked(match, view)
    return Finding(
        code=rule.code,
        name=rule.name,
        message=message,
        path=view.hot.path,
        start=view.slice.file.location(span.start),
        end=view.slice.file.location(span.end),
        function=view.hot,
        span=span,
        fix=fix,
        gain=gain,  # type: ignore[arg-type]
        note=_note(rule, match, judgement, view),
        facts={need.claim: need.answer.why for need in match.needs},
    )


def _note(rule: Rule, match: Match, judgement: Judgement, view: View) -> str:
    """The repair in words, for a finding that nothing is rewritten for."""
    if match.note or not judgement.unsure:
        return _message(match.note, match, view)
    return f"{_message(rule.cure, match, view)} (by hand: {judgement.unsure})"


def _refusal(loaded: LoadedRule, match: Match, view: View, reason: str) -> Refusal:
    start = view.slice.file.location(_marked(match, view).start)
    return Refusal(loaded.rule.code, loaded.rule.name, view.hot.path, start, view.hot, reason)


def _marked(match: Match, view: View) -> Span:
    return view.slice.span(match.node)


def _message(text: str, match: Match, view: View) -> str:
    if "{" not in text:
        return text
    words = {k: v if isinstance(v, str | int | float) else _code(view, v) for k, v in match.captures.items()}
    return text.format_map(words)


def _code(view: View, captured: object) -> str:
    try:
        return " ".join(view.code(captured).split())  # type: ignore[arg-type]
    except Exception:
        return str(captured)
