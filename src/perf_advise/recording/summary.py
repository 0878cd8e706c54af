"""What a recording says of itself while it runs and at its end, as plain lines."""

from collections.abc import Iterator
from pathlib import Path

from perf_advise.model.profile import FunctionCost
from perf_advise.recording.measured import Measured
from perf_advise.recording.recorder import RecordResult

_ROWS = 10


def progress_line(seconds: float, measured: Measured, width: int = 79) -> str:
    """Elapsed time, samples so far, and the function that used most of it; no longer than `width`."""
    line = f"recording {seconds:.0f} s, {measured.samples:,} samples"
    functions = measured.profile.functions if measured.profile else ()
    hottest = max((c for c in functions if _is_named(c)), key=lambda c: c.own, default=None)
    if hottest is not None and measured.profile and measured.profile.total > 0:
        share = hottest.own / measured.profile.total
        line += f", {share:.0%} in {hottest.frame.name} ({Path(hottest.frame.path).name})"
    return line if len(line) <= width else line[: max(width - 3, 0)] + "..."


def _is_named(cost: FunctionCost) -> bool:
    return not cost.frame.is_native and not cost.frame.path.startswith("<")


def summary_lines(result: RecordResult, rows: int = _ROWS) -> Iterator[str]:
    """Total time and how it was measured, then the hottest functions: own and cumulative share, calls, place."""
    yield f"{result.seconds:.1f} s{_how(result.measured)}"
    if result.profile is None:
        return
    total = result.profile.total
    hottest = sorted(result.profile.functions, key=lambda c: (-c.own, -c.cumulative, c.frame.path, c.frame.line or 0))
    for cost in hottest[:rows]:
        calls = "" if cost.calls is None else f"{cost.calls:,} calls"
        place = f"{cost.frame.path}:{cost.frame.line}"
        shares = f"{cost.own / total:6.1%} {cost.cumulative / total:6.1%}"
        yield f"{shares}  {cost.frame.name}  {place}  {calls}".rstrip()


def _how(measured: Measured) -> str:
    parts = []
    if measured.samples:
        parts.append(f"{measured.samples:,} samples ({measured.rate:.0f} per second)")
    if measured.processes > 1:
        parts.append(f"{measured.processes} processes")
    if measured.threads > measured.processes:
        parts.append(f"{measured.threads} threads")
    return f": {', '.join(parts)}" if parts else ""
