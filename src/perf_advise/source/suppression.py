"""Comments that silence findings: `# perf-advise: ignore[PA101, name]` on the line or the `def`."""

import io
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from perf_advise.source.functions import FunctionSite
from perf_advise.source.text import SourceFile

_MARK = re.compile(r"#\s*perf-advise\s*:\s*ignore(?:\s*\[([^\]]*)\])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Suppression:
    """One comment: the line of `file.text` it stands on (from 1), and the codes and names it lists (none: all)."""

    line: int
    targets: tuple[str, ...]

    def silences(self, code: str, name: str) -> bool:
        """Whether a rule is meant; case does not matter."""
        return not self.targets or code.lower() in self.targets or name.lower() in self.targets


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All suppression comments of a file, in order."""

    all: tuple[Suppression, ...]

    def find(self, code: str, name: str, line: int, site: FunctionSite | None) -> Suppression | None:
        """The comment that silences a finding at a line of `file.text`: there, or on the header of its function."""
        header = range(site.line, max(site.body_line, site.line + 1)) if site else ()
        for one in self.all:
            if (one.line == line or one.line in header) and one.silences(code, name):
                return one
        return None

    def unused(self, used: Collection[Suppression]) -> tuple[Suppression, ...]:
        """The comments that silenced nothing."""
        return tuple(one for one in self.all if one not in used)


def suppressions(file: SourceFile) -> Suppressions:
    """The suppression comments of a file; strings that look like one do not count."""
    if "perf-advise" not in file.text.lower():
        return Suppressions(())
    return Suppressions(tuple(_found(file.text)))


def _found(text: str) -> Iterator[Suppression]:
    # tokenize takes \r for white space, so all line endings become \n; the line numbers stay.
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        for token in tokenize.generate_tokens(lines.readline):
            mark = _MARK.search(token.string) if token.type == tokenize.COMMENT else None
            if mark:
                names = (mark[1] or "").split(",")
                yield Suppression(token.start[0], tuple(name.strip().lower() for name in names if name.strip()))
    except (tokenize.TokenError, SyntaxError):
        return  # the file does not parse, which is said elsewhere
