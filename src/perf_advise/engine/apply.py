"""Write the chosen fixes: which may be applied, in which file, with undo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from perf_advise.engine.overlap import choose, edits_of
from perf_advise.engine.views import Views
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.report import Change
from perf_advise.model.rule import Applicability
from perf_advise.source.edits import apply_edits
from perf_advise.source.undo import write_with_undo


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of applying fixes: what was written, and why others were not."""

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()


def may_apply(finding: Finding, unsafe: bool) -> bool:
    """Whether `--fix` takes a fix: safe ones not measured slower, unsafe ones proved and faster, or asked for."""
    fix, proof = finding.fix, finding.proof
    if fix is None or fix.applicability is Applicability.DISPLAY:
        return False
    if proof is not None and proof.verdict.value == "different":
        return False
    if proof is not None and proof.speedup is not None and proof.speedup.slower:
        return False
    if fix.applicability is Applicability.SAFE or unsafe:
        return True
    return proof is not None and proof.holds and proof.speedup is not None and proof.speedup.faster


def apply_fixes(findings: Iterable[Finding], views: Views, unsafe: bool, write: bool) -> Applied:
    """Apply what may be applied and does not overlap; with `write` False only the changes are worked out."""
    chosen, _ = choose([f for f in findings if may_apply(f, unsafe)])
    changes: list[Change] = []
    applied: list[Finding] = []
    warnings: list[str] = []
    for path, group in groupby(chosen, key=lambda f: f.path):
        try:
            change, done = _change(path, tuple(group), views)
        except UserError as error:
            warnings.append(str(error))
            continue
        changes.append(change)
        applied += done
    if write and changes:
        write_with_undo(views.root, {c.path: _encoded(c, applied, views) for c in changes})
    return Applied(tuple(applied), tuple(changes), tuple(warnings))


def _change(path: Path, findings: Sequence[Finding], views: Views) -> tuple[Change, Sequence[Finding]]:
    file, _ = views.file(path)
    return Change(path, file.text, apply_edits(file, edits_of(file, findings))), findings


def _encoded(change: Change, applied: Sequence[Finding], views: Views) -> bytes:
    file, _ = views.file(change.path)
    return file.encode(edits_of(file, [f for f in applied if f.path == change.path]))
