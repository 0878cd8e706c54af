"""The source of a notebook cell inside the file's bytes: an array of lines, or one string."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from perf_advise.model.finding import Edit
from perf_advise.model.places import Span
from perf_advise.source.jsonspans import DamagedJson, JsonText
from perf_advise.source.text import spliced

_RAW_LINE = re.compile(rb"(?:[^\\]|\\[^n])*+(?:\\n)?", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPED_LETTER = re.compile(rb"\\u(?!00[0-7])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line, or whatever an element of the array holds: its `raw` bytes, and those `before` it, the comma too."""

    before: bytes
    raw: bytes
    text: str


@dataclass(frozen=True, slots=True)
class CellSource:
    """The bytes from `start` to `end` of a notebook file: `opening`, the pieces, `closing`."""

    start: int
    end: int
    opening: bytes
    pieces: tuple[_Piece, ...]
    closing: bytes

    @property
    def text(self) -> str:
        """The source of the cell."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_array(self) -> bool:
        """Whether each line is a string of its own."""
        return self.opening == b"["

    def byte_at(self, offset: int) -> int:
        """Where in the file the piece stands that holds the character at `offset` of the source."""
        starts = [0, *accumulate(len(piece.text) for piece in self.pieces)]
        number = self._piece_at(starts, offset)
        before = sum(len(piece.before) + len(piece.raw) for piece in self.pieces[:number])
        own = len(self.pieces[number].before) if self.pieces else 0
        return self.start + len(self.opening) + before + own

    def edited(self, edits: Sequence[Edit], cell_start: int, data: bytes) -> bytes:
        """The bytes with edits made, whose offsets count from `cell_start`; lines that stay keep their bytes.

        New lines are written as the file `data` writes others: its separators, its way with letters beyond ASCII.
        """
        shifted = [replace(edit, span=_shifted(edit.span, -cell_start)) for edit in sorted(edits)]
        pieces = [piece for run in self._runs(shifted) for piece in self._rewritten(*run, data)]
        if not pieces:
            return b"[]" if self.is_array else b'""'
        lead = self.pieces[0].before if self.pieces else b""
        pieces[0] = replace(pieces[0], before=lead)
        return b"".join((self.opening, *(piece.before + piece.raw for piece in pieces), self.closing))

    def _runs(self, edits: list[Edit]) -> Iterator[tuple[tuple[_Piece, ...], int, list[Edit]]]:
        """The pieces in groups: those that no edit touches, and between them those that some do; each group with the
        offset of its first character."""
        starts = [0, *accumulate(len(piece.text) for piece in self.pieces)]
        done = 0
        while edits:
            first = last = self._piece_at(starts, edits[0].span.start)
            group: list[Edit] = []
            while edits and self._piece_at(starts, edits[0].span.start) <= last:
                edit = edits.pop(0)
                group.append(edit)
                last = max(last, self._piece_at(starts, max(edit.span.start, edit.span.end - 1)))
            yield self.pieces[done:first], starts[done], []
            yield self.pieces[first : last + 1], starts[first], group
            done = last + 1
        yield self.pieces[done:], 0, []

    def _piece_at(self, starts: list[int], offset: int) -> int:
        return max(0, min(bisect_right(starts, offset), len(self.pieces)) - 1)

    def _rewritten(self, pieces: tuple[_Piece, ...], start: int, edits: list[Edit], data: bytes) -> Sequence[_Piece]:
        if not edits:
            return pieces
        old = "".join(piece.text for piece in pieces)
        new = spliced(old, [replace(edit, span=_shifted(edit.span, -start)) for edit in edits])
        kept = {piece.text: piece.raw for piece in pieces}
        separator = self._separator(data)
        lines = [_Piece(separator, kept.get(line) or self._raw(line, data), line) for line in _LINE.findall(new)]
        if lines and pieces:
            lines[0] = replace(lines[0], before=pieces[0].before)
        return lines

    def _separator(self, data: bytes) -> bytes:
        if not self.is_array or len(self.pieces) > 1:
            return self.pieces[1].before if self.is_array else b""
        lead = self.pieces[0].before if self.pieces else b""
        return b"," + (lead or (b" " if b'": ' in data else b""))

    def _raw(self, line: str, data: bytes) -> bytes:
        ascii_only = data.isascii() and _ESCAPED_LETTER.search(data) is not None
        raw = json.dumps(line, ensure_ascii=ascii_only).encode()
        return raw if self.is_array else raw[1:-1]


def cell_source(text: JsonText, at: int) -> CellSource:
    """The source at an offset of the file; DamagedJson when it is neither a string nor an array of strings."""
    end = text.end(at)
    if text.data[at : at + 1] == b'"':
        return CellSource(at, end, b'"', tuple(_lines(text, at, end)), b'"')
    pieces: list[_Piece] = []
    done = at + 1
    for item in text.items(at):
        value = text.value(item)
        if not isinstance(value, str):
            raise DamagedJson(item)
        item_end = text.end(item)
        pieces.append(_Piece(text.data[done:item], text.data[item:item_end], value))
        done = item_end
    return CellSource(at, end, b"[", tuple(pieces), text.data[done:end])


def _lines(text: JsonText, at: int, end: int) -> Iterator[_Piece]:
    """The lines of a source that is one string, which ends them with an escaped line feed."""
    for match in _RAW_LINE.finditer(text.data, at + 1, end - 1):
        if match.group():
            try:
                yield _Piece(b"", match.group(), str(json.loads(b'"%b"' % match.group())))
            except ValueError:
                raise DamagedJson(match.start()) from None


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
