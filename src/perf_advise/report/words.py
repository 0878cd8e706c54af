"""What a gain and a proof come to, in words."""

from collections.abc import Iterator

from perf_advise.model.finding import Gain
from perf_advise.model.proof import Counterexample, Proof, Verdict
from perf_advise.report.figures import counted, memory, percent, ratio, seconds

_ENDS = ("returns ", "raises ", "ends ")
_MANY_ULP = 100_000
_WORTH_TELLING = 1_000_000
"""Bytes; a smaller peak is nobody's worry."""


def saved_in_words(gain: Gain | None, whole: float | None) -> str:
    """What a fix saves of a run that takes `whole` seconds; empty where nothing is known or gained."""
    if gain is None or gain.speedup <= 1:
        return ""
    about = "" if gain.basis == "proof" else "up to " if gain.at_most else "about "
    if gain.saved_share < 0.005:
        about = about and "about "
        where = "in the rule's benchmark" if gain.basis == "bench" else "faster here"
        return f"{about}{ratio(gain.speedup)} {where}"
    share = percent(gain.saved_share)
    return f"saves {about}{seconds(gain.saved_share * whole)} ({share})" if whole else f"saves {about}{share}"


def proof_in_words(proof: Proof) -> tuple[str, bool]:
    """The verdict with its figures, and whether it speaks for the fix."""
    calls = counted(proof.calls, "call")
    if proof.verdict is Verdict.NOT_SHOWN:
        return f"not shown: {proof.reason}", False
    if proof.verdict is Verdict.DIFFERENT:
        example = proof.counterexample
        return f"refuted: {_answers(example) if example else proof.reason}", False
    parts = [f"same{rounding_in_words(proof)} on {calls}", *_speed(proof)]
    if proof.assumptions:
        parts.append(f"assumes {'; '.join(proof.assumptions)}")
    return f"proved: {', '.join(parts)}", proof.speedup is None or proof.speedup.faster


def _answers(example: Counterexample) -> str:
    """What the call gave; where it ends in another way, that is a verb already: `raises KeyError(3)`."""
    gave = "" if example.before.startswith(_ENDS) else "gave "
    return f"{example.arguments} {gave}{example.before}, now {example.after}"


def rounding_in_words(proof: Proof) -> str:
    """The largest difference of a proof that holds up to rounding, to follow `same`; empty for no difference."""
    if proof.verdict is Verdict.SAME:
        return ""
    if proof.max_ulp is None:
        return " up to rounding"
    if proof.max_ulp < _MANY_ULP or proof.max_relative is None:
        return f" up to {proof.max_ulp:.0f} ulp"
    why = f" ({proof.reason})" if proof.is_ill_conditioned else ""
    return f" up to {proof.max_relative:.2g} relative{why}"


def _speed(proof: Proof) -> Iterator[str]:
    speed = proof.speedup
    if speed is not None:
        word = "faster" if speed.faster else "slower" if speed.slower else "no faster beyond noise"
        yield f"{ratio(speed.ratio)} {word} ({ratio(speed.low)[:-1]}-{ratio(speed.high)[:-1]})"
    sizes = proof.memory_before or 0, proof.memory_after or 0
    if max(sizes) >= _WORTH_TELLING and max(sizes) > 1.5 * min(sizes):
        yield f"memory at most {memory(sizes[0])} -> {memory(sizes[1])}"
    if proof.cold_seconds is not None and proof.break_even_calls is not None:
        yield f"first call {seconds(proof.cold_seconds)}: pays from {counted(proof.break_even_calls, 'call')} on"
