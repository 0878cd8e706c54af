"""Code taken from a file, in the four spaces a level that new code is written in."""

import io
import tokenize

_BESIDE = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.ENDMARKER})


def in_levels(code: str) -> str:
    """Statements that begin flush left, whatever their file is indented with, in four spaces a level.

    Lines that go on inside of brackets or strings move with the line that they belong to.
    """
    depths = _depths(code)
    lines = code.split("\n")
    widths = {_width(lines[number - 1]): depth for number, depth in depths.items()}
    out, shift = [], 0
    for number, line in enumerate(lines, 1):
        width = _width(line)
        depth = depths.get(number, widths.get(width) if line.lstrip().startswith("#") else None)
        shift = shift if depth is None else 4 * depth - width
        out.append(" " * max(width + shift, 0) + line[width:] if line.strip() else "")
    return "\n".join(out)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\f"))


def _depths(code: str) -> dict[int, int]:
    """How deep each line stands that begins a statement."""
    depth, fresh, depths = 0, True, {}
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            depth += 1 if token.type == tokenize.INDENT else -1
        elif token.type not in _BESIDE and fresh:
            depths[token.start[0]], fresh = depth, False
        fresh = fresh or token.type == tokenize.NEWLINE
    return depths
