"""What raises nothing: sure only where types and ranges show it."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Truth

FactsOf = Callable[..., Facts]
SAFE, MAY = True, False

CASES = [
    ("n + 1", SAFE),
    ("n * n - 3", SAFE),
    ("n // 2 + n % 7", SAFE),
    ("n // m", MAY),
    ("n / 2", MAY),
    ("len(xs) / 2", SAFE),
    ("x / 2.0", SAFE),
    ("x / y", MAY),
    ("x * y - 1.5", SAFE),
    ("x ** 2", MAY),
    ("n ** 2", SAFE),
    ("n ** m", MAY),
    ("n << 2", SAFE),
    ("n << m", MAY),
    ("n * x", MAY),
    ("len(xs) * x", SAFE),
    ("-x", SAFE),
    ("~n", SAFE),
    ("~x", MAY),
    ("n < x < 3", SAFE),
    ("n < s", MAY),
    ("n == s", SAFE),
    ("s < 'a'", SAFE),
    ("p == n", MAY),
    ("p is n", SAFE),
    ("not xs", SAFE),
    ("not p", MAY),
    ("x if xs else y", SAFE),
    ("xs and n", SAFE),
    ("n in xs", SAFE),
    ("s in d", SAFE),
    ("xs in d", MAY),
    ("n in s", MAY),
    ("xs[0]", MAY),
    ("xs[1:]", SAFE),
    ("xs[n:]", SAFE),
    ("xs[::m]", MAY),
    ("(1, 2)[1]", SAFE),
    ("(1, 2)[2]", MAY),
    ("d['a']", MAY),
    ("d.get('a')", SAFE),
    ("s + 'a'", SAFE),
    ("s + n", MAY),
    ("s * n", SAFE),
    ("xs + xs", SAFE),
    ("xs + (1,)", MAY),
    ("s.upper()", SAFE),
    ("s.split()", SAFE),
    ("s.split(s)", MAY),
    ("s.index('a')", MAY),
    ("s.encode()", MAY),
    ("str(x)", SAFE),
    ("str(n)", MAY),
    ("str(len(xs))", SAFE),
    ("int(x)", MAY),
    ("int(s)", MAY),
    ("float(s)", MAY),
    ("abs(x)", SAFE),
    ("round(x)", MAY),
    ("max(n, m)", SAFE),
    ("max(xs)", MAY),
    ("max(n, s)", MAY),
    ("sorted(xs)", SAFE),
    ("sorted(mixed)", MAY),
    ("sorted(xs, key=p)", MAY),
    ("set(xs)", SAFE),
    ("list(xs)", SAFE),
    ("list(p)", MAY),
    ("math.sqrt(len(xs))", SAFE),
    ("math.sqrt(x)", MAY),
    ("math.exp(x)", MAY),
    ("math.isnan(x)", SAFE),
    ("math.floor(x)", MAY),
    ("range(n)", SAFE),
    ("range(0, n, m)", MAY),
    ("f'{s} {x}'", SAFE),
    ("f'{n}'", MAY),
    ("f'{x:d}'", MAY),
    ("[v * v for v in xs]", SAFE),
    ("[1 / v for v in xs]", MAY),
    ("[v for v in p]", MAY),
    ("[a for a, b in pairs]", SAFE),
    ("[a for a, b in triples]", MAY),
    ("{v: 1 for v in xs}", SAFE),
    ("{tuple(xs): 1}", MAY),
    ("{1: xs}", SAFE),
    ("[xs[i] for i in range(len(xs))]", SAFE),
    ("[xs[i + 1] for i in range(len(xs))]", MAY),
    ("[xs[i] for i in range(len(ys))]", MAY),
    ("[xs[i] for i, v in enumerate(xs)]", SAFE),
    ("lambda: p.x", SAFE),
    ("p.x", MAY),
    ("p()", MAY),
    ("undefined", MAY),
    ("len(p)", MAY),
    ("len(xs)", SAFE),
    ("(k := n + 1)", SAFE),
    ("isinstance(p, int)", MAY),
]


@pytest.mark.parametrize(("expr", "safe"), CASES)
def test_expressions(expr: str, safe: bool, facts_of: FactsOf) -> None:
    params = (
        "n: int, m: int, x: float, y: float, s: str, xs: list[float], ys: list[float], d: dict[str, int], "
        "mixed: list[int | str], pairs: list[tuple[int, int]], triples: list[tuple[int, ...]], p"
    )
    facts = facts_of(f"import math\ndef f({params}):\n    return {expr}\n")
    shown = next(n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return))
    assert shown is not None
    answer = facts.cannot_raise(shown)
    assert answer.truth is (Truth.YES if safe else Truth.UNKNOWN), answer.why


STATEMENTS = [
    ("t = 0.0\n    for x in xs:\n        t += x", SAFE),
    ("for i in range(len(xs)):\n        xs[i] = xs[i] * 2.0", SAFE),
    ("for i in range(len(xs)):\n        xs.pop()\n        x = xs[i]", MAY),
    ("for i in range(len(xs)):\n        if xs[i] > 0:\n            xs = []", MAY),
    ("for i in range(len(xs)):\n        ys = xs\n        ys.clear()\n        x = xs[i]", MAY),
    ("d[s] = 1", SAFE),
    ("d[xs] = 1", MAY),
    ("a, b = 1, 2", SAFE),
    ("a, b = xs", MAY),
    ("p.x = 1", MAY),
    ("assert n", MAY),
    ("raise ValueError", MAY),
    ("del d[s]", MAY),
    ("if n > 0:\n        y = 7 // n", SAFE),
    ("if n:\n        y = 7 // n", MAY),
    ("y = 7 // n", MAY),
    ("while n > 3:\n        n -= 1", SAFE),
    ("import math", MAY),
    ("with p:\n        pass", MAY),
]


@pytest.mark.parametrize(("body", "safe"), STATEMENTS)
def test_statements(body: str, safe: bool, facts_of: FactsOf) -> None:
    facts = facts_of(f"def f(n: int, s: str, xs: list[float], d: dict[str, int], p):\n    {body}\n")
    answer = facts.cannot_raise(facts.slice.node.body)
    assert answer.truth is (Truth.YES if safe else Truth.UNKNOWN), answer.why
    assert facts.effects(facts.slice.node.body).raises is not safe


def test_an_attribute_that_only_one_method_sets_may_be_missing(facts_of: FactsOf) -> None:
    source = """
        class A:
            def __init__(self, deep):
                self.n = 1
                if deep:
                    self.k = 1
            def late(self):
                self.m = 1
            def run(self):
                return self.n, self.m, self.k
        """
    facts = facts_of(source, "A.run")
    truths = {n.attr.value: facts.cannot_raise(n).holds for n in walk(facts.slice.node) if isinstance(n, cst.Attribute)}
    assert truths == {"n": True, "m": False, "k": False}
