"""What the sampler finds in programs whose times are known: CPU time, so that a busy machine changes little."""

import sys
import textwrap

import pytest

SHARES = """
import time
def f50(n):
    t = 0
    for i in range(50 * n): t += i * i % 7
def f30(n):
    t = 0
    for i in range(30 * n): t += i * i % 7
def f15(n):
    t = 0
    for i in range(15 * n): t += i * i % 7
def f05(n):
    t = 0
    for i in range(5 * n): t += i * i % 7
truth = dict.fromkeys((f50, f30, f15, f05), 0.0)
end = time.process_time() + 2
while time.process_time() < end:
    for f in truth:
        before = time.thread_time(); f(400); truth[f] += time.thread_time() - before
print(*(seconds / sum(truth.values()) for seconds in truth.values()))
"""


def test_known_shares_within_three_points(recorded) -> None:
    run = recorded(SHARES)
    names = ("f50", "f30", "f15", "f05")
    found = [run.share(name, *names) for name in names]
    assert found == pytest.approx([float(share) for share in run.out.split()], abs=0.03)
    assert run.profile.clock in ("", "wall")


HALF = """
import time
data = [i * 7919 % 1000003 for i in range(400000)]
def native(): return sorted(data)
def python(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        for i in range(1000): pass
for _ in range(4):
    before = time.thread_time(); native(); native(); python(time.thread_time() - before)
"""


def test_a_long_c_call_beside_equal_python_time_is_half(recorded) -> None:
    run = recorded(HALF)
    assert run.share("native", "native", "python") == pytest.approx(0.5, abs=0.03)
    assert run.cost("native").native > 0.9 * run.cost("native").cpu
    assert run.cost("python").native < 0.1 * run.cost("python").cpu


def test_a_c_operation_before_a_call_is_not_the_callee_s(recorded) -> None:
    """Nothing looks for signals between the multiplication and the entry of `after`."""
    run = recorded(
        "def after(x): return x\n"
        "def multiply():\n    a = 3 ** 300000\n    for _ in range(40): after(a * a)\n"
        "multiply()\n"
    )
    assert run.cost("multiply").own > 0.5 * run.profile.total
    after = sum(c.own for c in run.profile.functions if c.frame.name == "after")
    assert after < 0.05 * run.profile.total


SMALL = """
class P:
    def __init__(self, x): self.x = x
    def straight(self, o):
        a = self.x * o.x; b = a + o.x; c = b * 2 - a; d = c + b * 3; e = d - c + a * b - d
        a = e * o.x; b = a + e; c = b * 2 - a; d = c + b * 3; e = d - c + a * b - d
        return e
def add(a, b): return a + b
def caller(n):
    p = P(1.0); t = 0.0
    for i in range(n):
        t = p.straight(p)
        t = add(t, i)
caller(600_000)
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older interpreters look for signals elsewhere")
def test_small_functions_get_what_they_took(recorded) -> None:
    """Taken as they are seen, the ticks of `straight` would all count for `add`, which is entered next."""
    run = recorded(SMALL)
    names = ("straight", "add", "caller")
    found = {c.frame.name.rpartition(".")[2]: c.own for c in run.profile.functions}
    total = sum(found[name] for name in names)
    assert found["straight"] / total > 0.5
    assert found["add"] / total < 0.2
    costs = {c.frame.name.rpartition(".")[2]: c for c in run.profile.functions}
    assert costs["straight"].cumulative >= costs["straight"].own * 0.999
    assert costs["caller"].cumulative > 0.9 * total


def test_callers_and_lines(recorded) -> None:
    run = recorded(
        "def inner():\n    t = 0\n    for i in range(2_000_000):\n        t += i\n    return t\n"
        "def outer():\n    return inner()\n"
        "outer()\n"
    )
    (edge,) = [e for e in run.profile.edges if e.callee.name == "inner"]
    assert edge.caller.name == "outer"
    assert edge.cumulative == pytest.approx(run.cost("inner").cumulative)
    assert run.cost("outer").cumulative >= run.cost("inner").cumulative
    assert set(run.cost("inner").lines) <= {1, 2, 3, 4, 5}
    assert sum(run.cost("inner").lines.values()) == pytest.approx(run.cost("inner").own)
    assert run.cost("inner").calls is None


def test_the_line_of_a_test_that_mostly_fails(recorded) -> None:
    """The jump back to the loop's head, where the tick is seen, may have no line of its own; two ways lead there."""
    run = recorded(
        "def settle(arrivals, taken):\n    settled = []\n    for cell in arrivals:\n"
        "        if cell not in taken:\n            settled.append(cell)\n    return settled\n"
        "settle([999] * 40_000, list(range(1000)))\n"
    )
    lines = run.cost("settle").lines
    assert sum(lines.values()) == pytest.approx(run.cost("settle").own)
    assert lines[4] > 0.9 * run.cost("settle").own


def test_recursion_counts_once(recorded) -> None:
    run = recorded("def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(25)\n")
    assert run.cost("fib").cumulative <= run.profile.total * 1.001
    assert run.cost("fib").own == pytest.approx(run.cost("fib").cumulative)


def test_waiting_is_not_work(recorded) -> None:
    run = recorded(
        "import time\ndef wait(): time.sleep(0.6)\n"
        "def work():\n    end = time.thread_time() + 0.4\n    while time.thread_time() < end: pass\n"
        "wait(); work()\n"
    )
    waiting, work = run.cost("wait"), run.cost("work")
    assert waiting.own == pytest.approx(0.6, abs=0.1)
    assert waiting.cpu < 0.1 * waiting.own
    assert work.cpu == pytest.approx(0.4, abs=0.05)


THREADS = """
import threading, time
def work():
    end = time.thread_time() + 0.4
    while time.thread_time() < end: pass
def fetch():
    time.sleep(0.4)
threads = [threading.Thread(target=f) for f in (work, fetch)]
for t in threads: t.start()
for t in threads: t.join()
"""


def test_what_works_between_two_waits_did_not_wait(recorded) -> None:
    run = recorded(
        "import time\ndef work():\n    t = 0\n    for i in range(40_000): t += i\n"
        "def wait():\n    time.sleep(0.04)\n"
        "for _ in range(30):\n    wait()\n    work()\n"
    )
    wait, work = run.cost("wait"), run.cost("work")
    assert work.own - work.cpu < 0.1 * (wait.own - wait.cpu)
    assert wait.own - wait.cpu == pytest.approx(1.2, rel=0.3)


def test_threads_are_all_seen_and_who_waits_for_work_takes_no_share(recorded) -> None:
    run = recorded(THREADS)
    assert run.cost("work").cpu > 0.6 * run.cost("work").own
    assert run.cost("work").own > 0.25
    assert run.measured.threads == 3
    assert run.share("work") > 0.3


def test_threads_without_the_main_thread(recorded) -> None:
    """The main thread waits in C code; a thread that `threading` does not know works on."""
    run = recorded(
        "import _thread, time\nready = _thread.allocate_lock(); ready.acquire()\n"
        "def work():\n    end = time.thread_time() + 0.5\n    while time.thread_time() < end: pass\n"
        "    ready.release()\n"
        "_thread.start_new_thread(work, ())\nready.acquire()\n"
    )
    assert run.share("work") > 0.7
    assert run.cost("work").cpu > 0.7 * run.cost("work").own


CHILDREN = """
import multiprocessing, os, subprocess, sys, time
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return os.getpid()
if __name__ == "__main__":
    how = sys.argv[1]
    if how == "pool":
        with multiprocessing.get_context("fork").Pool(2) as pool: pool.map(work, [0.1] * 6)
    elif how == "executor":
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool: list(pool.map(work, [0.1] * 6))
    elif how == "os.fork":
        if os.fork() == 0:
            work(0.6); os._exit(0)
        os.wait()
    elif how == "subprocess":
        subprocess.run([sys.executable, __file__, "work"], check=True, env={**os.environ, "A": "1"})
    elif how == "exec":
        work(0.1)
        os.execv(sys.executable, [sys.executable, __file__, "work"])
    elif how == "work":
        work(0.6)
    else:
        process = multiprocessing.get_context(how).Process(target=work, args=(0.6,))
        process.start(); process.join()
"""


@pytest.mark.parametrize("how", ["pool", "executor", "os.fork", "subprocess", "exec", "fork", "spawn", "forkserver"])
def test_child_processes_are_recorded_once(recorded, how) -> None:
    run = recorded(CHILDREN, how)
    assert (run.code, run.err) == (0, "")
    work = sum(c.own for c in run.profile.functions if c.frame.name == "work")
    assert work == pytest.approx(0.6 + 0.1 * (how == "exec"), abs=0.15)


def test_a_parent_that_waits_for_its_children_takes_no_share(recorded) -> None:
    run = recorded(CHILDREN, "os.fork")
    assert run.share("work") > 0.8


def test_the_rate_is_stated(recorded) -> None:
    run = recorded("for i in range(5_000_000): pass")
    assert run.measured.samples > 20
    assert 10 < run.measured.rate < 2000


def test_types_of_locals_and_attributes(recorded) -> None:
    run = recorded(
        textwrap.dedent(
            """
            import collections
            class Grid:
                __slots__ = ("cells", "name")
                def __init__(self):
                    self.cells = [[1.0] * 20] * 30
                    self.name = "g"
                def energy(self, table, *rest, key=None):
                    total = 0.0
                    for row in self.cells * 2000:
                        for cell in row: total += cell
                    return total, self.name
            class Plain:
                limit = 1.5
                def __init__(self): self.n = 2**40; self.limit = 2.5
                def run(self):
                    for i in range(2_000_000): self.n + self.limit
            Grid().energy({"a": (1, "x")}, collections.deque([b"x"]), {1, 2.0}, None)
            Plain().run()
            """
        )
    )
    seen = {s.qualname.rpartition(".")[2]: {n: str(t) for n, t in s.names.items()} for s in run.profile.types}
    energy = seen["energy"]
    assert energy.pop("row") == "list[float]"
    assert energy == {
        "self": "__main__.Grid",
        "table": "dict[str, tuple[int, str]]",
        "rest": "tuple[collections.deque[bytes], set[float, int], NoneType]",
        "key": "NoneType",
        "total": "float",
        "cell": "float",
        "self.cells": "list[list[float]]",
        "self.name": "str",
    }
    assert seen["run"] == {"self": "__main__.Plain", "i": "int", "self.n": "int", "self.limit": "float"}
    (plain,) = [s.names for s in run.profile.types if s.qualname.endswith("run")]
    assert plain["self.n"].bits == 53


def test_looking_does_not_slow_down_attribute_access(recorded) -> None:
    """Asking an instance for its `__dict__` would: CPython keeps the values elsewhere until then."""
    run = recorded(
        textwrap.dedent(
            """
            import sys, time
            class Grid:
                def __init__(self): self.n = 3
                def wrap(self):
                    for i in range(100_000): self.n; self.n; self.n; self.n
            def timed(grid):
                before = time.thread_time(); grid.wrap(); return time.thread_time() - before
            watched = Grid()
            for _ in range(60): timed(watched)
            fresh = Grid()
            print(min(timed(watched) for _ in range(20)) / min(timed(fresh) for _ in range(20)))
            """
        )
    )
    assert float(run.out) < 1.3


def test_an_error_in_the_agent_is_told_and_the_program_runs(programs, python) -> None:
    programs.write("app.py", "print(1)")
    run = programs.record(python, "app.py", agent="no_such_agent")
    assert (run.code, run.out, run.err) == (0, "1\n", "")
    assert "no_such_agent" in run.measured.warnings[0]


def test_numpy_arrays_by_dtype_and_dimensions(recorded) -> None:
    pytest.importorskip("numpy")
    run = recorded(
        "import numpy as np\ndef f(a, b, s):\n    t = 0.0\n    for i in range(2_000_000): t += i\n    return t\n"
        "f(np.zeros((30, 40)), np.zeros((9, 9), 'i4').T[::2], np.float32(1))\n"
    )
    (seen,) = [s.names for s in run.profile.types if s.qualname == "f"]
    assert seen["a"].to_json() == {
        "name": "numpy.ndarray",
        "dtype": "float64",
        "ndim": 2,
        "contiguous": True,
        "size": 3,
    }
    assert (seen["b"].dtype, seen["b"].contiguous, seen["s"].name) == ("int32", False, "numpy.float32")
