"""Programs as people write them, without annotations: what is compiled gives what the interpreter gave, or is refused."""

import contextlib
import io

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code in ("PA201", "PA202")}

COMPILED = [
    pytest.param(
        "PA202",
        'def coins(kinds, amount):\n    best = [float("inf")] * (amount + 1)\n    best[0] = 0\n    for c in kinds:\n'
        "        for x in range(c, amount + 1):\n            best[x] = min(best[x], best[x - c] + 1)\n"
        "    return best\n\n\nprint(coins([5, 10], 33), coins([1], 0), coins([7, 2], 9))\n",
        ["best[:] = [int(value) if math.isfinite(value) else value for value in best_array.tolist()]", "import math"],
        id="a table of ints and infinities",
    ),
    pytest.param(
        "PA202",
        'INF = float("inf")\n\n\ndef chain(dims):\n    n = len(dims)\n    cost = [[0] * n for _ in range(n)]\n'
        "    for length in range(2, n):\n        for a in range(1, n - length + 1):\n            b = a + length - 1\n"
        "            cost[a][b] = INF\n            for c in range(a, b):\n"
        "                q = cost[a][c] + cost[c + 1][b] + dims[a - 1] * dims[c] * dims[b]\n"
        "                if q < cost[a][b]:\n                    cost[a][b] = q\n    return cost\n\n\n"
        "print(chain([30, 35, 15, 5, 10, 20, 25]), chain([1, 2]))\n",
        ["row[:] = [int(value) if math.isfinite(value) else value for value in values]"],
        id="a table of ints that starts from a constant infinity",
    ),
    pytest.param(
        "PA202",
        "import math\n\n\ndef cholesky(matrix):\n    size = len(matrix)\n"
        "    result = [[0.0] * size for _ in range(size)]\n    for j in range(size):\n"
        "        below = sum(result[j][k] * result[j][k] for k in range(j))\n"
        "        result[j][j] = math.sqrt(matrix[j][j] - below)\n        for i in range(j + 1, size):\n"
        "            # what is left of the diagonal\n"
        "            below = sum(result[i][k] * result[j][k] for k in range(j))\n"
        "            result[i][j] = (matrix[i][j] - below) / result[j][j]\n    return result\n\n\n"
        "print(cholesky([[min(i, j) + 1.0 for j in range(5)] for i in range(5)]), cholesky([[4.0]]))\n",
        ["below = 0.0\n            for k in range(j):\n                below += result[i][k] * result[j][k]"],
        id="a sum of a generator that a name gets",
    ),
    pytest.param(
        "PA202",
        "class Product:\n    def __init__(self, n):\n        self.n = n\n\n    def run(self, a, b):\n"
        "        c = [[0.0] * self.n for _ in range(self.n)]\n        for i in range(self.n):\n"
        "            for j in range(self.n):\n"
        "                c[i][j] = 2.0 * sum(a[i][k] * b[k][j] for k in range(self.n) if k != j if k > 0) + sum(\n"
        "                    a[i][k]\n                    * b[k][i]\n                    for k in range(1, self.n)\n"
        "                )\n        return c\n\n\n"
        "print(Product(3).run([[1.5, 2.0, 0.1], [3.0, 4.0, 0.7], [0.2, 0.3, 0.4]], [[0.5, 1.0, 9.1]] * 3))\n",
        [
            "for k in range(n):\n                if k != j:\n                    if k > 0:",
            "c[i][j] = 2.0 * total + total_2",
        ],
        id="sums of generators in an expression",
    ),
    pytest.param(
        "PA202",
        "def paths(grid, n):\n    count = [0] * n\n    for i in range(n):\n        for j in range(n):\n"
        "            count[i] += sum(grid[k][j] % 7 for k in range(i, n))\n    return count\n\n\n"
        "print(paths([[3, 9, 1], [4, 8, 2], [7, 6, 5]], 3), paths([[5]], 1))\n",
        ["total = 0\n            for k in range(i, n):\n                total += grid[k][j] % 7"],
        id="a sum of a generator of ints",
    ),
    pytest.param(
        "PA201",
        "def steps(n):\n    k = 0\n    while n != 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        k += 1\n"
        "    return k\n\n\ndef longest(limit):\n    best = 0\n    for n in range(1, limit):\n"
        "        best = max(best, steps(n))\n    return best\n\n\nprint(longest(50))\n",
        ["@njit(cache=True)\ndef steps", "@njit(cache=True)\ndef longest"],
        id="a helper is compiled along",
    ),
    pytest.param(
        "PA202",
        "def common(a, b):\n    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]\n"
        "    for i in range(1, len(a) + 1):\n        for j in range(1, len(b) + 1):\n"
        "            if a[i - 1] == b[j - 1]:\n                table[i][j] = table[i - 1][j - 1] + 1\n"
        "            else:\n                table[i][j] = max(table[i - 1][j], table[i][j - 1])\n"
        '    return table[len(a)][len(b)]\n\n\nprint(common("gr\\u00fc\\u00dfe", "\\u00fcber gr"), common("", "x"))\n',
        ["list(map(ord, a))", "return common_kernel("],
        id="text by code points",
    ),
    pytest.param(
        "PA202",
        "def matched(a, b):\n    print(len(a))\n    used = [0] * len(b)\n    found = 0\n"
        "    for i, x in enumerate(a):\n        for j in range(max(i - 3, 0), min(i + 3, len(b) - 1) + 1):\n"
        "            if used[j] == 0 and b[j] == x:\n                used[j] = 1\n                found += 1\n"
        "                break\n    print(found)\n    for x in a:\n        print(x, end='')\n    return found\n\n\n"
        'print(matched("martha", "marhta"), matched("", "x"))\n',
        [
            "found = matched_kernel(np.array(list(map(ord, a)), dtype=np.int64), "
            "np.array(list(map(ord, b)), dtype=np.int64), np.array(used, dtype=np.int64), found)"
        ],
        id="a character that a later loop names again",
    ),
    pytest.param(
        "PA202",
        "class Plate:\n    def __init__(self, n):\n        self.n = n\n        self.t = [[float(i * j) for j in range(n)] for i in range(n)]\n\n"
        "    def relax(self, steps):\n        for _ in range(steps):\n            for i in range(1, self.n - 1):\n"
        "                for j in range(1, self.n - 1):\n"
        "                    self.t[i][j] = (self.t[i - 1][j] + self.t[i + 1][j]) / 2.0\n\n\n"
        "plate = Plate(6)\nrows = plate.t\nplate.relax(3)\nprint(rows is plate.t, rows)\n",
        ["relax_kernel(steps, t_array, self.n)", "zip(self.t, t_array.tolist())"],
        id="attributes of the instance",
    ),
    pytest.param(
        "PA202",
        "weights = [3, 1, 4, 1, 5]\ntotal = 0\nfor n in range(40):\n    rest = n\n    while rest > 0:\n"
        "        total += weights[rest % 5]\n        rest //= 5\n\nprint(total)\n",
        ["total = module_kernel("],
        id="top-level code",
    ),
    pytest.param(
        "PA202",
        "def sort(xs):\n    swaps = 0\n    for i in range(len(xs)):\n        for j in range(len(xs) - 1 - i):\n"
        "            if xs[j] > xs[j + 1]:\n                xs[j], xs[j + 1] = xs[j + 1], xs[j]\n                swaps += 1\n"
        "    return swaps\n\n\nxs = [3, 1, 2]\nprint(sort(xs), xs)\n",
        ["result = sort_kernel(", "xs[:] = xs_array.tolist()"],
        id="a list sorted in place, and a result",
    ),
    pytest.param(
        "PA202",
        "def f(n):\n    xs = [0] * n\n    for i in range(n):\n        for j in range(n):\n            xs[i] = i / 2\n"
        "    return xs\n\n\nprint(f(3))\n",
        ["xs_array = np.array(xs, dtype=np.float64)"],
        id="floats in a list of ints",
    ),
    pytest.param(
        "PA202",
        "class Gemm:\n    def __init__(self, n):\n        self.n = n\n\n    def run(self, alpha, c: list, a: list, b: list):\n"
        "        for i in range(self.n):\n            for j in range(self.n):\n                c[i][j] = 0\n"
        "                for k in range(self.n):\n                    c[i][j] += alpha * a[i][k] * b[k][j]\n\n\n"
        "for alpha in (2, 0.5):\n    rows = [[1, 2, 9], [3, 4, 9]]\n    c = [[0, 0, 7], [0, 0, 7]]\n"
        '    getattr(Gemm(2), "run")(alpha, c, rows, rows)\n    print([[float(x) for x in row] for row in c])\n',
        ["np.result_type(np.array(c), np.array(a), np.array(b), alpha)"],
        id="a method that nobody is seen to call",
    ),
    pytest.param(
        "PA202",
        "import numpy as np\n\n\ndef update(t, u):\n  print(len(t))\n  for j in range(t.shape[0]):  # rows\n"
        "    for i in range(t.shape[1]):\n      if i == 0:  # west\n        t[j, i] = 2.0 - u[j, i]\n      else:\n"
        "        for k in range(3):\n          t[j, i] += u[j, i] * k\n\n\n"
        "a = np.zeros((3, 4))\nupdate(a, np.ones((3, 4)))\nprint(a.tolist())\n",
        [
            "  for j in range(t.shape[0]):  # rows\n    for i in range(t.shape[1]):\n      if i == 0:  # west\n",
            "  print(len(t))\n  update_kernel(t, u)\n",
        ],
        id="a file indented by two, comments once",
    ),
]

LEFT_EARLY = [
    pytest.param(
        "def longest(a, b):\n    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]\n    best = 0\n    end = 0\n"
        "    for i in range(1, len(a) + 1):\n        for j in range(1, len(b) + 1):\n            if a[i - 1] == b[j - 1]:\n"
        "                table[i][j] = table[i - 1][j - 1] + 1\n                if table[i][j] > best:\n"
        "                    best = table[i][j]\n                    end = i\n    return a[end - best:end]\n\n\n"
        'print(longest("ab", "cd") + "|", longest("xabcy", "zabc"))\n',
        ["def longest_kernel(a, b, table, best, end)", "best, end = longest_kernel("],
        ["table[:]", "row"],
        id="what a branch sets keeps its value where it does not, and a table that nobody reads is not written back",
    ),
    pytest.param(
        'def triple(n):\n    print("n", n)\n    for a in range(1, n):\n        for b in range(a, n - a):\n'
        "            c = n - a - b\n            if a * a + b * b == c * c:\n                return a * b * c\n    return None\n\n\n"
        "print(triple(12), triple(13))\n",
        ["return triple_kernel(n)"],
        [],
        id="a search to the end of the function, perhaps in vain",
    ),
    pytest.param(
        "def steps(n):\n    k = 0\n    while n != 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        k += 1\n"
        "        if k > 100:\n            return\n    return k\n\n\nprint(steps(7), steps(27))\n",
        ["@njit"],
        [],
        id="an early return of nothing",
    ),
    pytest.param(
        "def pair(n):\n    for a in range(2, n):\n        for b in range(a, n):\n            if a * b == n:\n"
        "                return a, b\n    return None\n\n\nprint(pair(35), pair(37))\n",
        ["@njit"],
        [],
        id="a pair or nothing",
    ),
    pytest.param(
        "def first(n):\n    for a in range(2, n):\n        for b in range(2, a):\n            if a * b == n:\n"
        '                return a\n    return f"none for {n:>4}"\n\n\nprint(first(35), first(37))\n',
        ["result = first_kernel(n)", "if result is not None:\n        return result"],
        [],
        id="a result half-way, before what cannot be compiled",
    ),
    pytest.param(
        "def f(n):\n    for i in range(n):\n        if i > 5:\n            return i\n    return 0.5\n\n\n"
        "print(f(9), f(2))\n",
        ["if result is not None:\n        return result"],
        [],
        id="an int half-way, or a float",
    ),
    pytest.param(
        "def find(xs, n):\n    for i in range(n):\n        for j in range(n):\n            xs[j] = xs[j] + xs[i]\n"
        "            if xs[j] > 40:\n                return j\n    return str(n)\n\n\nxs = [1.5, 2.5]\n"
        "print(find(xs, 2), xs)\nprint(find([9.5, 30.5], 2))\n",
        ["xs[:] = xs_array.tolist()\n    if result is not None:"],
        [],
        id="lists get their values before the function is left",
    ),
    pytest.param(
        "def scan(xs, want):\n    steps = 0\n    for i in range(len(xs)):\n        for j in range(i + 1, len(xs)):\n"
        "            steps += 1\n            if xs[i] + xs[j] == want:\n                break\n        else:\n            continue\n"
        '        break\n    print(f"{i} {j} {steps:>3}")\n\n\nscan([1, 2, 3, 4], 7)\nscan([1, 2, 3], 9)\n',
        ["i, j, steps = scan_kernel("],
        [],
        id="break out of two loops, whose counters are read",
    ),
    pytest.param(
        "class Graph:\n    def __init__(self, n):\n        self.n = n\n"
        '        self.d = [[float("inf")] * n for _ in range(n)]\n        for i in range(n - 1):\n            self.d[i][i + 1] = 1.5\n\n'
        "    def close(self):\n        for k in range(self.n):\n            for i in range(self.n):\n"
        '                if self.d[i][k] == float("inf"):\n                    continue\n                for j in range(self.n):\n'
        "                    self.d[i][j] = min(self.d[i][j], self.d[i][k] + self.d[k][j])\n\n\n"
        "graph = Graph(4)\ngraph.close()\nprint(graph.d)\n",
        ["if d[i][k] == math.inf:", "import math"],
        [],
        id="infinity, and rows that are passed over",
    ),
    pytest.param(
        "def solve(a, n):\n    for k in range(n):\n        if a[k][k] == 0.0:\n"
        '            raise ValueError("singular")\n        for i in range(k + 1, n):\n            f = a[i][k] / a[k][k]\n'
        "            for j in range(k, n):\n                a[i][j] -= f * a[k][j]\n    return str(n)\n\n\n"
        "print(solve([[2.0, 1.0], [1.0, 3.0]], 2))\ntry:\n    solve([[0.0, 1.0], [1.0, 3.0]], 2)\n"
        "except ValueError as error:\n    print(error)\n",
        ['            raise ValueError("singular")', "solve_kernel(a_array, n)"],
        [],
        id="an exception from within",
    ),
]

REFUSED = [
    pytest.param(
        'def nearest(xs, n):\n    best = float("inf")\n    for i in range(n):\n        for j in range(i):\n'
        "            best = min(best, abs(xs[i] - xs[j]))\n    return best\n\n\nprint(nearest([3, 9, 5], 3), nearest([], 0))\n",
        id="an int or an infinity is what comes out",
    ),
    pytest.param(
        'def fill(kinds, amount):\n    best = [float("inf")] * (amount + 1)\n    best[0] = 0\n    for c in kinds:\n'
        "        for x in range(c, amount + 1):\n            best[x] = min(best[x], best[x - c] + c / 2)\n"
        "    return best\n\n\nprint(fill([5, 10], 33))\n",
        id="ints beside floats that are finite",
    ),
    pytest.param(
        "def f(a, n):\n    c = [[0.0] * n for _ in range(n)]\n    k = 0\n    for i in range(n):\n        for j in range(n):\n"
        "            c[i][j] = sum(a[i][m] * a[m][j] for m in range(i))\n    return c\n\n\nprint(f([[1.5, 2.0], [3.0, 4.5]], 2))\n",
        id="a sum of no floats, which is an int",
    ),
    pytest.param(
        "def f(a, n):\n    c = [[0.0] * n for _ in range(n)]\n    k = 0\n    for i in range(n):\n        for j in range(n):\n"
        "            c[i][j] = 2.0 * sum(a[i][k] * a[k][j] for k in range(n))\n    return c\n\n\nprint(f([[1.5, 2.0], [3.0, 4.5]], 2))\n",
        id="a sum over a name that the function has too",
    ),
    pytest.param(
        "def f(a, n):\n    c = [[0.0] * n for _ in range(n)]\n    k = 0\n    for i in range(n):\n        for j in range(n):\n"
        "            c[i][j] = 2.0 * sum(a[i][m] * a[m][j] for m in range(n)) if i == j else 1.0\n    return c\n\n\nprint(f([[1.5, 2.0], [3.0, 4.5]], 2))\n",
        id="a sum that is not always computed",
    ),
    pytest.param(
        "def f(a, n):\n    c = [[0.0] * n for _ in range(n)]\n    k = 0\n    for i in range(n):\n        for j in range(n):\n"
        "            c[i][j] = 2.0 * sum((a[i][m] - 2.0) ** 0.5 for m in range(n)).real\n    return c\n\n\nprint(f([[1.5, 2.0], [3.0, 4.5]], 2))\n",
        id="a sum of complex numbers",
    ),
    pytest.param(
        "def f(a, n):\n    c = [[0.0] * n for _ in range(n)]\n    k = 0\n    for i in range(n):\n        for j in range(n):\n"
        "            c[i][j] = 2.0 * sum(x for x in a[i])\n    return c\n\n\nprint(f([[1.5, 2.0], [3.0, 4.5]], 2))\n",
        id="a sum over a list",
    ),
    pytest.param(
        "def f(n):\n    last = None\n    for i in range(n):\n        for j in range(n):\n            if i * j == 6:\n"
        '                last = i\n    return f"{last!r}"\n\n\nprint(f(2), f(9))\n',
        id="nothing until a branch sets a number",
    ),
    pytest.param(
        "def f(n):\n    for i in range(n):\n        for j in range(n):\n            if i * j == 6:\n                found = i\n"
        '    return f"{found}"\n\n\nprint(f(9))\n',
        id="a name that only a branch sets",
    ),
    pytest.param(
        "def f(n):\n    k = 0\n    for i in range(n):\n        for j in range(n):\n            k += 1\n"
        '            if i * j == 6:\n                return i\n    print(f"{k:>3}")\n\n\nprint(f(2), f(9))\n',
        id="a result half-way and a count that is read otherwise",
    ),
    pytest.param(
        "def digits(n):\n    s = 0\n    while n > 0:\n        s += n % 10\n        n //= 10\n    return s\n\n\n"
        "print(digits(7 ** 90), digits(3))\n",
        id="integers longer than 64 bits",
    ),
    pytest.param(
        "def f(n):\n    x = 1\n    for i in range(1, n):\n        x *= i\n    return x\n\n\nprint(f(30))\n",
        id="a product that grows with each pass",
    ),
    pytest.param(
        "def f(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n\n\nprint(f(200))\n",
        id="Fibonacci numbers",
    ),
    pytest.param(
        "def g(x):\n    return x + 1\n\n\ndef f(n):\n    s = 0\n    for i in range(n):\n        s += g(i)\n    return s\n\n\n"
        "print(f(9), list(map(g, [1])))\n",
        id="a helper that is passed around",
    ),
    pytest.param(
        "def f(a, b):\n    for i in range(2):\n        for j in range(2):\n            a[i] += b[j] * a[1 - i]\n\n\n"
        "xs = [1, 2]\nf(xs, xs)\nprint(xs)\n",
        id="one list for both",
    ),
]


def printed(source: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source.replace("cache=True", "cache=False"), "program.py", "exec"), {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.parametrize(("code", "source", "parts"), COMPILED)
def test_compiled(code: str, source: str, parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    analysis, after = fixed(RULES[code], source, {})
    assert analysis.findings, [r.reason for r in analysis.refusals]
    assert [part for part in parts if part not in after] == [], after
    assert printed(after) == printed(source)


@pytest.mark.parametrize(("source", "parts", "absent"), LEFT_EARLY)
def test_loops_that_are_left_early(
    source: str, parts: list[str], absent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    after = source
    for rule in RULES.values():
        after = fixed(rule, after, {})[1]
    assert [part for part in parts if part not in after] == [], after
    assert [part for part in absent if part in after] == [], after
    assert printed(after) == printed(source)


def test_what_a_sum_of_floats_may_change_is_named() -> None:
    source = (
        "def product(a, b, n, m):\n    c = [[0.0] * n for _ in range(n)]\n    for i in range(n):\n"
        "        for j in range(n):\n            c[i][j] = sum(a[i][k] * b[k][j] for k in range(m))\n    return c\n\n\n"
        "x = [[1.5, 2.5], [0.5, 1.0]]\nprint(product(x, x, 2, 2))\n"
    )
    (finding,) = fixed(RULES["PA202"], source, {})[0].findings
    assert finding.fix is not None
    assert any("0.0, not 0" in difference for difference in finding.fix.differences), finding.fix.differences


@pytest.mark.parametrize("source", REFUSED)
def test_refused(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")
    for rule in RULES.values():
        analysis, after = fixed(rule, source, {})
        assert (analysis.findings, after) == ([], source)
        assert printed(source)
