"""Fixes that hold alone are proven together before they are applied: two that are right may be wrong as a pair."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """The fixes of one file, those refuted that are wrong beside the ones before them; a note says why.

    `findings` hold alone and can be applied at once. A function with a single fix needs no further proof.
    """
    done: dict[int, Finding] = {}
    names = [replayed_qualname(finding.function.qualname) for finding in findings]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        places = [place for place, other in enumerate(names) if other == name]
        if _prove_all(file, [findings[place] for place in places], name, prove).verdict is Verdict.DIFFERENT:
            done |= dict(_one_by_one(file, {place: findings[place] for place in places}, name, prove))
    return tuple(done.get(place, finding) for place, finding in enumerate(findings))


def _one_by_one(
    file: SourceFile, findings: Mapping[int, Finding], name: str, prove: Prove
) -> Iterator[tuple[int, Finding]]:
    """First come, first kept: those that are refuted beside the ones kept so far, by their place."""
    kept: list[Finding] = []
    for place, finding in findings.items():
        proof = _prove_all(file, [*kept, finding], name, prove) if kept else None
        if proof is None or proof.verdict is not Verdict.DIFFERENT:
            kept.append(finding)
            continue
        note = f"right alone, but not together with {', '.join(f.code for f in kept)}: apply it in another run"
        yield place, replace(finding, proof=replace(proof, reason=note), note=note)


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
