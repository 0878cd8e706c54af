"""Array code in the words of an expert: whole arrays instead of slices, no start that nothing needs, one line for two.

Each silent case says what would be wrong; those of `STAYS` keep the slice or the line.
"""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

pytest.importorskip("numpy")
RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code.startswith("PA10")}
TYPES = {"a": "ndarray[float64, 1d]", "b": "ndarray[float64, 1d]", "g": "ndarray[float64, 2d]", "n": "int", "k": "int"}
HEAD = "import numpy as np\n\n\ndef f(a, b, g, n, k):\n"


def after(code: str, body: str) -> str:
    """The function's body after the fix of one rule."""
    source = HEAD + "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    _, text = fixed(RULES[code], source, TYPES)
    return "\n".join(line[4:] for line in text.removeprefix(HEAD).splitlines())


WRITES = [
    ("PA102", "i = k\nwhile i < n:\n    b[i] = a[i] * 2\n    i += 1", "b[k:n] = a[k:n] * 2"),
    ("PA101", "m = len(a)\nout = np.zeros(m - k)\nfor i in range(m - k):\n    s = 0.0\n    for j in range(k):\n"
              "        s += a[i + j]\n    out[i] = s / k\nreturn out",
     "m = len(a)\ns = np.zeros(m - k)\nfor j in range(k):\n    s += a[j:j + m - k]\nout = s / k\nreturn out"),
    ("PA104", "r, c = g.shape\nout = np.zeros((r - 2, c - k))\nfor i in range(r - 2):\n    for j in range(c - k):\n"
              "        s = 0.0\n        for d in range(3):\n            for e in range(k):\n"
              "                s += g[i + d, j + e] * a[e]\n        out[i, j] = s\nreturn out",
     "r, c = g.shape\ns = np.zeros((r - 2, c - k))\nfor d in range(3):\n    for e in range(k):\n"
     "        s += g[d:d + r - 2, e:c + e - k] * a[e]\nout = s\nreturn out"),
    ("PA104", "for i in range(n):\n    for j in range(k):\n        b[i] += a[i + j] * g[0, j]",
     "for j in range(k):\n    b[:n] += a[j:j + n] * g[0, j]"),
    ("PA102", "m = len(a)\nfor i in range(m):\n    b[i] = a[i] * 2", "m = len(a)\nb[:m] = a * 2"),
    ("PA102", "m = n\nout = np.zeros(m + 1)\nfor i in range(n):\n    out[i + 1] = 1.5 * a[i]\nreturn out",
     "m = n\nout = np.zeros(m + 1)\nout[1:] = 1.5 * a[:n]\nreturn out"),
    ("PA102", "r, c = g.shape\nfor i in range(1, r - 1):\n    for j in range(c - 2):\n        g[i, j] *= 2",
     "r, c = g.shape\ng[1:-1, :-2] *= 2"),
    ("PA102", "for t in range(3):\n    new = a.copy()\n    m = len(a)\n    for i in range(1, m - 1):\n"
              "        new[i] = a[i - 1] + a[i + 1]\n    a = new\nreturn a",
     "for t in range(3):\n    new = a.copy()\n    m = len(a)\n    new[1:-1] = a[:-2] + a[2:]\n    a = new\nreturn a"),
    ("PA102", "out = np.zeros(len(a))\nfor i in range(len(a)):\n    out[i] = a[i] + b[i]\nreturn out",
     "out = a + b[:len(a)]\nreturn out"),
    ("PA102", "out = np.empty(g.shape)\nfor i in range(g.shape[0]):\n    for j in range(g.shape[1]):\n"
              "        out[i, j] = g[i, j] + a[j]\nreturn out",
     "out = g + a[:g.shape[1]]\nreturn out"),
    ("PA102", "for i in range(len(a)):\n    if a[i] < 0:\n        a[i] = 0.0", "a[a < 0.0] = 0.0"),
    ("PA102", "for i in range(len(a)):\n    if a[i] > k:\n        b[i] = 1.0", "b[:len(a)][a > k] = 1.0"),
    ("PA102", "out = np.zeros(len(a))\nfor i in range(len(a)):\n    out[i] = 2.0 * a[len(a) - 1 - i]\nreturn out",
     "out = 2.0 * a[::-1]\nreturn out"),
    ("PA104", "y = np.zeros(len(g))\nfor i in range(len(g)):\n    for j in range(len(a)):\n        y[i] += g[i, j] * a[j]\n"
              "return y",
     "y = g[:, :len(a)] @ a\nreturn y"),
    ("PA104", "s = 0.0\nfor i in range(g.shape[0]):\n    for j in range(g.shape[1]):\n        s += g[i, j] * g[i, j]\n"
              "return s",
     "s = np.vdot(g, g)\nreturn s"),
    ("PA101", "top = a[0]\nfor i in range(1, len(a)):\n    if a[i] > top:\n        top = a[i]\nreturn top",
     "top = a.max()\nreturn top"),
    ("PA101", "s = 0\nfor i in range(len(a)):\n    if a[i] > k:\n        s += 1\nreturn s",
     "s = np.count_nonzero(a > k)\nreturn s"),
    ("PA105", "top = a[0]\nout = np.zeros(len(a))\nfor i in range(len(a)):\n    top = max(top, a[i])\n    out[i] = top\n"
              "return out",
     "out = np.maximum.accumulate(a)\nreturn out"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "body", "expected"), WRITES)
def test_what_an_expert_writes(code: str, body: str, expected: str) -> None:
    assert after(code, body) == expected


STAYS = [
    ("PA102", "out = np.zeros(len(a))\nfor i in range(len(out)):\n    out[i] = a[i] + b[i]\nreturn out",
     "out[:] = a + b[:len(out)]", "the length of out is needed"),
    ("PA102", "m = len(a)\nm = k\nfor i in range(m):\n    a[i] *= 2", "a[:m] *= 2", "m is bound twice"),
    ("PA102", "for t in range(3):\n    m = k * t\n    if t == 0:\n        out = np.zeros(m)\n    for i in range(m):\n"
              "        out[i] = 1.5\nreturn out", "out[:m] = 1.5", "m is another number than when out was made"),
    ("PA102", "m = g.size\nfor i in range(m):\n    g[i, 0] = 1.5", "g[:m, 0] = 1.5", "the size of a grid is not its length"),
    ("PA102", "m = len(a)\nif k:\n    a = b\nfor i in range(m):\n    a[i] *= 2", "a[:m] *= 2", "a may be b"),
    ("PA102", "m = len(a)\na.resize(k)\nfor i in range(m):\n    a[i] *= 2", "a[:m] *= 2", "a changes its length"),
    ("PA102", "out = np.zeros(len(a))\nfor i in range(len(a)):\n    out[i] = a[i]\nreturn out", "out[:] = a",
     "out would be a itself"),
    ("PA102", "out = np.zeros(len(a), dtype=np.float32)\nfor i in range(len(a)):\n    out[i] = a[i] * 2\nreturn out",
     "out[:] = a * 2", "a * 2 has 64 bits"),
    ("PA102", "out = np.zeros(n)\nfor i in range(n):\n    out[i] = a[i] * 2\nreturn out", "out[:] = a[:n] * 2",
     "a may be shorter than n"),
    ("PA102", "out = np.zeros(len(a))\nkept = out\nfor i in range(len(a)):\n    out[i] = a[i] * 2\nreturn kept",
     "out[:] = a * 2", "another name holds the array"),
    ("PA102", "out = np.ones(len(a))\nfor i in range(len(a)):\n    out[i] = out[i] * a[i]\nreturn out",
     "out *= a", "what it held before counts"),
    ("PA104", "y = np.ones(len(g))\nfor i in range(len(g)):\n    for j in range(len(a)):\n        y[i] += g[i, j] * a[j]\n"
              "return y", "y += g[:, :len(a)] @ a", "it does not start from zero"),
    ("PA101", "s = 0.0\nt = s\nfor i in range(len(a)):\n    s += a[i]\nreturn s + t", "s += a.sum()", "the start is read"),
    ("PA101", "s = 0.0  # joules\nfor i in range(len(a)):\n    s += a[i]\nreturn s", "s += a.sum()", "a comment would go"),
    ("PA101", "s = 1.0\nfor i in range(len(a)):\n    s += a[i]\nreturn s", "s += a.sum()", "it starts from another number"),
    ("PA101", "s = 0.0\ntry:\n    for i in range(len(a)):\n        s += a[i]\nexcept IndexError:\n    pass\nreturn s",
     "s += a.sum()", "the handler leaves the start as it is"),
]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(n):\n    for j in range(2):\n        b[i] += a[i - j]",
        "for i in range(n):\n    for j in range(k, n):\n        b[i] += a[i + j]",
        "for i in range(n):\n    for j in range(i):\n        b[i] += a[i + j]",
        "for i in range(n):\n    s = 1.0\n    for j in range(k):\n        s += a[i + j]\n    b[i] = s",
    ],
    ids=["backwards", "from where is not known", "as large as its place", "from another start"],
)
def test_windows_that_stay_inner_sums(body: str) -> None:
    assert "for i in range(n):" in after("PA101", body)
    assert "for j in" not in after("PA101", body).partition("for i")[0]


@pytest.mark.parametrize(("code", "body", "line", "why"), STAYS)
def test_what_cannot_be_left_out(code: str, body: str, line: str, why: str) -> None:
    text = after(code, body)
    assert f"\n{line}\n" in "\n" + "\n".join(part.strip() for part in text.split("\n")) + "\n", why
    for kept in (
        part
        for part in body.split("\n")
        if part.endswith(("# joules", "s = 1.0")) or "np.zeros" in part or "np.ones" in part
    ):
        assert kept in text
