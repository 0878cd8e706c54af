"""Types of expressions: what is sure, what is Unknown, and on which evidence."""

from collections.abc import Callable
from pathlib import Path

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Evidence, Truth
from perf_advise.model.pytypes import PyType
from perf_advise.source.project import Project
from perf_advise.source.slices import slice_function

FactsOf = Callable[..., Facts]

HEAD = """
from __future__ import annotations
import math, random, re, copy, heapq
import numpy as np
import numpy.typing as npt
import pandas as pd
from collections import deque, Counter, defaultdict
from typing import Any, Final, List, Dict, Optional, Union, Sequence, Iterable, Literal
from pathlib import Path

LIMIT = 3
NAMES = ("a", "b")
Vector = list[float]
changing = []
changing.append(1)
fixed = {"a": 1}
"""


def returned(facts: Facts) -> cst.BaseExpression:
    """The expression that the function returns."""
    found = [n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return) and n.value is not None]
    return found[-1]


def type_text(facts: Facts, expr: cst.CSTNode) -> str:
    """The type of an expression as text; alternatives joined by `|`; `?` when unknown."""
    return " | ".join(map(str, facts.type_of(expr).alternatives)) or "?"


EXPRESSIONS = [
    ("1", "int"), ("1.5", "float"), ("'a' 'b'", "str"), ("b'a'", "bytes"), ("f'{1}'", "str"), ("True", "bool"),
    ("None", "NoneType"), ("1j", "complex"), ("[1, 2]", "list[int]"), ("[1, 'a']", "list[int, str]"), ("[]", "list"),
    ("(1, 'a')", "tuple[int, str]"), ("{1, 2}", "set[int]"), ("{'a': 1}", "dict[str, int]"),
    ("[x * 0.5 for x in range(3)]", "list[float]"), ("{k: [v] for k, v in zip('ab', [1, 2])}", "dict[str, list[int]]"),
    ("[[0] * 3 for _ in range(3)]", "list[list[int]]"), ("sorted({1, 2})", "list[int]"), ("'a b'.split()", "list[str]"),
    ("list('abc')", "list[str]"), ("dict(a=1)", "dict[str, int]"), ("len([])", "int"), ("7 // 2", "int"),
    ("7 / 2", "float"),
    ("2 ** 3", "int"), ("2 ** -1", "float"), ("(-1.5) ** 2", "float"), ("1 + 1.5", "float"), ("1 < 2", "bool"),
    ("not []", "bool"), ("'a' % 1", "str"), ("[1] + ['a']", "list[int, str]"), ("(1,) + ('a',)", "tuple[int, str]"),
    ("max(1, 2)", "int"), ("min([1.5])", "float"), ("sum([1, 2])", "int"), ("abs(-1.5)", "float"),
    ("round(1.5)", "int"),
    ("round(1.5, 1)", "float"), ("divmod(7, 2)", "tuple[int, int]"), ("math.sqrt(2)", "float"),
    ("math.floor(2.5)", "int"),
    ("math.pi", "float"), ("random.random()", "float"), ("random.choice([1, 2])", "int"), ("int('3')", "int"),
    ("Counter('ab').most_common(1)", "list[tuple[str, int]]"), ("deque([1]).popleft()", "int"),
    ("re.match('a', 'b')", "NoneType | re.Match"), ("[1, 2][0]", "int"), ("[1, 2][1:]", "list[int]"),
    ("'ab'[0]", "str"),
    ("(1, 'a')[1]", "str"), ("{'a': 1.5}['a']", "float"), ("{'a': 1}.get('b')", "NoneType | int"),
    ("{'a': 1}.get('b', 0)", "int"), ("list({'a': 1}.items())", "list[tuple[str, int]]"), ("[y := 1.5][0]", "float"),
    ("1 if LIMIT else 'a'", "int | str"), ("[] or [1]", "list"), ("LIMIT", "int"), ("NAMES", "tuple[str, str]"),
    ("fixed['a']", "int"), ("copy.deepcopy([[1]])", "list[list[int]]"), ("heapq.nlargest(2, [1.5])", "list[float]"),
    ("list(map(str, [1]))", "list[str]"), ("list(map(lambda x: x / 2, [1]))", "list[float]"),
    ("list(enumerate('a'))", "list[tuple[int, str]]"),
    ("np.zeros((3, 4))", "ndarray[float64, 2d]"), ("np.zeros(3, dtype=np.int32)", "ndarray[int32, 1d]"),
    ("np.array([[-1, 0], [2, 1]])", "ndarray[int64, 2d]"), ("np.array([[1, 0.5], [2, 1]])", "ndarray[float64, 2d]"),
    ("np.random.randint(0, 9, (2, 3), np.uint8)", "ndarray[uint8, 2d]"),
    ("np.random.default_rng(1).random((2, 3), dtype=np.float32)", "ndarray[float32, 2d]"),
    ("np.array([1.0, 2.0])", "ndarray[float64, 1d]"), ("np.arange(5)", "ndarray[int64, 1d]"),
    ("np.arange(5) / 2", "ndarray[float64, 1d]"), ("np.zeros((3, 4))[0]", "ndarray[float64, 1d]"),
    ("np.zeros((3, 4))[0, 0]", "numpy.float64"), ("np.zeros((3, 4)).T @ np.zeros(3)", "ndarray[float64, 1d]"),
    ("np.zeros((3, 4)).sum(axis=0)", "ndarray[float64, 1d]"), ("np.arange(3).sum()", "numpy.int64"),
    ("np.arange(3) > 1", "ndarray[bool, 1d]"), ("np.sqrt(np.arange(3))", "ndarray[float64, 1d]"),
    ("np.zeros((2, 2)).shape", "tuple[int, int]"), ("np.zeros(3).tolist()", "list[float]"),
    ("np.ones((2, 2), dtype=np.float32) * 2.0", "ndarray[float32, 2d]"), ("float(np.zeros(3)[0])", "float"),
]  # fmt: skip
UNKNOWN = [
    ("changing[0]", "a module-level list that is changed"), ("undefined_name", "nowhere bound"), ("p", "no annotation"),
    ("p.x", "an attribute of an unknown object"), ("p + 1", "an operator of an unknown object"),
    ("p[0]", "an item of one"),
    ("p()", "a call of one"), ("p == 1", "`==` may give anything"), ("np.zeros(p, dtype=object)[0]", "an object"),
    ("[p][0]", "an item that is unknown"), ("getattr(1, 'a')", "not followed"), ("eval('1')", "anything"),
    ("np.float32(1) * 2.0", "NumPy 1 and 2 differ"), ("np.int8(1) + 1", "NumPy 1 and 2 differ"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "expected"), EXPRESSIONS)
def test_expressions(expr: str, expected: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"{HEAD}\ndef f(p):\n    return {expr}\n")
    assert type_text(facts, returned(facts)) == expected
    assert facts.type_of(returned(facts)).evidence is Evidence.STATIC


@pytest.mark.parametrize(("expr", "why"), UNKNOWN)
def test_what_is_not_known_is_said_to_be_unknown(expr: str, why: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"{HEAD}\ndef f(p):\n    return {expr}\n")
    typed = facts.type_of(returned(facts))
    assert typed.type is None, why
    assert typed.evidence is Evidence.NONE
    assert typed.why


ANNOTATIONS = [
    ("int", "int"), ("list[int]", "list[int]"), ("List[int]", "list[int]"), ("list", "list"),
    ("'list[int]'", "list[int]"),
    ("Optional[int]", "NoneType | int"), ("int | str", "int | str"), ("Union[int, None]", "NoneType | int"),
    ("dict[str, list[float]]", "dict[str, list[float]]"), ("Dict[str, int]", "dict[str, int]"),
    ("tuple[int, str]", "tuple[int, str]"), ("tuple[int, ...]", "tuple[int, ...]"), ("np.ndarray", "ndarray"),
    ("npt.NDArray[np.float64]", "ndarray[float64]"),
    ("np.ndarray[tuple[int, int], np.dtype[np.float64]]", "ndarray[float64, 2d]"),
    ("np.float64", "numpy.float64"), ("pd.DataFrame", "pandas.DataFrame"), ("deque[int]", "collections.deque[int]"),
    ("Vector", "list[float]"), ("Final[int]", "int"), ("Literal[1, 2]", "int"), ("None", "NoneType"),
    ("Path", "pathlib.Path"),
    ("Sequence[int]", "?"), ("Iterable[int]", "?"), ("Any", "?"), ("object", "?"), ("int | Any", "?"),
    ("undefined", "?"),
    ("Union[int, Sequence]", "?"),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "expected"), ANNOTATIONS)
def test_annotations(annotation: str, expected: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"{HEAD}\ndef f(x: {annotation}):\n    return x\n")
    assert type_text(facts, returned(facts)) == expected


FLOWS = {
    "one type on all paths": ("if p:\n        x = 1\n    else:\n        x = 2\n    return x", "int"),
    "two types": ("if p:\n        x = 1\n    else:\n        x = 'a'\n    return x", "int | str"),
    "a loop that changes it": ("x = 0\n    for i in range(3):\n        x += 0.5\n    return x", "float | int"),
    "filled by append": ("xs = []\n    for i in range(3):\n        xs.append(i * 0.5)\n    return xs", "list[float]"),
    "filled under another name": ("xs = [1]\n    ys = xs\n    ys.append('a')\n    return xs", "list[int, str]"),
    "given away": ("xs = [1]\n    p(xs)\n    return xs", "list"),
    "given away later": ("xs = [1]\n    x = xs[0]\n    p(xs)\n    return x", "int"),
    "kept by an attribute and then anything runs": ("xs = [1]\n    p.xs = xs\n    p.run()\n    return xs[0]", "?"),
    "a None that is filled": ("x = None\n    if x is None:\n        x = []\n    return x", "list"),
    "narrowed": ("if not isinstance(p, list):\n        return 0\n    return p", "list"),
    "narrowed to one of two": ("x = 1 if p else 'a'\n    if isinstance(x, str):\n        return 0\n    return x", "int"),
    "after a with": ("with open('a') as h:\n        x = h.read()\n    return x", "str"),
    "lines of a file": ("for line in open('a'):\n        x = line\n    return x", "str"),
    "an except that binds": (
        "try:\n        x = 1\n        p()\n    except Exception:\n        x = 'a'\n    return x", "int | str"),
    "unpacked": ("a, (b, *c) = 1, (2.5, 'a', 'b')\n    return c", "list[float, str]"),
    "a name that locals() may show": ("x = 1\n    p(locals())\n    return x", "?"),
    "a generator that is kept": ("n = 1\n    g = (n for _ in 'ab')\n    n = 'a'\n    return list(g)", "list"),
    "a default dict": (
        "d = defaultdict(list)\n    d['a'].append(1)\n    return d", "collections.defaultdict[str, list[int]]"),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOWS)
def test_flow(name: str, facts_of: FactsOf) -> None:
    body, expected = FLOWS[name]
    facts = facts_of(f"{HEAD}\ndef f(p):\n    {body}\n")
    assert type_text(facts, returned(facts)) == expected


def test_seen_types_fill_what_the_text_leaves_open(facts_of: FactsOf) -> None:
    source = "def f(a, xs: list):\n    return a[0, 0] * xs[0]\n"
    array = PyType("numpy.ndarray", dtype="float64", ndim=2, contiguous=True, size=3)
    seen = {"a": array, "xs": PyType("list", (PyType("float"),))}
    facts = facts_of(source, "f", seen)
    typed = facts.type_of(returned(facts))
    assert (str(typed.type), typed.evidence) == ("numpy.float64", Evidence.SEEN)
    names = {n.value: n for n in walk(facts.slice.node) if isinstance(n, cst.Name)}
    assert facts.is_type(names["a"], "numpy.ndarray").evidence is Evidence.SEEN
    assert facts.is_type(names["xs"], "list").evidence is Evidence.STATIC
    assert facts.element_type(names["xs"]).evidence is Evidence.SEEN


def test_a_contradicted_annotation_is_reported_and_not_trusted(facts_of: FactsOf) -> None:
    source = "def f(xs: list[int], n: int):\n    return xs\n"
    facts = facts_of(source, "f", {"xs": PyType("list", (PyType("str"),)), "n": PyType("int")})
    answer = facts.is_type(returned(facts), "list")
    assert (answer.truth, answer.evidence) == (Truth.YES, Evidence.SEEN)
    assert facts.contradictions == {"xs": "annotated list[int], but list[str] was seen while recording"}
    assert facts.static.typed(returned(facts)).type is None


@pytest.mark.parametrize(
    ("annotation", "seen"),
    [
        ("int", "bool"),
        ("float", "float"),
        ("float", "int"),
        ("dict", "collections.defaultdict"),
        ("Base", "app.Derived"),
    ],
)
def test_what_keeps_the_promise_is_no_contradiction(annotation: str, seen: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"class Base: ...\ndef f(x: {annotation}):\n    return x\n", "f", {"x": PyType(seen)})
    assert facts.contradictions == {}


def test_an_int_seen_for_a_float_is_no_contradiction_but_counts(facts_of: FactsOf) -> None:
    facts = facts_of("def f(x: float):\n    return x\n", "f", {"x": PyType("int")})
    assert [str(t) for t in facts.static.typed(returned(facts)).alternatives] == ["float", "int"]
    assert facts.type_of(returned(facts)).evidence is Evidence.SEEN


CLASS = """
import numpy as np
class Base:
    def __init__(self, n: int):
        self.n = n
        self.seen = None
class Grid(Base):
    limit = 5
    def __init__(self, n: int, names):
        super().__init__(n)
        self.a = np.zeros((n, n))
        self.names = names
        self.count = 0
        self.mixed = 1
        m = n * 2
        self.m = m
        self.pair = (n, 1.5)
        self.items = [1]
    def touch(self):
        self.count += 1
        self.mixed = "a"
        self.items.append("a")
    @property
    def area(self):
        return self.n * 0.5
    def size(self) -> int:
        return len(self.items)
    def _twice(self):
        return self.n * 2
    def run(self):
        return {expr}
"""


@pytest.mark.parametrize(
    ("expr", "expected"),
    [("self.n", "int"), ("self.a", "ndarray[float64, 2d]"), ("self.a[0, 0]", "numpy.float64"), ("self.count", "int"),
     ("self.m", "int"), ("self.limit", "int"), ("self.area", "float"), ("self.pair", "tuple[int, float]"),
     ("self.items", "list"), ("self.size()", "int"), ("self._twice()", "int"), ("Grid(3, []).m", "int"),
     ("self.mixed", "int | str"), ("self.names", "?"), ("self.missing", "?"), ("self.items[0]", "?"), ("self.seen", "NoneType")],
)  # fmt: skip
def test_attributes_of_classes(expr: str, expected: str, facts_of: FactsOf) -> None:
    facts = facts_of(CLASS.replace("{expr}", expr), "Grid.run")
    assert type_text(facts, returned(facts)) == expected


@pytest.mark.parametrize(
    "extra",
    ["    def __setattr__(self, name, value): ...", "    def load(self, d):\n        self.__dict__.update(d)",
     "    def load(self, d):\n        setattr(self, 'n', d)", "    def load(self):\n        for self.n in 'ab':\n            pass",
     "def spoil(grid):\n    grid.n = 'a'"],
)  # fmt: skip
def test_attributes_that_anything_may_set_are_unknown(extra: str, facts_of: FactsOf) -> None:
    facts = facts_of(f"{CLASS.replace('{expr}', 'self.n')}\n{extra}\n", "Grid.run")
    assert type_text(facts, returned(facts)) == "?"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("new = self.u.copy()\n        self.u = new", "ndarray[float64, 2d]"),
        ("self.u = self.u * 2", "ndarray[float64, 2d]"),
        ("self.u = self.smooth(self.u)", "?"),
        ("self.u = self.u.ravel()", "?"),
        ("self.u = self.u.astype(int)", "?"),
        ("self.u = self.other", "?"),
    ],
)
def test_an_attribute_made_from_itself_keeps_its_type(step: str, expected: str, facts_of: FactsOf) -> None:
    source = (
        "import numpy as np\n\n\nclass Heat:\n    def __init__(self, n: int):\n        self.u = np.zeros((n, n))\n"
        f"    def step(self):\n        {step}\n    def run(self):\n        return self.u\n"
    )
    facts = facts_of(source, "Heat.run")
    assert type_text(facts, returned(facts)) == expected


def test_a_base_that_is_not_known_leaves_attributes_unknown(facts_of: FactsOf) -> None:
    source = CLASS.replace("class Base:", "import lib\nclass Base(lib.Base):").replace("{expr}", "self.n")
    facts = facts_of(source, "Grid.run")
    assert type_text(facts, returned(facts)) == "?"


def test_methods_that_a_subclass_may_override_are_assumed_not_known(facts_of: FactsOf) -> None:
    source = "class A:\n    def part(self):\n        return 1\n    def run(self):\n        return self.part()\n"
    facts = facts_of(source, "A.run")
    assert facts.type_of(returned(facts)).evidence is Evidence.SEEN
    overridden = facts_of(source + "class B(A):\n    def part(self):\n        return 'a'\n", "A.run")
    assert type_text(overridden, returned(overridden)) == "?"


def test_functions_of_other_modules(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from app.tools import scale\n")
    (package / "tools.py").write_text(
        "RATE = 0.5\ndef scale(x):\n    return x * RATE\ndef fill(xs, x):\n    xs.append(x)\n"
    )
    (package / "main.py").write_text(
        "from app import scale\nfrom .tools import fill, RATE\n"
        "def f(n: int):\n    xs = []\n    fill(xs, 'a')\n    return scale(n), xs, RATE\n"
    )
    project = Project(tmp_path)
    file, index = project.file(package / "main.py")
    facts = Facts(slice_function(file, index.functions[0]), index, project)
    assert type_text(facts, returned(facts)) == "tuple[float, list[str], float]"


def test_recursion_ends(facts_of: FactsOf) -> None:
    source = """
        def even(n): return True if n == 0 else odd(n - 1)
        def odd(n): return False if n == 0 else even(n - 1)
        def f(n: int):
            return even(n)
        """
    facts = facts_of(source, "f")
    assert type_text(facts, returned(facts)) == "bool"
