"""Slow shapes in hot functions that were not there at the base."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import STDIN, Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.ratchet.history import Base
from perf_advise.report.texts import Texts

_Same = tuple[str, str]
"""A rule's code and the code it found, white space aside: it may have moved to another function or file."""
_Alike = tuple[str, str]
"""A rule's code and a function: the place it found may have been edited."""


@dataclass(slots=True)
class _Shapes:
    """Places that a rule found, by what makes one the same as another."""

    same: Counter[_Same]
    alike: Counter[_Alike]

    @staticmethod
    def of(report: Report) -> "_Shapes":
        texts = Texts(report)
        same = Counter((f.code, _text(f, texts)) for f in report.findings)
        return _Shapes(same, Counter((f.code, f.function.qualname) for f in report.findings))

    def take_same(self, finding: Finding, text: str) -> bool:
        """Whether there is such a place, which then is no longer there for another."""
        if self.same[finding.code, text] <= 0:
            return False
        self.same[finding.code, text] -= 1
        self.alike[finding.code, finding.function.qualname] -= 1
        return True

    def take_alike(self, finding: Finding) -> bool:
        """Whether the rule found one more place in this function than has been taken."""
        if self.alike[finding.code, finding.function.qualname] <= 0:
            return False
        self.alike[finding.code, finding.function.qualname] -= 1
        return True


def new_shapes(report: Report, options: Options, base: Base) -> list[Finding]:
    """The findings of `report` that the base has not: not in the same function, and nowhere with the same code.

    Each file is looked at as it stood at the base with the profile of now, so that what only became hot is not new.
    """
    texts = Texts(report)
    left: list[Finding] = []
    for path in dict.fromkeys(finding.path for finding in report.findings):
        findings = [finding for finding in report.findings if finding.path == path]
        before = base.before(path)
        if before is None:
            left += findings
        elif before != path.read_bytes():
            known = _shapes_of(options, path, before)
            rest = [f for f in findings if not known.take_same(f, _text(f, texts))]
            left += [f for f in rest if not known.take_alike(f)]
    return _not_moved(left, texts, options, base)


def _shapes_of(options: Options, path: Path, text: bytes, no_profile: bool = False) -> _Shapes:
    """What the rules say of a text that passes for `path`; nothing where it is no Python."""
    wanted = replace(
        options, paths=(STDIN,), stdin_filename=path, no_profile=no_profile, fix=False, diff=False, prove=False
    )
    try:
        return _Shapes.of(check(wanted, stdin=text))
    except UserError:
        return _Shapes(Counter(), Counter())


def _not_moved(findings: Sequence[Finding], texts: Texts, options: Options, base: Base) -> list[Finding]:
    """Those whose code did not move here from some other function or file.

    It did where the base had such a place that is no longer where it was. Every function counts as hot in this: which
    were, the profile of now does not say. Only changed files that are those of now, or speak of the functions, are
    looked at.
    """
    moved: Counter[_Same] = Counter((f.code, _text(f, texts)) for f in findings)
    looked_at = {finding.path for finding in findings}
    for inside in base.gone if findings else ():
        text = base.text(inside)
        if text is not None and any(base.then(f.path) == inside or _speaks_of(text, f) for f in findings):
            moved.update(_shapes_of(options, base.top / inside, text, no_profile=True).same)
            looked_at.add(base.top / base.now(inside))
    for path in looked_at:
        if path.is_file():
            moved.subtract(_shapes_of(options, path, path.read_bytes(), no_profile=True).same)
    return [finding for finding in findings if not _taken(moved, (finding.code, _text(finding, texts)))]


def _taken(counts: Counter[_Same], key: _Same) -> bool:
    counts[key] -= 1
    return counts[key] >= 0


def _speaks_of(text: bytes, finding: Finding) -> bool:
    """Whether the text may define the function; top-level code may have been anywhere."""
    name = finding.function.qualname.rpartition(".")[2].encode()
    return re.search(rb"\bdef\s+" + re.escape(name) + rb"\b", text) is not None or finding.function.is_module


def _text(finding: Finding, texts: Texts) -> str:
    file = texts.of(finding)
    code = file.text[finding.span.start : finding.span.end] if file else finding.message
    return " ".join(code.split())
