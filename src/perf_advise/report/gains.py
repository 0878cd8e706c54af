"""What `optimize` did: seconds before and after, what each fix gave, the diff."""

from collections.abc import Iterable, Iterator, Sequence

from perf_advise.model.finding import Finding
from perf_advise.model.proof import Verdict
from perf_advise.model.report import Change
from perf_advise.report.figures import ratio, seconds
from perf_advise.report.lines import Line, Piece, line
from perf_advise.report.summary import patches
from perf_advise.report.texts import link, place
from perf_advise.report.words import rounding_in_words


def gains(
    before: float, after: float, fixes: Iterable[tuple[Finding, float | None]], changes: Sequence[Change]
) -> Iterator[Line]:
    """The lines of the summary; `before` and `after` are seconds of the whole program, each fix has what it saves."""
    whole = f"{seconds(before)} -> {seconds(after)}: {ratio(before / after)} faster"
    yield line(Piece(whole, "good"), ", same output")
    for finding, saved in fixes:
        yield _fix(finding, saved)
    yield ()
    yield from patches(changes)
    yield ()
    yield line(Piece("`perf-advise undo` takes it all back", "muted"))


def _fix(finding: Finding, saved: float | None) -> Line:
    where = Piece(place(finding.path, finding.start), "path", link(finding.path, finding.start.row))
    speedup = finding.proof.speedup if finding.proof else None
    rounds = finding.proof is not None and finding.proof.verdict is Verdict.SAME_UP_TO_ROUNDING
    told = (
        f"same{rounding_in_words(finding.proof)}" if rounds and finding.proof else "",
        "" if saved is None else f"saves {seconds(saved)}",
        "" if speedup is None else f"{ratio(speedup.ratio)} on its calls",
    )
    gain = ", ".join(filter(None, told))
    name = f" {finding.name} in {finding.function.qualname}  "
    return line("  ", Piece(finding.code, "code"), name, where, Piece(f"  {gain}" if gain else "", "good"))
