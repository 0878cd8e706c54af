"""What a recording says of itself: a line while it runs, a table at its end."""

from collections.abc import Iterator
from pathlib import Path

from perf_advise.model.profile import FunctionCost, Profile
from perf_advise.recording.measured import Measured
from perf_advise.recording.recorder import RecordResult
from perf_advise.report.figures import counted, percent, seconds
from perf_advise.report.lines import Line, Piece, line, width_of
from perf_advise.report.texts import spot

_ROWS = 10
_LEAST = 0.01
_MUCH = 0.1
_CUT = "..."


def progress_line(elapsed: float, measured: Measured, width: int) -> str:
    """Elapsed time, samples so far, and the function that used most of it; no longer than `width`."""
    parts = [f"recording {elapsed:.0f} s"]
    if measured.samples:
        parts.append(counted(measured.samples, "sample"))
    profile = measured.profile
    named = (c for c in profile.functions if not (c.frame.is_native or c.frame.path.startswith("<"))) if profile else ()
    hottest = max(named, key=lambda cost: cost.own, default=None)
    if profile and hottest and profile.total > 0:
        place = f"{hottest.frame.name} ({Path(hottest.frame.path).name})"
        parts.append(f"hottest: {place} {percent(hottest.own / profile.total)}")
    text = ", ".join(parts)
    return text if len(text) <= width else text[: max(width - len(_CUT), 0)] + _CUT


def table(result: RecordResult, root: Path, width: int, rows: int = _ROWS) -> Iterator[Line]:
    """Total time and how it was measured, then the hottest functions of the project at `root`."""
    yield line(Piece(seconds(result.seconds), "strong"), *(f", {part}" for part in _how(result.measured)))
    profile = result.profile
    if profile is None or not profile.total:
        return
    shown = [cost for cost in profile.functions if cost.own >= _LEAST * profile.total]
    shown.sort(key=lambda cost: (-cost.own, -cost.cumulative, cost.frame.path, cost.frame.line or 0))
    counts = any(cost.calls is not None for cost in shown)
    if shown:
        yield line(Piece("  own   with calls" + "      calls" * counts + "  function", "muted"))
    for cost in shown[:rows]:
        yield from _row(cost, profile, root, width, counts)
    outside = 1 - sum(cost.own for cost in profile.functions) / profile.total
    if outside >= _MUCH:
        idle = (_waited(result.measured.profile) - _waited(profile)) / profile.total
        more = f", {percent(idle)} waiting" if idle >= _LEAST else ""
        yield line(Piece(f"{percent(outside):>5}  in libraries and start-up, outside of the project{more}", "muted"))
    if len(shown) > rows:
        yield line(Piece(f"  {counted(len(shown) - rows, 'function')} more: perf-advise hotspots", "muted"))


def _how(measured: Measured) -> Iterator[str]:
    if measured.samples:
        yield counted(measured.samples, "sample")
        yield f"{measured.rate:.0f} per second"
    if measured.processes > 1:
        yield f"{measured.processes} processes"
    if measured.threads > measured.processes:
        yield f"{measured.threads} threads"


def _row(cost: FunctionCost, profile: Profile, root: Path, width: int, counts: bool) -> Iterator[Line]:
    shares = f"  {percent(cost.cumulative / profile.total):>11}"
    calls = f"  {cost.calls or 0:>9,}" if counts else ""
    start = (Piece(f"{percent(cost.own / profile.total):>5}", "share"), Piece(f"{shares}{calls}  "))
    name = Piece(cost.frame.name, "strong")
    place = (Piece(spot(root / cost.frame.path, cost.frame.line or 1), "path"), Piece(_waiting(cost, profile), "muted"))
    whole = line(*start, name, "  ", *place)
    if width_of(whole) <= width:
        yield whole
    else:
        yield line(*start, name)
        yield line(" " * width_of(start), *place)


def _waited(profile: Profile | None) -> float:
    return sum(c.own - c.cpu for c in profile.functions if c.cpu is not None) if profile else 0.0


def _waiting(cost: FunctionCost, profile: Profile) -> str:
    share = 0.0 if cost.cpu is None else (cost.own - cost.cpu) / profile.total
    return f"  {percent(share)} waiting" if share >= _LEAST else ""
