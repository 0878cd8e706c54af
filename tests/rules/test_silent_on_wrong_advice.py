"""Advice that modern CPython has made wrong: measured as slower or no faster on 3.11 to 3.13, so no rule gives it."""

from pathlib import Path

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.catalog.ratios import Ratios
from perf_advise.engine.analyse import analyse
from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions

RULES = tuple(rule for rule in load_rules() if rule.rule.code[2] in "456789")
SHAPES = {
    "try inside the loop, moved out": """
def f(d: dict[str, int], keys: list[str]) -> int:
    n = 0
    for key in keys:
        try:
            n += d[key]
        except KeyError:
            n -= 1
    return n
""",
    "global to local name": "LIMIT = 3\ndef f(xs: list[int]) -> list[bool]:\n    return [x < LIMIT for x in xs]\n",
    "imported function by its own name": "import math\ndef f(xs: list[float]):\n    return [math.sqrt(x) for x in xs]\n",
    "bound method hoisted": """
def f(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        if x % 3:
            out.append(x * 2)
            print(x)
    return out
""",
    "tuple for a list of constants": "def f(x: int) -> bool:\n    for k in [1, 2, 3]:\n        x += k\n    return x in [1, 2]\n",
    "append loop to extend of a generator": """
def f(xs: list[int], out: list[int]) -> None:
    for x in xs:
        out.append(x + 1)
""",
    "dict comprehension": """
def f(xs: list[int]) -> dict[int, int]:
    d = {}
    for x in xs:
        d[x] = x + 1
    return d
""",
    "sum and all of a list to a generator": """
def f(xs: list[int]) -> tuple[int, bool]:
    return sum([x + 1 for x in xs]), all([x > 1 for x in xs])
""",
    "loop with a return to any": """
def f(xs: list[int]) -> bool:
    for x in xs:
        if x > 3:
            return True
    return False
""",
    "join of a list to a generator": "def f(xs: list[int]) -> str:\n    return ','.join([str(x) for x in xs])\n",
    "conditional to min": "def f(xs: list[int]) -> list[int]:\n    return [x if x < 3 else 3 for x in xs]\n",
    "equalities to membership": "def f(xs: list[int], a: int, b: int):\n    return [x == a or x == b for x in xs]\n",
    "tuple of names to a set": "def f(xs: list[int], a: int, b: int):\n    return [x in (a, b) for x in xs]\n",
    "small bytes slices to memoryview": "def f(b: bytes) -> list[bytes]:\n    return [b[i : i + 9] for i in range(9)]\n",
    "local text grown by +=": """
def f(words: list[str]) -> str:
    text = ""
    for word in words:
        text += word
    return text
""",
    "chained replace to translate": """
def f(words: list[str]) -> list[str]:
    return [w.replace(",", ".").replace(";", ".").replace("-", "_") for w in words]
""",
    "str.format to f-string": "def f(xs: list[int]) -> list[str]:\n    return ['{} items'.format(x) for x in xs]\n",
    "append loop to a comprehension": """
def f(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        if x % 3:
            out.append(x * x)
    return out
""",
    "groups by setdefault to defaultdict": """
def f(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
""",
    "groups by a test to defaultdict": """
def f(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for key, value in pairs:
        if key not in groups:
            groups[key] = []
        groups[key].append(value)
    return groups
""",
    "writes to writelines": """
def f(lines: list[str], path: str) -> None:
    with open(path, "w") as file:
        for line in lines:
            file.write(line)
""",
    "isinstance calls merged": """
def f(xs: list[object]) -> list[bool]:
    return [isinstance(x, int) or isinstance(x, float) for x in xs]
""",
    "neighbours to pairwise": """
def f(xs: list[int]) -> list[int]:
    return [b - a for a, b in zip(xs, xs[1:])]
""",
    "set add to update of a generator": """
def f(xs: list[int], s: set[int]) -> None:
    for x in xs:
        s.add(x + 1)
""",
    "dict loop to items": """
def f(d: dict[str, int]) -> int:
    n = 0
    for key in d:
        n += d[key]
    return n
""",
    "len of a list to sum": "def f(xs: list[int]) -> int:\n    return len([x for x in xs if x > 3])\n",
    "range(len) to enumerate": "def f(xs: list[int]) -> list[int]:\n    return [xs[i] * i for i in range(len(xs))]\n",
    "sort and head to nlargest": """
import pandas as pd

def f(df: pd.DataFrame) -> pd.DataFrame:
    return df.sort_values("a").head(3)
""",
    "inplace, values, query": """
import pandas as pd

def f(df: pd.DataFrame) -> object:
    df.dropna(inplace=True)
    return df[df["a"] > 1]["b"].values
""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_rule_gives_advice_that_is_wrong_today(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(SHAPES[shape], "utf-8")
    views = Views(tmp_path, (3, 13))
    hot = list(all_functions([views.file(path)[0]]))
    analysis = analyse(hot, lambda _: RULES, views, Ratios({}), 0.0)
    assert hot
    assert [(finding.code, finding.message) for finding in analysis.findings] == []
