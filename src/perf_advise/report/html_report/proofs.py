"""What a replay showed: the verdict, the speed-up with its interval on a scale, times, and a counterexample."""

from collections.abc import Iterator
from math import log10

from perf_advise.model.proof import Proof, Speedup, Verdict
from perf_advise.report.figures import counted, memory, ratio, seconds
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.words import proof_in_words

_SCALE = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def figures(proof: Proof) -> Html:
    """The proof as a block."""
    text, good = proof_in_words(proof)
    rows = [element("dt", name) + element("dd", value) for name, value in _facts(proof)]
    mood = "good" if good else "bad" if proof.verdict is Verdict.DIFFERENT else "open"
    return element(
        "div",
        element("p", text, class_=f"verdict {mood}"),
        _scale(proof.speedup) if proof.speedup and proof.verdict is not Verdict.DIFFERENT else None,
        element("dl", Html("".join(rows))) if rows else None,
        _counterexample(proof),
        class_="proof",
    )


def _scale(speed: Speedup) -> Html:
    """The interval on a logarithmic scale that begins below 1x."""
    top = next((step for step in _SCALE if step >= speed.high * 1.2), max(speed.high, 1.0) * 1.5)
    marks = [step for step in _SCALE if 1.0 <= step <= top]
    ticks = [element("i", element("span", ratio(m).replace(".0x", "x")), style=f"left:{_at(m, top)}")
             for m in marks[:: max(len(marks) // 5, 1)]]  # fmt: skip
    low, high = _at(speed.low, top), _at(speed.high, top)
    label = f"{ratio(speed.ratio)} faster, between {ratio(speed.low)} and {ratio(speed.high)}"
    return element(
        "div",
        joined(*ticks),
        element("b", Html(""), class_="interval", style=f"left:{low};right:calc(100% - {high})"),
        element("b", Html(""), class_="point", style=f"left:{_at(speed.ratio, top)}"),
        class_="scale",
        role="img",
        aria_label=label,
    )


def _at(value: float, top: float) -> str:
    low = log10(_SCALE[0])
    place = (log10(max(value, _SCALE[0])) - low) / (log10(top) - low)
    return f"{min(place, 1.0) * 100:.2f}%"


def _facts(proof: Proof) -> Iterator[tuple[str, str]]:
    if proof.before is not None and proof.after is not None:
        yield f"time of {counted(proof.calls, 'call')}", f"{seconds(proof.before)} → {seconds(proof.after)}"
    if proof.memory_before is not None and proof.memory_after is not None:
        yield "memory at most", f"{memory(proof.memory_before)} → {memory(proof.memory_after)}"
    if proof.max_relative:
        yield "largest relative difference", f"{proof.max_relative:.2g}"
    if proof.unstable_calls:
        yield "left out", f"{counted(proof.unstable_calls, 'call')} that answer differently each time"


def _counterexample(proof: Proof) -> Html | None:
    example = proof.counterexample
    if example is None:
        return None
    rows = (("called with", example.arguments), ("gave", example.before), ("now gives", example.after))
    shown = [joined(element("dt", name), element("dd", element("code", value))) for name, value in rows]
    return element("dl", joined(*shown), class_="counterexample")
