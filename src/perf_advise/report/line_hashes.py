"""GitHub's `primaryLocationLineHash`: by it code scanning knows an alert again after lines have moved."""

import re
from collections import Counter

_BLOCK = 100
_FACTOR, _WORD = 37, 2**64 - 1
_END = 65535
"""Stands for the end of the file."""


def line_hashes(text: str) -> list[str]:
    """A hash for each line, from its first 100 characters on that are no blanks, and the how many-th of its kind.

    What GitHub's own upload action computes, so that an upload by other means gives the same alerts.
    """
    units, starts = _units(text)
    units += [0] * _BLOCK
    seen: Counter[str] = Counter()
    found = []
    for start in starts:
        value = 0
        for unit in units[start : start + _BLOCK]:
            value = (value * _FACTOR + unit) & _WORD
        seen[f"{value:x}"] += 1
        found.append(f"{value:x}:{seen[f'{value:x}']}")
    return found


def _units(text: str) -> tuple[list[int], list[int]]:
    """The text as UTF-16 without blanks, with one kind of line break, and where in it lines start."""
    plain = re.sub(r"[ \t]", "", re.sub(r"\r\n?", "\n", text))
    data = plain.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]
    starts = [0, *(number + 1 for number, unit in enumerate(units) if unit == 10)]
    return [*units, _END], starts
