"""Effects, purity, invariance, mutation and aliases: sure answers beside those that have to be Unknown."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Evidence, Truth
from perf_advise.model.pytypes import PyType

FactsOf = Callable[..., Facts]
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN

HEAD = """
import math, random, time, heapq
import numpy as np
from collections import defaultdict
RATE = 0.5
TABLE = [1, 2]
state = 0
def scale(x):
    return x * RATE
def look(i):
    return TABLE[i]
def fill(xs, x):
    xs.append(x)
def shout(x):
    print(x)
    return x
def draw():
    return random.random()
def count(n):
    for i in range(n):
        yield i
def bump():
    global state
    state += 1
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def smooth(xs):
    out = []
    for x in xs:
        fill(out, x * 0.5)
    return out
"""


def shown(facts: Facts) -> cst.BaseExpression:
    """The expression that the function returns."""
    return [n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return) and n.value is not None][-1]


def loop_of(facts: Facts) -> cst.For | cst.While:
    return next(n for n in walk(facts.slice.node) if isinstance(n, cst.For | cst.While))


@pytest.mark.parametrize(
    ("expr", "truth"),
    [
        ("1 + n", YES),
        ("xs[0] * 2.0", YES),
        ("len(xs)", YES),
        ("sorted(xs, key=lambda x: -x)", YES),
        ("sum(x * x for x in xs)", YES),
        ("[math.sqrt(abs(x)) for x in xs if x > n]", YES),
        ("{x: 1 for x in xs}", YES),
        ("a.sum() + a[0, 0]", YES),
        ("np.sqrt(a) * 2", YES),
        ("d.get('a', 0)", YES),
        ("list(map(str, xs))", YES),
        ("scale(n)", YES),
        ("look(n)", YES),
        ("fib(n)", YES),
        ("smooth(xs)", YES),
        ("f'{n} {xs}'", YES),
        ("n in xs and xs.index(n)", YES),
        ("next(iter(xs))", YES),
        ("list(zip(xs, xs))", YES),
        ("xs.copy().append(1)", YES),
        ("xs.append(1)", NO),
        ("xs.sort()", NO),
        ("heapq.heappush(xs, 1)", NO),
        ("np.add(a, a, out=a)", NO),
        ("d.setdefault('a', 1)", NO),
        ("groups['a']", NO),
        ("random.random()", NO),
        ("draw()", NO),
        ("time.time()", NO),
        ("print(n)", NO),
        ("shout(n)", NO),
        ("open('a').read()", NO),
        ("fill(xs, 1)", NO),
        ("(k := n)", NO),
        ("next(it)", UNKNOWN),
        ("list(it)", UNKNOWN),
        ("p + 1", UNKNOWN),
        ("p.x", UNKNOWN),
        ("p[0]", UNKNOWN),
        ("p == n", UNKNOWN),
        ("p is None", YES),
        ("not p", UNKNOWN),
        ("p in xs", UNKNOWN),
        ("str(p)", UNKNOWN),
        ("sum(p)", UNKNOWN),
        ("sorted(xs, key=p)", UNKNOWN),
        ("p(n)", UNKNOWN),
        ("f'{p}'", UNKNOWN),
        ("list(count(n))", UNKNOWN),
        ("bump()", UNKNOWN),
        ("eval('n')", UNKNOWN),
        ("{p}", UNKNOWN),
        ("[p]", YES),
        ("scale(p)", UNKNOWN),
    ],
)
def test_purity(expr: str, truth: Truth, facts_of: FactsOf) -> None:
    source = f"{HEAD}\ndef f(n: int, xs: list[float], a: np.ndarray, d: dict[str, int], p, it):\n"
    facts = facts_of(f"{source}    groups = defaultdict(list)\n    return {expr}\n", "f")
    answer = facts.is_pure(shown(facts))
    assert answer.truth is truth, answer.why
    assert (answer.evidence is Evidence.STATIC) == (truth is not UNKNOWN)


CHANGED = [
    ("xs.append(1.0)", YES),
    ("xs[0] = 1.0", YES),
    ("xs += [1.0]", YES),
    ("del xs[0]", YES),
    ("fill(xs, 1.0)", YES),
    ("heapq.heapify(xs)", YES),
    ("ys = xs\n        ys.append(1.0)", UNKNOWN),
    ("other.append(1.0)", UNKNOWN),
    ("p(xs)", UNKNOWN),
    ("p(n)", UNKNOWN),
    ("p.xs = 1", UNKNOWN),
    ("ys = xs or [1.0]\n        ys.clear()", UNKNOWN),
    ("ys = xs[:]\n        ys.append(1.0)", NO),
    ("ys = list(xs)\n        ys.sort()", NO),
    ("ys = []\n        ys.append(xs[0])", NO),
    ("ys = [xs]\n        ys.append([1.0])", NO),
    ("ys = [xs]\n        ys[0].append(1.0)", UNKNOWN),
    ("t = sum(xs)", NO),
    ("d = {}\n        d['a'] = xs", NO),
    ("names.append('a')", NO),
    ("grid[0][0] = 1.0", UNKNOWN),
    ("table['a'] = 1", NO),
    ("n += 1", NO),
    ("print(xs)", NO),
    ("smooth(xs)", NO),
    ("bump()", UNKNOWN),
]


@pytest.mark.parametrize(("body", "truth"), CHANGED)
def test_may_mutate(body: str, truth: Truth, facts_of: FactsOf) -> None:
    params = "n: int, xs: list[float], other: list[float], names: list[str], grid: list[list[float]], table: dict[str, int], p"
    facts = facts_of(f"{HEAD}\ndef f({params}):\n    for i in range(n):\n        {body}\n", "f")
    answer = facts.may_mutate(loop_of(facts).body, "xs")
    assert answer.truth is truth, answer.why


def test_numbers_and_texts_never_change(facts_of: FactsOf) -> None:
    facts = facts_of("def f(n: int, s: str, t: tuple[int, str], p):\n    for i in range(n):\n        p(n, s, t)\n")
    assert [facts.may_mutate(loop_of(facts), name).truth for name in "nst"] == [NO, NO, NO]


def test_what_a_list_holds_counts_unless_asked_not_to(facts_of: FactsOf) -> None:
    facts = facts_of("def f(rows: list[list[int]]):\n    for row in rows:\n        row.append(1)\n")
    body = loop_of(facts).body
    assert facts.may_mutate(body, "rows").truth is UNKNOWN
    assert facts.may_mutate(body, "rows", deep=False).truth is NO


INVARIANT = [
    ("len(xs)", "t += 1", YES),
    ("len(xs)", "xs.append(1.0)", UNKNOWN),
    ("len(xs)", "other.append(1.0)", UNKNOWN),
    ("len(xs)", "mine = []\n        mine.append(1.0)", YES),
    ("len(xs)", "p()", UNKNOWN),
    ("n * 2", "p()", YES),
    ("n * 2", "n = 3", NO),
    ("i * 2", "pass", NO),
    ("math.sqrt(n)", "xs.append(1.0)", YES),
    ("RATE * n", "p()", YES),
    ("state * n", "p()", UNKNOWN),
    ("state is n", "xs.append(1.0)", YES),
    ("look(n)", "xs.append(1.0)", YES),
    ("look(n)", "p()", UNKNOWN),
    ("look(n)", "TABLE[0] = 5", UNKNOWN),
    ("scale(n)", "p()", YES),
    ("random.random()", "pass", NO),
    ("a[0, 0]", "a[1, 1] = 2", UNKNOWN),
    ("a[0, 0]", "b[1, 1] = 2", UNKNOWN),
    ("a.shape[0]", "a[1, 1] = 2", YES),
    ("grid[0]", "grid[1] = []", UNKNOWN),
    ("sorted(xs)", "xs[0] = 0.0", UNKNOWN),
    ("x", "for x in xs: pass", NO),
]


@pytest.mark.parametrize(("expr", "body", "truth"), INVARIANT)
def test_invariance(expr: str, body: str, truth: Truth, facts_of: FactsOf) -> None:
    params = (
        "n: int, xs: list[float], other: list[float], grid: list[list[float]], a: np.ndarray, b: np.ndarray, p, x: int"
    )
    source = f"{HEAD}\ndef f({params}):\n    t = 0\n    for i in range(n):\n        {body}\n        t = {expr}\n"
    facts = facts_of(source.replace("state = 0\n", "state = 0\nstate = 1\n"), "f")
    last = [n for n in walk(loop_of(facts)) if isinstance(n, cst.Assign)][-1]
    answer = facts.invariant_in(last.value, loop_of(facts))
    assert answer.truth is truth, answer.why


@pytest.mark.parametrize(
    "holder",
    ["[sum(row) for row in grid]", "max((sum(row) for row in grid), key=abs)", "list(map(lambda row: sum(row), grid))"],
)
def test_what_is_named_inside_of_the_loop_is_not_there_before_it(holder: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"def f(n: int, grid: list[list[int]]):\n    for i in range(n):\n        t = {holder}\n", "f")
    loop = loop_of(facts)
    expr = next(n for n in walk(loop) if isinstance(n, cst.Call) and n.func.value == "sum")
    assert not facts.invariant_in(expr, loop).holds


def test_an_object_stays_the_same_while_its_contents_change(facts_of: FactsOf) -> None:
    source = """
        class A:
            def __init__(self):
                self.xs = []
                self.n = 1

            def run(self, k: int):
                for i in range(k):
                    self.xs.append(i)
                    t = self.n * 2
        """
    facts = facts_of(source, "A.run")
    loop = loop_of(facts)
    attributes = {n.attr.value: n for n in walk(loop) if isinstance(n, cst.Attribute)}
    assert facts.invariant_in(attributes["xs"], loop).truth is UNKNOWN
    assert facts.invariant_in(attributes["xs"], loop, contents=False).truth is YES
    assert facts.invariant_in(attributes["n"], loop).truth is YES


@pytest.mark.parametrize(
    ("extra", "truth"),
    [
        ("", YES),
        ("    @property\n    def n(self):\n        return self.k * 2\n", YES),
        ("    @property\n    def n(self):\n        self.k += 1\n        return self.k\n", UNKNOWN),
        ("    def __getattr__(self, name):\n        return 1\n", UNKNOWN),
        ("    n = Descriptor()\n", UNKNOWN),
    ],
)
def test_attributes_may_run_code(extra: str, truth: Truth, facts_of: FactsOf) -> None:
    setter = "" if "n(self)" in extra else "        self.n = 1\n"
    source = f"class A:\n    def __init__(self):\n        self.k = 1\n{setter}{extra}    def run(self):\n        return self.n\n"
    facts = facts_of(source, "A.run")
    assert facts.is_pure(shown(facts)).truth is truth


@pytest.mark.parametrize(
    ("a", "b", "truth"),
    [
        ("xs", "xs", YES),
        ("xs", "ys", UNKNOWN),
        ("xs", "names", NO),
        ("xs", "table", NO),
        ("xs", "n", NO),
        ("xs", "fresh", NO),
        ("xs", "same", UNKNOWN),
        ("xs", "kept", UNKNOWN),
        ("fresh", "p", NO),
        ("given", "p", UNKNOWN),
        ("a", "view", UNKNOWN),
        ("a", "twin", NO),
        ("a", "sums", NO),
        ("a", "b", UNKNOWN),
        ("a", "xs", NO),
    ],
)
def test_may_alias(a: str, b: str, truth: Truth, facts_of: FactsOf) -> None:
    source = """
        import numpy as np
        def f(n: int, xs: list[int], ys: list[int], names: list[str], table: dict[str, int], a: np.ndarray, b: np.ndarray, p):
            fresh = [1, 2]
            same = xs if n else [1]
            kept = [xs]
            given = [1]
            p(given)
            view = a[1:]
            twin = a.copy()
            sums = a + 1
            return fresh, same, kept, given, view, twin, sums
        """
    answer = facts_of(source).may_alias(a, b)
    assert answer.truth is truth, answer.why


def test_seen_types_make_effects_known_on_weaker_evidence(facts_of: FactsOf) -> None:
    facts = facts_of(
        "def f(a, n):\n    return a[0] + n\n", "f", {"a": PyType("list", (PyType("int"),)), "n": PyType("int")}
    )
    answer = facts.is_pure(shown(facts))
    assert (answer.truth, answer.evidence) == (YES, Evidence.SEEN)


def test_effects_in_words(facts_of: FactsOf) -> None:
    source = f"{HEAD}\ndef f(xs: list[int], p):\n    for x in xs:\n        xs.append(x)\n        y = random.random()\n        p(y)\n"
    facts = facts_of(source, "f")
    effects = facts.effects(loop_of(facts))
    assert effects.binds == {"x", "y"}
    assert {"xs", "x", "y", "p"} <= effects.reads
    assert effects.mutates == {"xs", "*"}
    assert effects.calls == ("`p()`",)
    assert effects.draws_random and effects.raises and not effects.pure and not effects.yields


def test_effects_of_harmless_code(facts_of: FactsOf) -> None:
    facts = facts_of("def f(xs: list[float]):\n    t = 0.0\n    for x in xs:\n        t += x\n    return t\n")
    effects = facts.effects(loop_of(facts))
    assert effects.pure and not effects.raises
    assert effects.binds == {"x", "t"}


def test_waiting_lets_others_change_what_is_not_local(facts_of: FactsOf) -> None:
    source = (
        "async def f(xs: list[int], p):\n    mine = [1]\n    for x in xs:\n        await p\n        t = len(mine)\n"
    )
    facts = facts_of(source)
    loop = loop_of(facts)
    assert facts.may_mutate(loop, "xs").truth is UNKNOWN
    assert facts.may_mutate(loop, "mine").truth is NO
    assert facts.effects(loop).awaits
