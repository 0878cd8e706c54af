"""The line that opens what is said of a hot function."""

from collections.abc import Iterator

from perf_advise.model.hot import HotFunction
from perf_advise.report.figures import counted, percent, seconds
from perf_advise.report.lines import Line, Piece, line, spread
from perf_advise.report.texts import link, spot


def heading(function: HotFunction, width: int, with_share: bool = True) -> Iterator[Line]:
    """The share, the name and the place; what is known of its cost on the right, or below."""
    share = (Piece(f"{percent(function.own):>4}", "share"), Piece("  ")) if with_share else ()
    at = Piece(spot(function.path, function.line), "path", link(function.path, function.line))
    cost = cost_of(function)
    left = line(*share, Piece(function.qualname, "strong"), "  ", at)
    yield from spread(left, line(Piece(cost, "muted")) if cost else (), width, " " * 6)


def cost_of(function: HotFunction) -> str:
    """`5.1 s in 1,200 calls, 60 % with what it calls`, as far as the profile knows."""
    parts = []
    if function.seconds:
        parts.append(seconds(function.seconds))
    if function.calls is not None:
        calls = counted(function.calls, "call")
        parts = [f"{parts[0]} in {calls}"] if parts else [calls]
    if function.cumulative >= function.own + 0.01:
        parts.append(f"{percent(function.cumulative)} with what it calls")
    return ", ".join(parts)
