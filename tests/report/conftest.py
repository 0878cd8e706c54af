"""A report made by hand: two hot functions with findings, one without, a refusal, a proof."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.model.finding import Edit, Finding, Fix, Gain, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Span
from perf_advise.model.profile import Profile, Unit
from perf_advise.model.proof import Proof, Speedup, Verdict
from perf_advise.model.report import QuietFunction, Report
from perf_advise.model.rule import Applicability
from perf_advise.source.text import PythonFile

sys.path.insert(0, str(Path(__file__).parent))

SOURCE = '''\
"""A grid."""

import math


class Grid:
    def energy(self, a, b):
        total = 0.0
        for i in range(self.n):
            for j in range(self.n):
                total += a[i, j] * b[i, j]
        return total


def pick(names, wanted):
    return [name for name in names if name in wanted]


def load(path):
    return open(path).read()
'''


def finding_at(path: Path, text: str, old: str, new: str, function: HotFunction, **fields: object) -> Finding:
    """A finding whose place and one edit are where `old` first stands in the text."""
    file = PythonFile(path, text)
    span = Span(text.index(old), text.index(old) + len(old))
    kind = fields.pop("applicability", Applicability.SAFE)
    fix = Fix(kind, str(fields.pop("fix_message", "replace")), (Edit(path, span, old, new),))
    fix = replace(fix, **{k: fields.pop(k) for k in ("differences", "assumptions", "packages") if k in fields})
    start, end = file.location(span.start), file.location(span.end)
    return Finding(path=path, start=start, end=end, span=span, function=function, fix=fix, **fields)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report, for a file that exists below the working directory."""
    path = tmp_path / "src" / "grid.py"
    path.parent.mkdir()
    path.write_text(SOURCE, "utf-8")
    monkeypatch.chdir(tmp_path)
    energy = HotFunction(
        path, "Grid.energy", 7, 7, 12, 0.41, 0.41, 5.1, 5.1, 1200, lines={10: 0.03, 11: 0.38}, callers={"run": 0.41}
    )
    pick = HotFunction(path, "pick", 15, 15, 16, 0.25, 0.26, 3.1, 3.2, 1, lines={16: 0.25})
    load = HotFunction(path, "load", 19, 19, 20, 0.02, 0.2, 0.2, 2.5, 40)
    loop = SOURCE[SOURCE.index("        total = 0.0") : SOURCE.index("        return total")]
    vector = finding_at(
        path,
        SOURCE,
        loop.strip(" \n"),
        "total = float(np.vdot(a, b))",
        energy,
        code="PA104",
        name="nested-loop-sum",
        message="nested loop adds array elements one at a time: interpreter overhead on every element",
        applicability=Applicability.UNSAFE,
        fix_message="one call of np.vdot",
        differences=("order of addition",),
        assumptions=("a and b hold no NaN",),
        packages=("numpy",),
        gain=Gain(31.0, 0.4, "proof"),
        proof=Proof(Verdict.SAME_UP_TO_ROUNDING, 24, max_ulp=2.0, speedup=Speedup(31.0, 29.0, 33.0)),
    )
    member = finding_at(
        path,
        SOURCE,
        "[name for name in names if name in wanted]",
        "[name for name in names if name in wanted_set]",
        pick,
        code="PA501",
        name="list-membership-in-loop",
        message="membership in a list walks it for every item",
        gain=Gain(8.0, 0.25),
    )
    refusal = Refusal("PA901", "append-loop", path, member.start, pick, "names may be changed by the loop")
    return Report(
        root=str(tmp_path),
        profile=Profile("cProfile / pstats", Unit.SECONDS, 12.4, (), seconds=12.4, command="python sim.py --steps 200"),
        hot_functions=(energy, pick, load),
        findings=(vector, member),
        refusals=(refusal,),
        quiet=(QuietFunction(load, "most of its time is waiting (I/O, locks, sleep), not work"),),
        age_seconds=185.0,
        unmapped=3,
        unmapped_share=0.04,
    )
