"""Fixes that compete for one place: the better one now, the others on the next run."""

from collections.abc import Sequence

from perf_advise.model.finding import Edit, Finding, Fix
from perf_advise.source.imports import import_edits
from perf_advise.source.text import SourceFile


def choose(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings whose fixes can be applied together, best first wins, and those left for the next run."""
    chosen: list[Finding] = []
    left: list[Finding] = []
    for finding in sorted(findings, key=_worth):
        (left if any(_clash(finding, other) for other in chosen) else chosen).append(finding)
    return tuple(sorted(chosen, key=_place)), tuple(sorted(left, key=_place))


def edits_of(file: SourceFile, findings: Sequence[Finding]) -> tuple[Edit, ...]:
    """The edits of several fixes of one file, with the imports that they share merged."""
    own = {edit for f in findings if f.fix for edit in _own_edits(f.fix)}
    statements = dict.fromkeys(s for f in findings if f.fix for s in f.fix.imports)
    return tuple(sorted({*own, *import_edits(file, tuple(statements))}))


def _worth(finding: Finding) -> tuple[float, int, str, object]:
    """Proved and faster first, then by what it saves, then by how careful it is."""
    saved = finding.gain.saved_share if finding.gain else 0.0
    if finding.proof and finding.proof.speedup:
        saved = finding.function.own * (1 - 1 / finding.proof.speedup.ratio)
    applicability = finding.fix.applicability if finding.fix else 0
    return (-saved, -int(applicability), finding.code, finding.span)


def _place(finding: Finding) -> tuple[object, ...]:
    return (finding.path, finding.span, finding.code)


def _clash(one: Finding, other: Finding) -> bool:
    if one.path != other.path or one.fix is None or other.fix is None:
        return False
    if one.span.overlaps(other.span):
        return True
    return any(a.span.overlaps(b.span) and a != b for a in _own_edits(one.fix) for b in _own_edits(other.fix))


def _own_edits(fix: Fix) -> tuple[Edit, ...]:
    """The edits without those that only add imports."""
    return tuple(edit for edit in fix.edits if edit not in fix.import_edits)
