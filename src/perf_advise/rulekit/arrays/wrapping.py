"""Long assignments over several lines, broken where a person would break them: at sums, then inside of calls."""

import re

_ASSIGNMENT = re.compile(r"(?P<head>[^=\"']+? (?:[-+*/&|^]|//)?= )(?P<value>.*)", re.DOTALL)
_SIGNS = (" + ", " - ")
_WEAKER = (" <", " >", " == ", " != ", " & ", " | ", " ^ ", " if ", " and ", " or ", " not in ", " in ")


def wrapped(text: str, width: int) -> list[str]:
    """The lines of an assignment, none longer than `width` where that can be; any other line as it is."""
    found = _ASSIGNMENT.fullmatch(text)
    if len(text) <= width or found is None:
        return [text]
    head, value = found["head"], found["value"]
    if len(_terms(value)) > 1:
        return [f"{head}(", *_indented(_broken(value, width - 4)), ")"]
    first, *rest = _in_brackets(value, width)
    return [head + first, *rest]


def _broken(value: str, width: int) -> list[str]:
    """The lines of an expression inside of brackets, where each line may end anywhere."""
    terms = _terms(value)
    if len(value) <= width:
        return [value]
    return [line for term in terms for line in (_in_brackets(term, width) if len(term) > width else [term])]


def _in_brackets(term: str, width: int) -> list[str]:
    """A term with what its longest parentheses hold on lines of their own; as it is where it has none."""
    start, end = max(_parentheses(term), key=lambda span: span[1] - span[0], default=(0, 0))
    if end - start < 2:
        return [term]
    parts = _split(term[start + 1 : end], (", ",))
    lines = [line for part in parts for line in _with_comma(_broken(part, width - 4), len(parts) > 1)]
    return [term[: start + 1], *_indented(lines), term[end:]]


def _with_comma(lines: list[str], is_argument: bool) -> list[str]:
    return [*lines[:-1], lines[-1] + ","] if is_argument else lines


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _parentheses(term: str) -> list[tuple[int, int]]:
    """Where the outermost parentheses open and close."""
    depth, start, found = 0, 0, []
    for at, char in enumerate(term):
        if char in "([{":
            start = at if depth == 0 else start
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0 and char == ")":
                found.append((start, at))
    return found


def _terms(value: str) -> list[str]:
    """The terms of a sum, each but the first with its sign in front; one where a weaker operator joins them."""
    return _split(value, _SIGNS, keep=True) if len(_split(value, _WEAKER)) == 1 else [value]


def _split(text: str, separators: tuple[str, ...], keep: bool = False) -> list[str]:
    """The parts between separators outside of brackets and strings; `keep` leaves each at the head of its part."""
    parts, depth, start, quote, at = [], 0, 0, "", 0
    while at < len(text):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
            found = next((s for s in separators if depth == 0 and text.startswith(s, at)), "")
            if found:
                parts.append(text[start:at])
                start = at + (1 if keep else len(found))
                at += len(found) - 1
        at += 1
    return [*parts, text[start:]]
