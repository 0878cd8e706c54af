"""Random loop nests over arrays as source text, with the types of their arguments and values to call them with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import numpy as np

VECTORS, GRIDS = "abc", "gh"
Draw = Callable[[st.SearchStrategy[Any]], Any]
# Eighths: sums and products of a few of them are exact, so that another order gives the same.
EIGHTHS = st.integers(-40, 40).map(lambda whole: whole / 8)
ELEMENTS = {
    "float64": EIGHTHS | st.just(float("nan")),
    "int64": st.integers(-9, 9) | st.sampled_from([2**40 + 1, -(2**62)]),
}
HEADERS = ("len({0})", "n", "1, n - 1", "1, len({0})", "1, len({0}) - 1", "0, n, 2", "1, len({0}), 2", "k, n")
SUMS = ("{s} += {v}", "{s} -= {v}", "{s} *= {v}", "{s} = {s} + {v}", "{s} = max({s}, {v})", "{s} = min({v}, {s})")
GRID_BODIES = (
    ["{h}[i, j] = {v}"],
    ["{h}[i, j] {op} {v}"],
    ["if {c}:", "    {h}[i, j] = {v}", "else:", "    {h}[i, j] = {w}"],
    ["s += {v}"],
    ["s += g[i, j] * {u}"],
    ["{u} += g[i, j] * a[j]"],
    ["c[i] += {v}"],
    ["c[j] += x * g[i, j] * b[i]"],
    ["{h}[i, j] = g[i + 1, j] - g[i, j - 1]"],
)
LOCAL_SUMS = (
    ["for i in range(rows):", "    t = {0}", "    for j in range(columns):", "        t += g[i, j] * a[j]", "    {1}"],
    ["for i in range(n):", "    t = {0}", "    for j in range(len(a)):", "        t += g[i, j]", "    {1}"],
    ["for j in range(columns):", "    t = {0}", "    for i in range(rows):", "        t -= g[i, j] * b[i]", "    {1}"],
)
PRODUCTS = (
    ["        t = g[i, j] - {h}[j, i]", "        s += t * t"],
    ["        for q in range(columns):", "            {h}[i, j] += g[i, q] * g[q, j]"],
    [
        "        t = {z}",
        "        for q in range(columns):",
        "            t += g[i, q] * g[j, q]",
        "        {h}[i, j] = t",
    ],
)


@dataclass(frozen=True)
class Program:
    """A function `f` over `a b c` (one dimension), `g h` (two), `n k` (int) and `x` (float)."""

    source: str
    types: Mapping[str, str]


@st.composite
def programs(draw: Draw, code: str) -> Program:
    """A function with one loop nest of a kind that the rule looks for."""
    lines = [*draw(st.sampled_from(PRELUDES)), f"s = {draw(st.sampled_from(('0', '0.0', '1.5', 'x', 'k')))}"]
    lines += draw(st.sampled_from(NESTS[code]))(draw)
    body = "\n".join(f"    {line}" for line in [*lines, "return s, c, h"])
    types = {name: f"ndarray[{draw(st.sampled_from(sorted(ELEMENTS)))}, 1d]" for name in VECTORS}
    types |= {name: f"ndarray[{draw(st.sampled_from(sorted(ELEMENTS)))}, 2d]" for name in GRIDS}
    source = (
        f"import numpy as np\n\nlasting = np.arange(9.0)\n\n\ndef f(a, b, c, g, h, n: int, k: int, x: float):\n{body}\n"
    )
    return Program(source, types)


PRELUDES = (
    [], [], [], ["b = a"], ["b = a[1:]"], ["c = a[::2]"], ["h = g"], ["c = a.copy()"],
    ["n = len(a)", "c = np.zeros(n)"], ["c = np.zeros(len(a))"], ["n = len(a)", "b = np.ones_like(a)"], ["n = a.size"],
    ["n, m = g.shape", "h = np.zeros((n, m))"], ["h = np.zeros(g.shape)"], ["c, b = b, np.zeros(n + 1)"], ["h = g + 1"],
    ["c = np.zeros(n)", "if k > 0:", "    c = np.ones(n + k)"], ["for n in (n, n + 1):", "    c = np.zeros(n)"],
)  # fmt: skip


def _vector_nest(draw: Draw) -> list[str]:
    name = draw(st.sampled_from(VECTORS))
    header = draw(
        st.sampled_from([f"for i in range({h.format(name)}):" for h in HEADERS] + [f"for i, v in enumerate({name}):"])
    )
    return [header, *(f"    {line}" for line in _vector_body(draw))]


def _vector_body(draw: Draw) -> list[str]:
    target = f"{draw(st.sampled_from((*VECTORS, 'lasting')))}[i{_offset(draw)}]"
    value, other, condition = _value(draw, _cell), _value(draw, _cell), _condition(draw, _cell)
    operator = draw(st.sampled_from(("+=", "-=", "*=", "/=")))
    sign = draw(st.sampled_from(("<", ">", "<=", ">=")))
    total = draw(st.sampled_from(SUMS)).format(s="s", v=value)
    return draw(
        st.sampled_from(
            (
                [f"{target} = {value}"],
                [f"{target} {operator} {value}"],
                [f"if {condition}:", f"    {target} = {value}"],
                [f"if {condition}:", f"    {target} {operator} {value}"],
                [f"if {condition}:", f"    {target} = {value}", "else:", f"    {target} = {other}"],
                [f"t = {value}", f"{target} = t * t + {other}"],
                [f"{target} = {value}", f"c[i] = {_cell(draw)} + {other}"],
                [total],
                [f"if {condition}:", f"    {total}"],
                [f"s += {_cell(draw)} * {_cell(draw)}"],
                [f"s += x * {_cell(draw)} * {_cell(draw)}"],
                [f"if {value} > s:", f"    s = {value}"],
                [f"if {target} {sign} {other}:", f"    {target} = {other}"],
                [f"{target} = max({target}, {value})"],
                [f"{target} = {draw(st.sampled_from(('a', 'b', 'c')))}[len(a) - 1 - i]"],
                [f"c[n - 1 - i] = {value}"],
            )
        )
    )


def _vector_sum(draw: Draw) -> list[str]:
    first, second = _cell(draw), _cell(draw)
    value = draw(
        st.sampled_from((first, first, f"{first} - {second}", f"x * {first} + 1", f"abs({first})", _value(draw, _cell)))
    )
    name = draw(st.sampled_from(VECTORS))
    header = draw(st.sampled_from(HEADERS)).format(name)
    return [f"for i in range({header}):", f"    {draw(st.sampled_from(SUMS)).format(s='s', v=value)}"]


def _vector_product(draw: Draw) -> list[str]:
    header = draw(st.sampled_from(HEADERS)).format(draw(st.sampled_from(VECTORS)))
    factor = draw(st.sampled_from(("", "", "x * ", "k * ")))
    operator = draw(st.sampled_from(("+", "-")))
    return [f"for i in range({header}):", f"    s {operator}= {factor}{_cell(draw)} * {_cell(draw)}"]


def _grid_nest(draw: Draw) -> list[str]:
    rows, columns = draw(
        st.sampled_from((("rows", "columns"), ("n", "n"), ("1, rows - 1", "1, columns - 1"), ("len(a)", "len(b)")))
    )
    parts = {
        "h": draw(st.sampled_from(GRIDS)),
        "op": draw(st.sampled_from(("+=", "-=", "*="))),
        "v": _value(draw, _grid_cell),
        "w": _value(draw, _grid_cell),
        "u": draw(st.sampled_from(("c[i]", "c[j]", "g[j, i]", "h[i, j]"))),
        "c": _condition(draw, _grid_cell),
    }
    body = [line.format(**parts) for line in draw(st.sampled_from(GRID_BODIES))]
    return [
        "rows, columns = g.shape",
        f"for i in range({rows}):",
        f"    for j in range({columns}):",
        *(f"        {b}" for b in body),
    ]


def _local_sum(draw: Draw) -> list[str]:
    start = draw(st.sampled_from(("0.0", "0", "x")))
    store = draw(st.sampled_from(("c[{0}] = t", "c[{0}] += t * x", "s += t", "s = max(s, t)", "c[{0}] = t / 2")))
    lines = draw(st.sampled_from(LOCAL_SUMS))
    return ["rows, columns = g.shape", *(line.format(start, store.format(lines[0].split()[1])) for line in lines)]


def _product(draw: Draw) -> list[str]:
    lines = draw(st.sampled_from(PRODUCTS))
    parts = {"h": draw(st.sampled_from(GRIDS)), "z": draw(st.sampled_from(("0", "0.0", "x")))}
    loops = ["rows, columns = g.shape", "for i in range(rows):", "    for j in range(rows):"]
    return loops + [line.format(**parts) for line in lines]


def _extreme(draw: Draw) -> list[str]:
    sign = draw(st.sampled_from(("<", ">", ">", ">=", "<=")))
    far = 'float("-inf")' if ">" in sign else 'float("inf")'
    start = draw(st.sampled_from(("a[0]", "a[0]", "x", "b[0]", far)))
    header = draw(st.sampled_from(("len(a)", "1, len(a)", "1, len(a)", "n", "1, n", "2, n")))
    cell = draw(st.sampled_from(("a[i]", "a[i]", "a[i - 1]", "abs(a[i])", "a[i] * x - b[i]")))
    lines = [f"m = {start}", f"p = {draw(st.sampled_from(('0', '0', '-1', 'k')))}", f"for i in range({header}):"]
    result = draw(st.sampled_from(("(m, p)", "p")))
    if draw(st.booleans()):
        lines, cell = [*lines, f"    v = {cell}"], "v"
    return [*lines, f"    if {cell} {sign} m:", f"        m = {cell}", "        p = i", f"s = {result}"]


def _running(draw: Draw) -> list[str]:
    header = draw(st.sampled_from(("1, len(a)", "1, n", "1, n - 1", "k, n")))
    value, operator = _value(draw, _cell), draw(st.sampled_from(("+", "-", "*")))
    through = [f"s {operator}= {value}", f"c[i] = {draw(st.sampled_from(('s', 's / 2', 's + a[i]')))}"]
    bodies: tuple[list[str], ...] = (
        [f"c[i] = c[i - 1] {operator} {value}"],
        [f"c[i] = max(c[i - 1], {value})"],
        [f"s = {draw(st.sampled_from(('max', 'min')))}(s, {value})", "c[i] = s"],
        ["c[i] = a[i] + c[i - 1]"],
        through,
        through,
        through[::-1],
    )
    return [f"for i in range({header}):", *(f"    {line}" for line in draw(st.sampled_from(bodies)))]


def _indexed(draw: Draw) -> list[str]:
    place = draw(st.sampled_from(("b[i]", "b[i] % 3", "int(b[i])", "abs(b[i]) % n", "i // 2")))
    value = draw(st.sampled_from(("1", "1", "2", "x", "a[i]", "a[i] * 2", "i")))
    operator = draw(st.sampled_from(("+=", "+=", "+=", "-=", "=", "*=")))
    line = f"c[{place}] {operator} {value}"
    bodies = ([line], [line], [f"if {_condition(draw, _cell)}:", f"    {line}"])
    header = draw(st.sampled_from(("len(b)", "n", "1, n")))
    grids = ["rows, columns = g.shape", "for i in range(rows):", "    for j in range(columns):"]
    if draw(st.integers(0, 3)) == 0:
        return [*grids, f"        c[g[i, j] % 3] {operator} {draw(st.sampled_from(('1', 'h[i, j]')))}"]
    return [f"for i in range({header}):", *(f"    {part}" for part in draw(st.sampled_from(bodies)))]


def _filter(draw: Draw) -> list[str]:
    header = draw(st.sampled_from(HEADERS)).format("a")
    value = draw(st.sampled_from(("a[i]", "a[i]", "i", "i + 1", "a[i] * x", "int(a[i])", "x", _value(draw, _cell))))
    return [
        f"s = {draw(st.sampled_from(('[]', '[k]')))}",
        f"for i in range({header}):",
        f"    if {_condition(draw, _cell)}:",
        f"        s.append({value})",
    ]


def _offset(draw: Draw) -> str:
    return str(draw(st.sampled_from(("", "", "", " + 1", " - 1"))))


def _cell(draw: Draw) -> str:
    return f"{draw(st.sampled_from((*VECTORS, 'lasting')))}[i{_offset(draw)}]"


def _grid_cell(draw: Draw) -> str:
    cells = (f"g[i{_offset(draw)}, j{_offset(draw)}]", "h[i, j]", "h[j, i]", "g[j, i]", "a[j]", "b[i]")
    return str(draw(st.sampled_from(cells)))


def _value(draw: Draw, cell: Callable[[Draw], str]) -> str:
    first, second = cell(draw), draw(st.sampled_from((cell(draw), "x", "k", "i", "2", "0.5")))
    shapes = (
        "{0}",
        "{0}",
        "{0} + {1}",
        "{1} - {0}",
        "{0} * {1}",
        "{0} / {1}",
        "{0} // 2",
        "{0} * x - {1} * 3",
        "-{0}",
        "abs({0})",
        "({0} + {1}) * k",
        "({1} + x) * {0}",
        "min({0}, {1})",
        "max(min({0}, x), 0.5)",
        "{0} if {0} > {1} else {1}",
        "{0} if {0} else {1}",
        "{0} - ({1} - {0})",
        "{0} / (k / {1})",
        "2",
        "x",
        "({0} > 0) * {1}",
        "{0} % 3",
        "{0} ** 2",
    )
    return str(draw(st.sampled_from(shapes))).format(first, second)


def _condition(draw: Draw, cell: Callable[[Draw], str]) -> str:
    shapes = (
        "{0} > {1}",
        "{0} <= x",
        "{0}",
        "not {0}",
        "{0} > 0 and {1} < x",
        "not ({0} > 1 or {1} == 2)",
        "0 < {0} < 2",
        "x > 1",
    )
    return str(draw(st.sampled_from(shapes))).format(cell(draw), cell(draw))


@st.composite
def argument_lists(draw: Draw, types: Mapping[str, str]) -> list[Any]:
    """Arguments of `f`: arrays with room for most indices, short and empty ones, one object for two at times."""
    n, sizes = draw(st.integers(0, 6)), st.sampled_from((0, 0, 0, 1, 2, 3, -1))
    found: dict[str, Any] = {}
    for name, text in types.items():
        dtype = "float64" if "float64" in text else "int64"
        side = max(n + draw(sizes), 0)
        shape = (side, max(side + draw(sizes), 0)) if name in GRIDS else (side,)
        cells = draw(st.lists(ELEMENTS[dtype], min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
        found[name] = np.array(cells, dtype=dtype).reshape(shape)
    return [*found.values(), n, draw(st.integers(-2, 3)), draw(EIGHTHS)]


def _window(draw: Draw) -> list[str]:
    """Sums over windows: `n - k` places, `k` positions."""
    width, start = draw(st.sampled_from(("k", "2", "k + 1"))), draw(st.sampled_from(("0.0", "0", "x")))
    term = draw(
        st.sampled_from(("a[i + j]", "a[i + j] * b[j]", "x * a[j + i] * b[j]", "g[i + j, 0] * a[j]", "b[i - j]"))
    )
    places = draw(st.sampled_from((f"len(a) - {width}", f"n - {width}", "n", "1, n")))
    inner = [
        f"for j in range({width}):",
        f"    {draw(st.sampled_from(('t', 'c[i]')))} {draw(st.sampled_from('+-'))}= {term}",
    ]
    if " t " in inner[1]:
        inner = [f"t = {start}", *inner, draw(st.sampled_from(("c[i] = t", "c[i] = t / 2 - b[i]", "s += t")))]
    return [f"for i in range({places}):", *(f"    {line}" for line in inner)]


def _row(draw: Draw, index: str) -> str:
    """A row or column of a grid, or all of a vector."""
    rows = ("g[{0}]", "g[{0}, :]", "g[:, {0}]", "h[{0}]", "h[{0}, :]", "g[{0}, 1:]", "h[{0} - 1]", "a", "g[{0}, :n]")
    return draw(st.sampled_from(rows)).format(index)


def _row_value(draw: Draw, indices: str) -> str:
    """A number computed of rows."""
    first, second = (_row(draw, draw(st.sampled_from(indices))) for _ in "ab")
    operands = ("{0}", "{0}", "{0} - {1}", "({0} - {1}) ** 2", "{0} * {1}", "{0} * b[i]", "abs({0} - x)", "{0} > {1}")
    operand = draw(st.sampled_from(operands)).format(first, second)
    shapes = (
        "np.sum({0})", "({0}).sum()", "np.sum({0})", "np.mean({0})", "np.max({0})", "np.linalg.norm({0})",
        "np.dot({1}, {2})", "{1} @ {2}", "np.argmax({0})", "np.std({0}) + b[i]", "np.sqrt(np.sum({0})) * x",
        "np.median({0})", "np.sum({1}) / np.max({2})", "({0}).min() - np.sum({1} * {2})",
    )  # fmt: skip
    return str(draw(st.sampled_from(shapes))).format(operand, first, second)


def _row_sums(draw: Draw) -> list[str]:
    """What is computed of rows, over one loop or two."""
    rows = draw(st.sampled_from(("len(g)", "n", "g.shape[1]", "1, n", "len(b)")))
    single = [f"c[i] = {_row_value(draw, 'i')}"]
    between = draw(st.sampled_from(([], [], ["d = g[i] - h[j]"], ["d = a * g[j]", "e = d - x"])))
    value = draw(st.sampled_from((_row_value(draw, "ij"), "np.dot(d, d)", "np.exp(-np.sum(d ** 2))", "d.sum()")))
    value = value if between or "d" not in value.split("(")[-1] + value[:1] else _row_value(draw, "ij")
    target = draw(st.sampled_from(("h[i, j]", "h[i, j]", "h[j, i]", "h[i][j]", "c[j]")))
    inner = [f"for j in range({draw(st.sampled_from(('len(h)', 'n', 'g.shape[1]', 'i, n')))}):"]
    double = [
        *inner,
        *(f"    {line}" for line in [*between, f"{target} {draw(st.sampled_from(('', '', '+')))}= {value}"]),
    ]
    stored = [
        f"{draw(st.sampled_from(('h[i]', 'h[i, :]', 'h[:, i]', 'g[i]')))} = "
        + draw(st.sampled_from(("{0} / np.sum({0})", "{0} - {1}", "{0} * b[i]", "x", "b[i]", "{0}"))).format(
            _row(draw, "i"), _row(draw, "i")
        )
    ]
    return [
        f"for i in range({rows}):",
        *(f"    {line}" for line in draw(st.sampled_from((single, double, double, stored)))),
    ]


def _windows(draw: Draw) -> list[str]:
    """What is computed of windows that move with one loop or two."""
    shapes = ("np.sum({0})", "np.mean({0})", "({0}).max()", "np.median({0})", "np.std({0})", "({0}).sum() * x")
    shape = draw(st.sampled_from(shapes))
    if draw(st.booleans()):
        width = draw(st.sampled_from(("2", "3", "k", "n")))
        starts = (f"len(a) - {width} + 1", f"1, len(a) - {width}", "n", f"a.size - {width}", f"len(a) - {width} + 2")
        window = draw(st.sampled_from((f"a[i:i + {width}]", f"a[i:i + {width}]", "a[i - 1:i + 2]", "a[i:i + 2] * x")))
        window = draw(st.sampled_from((window, f"{window} - b[i]")))
        return [f"for i in range({draw(st.sampled_from(starts))}):", f"    c[i] = {shape.format(window)}"]
    window = draw(
        st.sampled_from(("g[i - 1:i + 2, j - 1:j + 2]", "g[i:i + 2, j:j + 2]", "g[i:i + 2, j]", "g[i, j:j + 2]"))
    )
    near, edge = (1, 1) if "- 1" in window else (0, draw(st.sampled_from((1, 1, 0))))
    first, last = (
        draw(st.sampled_from((f"{near}, {n} - {edge}", f"{near}, {n} - {edge}", "n"))) for n in ("rows", "columns")
    )
    kernel = draw(st.sampled_from(("{0}", "{0} * w", "{0} - x", "({0} > x)")))
    size = 3 if near else 2
    value = shape.format((kernel if window.count(":") == 2 else "{0}").format("p"))
    lines = [f"p = {window}", f"{draw(st.sampled_from(('h[i, j]', 'h[i, j]', 'h[j, i]', 'c[j]')))} = {value}"]
    if draw(st.booleans()):
        lines = [lines[1].replace("(p", f"({window}").replace("((p)", f"(({window})")]
    return [
        f"w = np.array({[[1, -2, 4][:size]] * size})",
        "rows, columns = g.shape",
        f"for i in range({first}):",
        f"    for j in range({last}):",
        *(f"        {line}" for line in lines),
    ]


def _nearest_row(draw: Draw) -> list[str]:
    value = draw(st.sampled_from(("np.sum((g[i] - a) ** 2)", "np.linalg.norm(a - g[i, :])", _row_value(draw, "i"))))
    lines = ["m = float('inf')", "p = -1", "for i in range(len(g)):", f"    v = {value}"]
    return [*lines, "    if v < m:", "        m = v", "        p = i", f"s = {draw(st.sampled_from(('p', '(m, p)')))}"]


NESTS = {
    "PA101": (_vector_sum, _vector_sum, _grid_nest, _window),
    "PA102": (_vector_nest, _vector_nest, _grid_nest),
    "PA102 rows": (_row_sums,),
    "PA102 windows": (_windows,),
    "PA103": (_extreme, _extreme, _nearest_row),
    "PA105": (_running,),
    "PA106": (_indexed,),
    "PA107": (_filter,),
    "PA104": (_vector_product, _local_sum, _product, _window),
}
