"""How new code is laid out where it goes: indentation, line endings, comments kept."""

import io
import textwrap
import tokenize


def indented(code: str, base: str, unit: str, newline: str, old: str = "") -> str:
    """Code written flush left with four spaces a level, as it stands at indentation `base`.

    The first line gets no indentation (the edit starts behind it); lines inside of strings and those taken from
    `old`, the expression that the code replaces, stay as they are.
    """
    lines = code.replace("\r\n", "\n").split("\n")
    kept = _lines_inside_strings(code)
    taken = old.replace("\r\n", "\n").split("\n")[1:]
    out = [lines[0]]
    for number, line in enumerate(lines[1:], 2):
        stays = number in kept or not line.strip() or any(own.startswith(line[:-1]) for own in taken)
        out.append(line if stays else base + _levels(line, unit))
    return newline.join(out)


def _levels(line: str, unit: str) -> str:
    body = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(body), 4)
    return unit * levels + " " * rest + body


def _lines_inside_strings(code: str) -> set[int]:
    """Lines of `code` (from 1) that begin inside of a string literal."""
    inside: set[int] = set()
    opened: list[int] = []
    start, end = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.STRING:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
            elif token.type == start:
                opened.append(token.start[0])
            elif token.type == end and opened:
                inside.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError):
        return inside
    return inside


def flush_left(code: str) -> str:
    """Code of a block without its common indentation, except for its first line, which has none."""
    head, _, tail = code.partition("\n")
    return head if not tail else head + "\n" + textwrap.dedent(tail)
