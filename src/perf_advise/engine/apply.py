"""Write the chosen fixes: which may be applied, in which file, with undo."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from perf_advise.engine.overlap import choose, edits_of
from perf_advise.engine.ranking import effective_speedup
from perf_advise.engine.views import Views
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import FloatTolerance
from perf_advise.model.proof import Proof, Verdict
from perf_advise.model.report import Change
from perf_advise.model.rule import Applicability
from perf_advise.source.edits import apply_edits, edited_text
from perf_advise.source.undo import Change as FileBytes
from perf_advise.source.undo import Written, write_files

_ANY_ROUNDING = FloatTolerance(relative=math.inf)


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of applying fixes: what was written, and why others were not."""

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()
    failed: tuple[Finding, ...] = ()
    """Those with which the user's tests fail: not applied."""


def may_apply(finding: Finding, unsafe: bool, tolerance: FloatTolerance | None = None) -> bool:
    """Whether `--fix` takes a fix: safe ones not measured slower, unsafe ones proved and faster, or asked for.

    Faster than the profiled run, that is, start-up and compile time included; proved the same, or the same up to
    a rounding within the user's tolerance.
    """
    fix, proof = finding.fix, finding.proof
    if fix is None or fix.applicability is Applicability.DISPLAY or finding.missing:
        return False
    if proof is not None and proof.verdict.value == "different":
        return False
    if proof is not None and proof.speedup is not None and proof.speedup.slower:
        return False
    if fix.applicability is Applicability.SAFE or unsafe:
        return True
    if proof is None or not proof.holds or proof.speedup is None or not proof.speedup.faster:
        return False
    return _is_within(proof, tolerance) and effective_speedup(finding) > 1.0


def _is_within(proof: Proof, tolerance: FloatTolerance | None) -> bool:
    if proof.verdict is Verdict.SAME:
        return True
    if tolerance is None:
        return False
    ulp, relative = tolerance.ulp or 0.0, tolerance.relative or 0.0
    return (proof.max_ulp or 0.0) <= ulp or (proof.max_relative or 0.0) <= relative


def only_rounded(findings: Iterable[Finding], tolerance: FloatTolerance | None) -> tuple[int, str]:
    """How many fixes `--fix` leaves out for their rounding alone, and the tolerance that takes them in.

    Without those of ill-conditioned results: what takes them in takes everything.
    """
    told = [f for f in findings if not (f.proof and f.proof.is_ill_conditioned)]
    left = [f for f in told if may_apply(f, False, _ANY_ROUNDING) and not may_apply(f, False, tolerance)]
    most = max((f.proof.max_ulp or 1.0 for f in left if f.proof), default=0.0)
    return len(left), f"{math.ceil(most)}ulp"


def apply_fixes(
    findings: Iterable[Finding], views: Views, unsafe: bool, write: bool, tolerance: FloatTolerance | None = None
) -> Applied:
    """Apply what may be applied and does not overlap; with `write` False only the changes are worked out."""
    chosen, _ = choose([f for f in findings if may_apply(f, unsafe, tolerance)])
    changed: dict[Path, _Changed] = {}
    warnings: list[str] = []
    for path, group in groupby(chosen, key=lambda f: f.path):
        change, refused = _sound_change(tuple(group), views)
        warnings += refused
        if change is not None:
            changed[path] = change
    written = _write(views.root, changed.values()) if write else Written(tuple(changed), ())
    warnings += map(str, written.failures)
    done = [changed[path] for path in changed if path in written.paths]
    return Applied(tuple(f for c in done for f in c.findings), tuple(c.change for c in done), tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Changed:
    findings: tuple[Finding, ...]
    change: Change


def _sound_change(findings: tuple[Finding, ...], views: Views) -> tuple[_Changed | None, list[str]]:
    """The change of one file by all its fixes; where they cannot be made together, by those that can."""
    try:
        return _change(findings, views), []
    except UserError as error:
        refused = [str(error)]
    found: _Changed | None = None
    for finding in findings if len(findings) > 1 else ():
        try:
            found = _change((*(found.findings if found else ()), finding), views)
        except UserError as error:
            refused.append(f"{finding.code} was left out: {error}")
    return found, refused if found is None else refused[1:]


def _change(findings: tuple[Finding, ...], views: Views) -> _Changed:
    file, _ = views.file(findings[0].path)
    edits = edits_of(file, findings)
    after = apply_edits(file, edits)
    return _Changed(findings, Change(file.path, file.text, edited_text(file, edits), file.encode(()), after))


def _write(root: Path, changed: Iterable[_Changed]) -> Written:
    files = [FileBytes(c.change.path, c.change.before_bytes, c.change.after_bytes) for c in changed]
    return write_files(root, files) if files else Written((), ())
