r"""Line starts of a text; lines end only at `\n`, `\r\n` and `\r`, as the Python tokenizer sees them."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

_NEWLINE = re.compile(r"\r\n|\r|\n")


def dominant_newline(text: str) -> str:
    r"""The most frequent line ending of `text`, `\n` when it has none."""
    if "\r" not in text:
        return "\n"
    counts = Counter(match.group() for match in _NEWLINE.finditer(text))
    return counts.most_common(1)[0][0]


@dataclass(frozen=True)
class LineTable:
    """Conversions between character offsets, 1-based lines, and the UTF-8 columns that `ast` gives."""

    text: str

    @cached_property
    def starts(self) -> list[int]:
        """Offset of the first character of each line; one entry more after a final line ending."""
        if "\r" not in self.text:
            lengths = (len(line) + 1 for line in self.text.split("\n"))
            return [0, *accumulate(lengths)][:-1]
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds the character at `offset`."""
        return bisect_right(self.starts, offset)

    def start_of(self, line: int) -> int:
        """Offset where the 1-based `line` starts; the end of the text for a line behind it."""
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)

    def offset(self, line: int, utf8_column: int) -> int:
        """The character offset of an `ast` position (1-based line, column in UTF-8 bytes)."""
        start = self.starts[line - 1]
        if self._ascii:
            return start + utf8_column
        # A character has at least one byte, so the prefix of that many characters is long enough.
        prefix = self.text[start : start + utf8_column].encode()[:utf8_column]
        return start + len(prefix.decode())

    def content_end(self, line: int) -> int:
        """Offset behind the last character of `line`, its ending not counted."""
        end = self.start_of(line + 1)
        start = self.start_of(line)
        if end > start and self.text[end - 1] == "\n":
            end -= 1
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return end

    def split(self) -> list[str]:
        """The lines with their endings; none is empty."""
        return [self.text[start:end] for start, end in pairwise((*self.starts, len(self.text))) if start < end]
