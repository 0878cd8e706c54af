"""A/A: the same code on both sides. How often does the stopwatch claim a difference?

Run by hand: `python tests/benchmarks/proof_aa.py [--trials N] [--load]`. The two sides are separate code objects of the
same function; with `--load`, two busy processes share the machine. Under 1 % of trials may claim anything.
"""

import argparse
import ast
import collections
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perf_advise.model.finding import Fix
from perf_advise.model.rule import Applicability
from perf_advise.proof.command import keep_calls
from perf_advise.proof.job import Limits
from perf_advise.proof.replay import prove

APP = """
import numpy as np


def tiny(a, b):
    c = a + b
    return c * c


def loops(xs):
    total = 0
    for x in xs:
        total += x % 7
    return total


def mutates(xs):
    for i in range(len(xs)):
        xs[i] += 1
    return xs


def arrays(a):
    b = a * 2.0 + 1.0
    return b.sum()


def words(text):
    counts = {}
    for w in text.split():
        counts[w] = counts.get(w, 0) + 1
    return counts


if __name__ == "__main__":
    for n in (10, 100, 2000):
        tiny(n, 3), loops(list(range(n))), mutates(list(range(n))), arrays(np.arange(float(n))), words("a b c " * n)
"""
NAMES = ("tiny", "loops", "mutates", "arrays", "words")


def main() -> None:
    """Print the share of trials that claim a difference, and the widths of the intervals."""
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, default=50)
    options.add_argument("--load", action="store_true")
    arguments = options.parse_args()
    root = Path(tempfile.mkdtemp())
    os.environ["XDG_DATA_HOME"] = str(root / "data")
    app = root / "app.py"
    app.write_text(APP, "utf-8")
    os.chdir(root)
    recordings = keep_calls([sys.executable, "app.py"], [(app, name) for name in NAMES], root).recordings
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: sum(range(10**6))"]) for _ in range(2 * arguments.load)
    ]
    try:
        _trials(app, recordings, arguments.trials)
    finally:
        for process in busy:
            process.kill()


def _trials(app: Path, recordings: tuple, trials: int) -> None:
    claims: collections.Counter[str] = collections.Counter()
    widths: dict[str, list[float]] = collections.defaultdict(list)
    fix = Fix(Applicability.UNSAFE, "", ())
    started = time.perf_counter()
    for trial in range(trials):
        name = NAMES[trial % len(NAMES)]
        new = ast.unparse(_Renamed(name).visit(ast.parse(APP)))
        proof = prove(app, name, fix, APP, new, recordings, limits=Limits(edges=False))
        speed = proof.speedup
        if speed is None:
            claims["not timed: " + proof.reason] += 1
            continue
        claims["faster" if speed.faster else "slower" if speed.slower else "no claim"] += 1
        widths[name].append(speed.high / speed.low - 1)
        if speed.faster or speed.slower:
            print(f"{name}: {speed}")
    print(dict(claims), f"{(time.perf_counter() - started) / trials:.2f} s each")
    for name, values in widths.items():
        print(f"{name:8} interval width: median {sorted(values)[len(values) // 2]:.1%}, widest {max(values):.1%}")


class _Renamed(ast.NodeTransformer):
    """Another name for the locals of one function: another code object, the same byte code."""

    def __init__(self, function: str) -> None:
        self._function = function
        self._locals: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.name == self._function:
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            self._locals = {n.id for n in stored}
            self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id += "_" if node.id in self._locals else ""
        return node


if __name__ == "__main__":
    main()
