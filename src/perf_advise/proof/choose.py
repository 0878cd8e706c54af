"""Several fixes compete for one place: the measured winner is offered, the others are listed with their figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from perf_advise.model.finding import Finding
from perf_advise.model.proof import Verdict


@dataclass(frozen=True, slots=True)
class Choice:
    """The finding to offer for a place, and those that it won against, best first."""

    offered: Finding
    others: tuple[Finding, ...] = ()


def choose(findings: Sequence[Finding]) -> tuple[Choice, ...]:
    """One choice per place, in the order of the text. Findings without a fix compete with nobody."""
    choices = [_decide(group) for group in _competing(findings)]
    return tuple(sorted(choices, key=lambda choice: (choice.offered.path, choice.offered.start, choice.offered.code)))


def _competing(findings: Sequence[Finding]) -> list[list[Finding]]:
    groups: list[list[Finding]] = []
    for finding in findings:
        touching = [group for group in groups if any(compete(finding, other) for other in group)]
        merged = [finding, *(other for group in touching for other in group)]
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def compete(one: Finding, other: Finding) -> bool:
    """Whether only one of the two fixes can be applied."""
    if one.path != other.path or one.fix is None or other.fix is None:
        return False
    if one.span.overlaps(other.span):
        return True
    return any(a.span.overlaps(b.span) and a != b for a in one.fix.own_edits for b in other.fix.own_edits)


def _decide(group: Sequence[Finding]) -> Choice:
    ordered = sorted(group, key=_rank)
    winner = ordered[0]
    others = tuple(f for f in ordered[1:] if compete(f, winner))
    return Choice(winner, others)


def _rank(finding: Finding) -> tuple[int, float, int, str]:
    """Proved faster, then unproved, then proved but not faster, refuted last; within each what it saves."""
    applicability = int(finding.fix.applicability) if finding.fix else 0
    return (_standing(finding), -saved_share(finding), -applicability, finding.code)


def _standing(finding: Finding) -> int:
    proof = finding.proof
    if proof is None or proof.verdict is Verdict.NOT_SHOWN:
        return 1
    if proof.verdict is Verdict.DIFFERENT:
        return 3
    return 0 if proof.speedup is not None and proof.speedup.faster else 2


def saved_share(finding: Finding) -> float:
    """The share of the program that a fix saves: measured where there is a proof, start-up cost included."""
    proof = finding.proof
    if proof is None or proof.speedup is None:
        return finding.gain.saved_share if finding.gain else 0.0
    share = finding.function.cumulative or finding.function.own
    return share * (1.0 - 1.0 / effective_speedup(finding))


def effective_speedup(finding: Finding) -> float:
    """Old time over new time for the calls that the profile counted, compile time and start-up included."""
    proof = finding.proof
    assert proof is not None
    assert proof.speedup is not None
    calls = finding.function.calls
    if not (calls and proof.calls and proof.before and proof.after and proof.cold_seconds):
        return proof.speedup.ratio
    old = calls * proof.before / proof.calls
    new = calls * proof.after / proof.calls + proof.cold_seconds
    return old / new
