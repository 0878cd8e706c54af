"""What a call leaves behind outside of its arguments and its module's globals counts: a fix that drops it is refuted."""

import pytest

from perf_advise.model.proof import Verdict

HELPERS = """
import threading

REGISTRY = []
COUNT = 0
LOCAL = threading.local()


class Box:
    made = 0


def remember(x):
    REGISTRY.append(x)
"""

APP = """
import contextvars, decimal, functools, os, random, sqlite3, sys

import numpy as np

import helpers

CURRENT = contextvars.ContextVar("current", default=0)


def make_counter():
    n = 0

    def count(by):
        nonlocal n
        n += by
        return n

    return count


COUNTER = make_counter()


def registers(x):
    helpers.REGISTRY.append(x)
    return x * 2


def remembers(x):
    helpers.remember(x)
    return x * 2


def counts(x):
    helpers.COUNT += 1
    return x * 2


def boxes(x):
    helpers.Box.made += x
    return x * 2


def threads(x):
    helpers.LOCAL.value = x
    return x * 2


def attribute(x):
    attribute.calls = getattr(attribute, "calls", 0) + 1
    return x * 2


def closure(x):
    COUNTER(x)
    return x * 2


def draws(x):
    random.random()
    return x * 2


def numpy_draws(x):
    np.random.rand(3)
    return x * 2


def environment(x):
    os.environ["PERF_ADVISE_TEST"] = str(x)
    return x * 2


def folder(x):
    os.chdir("/")
    return x * 2


def context(x):
    CURRENT.set(x)
    return x * 2


def precision(x):
    decimal.getcontext().prec = 10 + x
    return x * 2


def errors(x):
    np.seterr(all="ignore")
    return x * 2


def recursion(x):
    sys.setrecursionlimit(5000 + x)
    return x * 2


def stores(x):
    connection = sqlite3.connect("stored.db")
    connection.close()
    return x * 2


def in_memory(x):
    connection = sqlite3.connect(":memory:")
    row = connection.execute("select ?", (x,)).fetchone()
    connection.close()
    return row


def by_number(x):
    os.write(1, b"text")
    return x * 2


def reads(x):
    return sys.stdin.readline() * x


def prints_between(xs):
    for x in xs:
        print(x)
        yield x


def iterates(xs):
    return map(str, xs)


def takes(numbers):
    return next(numbers)


def fresh(n):
    return list(range(n))


def typed(n, by):
    return n * by


def parallel(a, b):
    total = 0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


class Path:
    def __init__(self, steps):
        self.steps = steps

    def add(self, step):
        self.steps = self.steps + [step]
        return len(self.steps)


if __name__ == "__main__":
    here = os.getcwd()
    for n in (1, 2, 3, 5):
        for f in (registers, remembers, counts, boxes, threads, attribute, closure, draws, numpy_draws, environment,
                  context, precision, errors, recursion, stores, in_memory, by_number, reads, fresh):
            f(n)
        folder(n)
        os.chdir(here)
        typed(n, 2), typed(float(n), 2), list(prints_between(range(n))), list(iterates([n, n + 1])), takes(iter([n, 2, 3]))
        parallel(list(range(n)), list(range(n))), Path([n]).add(n)
"""
FUNCTIONS = """registers remembers counts boxes threads attribute closure draws numpy_draws environment folder context
precision errors recursion stores in_memory by_number reads prints_between iterates takes fresh typed parallel
Path.add""".split()
SAME, DIFFERENT, NOT_SHOWN = Verdict.SAME, Verdict.DIFFERENT, Verdict.NOT_SHOWN

CASES = [
    ("registers", "helpers.REGISTRY.append(x)", "pass", DIFFERENT, "helpers.REGISTRY after the call"),
    ("registers", "helpers.REGISTRY.append(x)", "helpers.REGISTRY.extend([x])", SAME, ""),
    ("remembers", "helpers.remember(x)", "pass", DIFFERENT, "helpers.REGISTRY after the call"),
    ("counts", "helpers.COUNT += 1", "pass", DIFFERENT, "helpers.COUNT after the call: 1"),
    ("counts", "helpers.COUNT += 1", "helpers.COUNT = 1 + helpers.COUNT", SAME, ""),
    ("boxes", "helpers.Box.made += x", "pass", DIFFERENT, "helpers.Box.made after the call"),
    ("threads", "helpers.LOCAL.value = x", "pass", DIFFERENT, "helpers.LOCAL after the call"),
    ("attribute", 'getattr(attribute, "calls", 0) + 1', "7", DIFFERENT, "attribute.calls after the call: 1"),
    ("attribute", "return x * 2", "return 2 * x", SAME, ""),
    ("closure", "COUNTER(x)", "COUNTER(x + 1)", DIFFERENT, "closure of make_counter.<locals>.count.n after the call"),
    ("closure", "return x * 2", "return 2 * x", SAME, ""),
    ("draws", "random.random()", "pass", DIFFERENT, "state of random"),
    ("draws", "return x * 2", "return 2 * x", SAME, ""),
    ("numpy_draws", "np.random.rand(3)", "np.random.rand(2)", DIFFERENT, "state of numpy.random"),
    ("environment", "os.environ", "{}", DIFFERENT, "environment variable PERF_ADVISE_TEST after the call"),
    ("environment", "return x * 2", "return 2 * x", SAME, ""),
    ("folder", 'os.chdir("/")', "pass", DIFFERENT, "folder after the call: '/'"),
    ("context", "CURRENT.set(x)", "pass", DIFFERENT, "context variable current after the call"),
    ("context", "CURRENT.set(x)", "CURRENT.set(0 + x)", SAME, ""),
    ("precision", "decimal.getcontext().prec = 10 + x", "pass", DIFFERENT, "decimal context after the call"),
    ("errors", 'np.seterr(all="ignore")', "pass", DIFFERENT, "NumPy's errors after the call"),
    ("recursion", "sys.setrecursionlimit(5000 + x)", "pass", DIFFERENT, "recursion limit after the call"),
    ("stores", "return x * 2", "return 2 * x", NOT_SHOWN, "sqlite3.connect"),
    ("in_memory", "return row", "return tuple(row)", SAME, ""),
    ("by_number", "return x * 2", "return 2 * x", NOT_SHOWN, "standard output by its number"),
    ("reads", "readline() * x", "readline() * (x + 0)", NOT_SHOWN, "read standard input"),
    ("prints_between", "        yield x\n", "    yield from xs\n", DIFFERENT, "printed"),
    ("iterates", "map(str, xs)", "map(repr, xs)", SAME, ""),
    ("iterates", "map(str, xs)", "map(str, xs[1:])", DIFFERENT, ""),
    ("takes", "return next(numbers)", "return next(iter(numbers))", SAME, ""),
    ("takes", "return next(numbers)", "return [next(numbers), next(numbers)][0]", DIFFERENT, "numbers after the call"),
    ("parallel", "a[i] * b[i]", "b[i] * a[i]", SAME, ""),
    ("Path.add", "self.steps = self.steps + [step]", "self.steps += [step]", DIFFERENT, "hold no longer"),
    ("Path.add", "self.steps + [step]", "[*self.steps, step]", SAME, ""),
]


@pytest.fixture(scope="module")
def program(run_program):
    found, exit_code = run_program({"app.py": APP, "helpers.py": HELPERS}, FUNCTIONS)
    assert exit_code == 0
    return found


@pytest.mark.parametrize(
    ("qualname", "old", "new", "verdict", "words"), CASES, ids=[f"{c[0]}: {c[2][:30]}" for c in CASES]
)
def test_verdict(program, qualname, old, new, verdict, words):
    proof = program.prove(qualname, old, new)
    told = f"{proof.reason} {proof.counterexample}"
    assert proof.verdict is verdict and words in told, proof


@pytest.mark.parametrize(("name", "words"), [("fresh", "aliasing"), ("typed", "type")])
def test_a_cache_that_the_fix_adds_is_tried_with_one_call_after_another(program, name, words):
    text = APP.replace(f"def {name}", f"@functools.lru_cache(maxsize=None)\ndef {name}")
    proof = program.prove_text(name, text)
    assert proof.verdict is DIFFERENT and proof.reason == f"one call after another: {words}", proof


def test_a_cache_of_values_that_nobody_changes_holds(program):
    text = APP.replace("def typed", "@functools.lru_cache(maxsize=None, typed=True)\ndef typed")
    assert program.prove_text("typed", text).verdict is SAME


def test_lengths_that_were_alike_in_every_call_are_an_assumption(program):
    start = APP.index("    total = 0")
    end = APP.index("    return total") + len("    return total")
    proof = program.prove_text(
        "parallel", APP[:start] + "    return sum(x * y for x, y in zip(a, b, strict=True))" + APP[end:]
    )
    assert proof.verdict is SAME and any("as long as" in text for text in proof.assumptions), proof
