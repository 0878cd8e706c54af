"""What makes a finding the same one after lines have moved: for tools that compare one run with the next."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from perf_advise.model.finding import Finding
from perf_advise.report.texts import Texts


def relative(path: Path, root: str) -> str:
    """The path below the project root with forward slashes; absolute when it is elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


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
