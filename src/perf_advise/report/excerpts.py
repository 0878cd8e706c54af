"""The lines of a finding's place that are worth showing, and what each costs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perf_advise.model.finding import Finding
from perf_advise.source.text import SourceFile

_MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A line: its row in the file (or in the cell of a notebook), its text, its share of the program (0: unknown).

    `number` counts lines of the text, which in a notebook is that of all cells.
    """

    number: int
    row: int
    text: str
    share: float


def excerpt(file: SourceFile, finding: Finding) -> list[CodeRow]:
    """The place as it stands, without the indentation that all its lines share; of a long one a part."""
    first = file.lines.line_of(finding.span.start)
    last = file.lines.line_of(max(finding.span.end - 1, finding.span.start))
    texts = {number: _text(file, number) for number in range(first, last + 1)}
    heats = {n: share for n, share in finding.function.lines.items() if n in texts and share >= 0.005}
    shift, margin = finding.start.row - first, margin_of(texts.values())
    return [
        CodeRow(number, number + shift, texts[number][margin:], heats.get(number, 0.0))
        for number in _worth_showing(first, last, heats)
    ]


def margin_of(texts: Iterable[str]) -> int:
    """The columns of indentation that all lines share."""
    return min((len(t) - len(t.lstrip()) for t in texts if t.strip()), default=0)


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
