"""The code of a finding: the lines with a heat column, and the place marked."""

from perf_advise.model.finding import Finding
from perf_advise.report.excerpts import CodeRow, excerpt
from perf_advise.report.figures import percent
from perf_advise.report.lines import Line, Piece, Style
from perf_advise.source.text import SourceFile

_HEATS: tuple[tuple[float, Style], ...] = ((0.4, "heat4"), (0.2, "heat3"), (0.05, "heat2"), (0.0, "heat1"))


def draw(file: SourceFile, finding: Finding, width: int) -> list[Line]:
    """The frame; line numbers are those of the file, or of the cell in a notebook."""
    rows = excerpt(file, finding)
    has_heat = any(row.share for row in rows)
    gutter = 14 if has_heat else 8
    drawn: list[Line] = []
    before = rows[0].number - 1
    for row in rows:
        if row.number > before + 1:
            drawn.append((Piece("...".rjust(gutter - 3), "muted"),))
        before = row.number
        drawn.append((*_gutter(row, has_heat), Piece(_cut(row.text, width - gutter), "python")))
    if len(rows) == 1:
        drawn.append(_carets(file, finding, gutter, width - gutter))
    return drawn


def _gutter(row: CodeRow, has_heat: bool) -> tuple[Piece, ...]:
    """The heat of the line, where lines have any, and its number."""
    heat = Piece(f"{percent(row.share):>5} ", _heat(row.share)) if row.share else Piece(" " * 6)
    return (*((heat,) if has_heat else ()), Piece(f"{row.row:>5} | ", "muted"))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 3]}..."


def _heat(share: float) -> Style:
    return next(style for least, style in _HEATS if share >= least)


def _carets(file: SourceFile, finding: Finding, gutter: int, room: int) -> Line:
    number = file.lines.line_of(finding.span.start)
    start, line_end = file.lines.start_of(number), file.lines.content_end(number)
    text = file.text[start:line_end].expandtabs(4)
    margin = len(text) - len(text.lstrip())
    lead = len(file.text[start : finding.span.start].expandtabs(4))
    end = len(file.text[start : finding.span.end].expandtabs(4))
    length = max(min(end - lead, room - (lead - margin)), 1)
    return (Piece(" " * (gutter + lead - margin)), Piece("^" * length, "mark"))
