"""Integers that grow past 64 bits are not compiled, with the reason; those that something keeps small are."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

RULE = next(loaded for loaded in load_rules() if loaded.rule.code == "PA201")

GROWING = [
    pytest.param(
        "    h = 5381\n    for i in range(n):\n        h = h * 33 + i\n    return h\n", id="a hash without a mask"
    ),
    pytest.param(
        "    h = 1\n    for i in range(n):\n        h = (h << 5) + h + i\n    return h\n", id="shifted each turn"
    ),
    pytest.param("    x = 1\n    for i in range(n):\n        x <<= 1\n    return x\n", id="doubled by a shift"),
    pytest.param("    x = 1\n    for i in range(n):\n        x *= 2\n    return x\n", id="doubled by a constant"),
    pytest.param("    a, b = 0, 1\n    for i in range(n):\n        a, b = b, a + b\n    return a\n", id="Fibonacci"),
    pytest.param(
        "    a = 0\n    b = 1\n    for i in range(n):\n        c = a + b\n        a = b\n        b = c\n    return a\n",
        id="Fibonacci through a third name",
    ),
    pytest.param(
        "    t = [0] * n\n    t[0] = 1\n    for i in range(n):\n        for j in range(1, n):\n"
        "            t[j] = t[j] + t[j - 1]\n    return t[n - 1]\n",
        id="counted paths",
    ),
    pytest.param(
        "    t = [0] * (n + 1)\n    t[0] = 1\n    for k in range(1, n):\n        for i in range(k, n + 1):\n"
        "            t[i] += t[i - k]\n    return t[n]\n",
        id="partitions",
    ),
    pytest.param(
        "    s = 0\n    for i in range(n):\n        p = 1\n        for k in range(i):\n            p *= i\n"
        "        s += p\n    return s\n",
        id="a power by an inner loop",
    ),
    pytest.param("    s = 0\n    for i in range(n):\n        s += i ** 12\n    return s\n", id="a high power"),
    pytest.param(
        "    s = 0\n    for i in range(n):\n        if i ** 12 % 7 == 3:\n            s += 1\n    return s\n",
        id="a remainder of a high power",
    ),
    pytest.param(
        "    s = 0\n    for i in range(n):\n        s += (i * i) >> n\n    return s\n", id="fixed-point numbers"
    ),
    pytest.param("    s = 0\n    for i in range(n):\n        s += 1 << i\n    return s\n", id="a bit per turn"),
]
SMALL = [
    pytest.param(
        "    t = [1] * n\n    for k in range(n):\n        for i in range(1, n):\n            cost = t[i] + t[i - 1] + k\n"
        "            if cost < t[i]:\n                t[i] = cost\n    return t[n - 1]\n",
        id="the least cost by if",
    ),
    pytest.param(
        "    t = [1] * n\n    for k in range(n):\n        for i in range(1, n):\n            t[i] = min(t[i], t[i] + t[i - 1])\n"
        "    return t[n - 1]\n",
        id="the least cost by min",
    ),
    pytest.param("    h = 5381\n    for i in range(n):\n        h = (h * 33 + i) % 65521\n    return h\n", id="a remainder"),
    pytest.param("    h = 1\n    for i in range(n):\n        h = h * 33 + i\n        h &= 65535\n    return h\n", id="a mask"),
    pytest.param("    p = 1\n    while p < n:\n        p *= 10\n    return p\n", id="a power up to a bound"),
    pytest.param(
        "    s = 0\n    for i in range(n):\n        r = 0\n        k = i\n        while k > 0:\n"
        "            r = r * 10 + k % 10\n            k //= 10\n        s += r\n    return s\n",
        id="digits turned round",
    ),
    pytest.param(
        "    s = 0\n    c = 0\n    for i in range(n):\n        c = c + 1\n        s = s + c\n    return s\n", id="a sum of a counter"
    ),
    pytest.param(
        "    t = [1] * n\n    for i in range(n):\n        for j in range(1, n):\n            t[j] = (t[j] + t[j - 1]) % 1009\n"
        "    return t[n - 1]\n",
        id="counted paths modulo a number",
    ),
    pytest.param(
        "    t = [1] * n\n    for i in range(n):\n        for j in range(1, n):\n            t[j] = t[t[j - 1] % n] + i\n"
        "    return t[n - 1]\n",
        id="a cell that is found by another one",
    ),
    pytest.param("    s = 0\n    for i in range(n):\n        e = i % 7\n        d = e * e\n        s += d\n    return s\n", id="a square"),
    pytest.param("    s = 0\n    for i in range(n):\n        x = 1\n        for k in range(8):\n            x = x * 2\n        s += x\n    return s\n", id="eight turns"),
]  # fmt: skip


@pytest.mark.parametrize("body", GROWING)
def test_growing_integers_are_refused_with_the_reason(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, _ = fixed(RULE, f"def f(n: int) -> int:\n{body}", {})
    assert analysis.findings == []
    assert "64 bits" in analysis.refusals[0].reason


@pytest.mark.parametrize("body", SMALL)
def test_integers_that_are_kept_small_are_compiled(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, after = fixed(RULE, f"def f(n: int) -> int:\n{body}", {})
    assert [r.reason for r in analysis.refusals] == []
    assert "@njit" in after


def test_an_integer_of_any_length_is_not_shifted() -> None:
    source = "def f(n):\n    t = 0\n    while n & 255 == 0:\n        n >>= 8\n        t += 8\n    return t\n"
    assert fixed(RULE, source, {})[0].findings == []
    assert fixed(RULE, f"{source}\n\nprint(f(4096))\n", {})[0].findings


def test_a_comprehension_outside_of_loops_carries_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    source = (
        "def f(n: int) -> int:\n    t = [[0 for i in range(n + 1)] for j in range(n + 1)]\n"
        "    for i in range(1, n + 1):\n        for j in range(1, n + 1):\n            t[i][j] = t[i][i] % 7\n"
        "    return t[n][n]\n"
    )
    assert not any("64 bits" in refusal.reason for refusal in fixed(RULE, source, {})[0].refusals)


@pytest.mark.parametrize(
    ("modulus", "compiled"), [("1000003", True), ("(1 << 61) - 1", False), ("10 ** 12", False), ("10 ** 9", True)]
)
def test_a_modulus_that_a_caller_gives(modulus: str, compiled: bool) -> None:
    source = (
        "def power(b, e, m):\n    r = 1\n    while e > 0:\n        if e & 1:\n            r = r * b % m\n"
        f"        b = b * b % m\n        e >>= 1\n    return r\n\n\nprint(power(3, 77, {modulus}))\n"
    )
    assert bool(fixed(RULE, source, {})[0].findings) == compiled


def test_a_modulus_written_as_a_power() -> None:
    source = (
        "MOD = 10 ** 9 + 7\n\n\ndef f(n: int) -> int:\n    r = 1\n    for i in range(1, n):\n        r = r * i % MOD\n"
        "    return r\n\n\nprint(f(40))\n"
    )
    assert "@njit" in fixed(RULE, source, {})[1]
    assert fixed(RULE, source.replace("10 ** 9 + 7", "10 ** 17 + 3"), {})[0].findings == []
