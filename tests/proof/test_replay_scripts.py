"""Scripts as people write them: without a guard, with data at the top, with files read while they are imported."""

import pytest

from perf_advise.model.proof import Verdict

UNGUARDED = """
import collections, csv, dataclasses, enum, logging, sys, threading, time
import numpy as np
import settings

Row = collections.namedtuple("Row", "name amount")
logger = logging.getLogger("app")
lock = threading.Lock()
rng = np.random.default_rng(5)
TABLE = []
for i in range(20):
    TABLE.append(i * i)
with open("data.csv") as stream:
    rows = [Row(name, int(amount)) for name, amount in csv.reader(stream)]
out = open("out.txt", "w")


class Kind(enum.Enum):
    SMALL = 1
    LARGE = 2


@dataclasses.dataclass
class Box:
    size: int
    kind: Kind = Kind.SMALL


def total(names):
    s = 0
    for row in rows:
        if row.name in names:
            s += row.amount
    return s


def boxes(limit):
    found = []
    for row in rows:
        found.append(Box(row.amount, Kind.LARGE if row.amount > limit else Kind.SMALL))
    return found


def noise(n):
    with lock:
        return [float(x) for x in rng.normal(size=n)]


def looked_up(k):
    return TABLE[k] + settings.OFFSET


def saved(text):
    out.write(text)
    return len(text)


if len(sys.argv) > 5:
    sys.exit(1)
time.sleep(0.01)
for k in range(8):
    total(["a", "b"][: k % 3]), boxes(k), noise(k), looked_up(k), saved("x")
print("done")
out.close()
sys.exit(0)
"""
FILES = {
    "app.py": UNGUARDED,
    "data.csv": "a,1\nb,5\na,7\n",
    "settings.py": "with open('offset.txt') as s:\n    OFFSET = int(s.read())\n",
    "offset.txt": "40",
}


@pytest.fixture(scope="module")
def script(run_program):
    app, code = run_program(FILES, ["total", "boxes", "noise", "looked_up", "saved"])
    assert code == 0
    return app


@pytest.mark.parametrize(
    ("name", "old", "new", "verdict"),
    [
        ("total", "s += row.amount", "s = row.amount + s", Verdict.SAME),
        ("total", "s += row.amount", "s = row.amount", Verdict.DIFFERENT),
        ("boxes", "row.amount > limit", "limit < row.amount", Verdict.SAME),
        ("boxes", "row.amount > limit", "row.amount >= limit", Verdict.DIFFERENT),
        ("noise", "[float(x) for x in rng.normal(size=n)]", "rng.normal(size=n).tolist()", Verdict.SAME),
        ("noise", "rng.normal(size=n)", "np.random.normal(size=n)", Verdict.DIFFERENT),
        ("looked_up", "TABLE[k] + settings.OFFSET", "settings.OFFSET + TABLE[k]", Verdict.SAME),
        ("looked_up", "TABLE[k]", "k * k + 1", Verdict.DIFFERENT),
        ("saved", "return len(text)", "return len(text) + 0", Verdict.NOT_SHOWN),
    ],
)
def test_verdict(script, name, old, new, verdict):
    before = {path: path.read_bytes() for path in script.root.glob("[a-z]*.*")}
    assert script.prove(name, old, new).verdict is verdict
    assert {path: path.read_bytes() for path in script.root.glob("[a-z]*.*")} == before
