"""Styled lines as a terminal with colour shows them; the only place where rich is imported for reports."""

import io
from collections.abc import Iterable

from rich.console import Console
from rich.style import Style as RichStyle
from rich.syntax import Syntax
from rich.text import Text

from perf_advise.report.lines import Line, Piece

_STYLES = {
    "": "",
    "muted": "dim",
    "strong": "bold",
    "share": "bold yellow",
    "code": "bold magenta",
    "path": "cyan",
    "mark": "bold red",
    "removed": "red",
    "added": "green",
    "safe": "green",
    "unsafe": "yellow",
    "good": "bold green",
    "bad": "bold red",
    "heat1": "yellow",
    "heat2": "dark_orange",
    "heat3": "red",
    "heat4": "bold white on red",
}


def coloured(lines: Iterable[Line], links: bool) -> str:
    """The lines with ANSI styles, and OSC 8 hyperlinks where `links`."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="256", width=100_000, legacy_windows=False)
    python = Syntax("", "python", theme="ansi_dark")
    for row in lines:
        text = Text()
        for piece in row:
            text.append_text(_highlighted(python, piece) if piece.style == "python" else _styled(piece, links))
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False)
    return out.getvalue()


def _styled(piece: Piece, links: bool) -> Text:
    style = RichStyle.parse(_STYLES[piece.style])
    if links and piece.link:
        style += RichStyle(link=piece.link)
    return Text(piece.text, style)


def _highlighted(python: Syntax, piece: Piece) -> Text:
    text = python.highlight(piece.text)
    text.right_crop(len(text.plain) - len(piece.text))  # the lexer ends its text with a line feed
    return text
