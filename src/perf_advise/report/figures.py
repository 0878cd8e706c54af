"""Numbers as people read them, and what several gains come to."""

from collections.abc import Iterable, Sequence

from perf_advise.model.finding import Finding
from perf_advise.model.profile import Profile, Unit


def percent(share: float) -> str:
    """A share in [0, 1] as `38 %`; `<1 %` rather than a zero that is none."""
    return "<1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def seconds(value: float) -> str:
    """A duration in seconds with the unit that suits it: `3,400 s`, `12.4 s`, `350 ms`, `12 us`."""
    if value >= 99.95:
        return f"{value:,.0f} s"
    if value >= 0.9995:
        return f"{value:.1f} s"
    return f"{value * 1e3:.0f} ms" if value >= 9.995e-4 or value == 0 else f"{value * 1e6:.0f} us"


def ratio(value: float) -> str:
    """A speed-up: `31x`, `1.8x`; one decimal more below 1.1, where it decides."""
    return f"{value:.0f}x" if value >= 9.95 else f"{value:.1f}x" if value >= 1.1 else f"{value:.2f}x"


def memory(size: int) -> str:
    """Bytes as `12.3 MB` or `4.0 kB`."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `1,200 findings`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def ago(age: float) -> str:
    """An age in seconds, to the largest unit: `3 minutes ago`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if age >= size:
            return f"{counted(int(age // size), unit)} ago"
    return "just now"


def run_seconds(profile: Profile | None) -> float | None:
    """How long the profiled run took, if the profile knows."""
    if profile is None:
        return None
    if profile.seconds is not None:
        return profile.seconds
    return profile.total if profile.unit is Unit.SECONDS else None


def left_in_words(findings: Sequence[Finding], figure: str) -> str:
    """What is left when all these findings are mended; "at best" where a place may cost less than its function."""
    return f"{'at best' if any(f.gain and f.gain.at_most for f in findings) else 'about'} {figure}"


def remaining_share(findings: Iterable[Finding]) -> float:
    """What is left of the program's time when all these findings are mended, by Amdahl's law; in (0, 1].

    Places within a function's own time add up; a fix that covers more than that (what a function calls
    included) shrinks whatever the others leave.
    """
    own: dict[tuple[str, str, int], float] = {}
    factor = 1.0
    for finding in findings:
        if finding.gain is None or finding.gain.saved_share <= 0:
            continue
        function = finding.function
        if finding.gain.share > function.own + 0.005:
            factor *= 1 - finding.gain.saved_share
        else:
            key = (str(function.path), function.qualname, function.line)
            own[key] = min(own.get(key, 0.0) + finding.gain.saved_share, function.own)
    return max(1 - sum(own.values()), 0.0) * factor
