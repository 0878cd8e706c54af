"""Where results and complaints go: results to standard output or a file, complaints to stderr, a line each."""

import io
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterable

from perf_advise.cli.interrupts import is_behind
from perf_advise.model.errors import UserError
from perf_advise.model.options import Options
from perf_advise.report.lines import Line
from perf_advise.report.painting import paint
from perf_advise.report.screen import PIPE_WIDTH, Screen, wants_colour


def make_streams_safe() -> None:
    """A character that the console's encoding lacks is written as an escape instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def guarded(call: Callable[[], int], hint: str = "") -> int:
    """The exit code of `call`; what a user can cause is one line with `hint`, and only a fault of ours a traceback."""
    make_streams_safe()
    try:
        return call()
    except UserError as error:
        return complain(f"{error}{hint}")
    except BrokenPipeError:
        raise
    except OSError as error:
        return complain(f"{error.filename or 'the system'}: {error.strerror or error}{hint}")
    except Exception as error:
        if is_behind(error):
            raise KeyboardInterrupt from None
        traceback.print_exc()
        return complain("this is a fault of perf-advise; please report it with the lines above")


def deliver(text: str, options: Options) -> None:
    """Write the text to the output file, or to standard output; raises UserError for a file that cannot be."""
    if options.output_file is None:
        sys.stdout.write(text)
        return
    try:
        options.output_file.write_text(text, "utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        mend = "make its folder, or name another file" if isinstance(error, FileNotFoundError) else "name another file"
        raise UserError(f"{options.output_file} cannot be written: {error.strerror}", mend) from None


def show(lines: Iterable[Line], screen: Screen) -> None:
    """Styled lines on standard output."""
    sys.stdout.write(paint(lines, screen))


def aside() -> Screen:
    """The screen that stderr is."""
    is_terminal = sys.stderr.isatty()
    columns = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns
    if is_terminal:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or columns
    return Screen(max(columns, 40), wants_colour(os.environ, is_terminal, False))


def show_aside(lines: Iterable[Line], screen: Screen) -> None:
    """Styled lines on stderr, where they are not taken for the output of the user's program."""
    sys.stderr.write(paint(lines, screen))


def say(lines: Iterable[str]) -> None:
    """Plain lines on standard output, each as it comes."""
    for line in lines:
        print(line, flush=True)


def note(text: str) -> None:
    """A line on stderr, where it is not taken for the output of the user's program."""
    print(f"perf-advise: {text}", file=sys.stderr)


def quietly(tell: Callable[[str], None], quiet: bool) -> Callable[[str], None]:
    """`tell`, or under --quiet something that says nothing."""
    return (lambda line: None) if quiet else tell


def warn(warnings: Iterable[str], quiet: bool = False) -> None:
    """Warnings on stderr, unless quiet."""
    for warning in warnings if not quiet else ():
        note(f"warning: {one_line(warning)}")


def complain(message: str) -> int:
    """An error on stderr; the exit code that goes with it."""
    note(one_line(message))
    return 2


def one_line(text: str) -> str:
    """The text with its line breaks made blanks."""
    return " ".join(text.split())
