"""Python code with its words coloured; fragments, such as the lines of a diff, are as good as modules."""

import builtins
import keyword
import re
from collections.abc import Iterator

from perf_advise.report.html_report.markup import Html, element, joined

_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>\b[rbfuRBFU]{0,2}(?:'''.*?(?:'''|$)|\"{3}.*?(?:\"{3}|$)|'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)
     |'''.*?(?:'''|$)|\"{3}.*?(?:\"{3}|$)|'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)
    |(?P<number>\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?j?)\b)
    |(?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)
_KEYWORDS = frozenset(keyword.kwlist)
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def highlighted(line: str) -> Html:
    """One line of code, keywords, builtins, strings, numbers and comments marked."""
    return joined(*_pieces(line))


def _pieces(line: str) -> Iterator[str]:
    end = 0
    for token in _TOKEN.finditer(line):
        yield line[end : token.start()]
        kind = _kind(token)
        yield element("span", token[0], class_=f"t-{kind}") if kind else token[0]
        end = token.end()
    yield line[end:]


def _kind(token: re.Match[str]) -> str:
    if token.lastgroup != "word":
        return token.lastgroup or ""
    return "keyword" if token[0] in _KEYWORDS else "builtin" if token[0] in _BUILTINS else ""
