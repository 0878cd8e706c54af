"""Lines of styled text: one layout for terminals with colour and without."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Style = Literal[
    "", "muted", "strong", "share", "code", "path", "python", "mark",
    "removed", "added", "safe", "unsafe", "good", "bad", "heat1", "heat2", "heat3", "heat4",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style; `link` is where a terminal that can may go."""

    text: str
    style: Style = ""
    link: str = ""


Line = tuple[Piece, ...]


def line(*pieces: Piece | str) -> Line:
    """A line of pieces; a bare string has no style."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)


def width_of(pieces: Iterable[Piece]) -> int:
    """How many characters the pieces have."""
    return sum(len(piece.text) for piece in pieces)


def spread(left: Line, right: Line, width: int, indent: str) -> list[Line]:
    """`left` and `right` at the two edges of one line, or `right` below, indented, when they do not fit."""
    room = width - width_of(left) - width_of(right)
    if not right:
        return [left]
    if room >= 2:
        return [(*left, Piece(" " * room), *right)]
    return [left, (Piece(indent), *right)]


def wrapped(text: str, width: int, indent: str = "", hang: str = "", style: Style = "") -> list[Line]:
    """`text` over as many lines as it takes; `hang` is the indent of all but the first."""
    rows = textwrap.wrap(
        text, max(width, 20), initial_indent=indent, subsequent_indent=hang or indent, break_long_words=False
    )
    return [line(Piece(row, style)) for row in rows]


def plain(lines: Iterable[Line]) -> str:
    """The text without styles, no blanks at the ends of lines."""
    rows = ("".join(piece.text for piece in row).rstrip() for row in lines)
    return "".join(f"{row}\n" for row in rows)
