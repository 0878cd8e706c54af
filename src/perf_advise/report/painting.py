"""Styled lines as text, as the screen can show them."""

from collections.abc import Iterable

from perf_advise.report.lines import Line, plain
from perf_advise.report.screen import Screen


def paint(lines: Iterable[Line], screen: Screen) -> str:
    """The lines as the screen can show them."""
    if not screen.colour:
        return plain(lines)
    # rich costs five times the interpreter, and output that is piped has no use for it.
    from perf_advise.report.colour import coloured

    return coloured(lines, screen.links)
