"""Loops shared out among threads: their turns give the same in any order, and real Numba agrees; races are refused."""

import random
import textwrap

import numpy as np
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

RULE = next(loaded for loaded in load_rules() if loaded.rule.code == "PA203")
ARRAYS = {"a": "ndarray[int64, 1d]", "b": "ndarray[int64, 1d]", "m": "ndarray[int64, 2d]"}
HEADER = "import numpy as np\n\n\ndef f(a, b, m, n: int, k: int):\n"
CALL = "\n\nf(np.arange(9), np.ones(9, dtype=np.int64), np.eye(9, dtype=np.int64), 7, 2)\n"

COMPILED = [
    pytest.param(
        "for i in range(n):\n    t = 0\n    for j in range(n):\n        t += a[j] * m[i, j]\n    b[i] = t\nreturn b.sum()\n",
        id="rows of a matrix",
    ),
    pytest.param(
        "s = 0\nfor i in range(n):\n    for j in range(i):\n        if a[i] > b[j]:\n            s += i - j\nreturn s\n",
        id="a sum under a condition",
    ),
    pytest.param(
        "best = -1\nfor i in range(n):\n    t = 0\n    for j in range(n):\n        t += m[i, j]\n"
        "    best = max(best, t)\nreturn best\n",
        id="an extreme by max",
    ),
]
RACES = [
    pytest.param(
        "last = 0\nfor i in range(n):\n    t = 0\n    for j in range(n):\n        t += m[i, j]\n    last = t\nreturn last\n",
        id="the last of all sums",
    ),
    pytest.param("for i in range(1, n):\n    for j in range(n):\n        m[i, j] += m[i - 1, j]\nreturn 0\n", id="row by row"),
    pytest.param("for i in range(n):\n    for j in range(n):\n        b[a[j] % 3] += 1\nreturn 0\n", id="a histogram"),
    pytest.param("for i in range(n):\n    for j in range(n):\n        b[j] += m[i, j]\nreturn 0\n", id="one sum per column"),
    pytest.param(
        "best = -1\nfor i in range(n):\n    for j in range(n):\n        if m[i, j] > best:\n            best = m[i, j]\nreturn best\n",
        id="an extreme by if",
    ),
    pytest.param(
        "last = 0\nfor i in range(n):\n    for j in range(n):\n        last = m[i, j]\nreturn last\n", id="the last value"
    ),
    pytest.param(
        "t = [0] * n\nfor i in range(n):\n    for j in range(n):\n        t[i] += m[i, j]\nreturn t[0]\n", id="a list of its own"
    ),
    pytest.param("for i in range(0, n, 2):\n    for j in range(n):\n        m[i, j] += 1\nreturn 0\n", id="a step"),
    pytest.param("for i in range(n):\n    for j in range(n):\n        m[j, i] = m[i, j]\nreturn 0\n", id="a transposition in place"),
]  # fmt: skip


def source(body: str) -> str:
    return HEADER + textwrap.indent(body, "    ") + CALL


def arguments() -> list[object]:
    generator = np.random.default_rng(3)
    return [generator.integers(-5, 9, 9), generator.integers(-5, 9, 9), generator.integers(-5, 9, (9, 9)), 7, 2]


def outcome(text: str) -> tuple[object, list[object]]:
    given = arguments()
    with imported(text) as module:
        return module.f(*given), given


@pytest.mark.parametrize("body", COMPILED)
def test_threads_give_what_one_core_gave(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, after = fixed(RULE, source(body), ARRAYS)
    assert "prange(" in after, [r.reason for r in analysis.refusals]
    assert "parallel=True" in after
    np.testing.assert_equal(outcome(after.replace("cache=True, ", "")), outcome(source(body)))


@pytest.mark.parametrize("body", RACES)
def test_races_are_left_alone(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    assert fixed(RULE, source(body), ARRAYS)[1] == source(body)


def test_a_method_over_lists_is_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    text = (
        "class Product:\n    def __init__(self, n):\n        self.n = n\n\n    def run(self, a, b, c):\n"
        "        for i in range(self.n):\n            for j in range(self.n):\n                for k in range(self.n):\n"
        "                    c[i][j] += a[i][k] * b[k][j]\n\n\n"
        "def rows(n, x):\n    return [[x * i + j for j in range(n)] for i in range(n)]\n\n\n"
        "c = rows(4, 0.5)\nProduct(4).run(rows(4, 1.5), rows(4, 2.5), c)\n"
    )
    after = fixed(RULE, text, {})[1]
    assert "for i in prange(n):\n        for j in range(n):" in after
    with imported(after.replace("cache=True, ", "")) as new, imported(text) as old:
        assert new.c == old.c


def test_it_is_not_offered_for_a_run_that_does_not_pay_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, _ = fixed(RULE, source(COMPILED[0].values[0]), ARRAYS)
    assert any("less than 180.0 s" in text for text in analysis.findings[0].fix.differences)


def statements(draw: random.Random) -> str:
    """A random loop nest over three arrays and two scalars, with offsets that may or may not cross turns."""
    index = ("i", "i + 1", "i - 1", "j", "n - 1 - i", "k", "i + k", "2 * i - i")
    cells = ("a[{0}]", "b[{0}]", "m[{0}, {1}]", "m[i, {1}]", "m[{0}, j]")

    def cell() -> str:
        return draw.choice(cells).format(draw.choice(index), draw.choice(index))

    inner = []
    for _ in range(draw.randint(1, 3)):
        target = draw.choice([cell(), cell(), "t", "s"])
        value = " + ".join(draw.choice([cell(), "t", "i * 3", "s", "1"]) for _ in range(draw.randint(1, 2)))
        inner.append(f"{target} {draw.choice(['=', '+=', '+='])} {value}")
    body = "\n".join(f"            {line}" for line in inner)
    return (
        f"{HEADER}    s = 0\n    for i in range(1, n):\n        t = i\n        for j in range(1, n):\n{body}\n"
        f"        {draw.choice(['b[i] = t', 's += t', 'pass'])}\n    return {draw.choice(['s', '0'])}{CALL}"
    )


def in_another_order(text: str) -> str:
    """The new code without Numba: turns from the last to the first, sums that start anew being the same."""
    lines = [line for line in text.split("\n") if not line.startswith(("@njit", "from numba"))]
    return "\n".join(lines).replace("in prange(1, n)", "in reversed(range(1, n))")


def test_turns_of_random_loops_give_the_same_in_any_order() -> None:
    draw, shared = random.Random(5), 0
    for _ in range(160):
        text = statements(draw)
        after = fixed(RULE, text, ARRAYS)[1]
        if after == text:
            continue
        shared += 1
        with np.errstate(over="ignore"):
            assert repr(outcome(in_another_order(after))) == repr(outcome(text)), text
    assert shared > 8
