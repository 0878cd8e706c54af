"""Random functions around one loop nest, in the shapes that people write and in any other."""

import itertools
from typing import Any

from hypothesis import strategies as st

PRELUDE = """s = 0
    t = 1
    u = 2
    best = -9
    k = 0
    found = False
    out = []
    p = [0]
"""
KEPT = ("s", "t", "u", "best", "k", "found", "out", "p")


def program(loop: str, kept: tuple[str, ...] = KEPT) -> str:
    """A function around a loop that hands back its arguments and the names in `kept`."""
    body = "\n".join(f"    {line}" for line in loop.strip("\n").splitlines())
    arguments = "a, b, m, h, n"
    return f"def f({arguments}):\n    {PRELUDE}{body}\n    return {arguments}, {', '.join((*kept, ''))}\n"


def copied(data: dict[str, Any]) -> dict[str, Any]:
    return {
        k: [list(r) if isinstance(r, list) else r for r in v] if isinstance(v, list) else v for k, v in data.items()
    }


def fresh_data(n: int, seed: int) -> dict[str, Any]:
    """Arrays long enough for every index that programs form; small numbers, so that many are equal."""
    value = itertools.count(seed)

    def number() -> int:
        return (next(value) * 7919 + seed * 31) % 11 - 4

    return {
        "a": [number() for _ in range(20)],
        "b": [number() for _ in range(20)],
        "m": [[number() for _ in range(20)] for _ in range(20)],
        "h": [0] * 20,
        "n": n,
    }


RANGES = ["range(n)", "range(1, n)", "range(n - 1)", "range(n - 1, 0, -1)", "range(1, n, 2)", "range(3)"]
INNER = [*RANGES, "range(i, n)", "range(i)", "range(i + 1, n)"]


@st.composite
def expressions(draw: Any, indices: tuple[str, ...], depth: int = 2) -> str:
    """An integer expression over cells, scalars and indices."""
    leaves = ["s", "t", "u", "3", "-1", *indices]
    kind = draw(st.sampled_from(["leaf", "cell", "cell", "row", "op", "op"] if depth else ["leaf", "cell"]))
    if kind == "leaf":
        return str(draw(st.sampled_from(leaves)))
    if kind == "cell":
        return f"{draw(st.sampled_from('abh'))}[{draw(subscripts(indices))}]"
    if kind == "row":
        return f"m[{draw(subscripts(indices))}][{draw(subscripts(indices))}]"
    left, right = draw(expressions(indices, depth - 1)), draw(expressions(indices, depth - 1))
    op = draw(st.sampled_from(["+", "-", "*", "max", "min", "if"]))
    if op in ("max", "min"):
        return f"{op}({left}, {right})"
    return f"({left} if {left} > {right} else {right})" if op == "if" else f"({left} {op} {right})"


@st.composite
def subscripts(draw: Any, indices: tuple[str, ...]) -> str:
    """An index: mostly affine, sometimes reversed, doubled, mixed or computed from data."""
    i = draw(st.sampled_from(indices))
    j = draw(st.sampled_from(indices))
    forms = [i, i, i, f"{i} + 1", f"{i} - 1", f"n - {i}", f"2 * {i}", "0", f"{i} + {j}", f"a[{i}] % 7"]
    return str(draw(st.sampled_from(forms)))


@st.composite
def statements(draw: Any, indices: tuple[str, ...]) -> list[str]:
    """One statement, perhaps compound, as lines."""
    x, y = draw(expressions(indices)), draw(expressions(indices, 1))
    index, other = draw(subscripts(indices)), draw(subscripts(indices))
    i = indices[-1]
    simple = [
        f"b[{index}] = {x}", f"a[{index}] = {x}", f"m[{index}][{other}] = {x}", f"b[{index}] += {x}",
        f"t = {x}", f"u = {x}", f"s += {x}", f"s = s + {x}", f"s = max(s, {x})", f"t += {x}", f"out.append({x})",
        f"h[{index}] += 1", f"m[{index}][{other}] += {x}", f"h[a[{i}] % 5] += {y}", f"u = u * 2 + {y}",
        f"p.append(p[-1] + {y})", f"b[{i}] = b[{i} - 1] + {y}", f"a[{i}] = max(a[{i} - 1], {y})",
    ]  # fmt: skip
    one = draw(st.sampled_from(simple))
    kind = draw(st.sampled_from(["plain"] * 4 + ["if", "else", "continue", "extreme", "position", "flag"]))
    two = draw(st.sampled_from(simple))
    return {
        "plain": [one],
        "if": [f"if {x} > {y}:", f"    {one}", f"    {two}"],
        "else": [f"if {x} > {y}:", f"    {one}", "else:", f"    {two}"],
        "continue": [f"if {x} > {y}:", "    continue", one],
        "extreme": [f"if {x} > best:", f"    best = {x}", f"    k = {i}"],
        "position": [f"if a[{i}] < a[k]:", f"    k = {i}"],
        "flag": [f"if {x} == {y}:", "    found = True"],
    }[str(kind)]


@st.composite
def nests(draw: Any) -> str:
    """A loop of one or two levels with a few statements around and inside."""

    def block(indices: tuple[str, ...]) -> list[str]:
        return [line for part in draw(st.lists(statements(indices), min_size=1, max_size=3)) for line in part]

    lines = [f"for i in {draw(st.sampled_from(RANGES))}:"]
    if draw(st.booleans()):
        return "\n".join(lines + [f"    {line}" for line in block(("i",))])
    before = block(("i",)) if draw(st.booleans()) else []
    after = block(("i",)) if draw(st.booleans()) else []
    inner = [f"for j in {draw(st.sampled_from(INNER))}:", *(f"    {line}" for line in block(("i", "j")))]
    return "\n".join(lines + [f"    {line}" for line in (*before, *inner, *after)])


@st.composite
def shaped(draw: Any) -> str:
    """Loops in the shapes that people write: sums per row, running sums, rows built by append, two-step temporaries."""
    outer, inner = draw(st.sampled_from(RANGES)), draw(st.sampled_from(INNER))
    x, y, z = (draw(expressions(("i", "j"), 1)) for _ in range(3))
    v, w = draw(expressions(("i",), 1)), draw(expressions(("i",), 1))
    combine = draw(
        st.sampled_from([f"t += {x}", f"t -= {x}", f"t = max({x}, t)", f"t = min(t, {x})", f"t += {x} * {y}"])
    )
    after = draw(st.sampled_from(["b[i] = t", "s += t", "out.append(t)", "m[i][0] = t + m[i][0]", f"b[i] = t + {v}"]))
    guard = draw(st.sampled_from(["", f"if {y} > {z}:"]))
    inside = [guard, f"    {combine}"] if guard else [combine]
    free = draw(expressions(("k",), 1))
    head, sub = f"for i in {outer}:", f"    for j in {inner}:"
    shapes = [
        [head, f"    t = {v}", sub, *(f"        {i}" for i in inside), f"    {after}"],
        [head, f"    u = {v}", f"    t = u * {w}", f"    {after}", "    a[i] = u"],
        [head, "    b[i] = s", f"    s += {v}", "    h[i] = s", f"    out.append(s + {w})"],
        [head, "    row = []", sub, f"        row.append({x})", "    out.append(row)"],
        [head, sub, f"        m[i][j] = m[i][j - 1] + {x}"],
        [head, sub, f"        m[i][j] = max(m[i - 1][j], m[i][j - 1] - 1, {x})"],
        [head, f"    b[i] = sum({x} for j in {inner})", f"    s += max({y} for j in range(3))"],
        [head, "    r = m[i]", sub, f"        r[j] = {x} + r[j]", "        b[j] += r[j]"],
        ["for x in a:", f"    if x > {free}:", "        t = x", "        out.append(t)", "    s += x"],
        ["for i, x in enumerate(a):", "    if x > best:", "        best, k = x, i", f"    b[i] = x * {w}"],
        ["for row in m:", "    t = 0", "    for x in row:", "        t += x", "    out.append(t)"],
        ["for x, y in zip(a, b):", "    u = x - y", "    s += u * u", "    out.append(u)"],
    ]  # fmt: skip
    return "\n".join(draw(st.sampled_from(shapes)))
