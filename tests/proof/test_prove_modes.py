"""Fixes that change more than a body, programs of other environments, limits, and times."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.model.proof import Verdict
from perf_advise.proof.job import Limits, Tolerance
from perf_advise.recording import trust

SAME, DIFFERENT, NOT_SHOWN = Verdict.SAME, Verdict.DIFFERENT, Verdict.NOT_SHOWN

APP = """
import math

WORDS = ["the", "a", "an", "of"]


def decorated(function):
    def wrapper(*args):
        return [function(*args)]
    return wrapper


class Point:
    scale = 2

    def __init__(self, x):
        self.x = x

    def moved(self, k):
        return Point(self.x + k * self.scale)


def is_word(w):
    return w in WORDS


def slow(n):
    total = 0
    for i in range(n):
        total += i * i
    return total


@decorated
def wrapped(n):
    return n + 1


def rooted(xs):
    out = []
    for x in xs:
        out.append(math.sqrt(x))
    return out


def sums(a, b):
    total = 0.0
    for x in a:
        for y in b:
            total += x * y
    return total


def heavy(n):
    return sum(i * i for i in range(n))


def runs(ns):
    out = []
    for n in ns:
        out.append(heavy(n))
    return out


if __name__ == "__main__":
    for i in range(12):
        is_word(["the", "cat", "of"][i % 3]), slow(200 + i), wrapped(i), rooted([float(k) for k in range(i)])
        Point(i).moved(3)
        sums([0.1 * k for k in range(i)], [0.3 * k for k in range(5)])
    runs([200, 300]), runs([10])
"""
FUNCTIONS = ["is_word", "slow", "wrapped", "rooted", "sums", "runs", "Point.moved"]


@pytest.fixture(scope="module")
def program(run_program):
    return run_program({"app.py": APP}, FUNCTIONS)[0]


def test_a_decorator_that_the_fix_adds(program):
    proof = program.prove("slow", "def slow(n):", "from functools import cache\n@cache\ndef slow(n):")
    assert proof.verdict is SAME
    wrong = program.prove("slow", "def slow(n):", "@decorated\ndef slow(n):")
    assert wrong.verdict is DIFFERENT


def test_a_decorator_that_stays(program):
    assert program.prove("wrapped", "n + 1", "1 + n").verdict is SAME
    assert program.prove("wrapped", "n + 1", "n + 2").verdict is DIFFERENT


def test_a_constant_that_the_fix_changes(program):
    old = (program.root / "app.py").read_text()
    listed = 'WORDS = ["the", "a", "an", "of"]'
    assert listed in old
    same = program.prove_text("is_word", old.replace(listed, 'WORDS = frozenset({"the", "a", "an", "of"})'))
    assert same.verdict is SAME and "hashable elements in w" not in same.assumptions
    lost = program.prove_text("is_word", old.replace(listed, 'WORDS = frozenset({"the", "a", "an"})'))
    assert lost.verdict is DIFFERENT and lost.counterexample.arguments == "is_word('of')"


def test_a_kernel_and_an_import_that_the_fix_adds(program):
    kernel = (
        "import operator\n\n\ndef _kernel(n):\n    return sum(map(operator.mul, range(n), range(n)))\n\n\ndef slow(n):"
    )
    assert program.prove("slow", "def slow(n):\n    total = 0", f"{kernel}\n    return _kernel(n)").verdict is SAME
    missing = program.prove("slow", "def slow(n):", "import not_installed_here\ndef slow(n):\n    n = n")
    assert missing.verdict is NOT_SHOWN and "not_installed_here" in missing.reason


def test_class_identity_is_kept(program):
    assert program.prove("Point.moved", "self.x + k * self.scale", "k * self.scale + self.x").verdict is SAME
    assert program.prove("Point.moved", "return Point(", "return type('Point', (Point,), {})(").verdict is not SAME


def test_a_class_body_that_the_fix_changes(program):
    old = (program.root / "app.py").read_text()
    slots = old.replace("    scale = 2\n", '    scale = 2\n    __slots__ = ("x",)\n')
    assert program.prove_text("Point.moved", slots).verdict is SAME
    assert program.prove_text("Point.moved", slots.replace("scale = 2", "scale = 3")).verdict is DIFFERENT


POOLED = """from concurrent.futures import ProcessPoolExecutor


def runs(ns):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(heavy, ns))
"""


def test_a_pool_that_the_fix_adds(program):
    proof = program.prove("runs", "def runs(ns):", POOLED + "    ns = list(ns)", limits=Limits(edges=False))
    assert proof.verdict is SAME, proof
    assert proof.cold_seconds is not None and proof.cold_seconds > 0
    wrong = program.prove("runs", "def runs(ns):", POOLED.replace("heavy, ns", "slow, ns") + "    ns = list(ns)")
    assert wrong.verdict is SAME, "slow(n) adds the same squares"
    wrong = program.prove("runs", "def runs(ns):", POOLED.replace("heavy, ns", "abs, ns") + "    ns = list(ns)")
    assert wrong.verdict is DIFFERENT


def test_faster_and_slower_are_measured_with_an_interval(program):
    limits = Limits(edges=False)
    faster = program.prove(
        "slow", "for i in range(n):", "return (n - 1) * n * (2 * n - 1) // 6\n    for i in range(n):", limits=limits
    )
    assert (
        faster.verdict is SAME
        and faster.speedup.faster
        and faster.speedup.low <= faster.speedup.ratio <= faster.speedup.high
    )
    assert faster.before > faster.after > 0 and faster.memory_before is not None
    assert faster.cold_seconds is None, "nothing is compiled, and no pool is started"
    slower = program.prove("slow", "total += i * i", "total += sum([i] * i)", limits=limits)
    assert slower.verdict is SAME and slower.speedup.slower


def test_tolerance(program):
    change = ("sums", "total += x * y", "total += x * y * (1 + 1e-11)")
    assert program.prove(*change).verdict is DIFFERENT
    allowed = program.prove(*change, tolerance=Tolerance(relative=1e-9))
    assert allowed.verdict is Verdict.SAME_UP_TO_ROUNDING and 1e-12 < allowed.max_relative < 1e-9


def test_a_program_in_an_environment_without_anything(run_program):
    for version in ("3.9.18", "3.12.1", "3.13.0"):
        python = Path(os.path.expanduser(f"~/.pyenv/versions/{version}/bin/python"))
        if not python.exists():
            continue
        app, _ = run_program({"app.py": APP}, FUNCTIONS, python=python)
        assert app.prove("slow", "i * i", "i ** 2").verdict is SAME
        assert app.prove("slow", "i * i", "i ** 3").verdict is DIFFERENT
        assert app.prove("slow", "def slow(n):", "@decorated\ndef slow(n):").verdict is DIFFERENT


def test_calls_of_others_are_never_loaded(run_program, tmp_path, monkeypatch):
    app, _ = run_program({"app.py": APP}, ["slow"])
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(UserError, match="not signed by your key"):
        app.prove("slow", "i * i", "i ** 2")
    monkeypatch.undo()
    trust.signature_path(app.recordings[0].files[0]).unlink()
    with pytest.raises(UserError, match="without a signature"):
        app.prove("slow", "i * i", "i ** 2")


def test_the_whole_is_bounded(program):
    started = time.monotonic()
    proof = program.prove(
        "slow", "total = 0", "total = 0\n    sum(range(1 << 36))", limits=Limits(seconds=2, timing=False)
    )
    assert time.monotonic() - started < 4
    assert proof.verdict is NOT_SHOWN or "did not end" in proof.reason


def _children():
    out = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in out.splitlines() if f" {os.getpid()} " in line and "start.py" in line]


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6])
def test_a_replay_that_is_killed_is_not_shown_and_never_same(program, delay):
    stopped = threading.Event()

    def kill():
        while not (found := _children()) and not stopped.is_set():
            time.sleep(0.01)
        time.sleep(delay)
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    proof = program.prove("slow", "i * i", "i * i + 1")
    stopped.set()
    killer.join()
    assert proof.verdict in (NOT_SHOWN, DIFFERENT)


def test_nothing_is_left_in_the_project(program):
    before = {p for p in program.root.rglob("*") if "__pycache__" not in str(p)}
    program.prove("slow", "i * i", "i ** 2")
    assert {p for p in program.root.rglob("*") if "__pycache__" not in str(p)} == before
