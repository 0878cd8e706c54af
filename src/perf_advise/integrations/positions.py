"""Offsets of a text as the protocol counts: lines from 0, columns in UTF-16 code units."""

from lsprotocol import types as lsp

from perf_advise.source.lines import LineTable


class Positions:
    """Positions in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = LineTable(text)

    def at(self, offset: int) -> lsp.Position:
        """The position of an offset."""
        line = self._lines.line_of(offset)
        return lsp.Position(line - 1, _units(self.text[self._lines.start_of(line) : offset]))

    def range(self, start: int, end: int) -> lsp.Range:
        """The range between two offsets."""
        return lsp.Range(self.at(start), self.at(end))

    def line(self, number: int) -> lsp.Range:
        """A whole line, counted from 1, without its ending."""
        return self.range(self._lines.start_of(number), self._lines.content_end(number))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
