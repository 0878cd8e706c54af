"""Fixes that hold alone are proven together before they are applied: two that are right may be wrong as a pair."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from perf_advise.engine.overlap import edits_of
from perf_advise.model.finding import Finding, Fix
from perf_advise.model.proof import Proof, Verdict
from perf_advise.model.rule import Applicability
from perf_advise.proof.job import replayed_qualname
from perf_advise.source.edits import edited_text
from perf_advise.source.text import SourceFile

Prove = Callable[[str, Fix, str, str], Proof]
"""Replayed qualified name, fix, original text, rewritten text -> proof."""


def hold_together(file: SourceFile, findings: Sequence[Finding], prove: Prove) -> tuple[Finding, ...]:
    """The fixes of one file that hold when applied at once, first come first kept; the others get the reason as note.

    `findings` hold alone and do not overlap. A function with a single fix needs no further proof.
    """
    kept: list[Finding] = []
    left: list[Finding] = []
    for finding in findings:
        name = replayed_qualname(finding.function.qualname)
        companions = [f for f in kept if replayed_qualname(f.function.qualname) == name]
        proof = _prove_all(file, [*companions, finding], name, prove) if companions else None
        if proof is None or proof.verdict is not Verdict.DIFFERENT:
            kept.append(finding)
        else:
            others = ", ".join(f.code for f in companions)
            left.append(replace(finding, note=f"right alone, but not together with {others}: apply it in another run"))
    return (*kept, *left)


def _prove_all(file: SourceFile, findings: Sequence[Finding], name: str, prove: Prove) -> Proof:
    return prove(name, combined(file, findings), file.text, rewritten(file, findings))


def combined(file: SourceFile, findings: Sequence[Finding]) -> Fix:
    """All fixes as one."""
    fixes = [f.fix for f in findings if f.fix is not None]
    return Fix(
        applicability=min((fix.applicability for fix in fixes), default=Applicability.SAFE),
        message="; ".join(fix.message for fix in fixes),
        edits=edits_of(file, findings),
        packages=tuple(dict.fromkeys(p for fix in fixes for p in fix.packages)),
        imports=tuple(dict.fromkeys(i for fix in fixes for i in fix.imports)),
    )


def rewritten(file: SourceFile, findings: Sequence[Finding]) -> str:
    """The text of the file with these fixes applied; raises UserError for stale or overlapping ones."""
    return edited_text(file, edits_of(file, findings))
