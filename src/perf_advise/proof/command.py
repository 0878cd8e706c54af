"""`perf-advise prove`: run the recorded command again with the keeper, then prove every fix on the kept calls."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perf_advise.engine.overlap import choose
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding, Fix, Gain
from perf_advise.model.hot import MODULE
from perf_advise.model.proof import Proof, Verdict
from perf_advise.model.recording import Recording
from perf_advise.proof.job import Limits, Tolerance, replayed_qualname
from perf_advise.proof.keys import ProofKey, proof_key
from perf_advise.proof.replay import prove
from perf_advise.proof.store import ProofStore
from perf_advise.proof.together import hold_together, rewritten
from perf_advise.recording import calls
from perf_advise.recording.calls import Quotas, fixed_hash_seed
from perf_advise.recording.command import resolve
from perf_advise.recording.launch import Finished, launch
from perf_advise.source.text import SourceFile

_AGENT = "calls_agent"


@dataclass(frozen=True, slots=True)
class Kept:
    """The calls of one run, and how the command ended."""

    recordings: tuple[Recording, ...]
    finished: Finished


@dataclass(frozen=True, slots=True)
class Bench:
    """What proving needs besides the findings.

    `python` is the program's interpreter, "" for the one that made the calls; `version` and `packages` are those of the
    recorded run, for the keys of stored proofs. `read` gives a file by path.
    """

    root: Path
    read: Callable[[Path], SourceFile]
    recordings: tuple[Recording, ...] = ()
    python: str = ""
    version: str = ""
    packages: Mapping[str, str] | None = None
    limits: Limits | None = None
    tolerance: Tolerance | None = None


def functions_to_keep(findings: Sequence[Finding]) -> tuple[tuple[Path, str], ...]:
    """The functions whose calls prove these fixes; a closure is replayed through the function around it."""
    wanted = [
        (finding.path, replayed_qualname(finding.function.qualname))
        for finding in findings
        if finding.fix is not None and finding.function.qualname != MODULE
    ]
    return tuple(dict.fromkeys(wanted))


def keep_calls(
    command: Sequence[str],
    functions: Sequence[tuple[Path, str]],
    root: Path,
    *,
    python: Path | None = None,
    quotas: Quotas | None = None,
    while_running: Callable[[float], None] | None = None,
    shows_output: bool = True,
) -> Kept:
    """Run the command once more and keep real calls of `functions` (path, qualified name); earlier ones are forgotten.

    Without `shows_output` what the program prints is dropped: it would stand in the way of a report.

    Raises UserError when the command cannot be run or the calls cannot be kept.
    """
    arguments = resolve(command, root, python)
    plan = calls.write_plan(root, functions, quotas)
    scratch = Path(tempfile.mkdtemp(prefix="perf-advise-"))
    try:
        settings = {"calls_plan": str(plan.resolve())}
        with fixed_hash_seed():
            finished = launch(
                arguments,
                agents=[_AGENT],
                scratch=scratch,
                root=root,
                settings=settings,
                while_running=while_running,
                shows_output=shows_output,
            )
        if finished.stopped:
            raise KeyboardInterrupt
        _require_agent(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Kept(calls.finish(root), finished)


def _require_agent(scratch: Path) -> None:
    for path in scratch.glob("error-*.txt"):
        last = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
        raise UserError(f"calls could not be kept in the program ({last})", "tell us, with the command")


def prove_findings(
    findings: Sequence[Finding],
    bench: Bench,
    store: ProofStore | None = None,
    progress: Callable[[Finding], None] | None = None,
) -> tuple[Finding, ...]:
    """The findings with their proofs, stored ones where they still count; new ones are stored (call `store.save`).

    Raises UserError for call files that this user's key did not sign.
    """
    proved = []
    for finding in findings:
        if progress is not None and finding.fix is not None:
            progress(finding)
        proved.append(_prove_one(finding, bench, store))
    return tuple(proved)


def with_stored_proofs(findings: Sequence[Finding], bench: Bench, store: ProofStore) -> tuple[Finding, ...]:
    """The findings with the stored proofs that still count; nothing is run."""
    return tuple(_with_proof(finding, _stored(finding, bench, store)) for finding in findings)


def _prove_one(finding: Finding, bench: Bench, store: ProofStore | None) -> Finding:
    if finding.fix is None:
        return finding
    if finding.function.qualname == MODULE:
        reason = "top-level code is not replayed; `perf-advise optimize` compares whole runs"
        return replace(finding, proof=Proof(Verdict.NOT_SHOWN, 0, reason=reason))
    known = _stored(finding, bench, store) if store else None
    if known is not None:
        return _with_proof(finding, known)
    file = bench.read(finding.path)
    try:
        new_text = rewritten(file, [finding])
    except UserError as error:
        return replace(finding, proof=Proof(Verdict.NOT_SHOWN, 0, reason=str(error)))
    proof = _prove(finding.path, finding.function.qualname, finding.fix, file.text, new_text, bench)
    if store is not None:
        store.put(_key(finding, finding.fix, bench, file), proof)
    return _with_proof(finding, proof)


def _prove(path: Path, qualname: str, fix: Fix, old: str, new: str, bench: Bench) -> Proof:
    return prove(path, qualname, fix, old, new, bench.recordings, bench.python, bench.limits, bench.tolerance)


def _stored(finding: Finding, bench: Bench, store: ProofStore) -> Proof | None:
    if finding.fix is None or finding.function.qualname == MODULE:
        return None
    proof = store.get(_key(finding, finding.fix, bench, bench.read(finding.path)))
    if proof is not None and proof.verdict is Verdict.DIFFERENT and proof.max_relative and bench.tolerance:
        return None  # what another tolerance called different may be rounding now
    return proof


def _key(finding: Finding, fix: Fix, bench: Bench, file: SourceFile) -> ProofKey:
    names = (bench.root, finding.path, finding.function.qualname, file.text, fix)
    return proof_key(*names, bench.version, bench.packages or {}, bench.recordings)


def _with_proof(finding: Finding, proof: Proof | None) -> Finding:
    """A measured gain takes the place of the rule's estimate."""
    if proof is None:
        return finding
    if proof.holds and proof.speedup is not None and finding.gain is not None:
        share = finding.function.cumulative or finding.function.own
        return replace(finding, proof=proof, gain=Gain(proof.speedup.ratio, share, "proof"))
    return replace(finding, proof=proof)


def prove_together(
    findings: Sequence[Finding],
    bench: Bench,
    store: ProofStore | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[Finding, ...]:
    """Fixes that hold alone, proven again with the others of the same function; what breaks then is refuted.

    Only fixes that could be applied at once are tried: not the refuted ones, nor those that lose against another.
    """
    together, _ = choose([finding for finding in findings if finding.proof is not None and finding.proof.holds])
    bounds = replace(bench, limits=replace(bench.limits or Limits(), timing=False))
    changed: dict[int, Finding] = {}
    for path in dict.fromkeys(finding.path for finding in together):
        here = [finding for finding in together if finding.path == path]

        def run(name: str, fix: Fix, old: str, new: str, path: Path = path) -> Proof:
            if progress is not None:
                progress(name)
            return _prove(path, name, fix, old, new, bounds)

        file = bench.read(path)
        for before, after in zip(here, hold_together(file, here, run), strict=True):
            changed[id(before)] = after
            if after is not before and store is not None and after.fix is not None and after.proof is not None:
                store.put(_key(after, after.fix, bench, file), after.proof)
    return tuple(changed.get(id(finding), finding) for finding in findings)
