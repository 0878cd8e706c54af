"""What a fix is worth beside another one of the same place: the one order of competing fixes."""

from perf_advise.model.finding import Finding
from perf_advise.model.proof import Verdict


def worth(finding: Finding) -> tuple[int, float, int, str, object]:
    """Sorts the best first: proved faster, unproved, proved but not faster, refuted; within each by what it saves."""
    applicability = int(finding.fix.applicability) if finding.fix else 0
    return (_standing(finding), -saved_share(finding), -applicability, finding.code, finding.span)


def _standing(finding: Finding) -> int:
    proof = finding.proof
    if proof is None or proof.verdict is Verdict.NOT_SHOWN:
        return 1
    if proof.verdict is Verdict.DIFFERENT:
        return 3
    return 0 if proof.speedup is None or proof.speedup.faster else 2


def saved_share(finding: Finding) -> float:
    """The share of the program that a fix saves: measured where there is a proof, start-up cost included."""
    proof = finding.proof
    if proof is None or proof.speedup is None:
        return finding.gain.saved_share if finding.gain else 0.0
    share = finding.function.cumulative or finding.function.own
    return share * (1.0 - 1.0 / effective_speedup(finding))


def effective_speedup(finding: Finding) -> float:
    """Old time over new time for what the profile measured, compile time and start-up included."""
    proof = finding.proof
    assert proof is not None
    assert proof.speedup is not None
    seconds = _seconds(finding)
    if not (seconds and proof.cold_seconds):
        return proof.speedup.ratio
    return seconds / (seconds / proof.speedup.ratio + proof.cold_seconds)


def _seconds(finding: Finding) -> float | None:
    """What the function took in the run of the profile: as measured there, or its calls at what the proof measured."""
    function, proof = finding.function, finding.proof
    if function.cumulative_seconds or function.seconds:
        return function.cumulative_seconds or function.seconds
    if proof is None or not (function.calls and proof.calls and proof.before):
        return None
    return function.calls * proof.before / proof.calls
