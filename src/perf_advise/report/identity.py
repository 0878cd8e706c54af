"""What makes a finding the same one after lines have moved: for tools that compare one run with the next."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from perf_advise.model.finding import Finding
from perf_advise.report.texts import Texts
from perf_advise.source.notebook import Notebook
from perf_advise.source.text import SourceFile


@cache
def home(root: str) -> str:
    """What paths for other services are relative to: the repository around the project, else the project itself."""
    folder = Path(root).absolute()
    return str(next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder))


def relative(path: Path, root: str) -> str:
    """The path below the repository of the project with forward slashes; absolute when it is elsewhere."""
    top = home(root)
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()


def file_rows(finding: Finding, file: SourceFile | None) -> tuple[int, int]:
    """First and last row in the file itself: of a notebook, the rows of its JSON, which is what services show."""
    if finding.start.cell is None:
        return finding.start.row, finding.end.row
    if not isinstance(file, Notebook):
        return 1, 1
    first = file.file_row(finding.span.start)
    return first, max(first, file.file_row(max(finding.span.end - 1, finding.span.start)))


def fingerprints(findings: Iterable[Finding], root: str, texts: Texts) -> list[str]:
    """A stable text per finding, in order: of its rule, file, function and code, not of its line.

    Equal places in one function are told apart by their order.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        file = texts.of(finding)
        code = file.text[finding.span.start : finding.span.end] if file else finding.message
        parts = (finding.code, relative(finding.path, root), finding.function.qualname, " ".join(code.split()))
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        seen[digest] += 1
        found.append(f"{digest}:{seen[digest]}")
    return found
