"""The code of a finding: the lines with a heat column, and the place marked."""

from collections.abc import Iterator, Mapping

from perf_advise.model.finding import Finding
from perf_advise.report.figures import percent
from perf_advise.report.lines import Line, Piece, Style
from perf_advise.source.text import SourceFile

_MOST_LINES = 12
_HEATS: tuple[tuple[float, Style], ...] = ((0.4, "heat4"), (0.2, "heat3"), (0.05, "heat2"), (0.0, "heat1"))


def draw(file: SourceFile, finding: Finding, width: int) -> list[Line]:
    """The frame; line numbers are those of the file, or of the cell in a notebook."""
    first = file.lines.line_of(finding.span.start)
    last = file.lines.line_of(max(finding.span.end - 1, finding.span.start))
    texts = {number: _text(file, number) for number in range(first, last + 1)}
    margin = min((len(t) - len(t.lstrip()) for t in texts.values() if t.strip()), default=0)
    heats = {n: share for n, share in finding.function.lines.items() if n in texts and share >= 0.005}
    gutter = 14 if heats else 8
    room = width - gutter
    drawn: list[Line] = []
    before = first - 1
    for number in _worth_showing(first, last, heats):
        if number > before + 1:
            drawn.append((Piece("...".rjust(gutter - 3), "muted"),))
        before = number
        row = number - first + finding.start.row
        drawn.append((*_gutter(row, heats, number), Piece(_cut(texts[number][margin:], room), "python")))
    if first == last:
        drawn.append(_carets(file, finding, margin, gutter, room))
    return drawn


def _text(file: SourceFile, number: int) -> str:
    return file.text[file.lines.start_of(number) : file.lines.content_end(number)].expandtabs(4)


def _worth_showing(first: int, last: int, heats: Mapping[int, float]) -> Iterator[int]:
    """All lines of a short place; of a long one the head, the tail and the hottest."""
    if last - first < _MOST_LINES:
        yield from range(first, last + 1)
        return
    chosen = {*range(first, first + 4), last}
    for number in sorted(heats, key=lambda n: (-heats[n], n)):
        chosen |= {number} if len(chosen) < _MOST_LINES else set()
    yield from sorted(chosen)


def _gutter(row: int, heats: Mapping[int, float], number: int) -> tuple[Piece, ...]:
    """The heat of the line, where lines have any, and its number."""
    share = heats.get(number, 0.0)
    heat = Piece(f"{percent(share):>5} ", _heat(share)) if share else Piece(" " * 6)
    return (*((heat,) if heats else ()), Piece(f"{row:>5} | ", "muted"))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 3]}..."


def _heat(share: float) -> Style:
    return next(style for least, style in _HEATS if share >= least)


def _carets(file: SourceFile, finding: Finding, margin: int, gutter: int, room: int) -> Line:
    start = file.lines.start_of(file.lines.line_of(finding.span.start))
    lead = len(file.text[start : finding.span.start].expandtabs(4))
    end = len(file.text[start : finding.span.end].expandtabs(4))
    length = max(min(end - lead, room - (lead - margin)), 1)
    return (Piece(" " * (gutter + lead - margin)), Piece("^" * length, "mark"))
