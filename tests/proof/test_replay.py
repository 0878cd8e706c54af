"""Old and new code on real calls: what holds, what is refuted, what cannot be shown."""

import pytest

from perf_advise.model.proof import Verdict

APP = """
import asyncio, collections, contextlib, functools, logging, os, random, socket, subprocess, sys, time, warnings

import numpy as np

log = logging.getLogger("app")
COUNTS = {"calls": 0}
TOTAL = 0
_MISSING = object()


class Base:
    def scale(self, x):
        return x * 2


class Stock(Base):
    sold = 0

    def __init__(self, items):
        self.items = list(items)
        self.stream = open(os.devnull)

    def drop(self, item):
        self.items = [i for i in self.items if i != item]
        return len(self.items)

    def sell(self, n):
        Stock.sold += n
        return Stock.sold

    def scale(self, x):
        return super().scale(x) + len(self.items)

    def reads(self, n):
        return self.stream.read(n)

    @classmethod
    def make(cls, items):
        return cls(items).items

    @staticmethod
    def double(x):
        return x + x

    @property
    def size(self):
        return len(self.items)


def writes(name, text):
    with open(name, "w") as stream:
        stream.write(text)
    return len(text)


def swallows(name):
    try:
        open(name, "w").close()
    except OSError:
        pass
    return name


def connects(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=0.1)
    return port


def starts(n):
    return subprocess.run([sys.executable, "-c", f"print({n})"], capture_output=True).stdout


def sleeps(n):
    time.sleep(0.001)
    return n


def prints(words):
    for word in words:
        print(word)


def warns(n):
    warnings.warn(f"low {n}")
    return n


def logs(n):
    log.warning("n is %d", n)
    return n


def raises(n):
    if n > 2:
        raise ValueError("too large", n)
    return n


def mutates(xs, x):
    xs.append(x)
    return len(xs)


def same_list(xs):
    return xs


def counts(n):
    global TOTAL
    COUNTS["calls"] += n
    TOTAL += n
    return n


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def draws(n):
    return [random.random() for _ in range(n)]


def clock(n):
    return time.perf_counter() + n


def items(n):
    for i in range(n):
        yield i * i
    return "done"


async def waits(n):
    await asyncio.sleep(0)
    return n + 1


async def agen(n):
    for i in range(n):
        yield i


def fills(xs):
    row = [0]
    for x in xs:
        row[0] = x
        yield row


def echoes(n):
    got = 0
    while got is not None and got < n:
        got = yield got * 2


def with_default(x, default=_MISSING):
    return "missing" if default is _MISSING else x


def around(n):
    def inner(y):
        total = 0
        for i in range(y):
            total += i
        return total
    return [inner(k) for k in range(n)]


def closure(n):
    return lambda x: x + n


def longest(words):
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best


def unique(xs):
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out


def total(a):
    s = 0.0
    for i in range(len(a)):
        s += a[i]
    return s


def largest(a):
    m = a[0]
    for x in a:
        if x > m:
            m = x
    return m


def mean_of(xs):
    return sum(xs) / len(xs)


def cancels(xs):
    s = 0.0
    for x in xs:
        s += x
    return s - round(s)


def spins(n):
    while n > 0:
        n -= 1
    return n


def work(n):
    return sum(range(n))


def words_of(text):
    return sorted(set(text.split()))


def uses_env(n):
    return n * FACTOR


async def _drive():
    found = [await waits(3)]
    async for i in agen(3):
        found.append(i)
    return found


def main():
    global FACTOR
    FACTOR = len(sys.argv) * 7
    stock = Stock([3, 1, 3, 2])
    stock.drop(3), stock.sell(2), stock.sell(3), stock.scale(4), stock.reads(0), stock.size
    Stock.make([1, 2]), Stock.double(4)
    writes("out.txt", "hello"), swallows("out2.txt"), connects(9), starts(3), sleeps(2)
    prints(["a", "b"]), warns(3), logs(4)
    for n in range(6):
        with contextlib.suppress(ValueError):
            raises(n)
        counts(n), draws(n), clock(n), list(items(n)), around(n), closure(n)(2), spins(n), uses_env(n)
        with_default(n), with_default(n, n)
    xs = []
    for n in range(5):
        mutates(xs, n)
        same_list([n])
    list(fills([3, 4, 5]))
    told = echoes(9)
    next(told), told.send(4), told.send(5)
    fib(20)
    print(asyncio.run(_drive()))
    rng = np.random.default_rng(3)
    for n in (5, 8, 13, 50):
        numbers = rng.normal(size=n)
        total(numbers), largest(numbers), mean_of(numbers.tolist())
        cancels([x * 1e6 for x in numbers.tolist()])
        longest([chr(97 + i % 7) * (i % 4) for i in range(n)])
        unique([i * i % 7 for i in range(n)])
        words_of("the quick brown fox the end" * n)
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(8))


if __name__ == "__main__":
    main()
"""

FUNCTIONS = """Stock.drop Stock.sell Stock.scale Stock.reads Stock.make Stock.double Stock.size writes swallows
connects starts sleeps prints warns logs raises mutates same_list counts fib draws clock items fills echoes
waits agen with_default
around closure longest unique total largest mean_of cancels spins work words_of uses_env""".split()

SAME, DIFFERENT, NOT_SHOWN = Verdict.SAME, Verdict.DIFFERENT, Verdict.NOT_SHOWN
ROUNDING = Verdict.SAME_UP_TO_ROUNDING

# function, old text, new text, verdict, words of the reason or counterexample
CASES = [
    ("writes", "len(text)", "len(text) + 0", NOT_SHOWN, "write files"),
    ("swallows", "return name", "return str(name)", NOT_SHOWN, "write files"),
    ("connects", "return port", "return port + 0", NOT_SHOWN, "network"),
    ("starts", ".stdout", ".stdout[:]", NOT_SHOWN, "processes"),
    ("sleeps", "return n", "return n + 0", SAME, ""),
    ("sleeps", "return n", "os.system('true')\n    return n", NOT_SHOWN, "the new code would start"),
    ("prints", "print(word)", "sys.stdout.write(word + '\\n')", SAME, ""),
    ("prints", "print(word)", "print(word, end='')", DIFFERENT, "stdout"),
    ("prints", "for word in words:", "for word in words[1:]:", DIFFERENT, "stdout"),
    ("warns", 'warnings.warn(f"low {n}")', "pass", DIFFERENT, "warned"),
    ("logs", '"n is %d"', '"n was %d"', DIFFERENT, "n was 4"),
    ("raises", 'ValueError("too large", n)', 'ValueError("too large", n + 1)', DIFFERENT, "args[1]"),
    ("raises", "ValueError", "TypeError", DIFFERENT, "TypeError"),
    ("raises", "if n > 2:", "if n >= 2:", DIFFERENT, "too large"),
    ("raises", "if n > 2:", "if not n <= 2:", SAME, ""),
    ("mutates", "xs.append(x)", "xs = [*xs, x]", DIFFERENT, "xs after the call"),
    ("mutates", "xs.append(x)", "xs += [x]", SAME, ""),
    ("same_list", "return xs", "return list(xs)", DIFFERENT, ""),
    ("counts", 'COUNTS["calls"] += n', "pass", DIFFERENT, "COUNTS"),
    ("counts", "TOTAL += n", "TOTAL += n + 1", DIFFERENT, "TOTAL"),
    ("counts", 'COUNTS["calls"] += n', 'COUNTS["calls"] = COUNTS["calls"] + n', SAME, ""),
    ("Stock.drop", "i != item", "i is not None", DIFFERENT, ""),
    ("Stock.drop", "self.items = [", "self.items[:] = [", DIFFERENT, "no longer"),
    ("Stock.drop", "return len(self.items)", "self.n = 1\n        return len(self.items)", DIFFERENT, ""),
    ("Stock.sell", "Stock.sold += n", "pass", DIFFERENT, ""),
    ("Stock.sell", "Stock.sold += n", "Stock.sold = n + Stock.sold", SAME, ""),
    ("Stock.scale", "super().scale(x) + len(self.items)", "len(self.items) + super().scale(x)", SAME, ""),
    ("Stock.scale", "super().scale(x) + len(self.items)", "2 * x + len(self.items)", SAME, ""),
    ("Stock.reads", "return self.stream.read(n)", "return self.stream.read(n) + ''", NOT_SHOWN, "cannot be kept"),
    ("Stock.make", "cls(items).items", "list(items)", SAME, ""),
    ("Stock.make", "cls(items).items", "items", DIFFERENT, ""),
    ("Stock.double", "x + x", "2 * x", SAME, ""),
    ("Stock.double", "x + x", "x ** 2", DIFFERENT, "8"),
    ("Stock.size", "len(self.items)", "len(self.items) + 1", DIFFERENT, ""),
    ("fib", "n if n < 2 else fib(n - 1) + fib(n - 2)", "n if n < 2 else fib(n - 2) + fib(n - 1)", SAME, ""),
    ("fib", "n < 2", "n < 1", DIFFERENT, ""),
    ("draws", "[random.random() for _ in range(n)]", "list(random.random() for _ in range(n))", SAME, ""),
    ("draws", "range(n)]", "range(n)][::-1]", DIFFERENT, ""),
    ("clock", "time.perf_counter() + n", "n + time.perf_counter()", NOT_SHOWN, "differently each time"),
    ("items", "yield i * i", "yield i ** 2", SAME, ""),
    ("items", "yield i * i", "yield i", DIFFERENT, "items["),
    ("items", 'return "done"', "return None", DIFFERENT, "returned"),
    ("fills", "row[0] = x", "row[0] = 0 + x", SAME, ""),
    ("fills", "row[0] = x\n        yield row", "yield row\n        row[0] = x", DIFFERENT, "as_given"),
    ("echoes", "got * 2", "got + got + (got == 5)", NOT_SHOWN, "sent to it"),
    ("waits", "n + 1", "1 + n", SAME, ""),
    ("waits", "n + 1", "n + 2", DIFFERENT, "4"),
    ("agen", "yield i", "yield i + 1", DIFFERENT, ""),
    ("with_default", "default is _MISSING", "default is _MISSING or x > 3", DIFFERENT, ""),
    (
        "with_default",
        '"missing" if default is _MISSING else x',
        'x if default is not _MISSING else "missing"',
        SAME,
        "",
    ),
    ("around.<locals>.inner", "return total", "return sum(range(y))", SAME, ""),
    ("around.<locals>.inner", "total += i", "total += i + 1", DIFFERENT, ""),
    ("closure", "x + n", "n + x", NOT_SHOWN, "function"),
    ("longest", "len(word) > len(best)", "len(word) >= len(best)", DIFFERENT, ""),
    ("unique", "return out", "return list(dict.fromkeys(xs))", SAME, ""),
    ("unique", "return out", "return list(set(xs))", DIFFERENT, ""),
    ("total", "return s", "return float(np.sum(a))", DIFFERENT, "float"),
    ("cancels", "s += x", "s = x + s", SAME, ""),
    ("largest", "if x > m:", "if not x <= m:", SAME, ""),
    ("spins", "n -= 1", "n -= 0", DIFFERENT, "did not end"),
    ("spins", "return n", "import ctypes\n    ctypes.string_at(0)\n    return n", DIFFERENT, "interpreter"),
    ("spins", "return n", "import os\n    os._exit(7)", DIFFERENT, "exit code 7"),
    ("spins", "return n", "return len(bytearray(1 << 45)) * 0", DIFFERENT, "MemoryError"),
    ("work", "sum(range(n))", "n * (n - 1) // 2", SAME, ""),
    ("work", "sum(range(n))", "n * (n - 1) / 2", DIFFERENT, ""),
    ("words_of", "sorted(set(text.split()))", "sorted(dict.fromkeys(text.split()))", SAME, ""),
    ("uses_env", "n * FACTOR", "FACTOR * n", SAME, ""),
    ("uses_env", "n * FACTOR", "n * 8", DIFFERENT, ""),
]


@pytest.fixture(scope="module")
def program(run_program):
    app, code = run_program({"app.py": APP}, FUNCTIONS)
    assert code == 0
    return app


@pytest.mark.parametrize(
    ("qualname", "old", "new", "verdict", "words"), CASES, ids=[f"{c[0]}: {c[2][:30]}" for c in CASES]
)
def test_verdict(program, qualname, old, new, verdict, words):
    proof = program.prove(qualname, old, new)
    assert proof.verdict is verdict, proof
    shown = proof.counterexample
    assert words in proof.reason + (f"{shown.arguments} {shown.before} {shown.after}" if shown else "")


def test_rounding_is_told_apart_and_measured(program):
    proof = program.prove("total", "return s", "return np.float64(np.sum(a))")
    assert proof.verdict is ROUNDING and 0 < proof.max_ulp < 10 and proof.max_relative < 1e-14


def test_ill_conditioned_input_is_not_called_wrong(program):
    proof = program.prove("cancels", "s += x", "s += x\n    s = sum(sorted(xs))")
    assert proof.verdict is ROUNDING and "ill-conditioned" in proof.reason
    wrong = program.prove("cancels", "return s - round(s)", "return s - round(s) + 1e-3")
    assert wrong.verdict is DIFFERENT


def test_what_was_not_recorded_becomes_an_assumption(program):
    proof = program.prove("largest", "return m", "return np.max(a)")
    assert proof.verdict is SAME
    assert "no NaN in a" in proof.assumptions
    assert not program.prove("largest", "if x > m:", "if m < x:").assumptions


OUTSIDE = """
import sys, types

def f(x):
    return sys.modules["app_state"].v + x

if __name__ == "__main__":
    sys.modules["app_state"] = types.ModuleType("app_state")
    sys.modules["app_state"].v = 3
    [f(i) for i in range(5)]
"""


def test_old_results_that_the_replay_cannot_reproduce_are_no_proof(run_program):
    app, _ = run_program({"app.py": OUTSIDE}, ["f"])
    proof = app.prove("f", ".v + x", ".v + x + 1")
    assert proof.verdict is NOT_SHOWN and "KeyError" in proof.reason and proof.unstable_calls == 5


def test_random_calls_are_counted_when_left_out(program):
    assert program.prove("clock", "+ n", "+ n + 1").unstable_calls > 0


FILES = """
import pathlib, socket, tempfile


def reads(n):
    with open("lines.txt") as stream:
        return [line.strip() for line in stream][:n]


def below(n):
    return pathlib.Path("data/more.txt").read_text()[: n + 1]


def appends(n):
    with open("lines.txt", "a") as stream:
        return stream.write("") + n


def tells(n):
    one, other = socket.socketpair()
    with one, other:
        one.sendall(bytes(n))
        return len(other.recv(100))


def keeps(n):
    path = pathlib.Path(tempfile.gettempdir()) / "perf-advise-test.txt"
    return path.write_text("a" * n)


for n in range(1, 4):
    reads(n), below(n), appends(n), tells(n), keeps(n)
"""


@pytest.mark.parametrize(
    ("qualname", "old", "new", "verdict", "words"),
    [
        ("reads", "[:n]", "[0:n]", SAME, ""),
        ("reads", "[:n]", "[:1]", DIFFERENT, "two"),
        ("below", "n + 1", "1 + n", SAME, ""),
        ("appends", "+ n", "+ n + 0", NOT_SHOWN, "write files (lines.txt)"),
        ("tells", "len(other.recv(100))", "len(other.recv(200))", NOT_SHOWN, "use the network"),
        ("keeps", '"a" * n', 'n * "a"', NOT_SHOWN, "write files (perf-advise-test.txt)"),
    ],
)
def test_files_of_the_run_are_read_and_not_written(run_program, qualname, old, new, verdict, words):
    files = {"app.py": FILES, "lines.txt": "one\ntwo\nthree\n", "data/more.txt": "more"}
    app, _ = run_program(files, ["reads", "below", "appends", "tells", "keeps"])
    proof = app.prove(qualname, old, new)
    assert proof.verdict is verdict and words in f"{proof.reason} {proof.counterexample}"
    assert (app.root / "lines.txt").read_text() == files["lines.txt"]
