"""The docstring of a rule, taken apart by its fixed headings."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

HEADINGS = (
    "What it does",
    "Why it is slow",
    "When it is not the same",
    "When it is not faster",
    "References",
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in words: the one-line summary, and the text under each heading."""

    summary: str
    sections: Mapping[str, str]

    def markdown(self) -> str:
        """The whole as Markdown, headings in their fixed order."""
        parts = [self.summary]
        parts += [f"## {name}\n\n{self.sections[name]}" for name in HEADINGS if self.sections.get(name)]
        return "\n\n".join(parts)


def parse_explanation(docstring: str) -> Explanation:
    """Split a docstring at its `## heading` lines; text before the first is the summary."""
    current = ""
    lines: dict[str, list[str]] = {"": []}
    for line in inspect.cleandoc(docstring).split("\n"):
        if line.startswith("## "):
            current = line[3:].strip()
            lines[current] = []
        else:
            lines[current].append(line)
    sections = {name: "\n".join(text).strip() for name, text in lines.items()}
    return Explanation(sections.pop("").strip(), sections)
