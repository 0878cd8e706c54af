"""IPython's magics and shell lines made into Python of the same length, so that a cell parses and offsets hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from perf_advise.model.errors import UserError
from perf_advise.model.places import Span
from perf_advise.source.parsing import parse_text

_PYTHON_CELLS = frozenset(
    {"advise", "capture", "lprun", "memit", "mprun", "perf_advise", "prun", "pyinstrument", "scalene", "snakeviz"}
    | {"time", "timeit", "debug"}
)
_NO_NAMES = frozenset(
    {"autoreload", "cd", "conda", "config", "env", "load_ext", "ls", "matplotlib", "memit", "pip", "pwd", "reload_ext"}
    | {"set_env", "timeit", "who", "whos", "html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"}
    | {"file", "writefile", "load_ext"}
)
_ANY_NAME = frozenset({"load", "loadpy", "macro", "pylab", "run", "store"})

_LEX = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
        |"(?:\\(?:\r\n|.)|[^"\\\r\n])*+"?|'(?:\\(?:\r\n|.)|[^'\\\r\n])*+'?)
    |(?P<comment>\#[^\r\n]*)|(?P<joined>\\(?:\r\n|\r|\n))
    |(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<newline>\r\n|\r|\n)|[^"'\#\\()\[\]{}\r\n]+|.""",
    re.DOTALL | re.VERBOSE,
)
_MAGIC = re.compile(
    r"""(?P<indent>[ \t]*)
    (?:(?P<line>[%!?][^\r\n]*)
      |(?P<target>[^=!%\#"'\r\n]+=[ \t]*)(?P<value>[!%][^\r\n]*)
      |(?P<help>[\w.*\[\]'"-]+\?\??[ \t]*;?[ \t]*)(?=[\r\n]|\Z))""",
    re.VERBOSE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_CELL_MAGIC = re.compile(r"\s*%%(!|\w+)?([^\r\n]*)")
_LINE_MAGIC = re.compile(r"%+\s*(\w+)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_BINDING = re.compile(r"([^\W\d][\w\s,]*)=(?!=)|\b(?:def|class|import|as|for)\s+([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell's source as Python of the same length.

    `opaque` are the spans whose text was replaced, `names` what may be bound there ("*": anything). `plain` says that
    the cell is Python without a cell magic; `problem` why it was left out ("" when it was not).
    """

    text: str
    opaque: tuple[Span, ...] = ()
    names: frozenset[str] = frozenset()
    plain: bool = True
    problem: str = ""


def readable(source: str) -> CellText:
    """A cell's source with magics as comments or placeholders; blank when it is not Python."""
    if not _fault(source):
        return CellText(source)
    cell = _CELL_MAGIC.match(source)
    if cell is None:
        return _with_lines(source, 0)
    if cell[1] in _PYTHON_CELLS:
        return _with_lines(source, cell.end())
    return blank(source, _names(cell[0]) | _bound(source, cell[1] or ""))


def blank(source: str, names: frozenset[str] = frozenset(), problem: str = "") -> CellText:
    """A cell left out: as many spaces, line ends kept."""
    return CellText(re.sub(r"[^\r\n]", " ", source), (Span(0, len(source)),), names, False, problem)


def _fault(text: str) -> str:
    try:
        parse_text(text, "cell")
    except UserError as error:
        return error.what
    return ""


def _with_lines(source: str, head: int) -> CellText:
    """The cell with every magic line behind `head` (the end of its cell magic) replaced."""
    parts: list[str] = []
    spans: list[Span] = []
    names: frozenset[str] = frozenset()
    if head:
        start = len(source) - len(source.lstrip())
        spans.append(Span(start, head))
        parts.append(f"{source[:start]}#{source[start + 1 : head]}")
        names |= _names(source[:head])
    done = head
    for match, end in _magic_lines(source, head):
        start = match.start() + len(match["indent"])
        parts += (source[done:start], _placeholder(match, source[start:end]))
        spans.append(Span(start, end))
        names |= _names(source[start:end])
        done = end
    text = "".join((*parts, source[done:]))
    fault = _fault(text)
    if fault:
        return blank(source, _bound(source, ""), fault.partition(": ")[2] or fault)
    return CellText(text, tuple(spans), names, plain=not head)


def _magic_lines(source: str, start: int) -> Iterator[tuple[re.Match[str], int]]:
    """The magics at the start of logical lines, each with its end: a backslash continues it."""
    at = start
    while at < len(source):
        match = _MAGIC.match(source, at)
        if match is None:
            at = _logical_end(source, at)
            continue
        end = match.end()
        while source[end - 1] == "\\" and end < len(source):
            newline = _LINE_END.match(source, end)
            following = _LINE_END.search(source, newline.end() if newline else end)
            end = following.start() if following else len(source)
        yield match, end
        newline = _LINE_END.match(source, end)
        at = newline.end() if newline else len(source)


def _logical_end(source: str, at: int) -> int:
    """Behind the line ending that ends the statement line at `at`: strings, brackets and backslashes continue it."""
    depth = 0
    for token in _LEX.finditer(source, at):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["newline"] and depth <= 0:
            return token.end()
    return len(source)


def _placeholder(match: re.Match[str], text: str) -> str:
    """A comment at the left margin, else a call of something unknown, which may do anything."""
    if match["target"]:
        kept = len(match["target"])
        return text[:kept] + _as_call(text[kept:])
    return _as_call(text) if match["indent"] else _as_comment(text)


def _as_comment(text: str) -> str:
    return re.sub(r"(?m)(\A|(?<=[\r\n]))[^\r\n]", "#", text)


def _as_call(text: str) -> str:
    first = _LINE_END.search(text)
    end = first.start() if first else len(text)
    head = ("_()" if end >= 3 else "_") + "#" + text[4:end]
    return head[:end] + _as_comment(text[end:])


def _names(line: str) -> frozenset[str]:
    """The names that a magic may bind; a shell line binds none."""
    found = _LINE_MAGIC.search(line.partition("!")[0])
    if found is None or found[1] in _NO_NAMES:
        return frozenset()
    if found[1] in _ANY_NAME:
        return frozenset({"*"})
    rest = line[found.end() :]
    if found[1] in ("time", "prun"):
        return _bound(rest, "")
    return frozenset(_IDENTIFIER.findall(rest))


def _bound(text: str, magic: str) -> frozenset[str]:
    """The names that text which is not quite Python seems to bind."""
    if magic in _NO_NAMES:
        return frozenset()
    bound = (match[1] or match[2] for match in _BINDING.finditer(text))
    return frozenset(name for names in bound for name in _IDENTIFIER.findall(names))
