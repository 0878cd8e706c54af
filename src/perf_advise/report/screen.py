"""What the output goes to: how wide it is, and whether it shows colour and links."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from perf_advise.model.options import Options

PIPE_WIDTH = 100
_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "zed")
_LINKING_VARIABLES = ("KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION", "DOMTERM")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour")
_FIRST_LINKING_VTE = 5000


@dataclass(frozen=True, slots=True)
class Screen:
    """Width in columns, colour, and hyperlinks."""

    width: int = PIPE_WIDTH
    colour: bool = False
    links: bool = False

    @property
    def text_width(self) -> int:
        """How wide prose and figures go; only code makes use of more."""
        return min(self.width, PIPE_WIDTH)


def screen_for(options: Options) -> Screen:
    """The screen that standard output is; a file or a pipe has no colour unless FORCE_COLOR is set."""
    width = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    colour = options.output_file is None and wants_colour(os.environ, is_terminal, options.no_color)
    return Screen(max(width, 40), colour, colour and is_terminal and has_links(os.environ))


def wants_colour(environment: Mapping[str, str], is_terminal: bool, no_color: bool) -> bool:
    """NO_COLOR and --no-color before FORCE_COLOR before what the terminal is."""
    if no_color or environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal and environment.get("TERM") != "dumb"


def has_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is one that is known to show OSC 8 hyperlinks."""
    vte = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or environment.get("TERM") in _LINKING_TERMS
        or any(name in environment for name in _LINKING_VARIABLES)
        or (vte.isdecimal() and int(vte) >= _FIRST_LINKING_VTE)
    )
