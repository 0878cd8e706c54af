"""Where something stands in a source text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A row and a column, both from 1, in characters; `cell` counts code cells of a notebook from 1."""

    row: int
    column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of character offsets in a decoded text (line endings as they stand in the file)."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character, or are insertions at the same offset."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies within this span."""
        return self.start <= other.start and other.end <= self.end
