"""What evidence allows: the one place that decides what an Unknown fact does (DESIGN section 6)."""

from dataclasses import dataclass

from perf_advise.model.facts import Evidence, Truth
from perf_advise.model.rule import Applicability, Rule
from perf_advise.rulekit.matches import Match, Need, NeedKind


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far the fix of a match may go, and what it rests on."""

    applicability: Applicability
    differences: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unsure: str = ""
    """Why nothing is rewritten though the shape is there."""


def judge(rule: Rule, match: Match) -> Judgement | str:
    """The judgement, or the reason for a refusal.

    Static evidence allows `safe`. A type, binding, effect or alias that was only seen makes the fix unsafe, with
    the assumption named; unknown, it refuses. A value that was only seen does the same; unknown, it makes the fix
    unsafe, with the difference named. What only the new code rests on, unknown, leaves the finding without its fix.
    A fact that does not hold refuses.
    """
    applicability = min(rule.applicability, match.limit)
    differences = [*match.differences]
    if rule.applicability is not Applicability.SAFE:
        differences += rule.differences
    assumptions: list[str] = []
    unsure = ""
    for need in match.needs:
        reason = _refusal(need)
        if reason:
            return reason
        if need.kind is NeedKind.REPAIR and need.answer.truth is Truth.UNKNOWN:
            unsure = unsure or _unknown(need)
            continue
        if need.answer.truth is Truth.YES and need.answer.evidence is Evidence.STATIC:
            continue
        applicability = min(applicability, Applicability.UNSAFE)
        if need.answer.truth is Truth.YES:
            assumptions.append(f"{need.claim} ({need.answer.why})")
        elif need.difference:
            differences.append(need.difference)
    if unsure:
        applicability = Applicability.DISPLAY
    return Judgement(applicability, _once(differences), _once(assumptions), unsure)


def _refusal(need: Need) -> str:
    if need.answer.truth is Truth.NO:
        return f"not so that {need.claim}" + (f": {need.answer.why}" if need.answer.why else "")
    if need.answer.truth is Truth.UNKNOWN and need.kind is NeedKind.IDENTITY:
        return _unknown(need)
    return ""


def _unknown(need: Need) -> str:
    return f"it is not known whether {need.claim}: {need.answer.why}"


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
