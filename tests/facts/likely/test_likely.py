"""What a file suggests of types: taken from its calls and assignments, and no more than that."""

from pathlib import Path

import pytest

from perf_advise.facts.likely.likely import Likely, likely_types
from perf_advise.facts.types.specs import UNION
from perf_advise.source.index import ModuleIndex
from perf_advise.source.text import read_source

SOURCE = """
import math
import numpy as np

LIMIT = 10


def build(rows, cols):
    return [[0.5 * i for i in range(cols)] for _ in range(rows)]


def product(a, b, n, scale=1.0):
    total = 0
    for i in range(n):
        total += a[i][i] * b[i][i] * scale
    return total


def powers(n):
    value = 1
    for i in range(n):
        value *= i
    return value


def digits(n):
    return n % 10


def pair(a, b):
    return a, b


class Grid:
    def __init__(self, options):
        self.n = options["n"]
        self.cells = np.zeros((self.n, self.n))
        self.counts = [0] * self.n

    def step(self, speed):
        for i in range(self.n):
            self.counts[i] += int(speed)
        return math.sqrt(speed)


left, right = build(3, 3), build(3, 3)
product(left, right, 3)
digits(powers(30))
digits(7)
shared = [1, 2]
pair(shared, shared)
grid = Grid({"n": 4})
grid.step(2)
grid.step(0.5)
"""


@pytest.fixture(scope="module")
def likely(tmp_path_factory: pytest.TempPathFactory) -> Likely:
    path: Path = tmp_path_factory.mktemp("likely") / "sample.py"
    path.write_text(SOURCE)
    return likely_types(ModuleIndex(read_source(path)))


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        ("product", "a", "list[list[float]]"),
        ("product", "n", "int"),
        ("product", "scale", "float"),
        ("build", "rows", "int"),
        ("Grid.__init__", "options", "dict[str, int]"),
        ("Grid.step", "self.n", "int"),
        ("Grid.step", "self.cells", "ndarray[float64, 2d]"),
        ("Grid.step", "self.counts", "list[int]"),
        ("Grid.step", "speed", "float | int"),
        ("digits", "n", "int | integer"),
        ("product", "LIMIT", "int"),
    ],
)
def test_types_come_from_calls_and_assignments(likely: Likely, function: str, name: str, expected: str) -> None:
    found = likely.of_function(function)[name]
    kinds = found.args if found.name == UNION else (found,)
    assert " | ".join(sorted(map(str, kinds))) == expected


def test_an_expression_is_typed_where_it_stands(likely: Likely) -> None:
    assert str(likely.type_of("a[0][i] * scale", "product")) == "float"
    assert str(likely.type_of("self.cells[0, 0]", "Grid.step")) == "numpy.float64"
    assert likely.type_of("nobody", "product") is None


def test_lists_are_apart_only_where_no_call_passes_one_for_both(likely: Likely) -> None:
    assert likely.are_apart("product", "a", "b")
    assert not likely.are_apart("pair", "a", "b")


def test_only_what_bears_on_a_function_is_run_and_gives_the_same_as_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(SOURCE + "\n\ndef apart(items=LIMIT):\n    return items\n\n\napart([1.5])\n")
    names = {"product": "a", "digits": "n", "pair": "a", "Grid.step": "speed", "apart": "items"}
    for function, name in names.items():
        alone, whole = (Likely(ModuleIndex(read_source(path))) for _ in range(2))
        whole.type_of("0", "")  # a question of the top level runs everything
        assert alone.type_of(name, function) == whole.type_of(name, function) is not None
        assert alone.is_called(function)
        assert len(alone.run) < len(whole.run)
