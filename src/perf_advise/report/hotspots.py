"""The hot functions by themselves: a table, or JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from typing import Literal

from perf_advise.model.hot import HotFunction
from perf_advise.report.figures import counted, percent, seconds
from perf_advise.report.json_report import function_json
from perf_advise.report.lines import Line, Piece, line, wrapped
from perf_advise.report.texts import link, short, spot

Sort = Literal["own", "cumulative", "calls"]
_ROOM_FOR_ONE_LINE = 80


def chosen(functions: Sequence[HotFunction], sort: Sort, pattern: str) -> list[HotFunction]:
    """The functions whose name or path the pattern is part of (`*` and `?` as in globs), most of `sort` first."""
    wanted = f"*{pattern.lower()}*"
    kept = [f for f in functions if any(fnmatch(text.lower(), wanted) for text in (f.qualname, short(f.path)))]
    return sorted(kept, key=lambda f: -(getattr(f, sort) or 0))


def as_json(functions: Sequence[HotFunction], callers: bool, callees: bool) -> str:
    """One JSON object, version 1; callers and callees are shares of the program by name."""
    rows = [
        function_json(f)
        | ({"callers": dict(f.callers)} if callers else {})
        | ({"callees": dict(f.callees)} if callees else {})
        for f in functions
    ]
    return json.dumps({"version": 1, "functions": rows}, indent=2) + "\n"


def as_lines(
    functions: Sequence[HotFunction], lost: tuple[int, float], callers: bool, callees: bool, width: int
) -> Iterator[Line]:
    """The table; `lost` is how many entries of the profile fit no function, and their share."""
    if not functions:
        yield line("no hot function here")
    else:
        yield line(Piece("  own   with calls    calls  function", "muted"))
    for function in functions:
        yield from _row(function, width)
        for word, shares in (
            ("from", function.callers if callers else {}),
            ("calls", function.callees if callees else {}),
        ):
            yield from _flow(word, shares, width)
    if lost[1] >= 0.005:
        text = f"{percent(lost[1])} of the profile ({counted(lost[0], 'entry', 'entries')}) fits no function here"
        yield from wrapped(text, width, style="muted")


def _row(function: HotFunction, width: int) -> Iterator[Line]:
    calls = f"{function.calls:,}" if function.calls is not None else "-"
    own = f"{percent(function.own):>5}"
    rest = f"  {percent(function.cumulative):>11}  {calls:>7}  "
    at = Piece(spot(function.path, function.line), "path", link(function.path, function.line))
    time = f"  {seconds(function.seconds)}" if function.seconds is not None else ""
    name = Piece(function.qualname, "strong")
    if width >= _ROOM_FOR_ONE_LINE:
        yield line(Piece(own, "share"), rest, name, "  ", at, Piece(time, "muted"))
    else:
        yield line(Piece(own, "share"), rest, name)
        yield line(" " * 29, at)


def _flow(word: str, shares: Mapping[str, float], width: int) -> Iterator[Line]:
    if shares:
        text = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
        yield from wrapped(f"{word}: {text}", width, " " * 29, " " * 31, "muted")
