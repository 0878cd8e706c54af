"""How many planted wrong rewrites does a proof refute, and does it refute right ones?

Run by hand: `python tests/benchmarks/proof_mutants.py [--every N] [--equivalents]`. Calls come from a real run of
`proof_fixture.py`, which uses a package from PyPI as well.
"""

import argparse
import ast
import collections
import concurrent.futures
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from perf_advise.model.finding import Edit, Fix
from perf_advise.model.places import Span
from perf_advise.model.proof import Proof, Verdict
from perf_advise.model.recording import Recording
from perf_advise.model.rule import Applicability
from perf_advise.proof.command import keep_calls
from perf_advise.proof.job import Limits
from perf_advise.proof.replay import prove
from perf_advise.recording.calls import kept_calls

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from proof_equivalents import EXPLAINED, equivalents  # noqa: E402
from proof_mutations import Mutant, mutants  # noqa: E402

OWN = """Grid.neighbours Grid.step Grid.energy unique common count_words top best moving_mean primes collatz
edit_distance shortest reachable parse_row insert_sorted merge pairs knapsack scale histogram relax clipped
group_by_length limited transpose caesar""".split()
PACKAGE = """SortedList._pos SortedList._loc SortedList.bisect_left SortedList.bisect_right SortedList.count
SortedList.index SortedList.discard SortedList.pop SortedList._expand""".split()
LIMITS = Limits(timing=False)


@dataclass(frozen=True)
class Subject:
    """A file with functions whose calls are kept."""

    path: Path
    text: str
    qualnames: list[str]


def subjects(root: Path) -> list[Subject]:
    """The fixture and a module of a package, normalised so that line numbers stay with the mutants'."""
    package = importlib.util.find_spec("sortedcontainers.sortedlist")
    assert package is not None and package.origin is not None
    own = root / "app.py"
    own.write_text(ast.unparse(ast.parse((HERE / "proof_fixture.py").read_text("utf-8"))), "utf-8")
    text = Path(package.origin).read_text("utf-8")
    return [Subject(own, own.read_text("utf-8"), OWN), Subject(Path(package.origin), text, PACKAGE)]


def fix_of(path: Path, old: str, new: str) -> Fix:
    """The whole file in one edit."""
    return Fix(Applicability.UNSAFE, "", (Edit(path, Span(0, len(old)), old, new),))


def main() -> None:
    """Keep calls, prove every mutant, print the shares."""
    options = argparse.ArgumentParser()
    options.add_argument("--every", type=int, default=1, help="take only every Nth mutant")
    options.add_argument("--only", default="", help="only this function")
    options.add_argument("--equivalents", action="store_true", help="right rewrites instead of wrong ones")
    arguments = options.parse_args()
    root = Path(tempfile.mkdtemp())
    os.environ["XDG_DATA_HOME"] = str(root / "data")
    found = subjects(root)
    os.chdir(root)
    functions = [(s.path, name) for s in found for name in s.qualnames]
    kept = keep_calls([sys.executable, "app.py"], functions, root)
    print(
        f"{sum(r.calls for r in kept.recordings)} calls of {len(functions)} functions, exit {kept.finished.exit_code}"
    )
    make = equivalents if arguments.equivalents else mutants
    returns = {r.qualname: result_type(r) for r in kept.recordings}
    todo = [(s, m) for s in found for m in make(s.text, {n: returns[n] for n in s.qualnames})][:: arguments.every]
    todo = [(s, m) for s, m in todo if arguments.only in m.qualname]

    def work(job: tuple[Subject, Mutant]) -> Proof:
        subject, mutant = job
        fix = fix_of(subject.path, subject.text, mutant.module)
        return prove(subject.path, mutant.qualname, fix, subject.text, mutant.module, kept.recordings, limits=LIMITS)

    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        proofs = list(pool.map(work, todo))
    tell(todo, proofs, lines_run(root, found), time.perf_counter() - started)


_TRACER = """
import json, runpy, sys
wanted, out = json.loads(sys.argv[1]), sys.argv[2]
seen = {path: set() for path in wanted}
def local(frame, event, arg):
    seen[frame.f_code.co_filename].add(frame.f_lineno)
    return local
sys.settrace(lambda frame, event, arg: local(frame, event, arg) if frame.f_code.co_filename in seen else None)
try:
    runpy.run_path("app.py", run_name="__main__")
except SystemExit:
    pass
sys.settrace(None)
json.dump({path: sorted(lines) for path, lines in seen.items()}, open(out, "w"))
"""


def lines_run(root: Path, found: list[Subject]) -> dict[Path, set[int]]:
    """The lines that the run executes: a mistake in any other cannot show in recorded calls."""
    paths = {s.path.name if s.path.parent == root else str(s.path): s.path for s in found}
    out = root / "lines.json"
    subprocess.run([sys.executable, "-c", _TRACER, json.dumps(list(paths)), str(out)], cwd=root, check=True)
    return {paths[name]: set(lines) for name, lines in json.loads(out.read_text("utf-8")).items()}


def result_type(recording: Recording) -> str:
    """The type that most calls returned."""
    types = collections.Counter(call.type for call in kept_calls(recording) if call.outcome == "returned")
    return types.most_common(1)[0][0] if types else ""


_NEVER_RUN = "never run by the program"
_UNEXPLAINED = "not explained"


def excuse(subject: Subject, mutant: Mutant, ran: dict[Path, set[int]]) -> str:
    """Why a wrong rewrite that was not refuted is not wrong, or could not be seen."""
    if mutant.line not in ran[subject.path]:
        return _NEVER_RUN
    return EXPLAINED.get((mutant.qualname, mutant.kind, mutant.changed), _UNEXPLAINED)


def tell(todo: list[tuple[Subject, Mutant]], proofs: list[Proof], ran: dict[Path, set[int]], seconds: float) -> None:
    """Every one that was not refuted with its reason, then shares by kind, the reasons, and the share that counts."""
    kinds: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    excused: dict[str, int] = collections.Counter()
    for (subject, mutant), proof in zip(todo, proofs, strict=True):
        refuted = proof.verdict is Verdict.DIFFERENT
        kinds[mutant.kind][0] += refuted
        kinds[mutant.kind][1] += 1
        if not refuted:
            why = excuse(subject, mutant, ran)
            excused[why] += 1
            tell_one(mutant, proof, why)
    print()
    for kind, (refuted, count) in sorted(kinds.items()):
        print(f"{kind:20} {refuted:4} of {count}")
    tell_shares(proofs, excused, seconds)


def tell_one(mutant: Mutant, proof: Proof, why: str) -> None:
    """One that was not refuted."""
    reason = f"({proof.reason})" if proof.reason else ""
    print(f"{proof.verdict.value:10} {mutant.qualname} | {mutant.kind} | {mutant.changed!r}: {why} {reason}".rstrip())
    for assumption in proof.assumptions:
        print(f"{'':12}assumes {assumption}")


def tell_shares(proofs: list[Proof], excused: dict[str, int], seconds: float) -> None:
    """The reasons with their numbers, and the share of the wrong ones that ran."""
    verdicts = collections.Counter(proof.verdict for proof in proofs)
    total, refuted = len(proofs), verdicts[Verdict.DIFFERENT]
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.most_common())
    print(f"\n{total} rewrites: {counts}; {seconds / max(total, 1):.2f} s each")
    print(f"not refuted {total - refuted}:")
    for why, count in sorted(excused.items(), key=lambda pair: (pair[0] in (_NEVER_RUN, _UNEXPLAINED), -pair[1])):
        kind = "" if why in (_NEVER_RUN, _UNEXPLAINED) else "equal by nature: "
        print(f"  {count:4}  {kind}{why}")
    ran = refuted + excused.get(_UNEXPLAINED, 0)
    print(f"refuted {refuted} of the {ran} that ran and are not equal by nature: {refuted / max(ran, 1):.1%}")


if __name__ == "__main__":
    main()
