"""Which class each kind of loop falls into."""

from collections.abc import Callable

import pytest
from loop_outlines import at_depth, outline, plans

from perf_advise.facts import Facts

FactsOf = Callable[..., Facts]

# -- dense kernels: methods over self.n and lists of lists ----------------------------------------------------

KERNELS = {
    "row sums and column sums from one matrix": (
        """
        for r in range(self.rows):
            out[r] = 0.0
            for c in range(self.cols):
                out[r] = out[r] + mat[r][c] * vec[c]
            for c in range(self.cols):
                acc[c] = acc[c] + mat[r][c] * out[r]
        """,
        "contraction r c, contraction r c",
    ),
    "two products fused in the innermost loop": (
        """
        for r in range(self.rows):
            q[r] = 0.0
            for c in range(self.cols):
                s[c] += w[r] * mat[r][c]
                q[r] += mat[r][c] * p[c]
        """,
        "contraction r c, contraction r c",
    ),
    "columns first": (
        """
        for r in range(self.rows):
            for c in range(self.cols):
                x[r] += mat[c][r] * y[c]
        """,
        "contraction r c",
    ),
    "matrix product into a scaled cell": (
        """
        for r in range(self.rows):
            for c in range(self.cols):
                out[r][c] *= self.beta
                for k in range(self.inner):
                    out[r][c] += self.alpha * left[r][k] * right[k][c]
        """,
        "map r c, contraction r c k",
    ),
    "symmetric product that scatters into earlier rows": (
        """
        for r in range(self.rows):
            for c in range(self.cols):
                t = 0
                for k in range(r):
                    out[k][c] += self.alpha * b[r][c] * a[r][k]
                    t += b[k][c] * a[r][k]
                out[r][c] = self.beta * out[r][c] + b[r][c] * a[r][r] + t
        """,
        "keep r(map c k, contraction c k, map c)",
    ),
    "triangular product in place, from above": (
        """
        for r in range(self.rows):
            for c in range(self.cols):
                for k in range(r + 1, self.rows):
                    b[r][c] += a[k][r] * b[k][c]
                b[r][c] = self.alpha * b[r][c]
        """,
        "keep r(contraction c k), map r c",
    ),
    "triangular product in place, from below": (
        """
        for r in range(self.rows - 1, -1, -1):
            for c in range(self.cols):
                for k in range(r + 1, self.rows):
                    b[r][c] += a[k][r] * b[k][c]
        """,
        "keep r(contraction c k)",
    ),
    "cholesky": (
        """
        for r in range(self.n):
            for c in range(r):
                for k in range(c):
                    a[r][c] -= a[r][k] * a[c][k]
                a[r][c] /= a[c][c]
            for k in range(r):
                a[r][r] -= a[r][k] * a[r][k]
            a[r][r] = math.sqrt(a[r][r])
        """,
        "keep r(keep c(contraction k, plain), contraction k, plain)",
    ),
    "levinson: a reversed dot and a copy back": (
        """
        for k in range(1, self.n):
            beta = (1 - alpha * alpha) * beta
            t = 0.0
            for i in range(k):
                t += r[k - i - 1] * y[i]
            alpha = -(r[k] + t) / beta
            for i in range(k):
                z[i] = y[i] + alpha * y[k - i - 1]
            for i in range(k):
                y[i] = z[i]
            y[k] = alpha
        """,
        "keep k(plain, contraction i, plain, map i, map i, plain)",
    ),
    "lu without pivoting": (
        """
        for r in range(self.n):
            for c in range(r):
                for k in range(c):
                    a[r][c] -= a[r][k] * a[k][c]
                a[r][c] /= a[c][c]
            for c in range(r, self.n):
                for k in range(r):
                    a[r][c] -= a[r][k] * a[k][c]
        """,
        "keep r(keep c(contraction k, plain), contraction c k)",
    ),
    "back substitution, descending": (
        """
        for r in range(self.n - 1, -1, -1):
            w = y[r]
            for k in range(r + 1, self.n):
                w -= a[r][k] * x[k]
            x[r] = w / a[r][r]
        """,
        "keep r(contraction k, plain)",
    ),
    "ping-pong stencil": (
        """
        for t in range(1, self.steps + 1):
            for i in range(1, self.n - 1):
                for j in range(1, self.n - 1):
                    b[i][j] = a[i + 1][j] - 2.0 * a[i][j] + a[i - 1][j] + a[i][j]
            for i in range(1, self.n - 1):
                for j in range(1, self.n - 1):
                    a[i][j] = b[i][j + 1] - 2.0 * b[i][j] + b[i][j - 1] + b[i][j]
        """,
        "keep t(stencil i j, stencil i j)",
    ),
    "in-place sweep that looks like a stencil": (
        """
        for t in range(0, self.steps - 1 + 1):
            for i in range(1, self.n - 2 + 1):
                for j in range(1, self.n - 2 + 1):
                    a[i][j] = (a[i - 1][j] + a[i][j - 1] + a[i][j] + a[i][j + 1] + a[i + 1][j]) / 5.0
        """,
        "keep t(keep i(keep j(plain)))",
    ),
}


@pytest.mark.parametrize(("body", "expected"), KERNELS.values(), ids=KERNELS)
def test_dense_kernels(facts_of: FactsOf, body: str, expected: str) -> None:
    header = "import math\nclass K:\n    def f(self, a, b, mat, vec, out, acc, s, q, p, w, x, y, z, r, left, right):\n"
    first = "        alpha = beta = 1.0\n"
    (plan,) = plans(facts_of(header + first + at_depth(body, 8), "K.f"))
    assert outline(plan.parts) == expected


# -- single loops -----------------------------------------------------------------------------------------------

SINGLE = {
    "map": ("for i in range(n):\n    b[i] = a[i] * 2 + c[i]", "map i"),
    "map over a sequence": ("for i, x in enumerate(a):\n    b[i] = x * x", "map i"),
    "map over rows": ("for row in m:\n    for j in range(3):\n        row[j] = row[j] * 2", "map @row j"),
    "map through a hoisted row": (
        "for i in range(n):\n    row = m[i]\n    for j in range(k):\n        row[j] += 1",
        "map i j",
    ),
    "masked map": ("for i in range(n):\n    if a[i] > 0:\n        b[i] = a[i]", "masked map i"),
    "both branches": (
        "for i in range(n):\n    if a[i] > 0:\n        b[i] = a[i]\n    else:\n        b[i] = -a[i]",
        "map i",
    ),
    "continue is a mask": (
        "for i in range(n):\n    if a[i] < 0:\n        continue\n    b[i] = a[i]",
        "masked map i",
    ),
    "clamp": ("for i in range(n):\n    a[i] = min(max(a[i], 0), 255)", "map i"),
    "two statements": ("for i in range(n):\n    b[i] = a[i] + 1\n    c[i] = b[i] * 2", "map i, map i"),
    "temporary": ("for i in range(n):\n    d = a[i] - b[i]\n    s += d * d", "map i, contraction i"),
    "dot": ("for x, y in zip(a, b):\n    s += x * y", "contraction @x"),
    "sum": ("for x in a:\n    s += x", "reduction @x"),
    "count": ("for x in a:\n    if x > 3:\n        s += 1", "reduction @x"),
    "maximum": ("for x in a:\n    if x > s:\n        s = x", "reduction @x"),
    "any": ("for x in a:\n    if x == 3:\n        s = True", "reduction @x"),
    "argmax": ("for i in range(n):\n    if a[i] > s:\n        s = a[i]\n        k = i", "argreduce i"),
    "position": ("for i in range(1, n):\n    if a[i] < a[k]:\n        k = i", "argreduce i"),
    "nearest, None first": (
        "best = None\nfor i in range(n):\n    if best is None or a[i] < best:\n        best, k = a[i], i",
        "argreduce i",
    ),
    "two races for one record": (
        "for i in range(n):\n    if a[i] > s:\n        s, k = a[i], i\n    if b[i] > s:\n        s, k = b[i], -i",
        "keep i(plain, plain)",
    ),
    "two sums in one name": ("for i in range(n):\n    s += a[i]\n    s += b[i]", "reduction i, reduction i"),
    "prefix sums": ("for i in range(1, n):\n    b[i] = b[i - 1] + a[i]", "scan i"),
    "running sum": ("for i in range(n):\n    s += a[i]\n    b[i] = s", "scan i, map i"),
    "running maximum": ("for x in a:\n    s = max(s, x)\n    out.append(s)", "scan @x, map @x"),
    "prefix sums by append": ("p = [0]\nfor x in a:\n    p.append(p[-1] + x)", "scan @x"),
    "linear recurrence": ("for i in range(1, n):\n    b[i] = b[i - 1] * 0.5 + a[i]", "keep i(plain)"),
    "neighbours": ("for i in range(n - 1):\n    b[i] = a[i + 1] - a[i]", "stencil i"),
    "shift down in place": ("for i in range(n - 1):\n    a[i] = a[i + 1]", "stencil i"),
    "shift up in place": ("for i in range(1, n):\n    a[i] = a[i - 1]", "keep i(plain)"),
    "shift up in place, descending": ("for i in range(n - 1, 0, -1):\n    a[i] = a[i - 1]", "stencil i"),
    "reverse copy": ("for i in range(n):\n    b[i] = a[n - 1 - i]", "map i"),
    "strided store": ("for k in range(p * p, n, p):\n    a[k] = False", "strided store k"),
    "gather": ("for i in range(n):\n    b[i] = a[c[i]]", "gather i"),
    "scatter": ("for i in range(n):\n    b[c[i]] = a[i]", "scatter i"),
    "histogram": ("for x in a:\n    b[x] += 1", "scatter @x"),
    "histogram of bins": ("for x in a:\n    b[int((x - lo) / w)] += 1", "scatter @x"),
    "filter": ("out = []\nfor x in a:\n    if x > 0:\n        out.append(x * 2)", "filter @x"),
    "append": ("out = []\nfor x in a:\n    out.append(x * 2)", "map @x"),
    "append either way": (
        "out = []\nfor x in a:\n    if x > 0:\n        out.append(1)\n    else:\n        out.append(0)",
        "map @x",
    ),
    "rows by append": (
        "for row in m:\n    line = []\n    for j in range(n):\n        line.append(row[j] + 1)\n    out.append(line)",
        "map @row j, map @row",
    ),
    "outer product": ("for i in range(n):\n    for j in range(k):\n        m[i][j] = a[i] * b[j]", "map i j"),
    "flat index": ("for i in range(n):\n    for j in range(k):\n        a[i * k + j] = b[j * n + i]", "map i j"),
    "pairs": (
        "for i in range(n):\n    for j in range(i + 1, n):\n        s += abs(a[i] - a[j])",
        "keep i(reduction j)",
    ),
    "convolution": (
        "for i in range(n):\n    for j in range(k):\n        c[i + j] += a[i] * b[j]",
        "keep i(map j)",
    ),
    "knapsack": (
        "for i in range(n):\n    for j in range(w, c[i] - 1, -1):\n        b[j] = max(b[j], b[j - c[i]] + a[i])",
        "keep i(map j)",
    ),
    "edit distance": (
        "for i in range(1, n):\n    for j in range(1, k):\n        d = 0 if a[i - 1] == b[j - 1] else 1\n"
        "        m[i][j] = min(m[i - 1][j] + 1, m[i][j - 1] + 1, m[i - 1][j - 1] + d)",
        "keep i(map j, scan j)",
    ),
    "longest common subsequence": (
        "for i in range(1, n):\n    for j in range(1, k):\n        if a[i - 1] == b[j - 1]:\n"
        "            m[i][j] = m[i - 1][j - 1] + 1\n        else:\n"
        "            m[i][j] = max(m[i - 1][j], m[i][j - 1])",
        "keep i(keep j(plain))",
    ),
    "find": ("for i in range(n):\n    if a[i] > 3:\n        k = i\n        break", "search i"),
    "while with a counter": ("i = 0\nwhile i < n:\n    b[i] = a[i] * 2\n    i += 1", "map i"),
    "while, stepping first": ("i = -1\nwhile i < n - 1:\n    i += 1\n    b[i] = a[i]", "map i"),
    "inner sums": ("for i in range(n):\n    b[i] = sum(m[i][j] * a[j] for j in range(k))", "contraction i j"),
}


@pytest.mark.parametrize(("body", "expected"), SINGLE.values(), ids=SINGLE)
def test_single_loops(facts_of: FactsOf, body: str, expected: str) -> None:
    source = "def f(a, b, c, m, n, k, s, p, w, lo):\n    out = []\n" + at_depth(body, 4) + "    return s, k, out\n"
    (plan,) = plans(facts_of(source))
    assert outline(plan.parts) == expected


def test_a_loop_whose_index_is_read_later_is_still_a_search(facts_of: FactsOf) -> None:
    facts = facts_of(
        "def f(a):\n    for i in range(len(a)):\n        if a[i] > 3:\n            return i\n    return -1\n"
    )
    (plan,) = plans(facts)
    assert outline(plan.parts) == "search i"


COMPREHENSIONS = {
    "[x * 2 for x in a]": "map @x",
    "[x for x in a if x > 0]": "filter @x",
    "sum(x * y for x, y in zip(a, b))": "contraction @x",
    "sum([x for x in a if x > 0])": "reduction @x",
    "max(abs(x) for x in a)": "reduction @x",
    "any(x < 0 for x in a)": "reduction @x",
    "[[x * y for y in b] for x in a]": "map @x",
    "[a[i] + b[j] for i in range(n) for j in range(n)]": "map i j",
    "{x for x in a}": "map @x",
    "[g(x) for x in a]": "keep @x()",
    "[x for x in iter(a)]": "keep @x()",
}


@pytest.mark.parametrize(("expression", "expected"), COMPREHENSIONS.items())
def test_comprehensions(facts_of: FactsOf, expression: str, expected: str) -> None:
    first = plans(facts_of(f"def f(a, b, n, g):\n    return {expression}\n"))[0]
    assert outline(first.parts) == expected
