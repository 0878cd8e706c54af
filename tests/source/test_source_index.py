"""Functions, imports and top-level names of a module, against what the compiler says."""

import ast
import inspect
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.source.imports import available_name
from perf_advise.source.index import FunctionSite, ModuleIndex
from perf_advise.source.text import read_source, source_from_bytes

COMPREHENSIONS = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def index_of(text: str, package: str = "") -> ModuleIndex:
    return ModuleIndex(source_from_bytes(Path("some.py"), text.encode()), package)


def code_objects(code: types.CodeType, owner: str = "") -> Iterator[tuple[types.CodeType, str]]:
    """Every code object with the qualified name of the function that it runs in ("" for top-level code)."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            is_function = bool(inner.co_flags & inspect.CO_OPTIMIZED) and inner.co_name not in COMPREHENSIONS
            yield inner, owner
            yield from code_objects(inner, inner.co_qualname if is_function else owner)


def compare_with_compiler(path: Path) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """The functions (qualified name, first line) of the index, and those of the compiler."""
    index = ModuleIndex(read_source(path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        objects = list(code_objects(compile(index.tree, "x", "exec", dont_inherit=True)))
    for code, _ in objects:
        if code.co_name in COMPREHENSIONS:
            assert (code.co_name, code.co_firstlineno) in index.owners
    # Type aliases and type parameters are functions to the compiler.
    types_only = ("TypeAlias", "TypeVar", "TypeVarTuple", "ParamSpec")
    lines = {getattr(node, "lineno", 0) for node in ast.walk(index.tree) if type(node).__name__ in types_only}
    functions = {
        (code.co_qualname, code.co_firstlineno)
        for code, _ in objects
        if code.co_flags & inspect.CO_OPTIMIZED and not code.co_name.startswith("<")
    }
    found = {(site.qualname, site.first_line) for site in index.functions}
    return found, {one for one in functions if one in found or one[1] not in lines}


def test_functions_are_those_of_the_compiler(sample_path: Path) -> None:
    found, compiled = compare_with_compiler(sample_path)
    assert found == compiled and len(found) > 3


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_functions_are_those_of_the_compiler_everywhere(every_path: list[Path]) -> None:
    checked = dead = 0
    for path in every_path[::3]:
        try:
            found, compiled = compare_with_compiler(path)
        except (UserError, SyntaxError):
            continue
        assert compiled <= found, path
        checked += len(found)
        dead += len(found - compiled)
    # Code that cannot run (`if 0:`) is not compiled.
    assert checked > 10_000 and dead < checked / 1000


SOURCE = """\
import functools

@functools.cache
@decorate(
    lambda x: x
)
async def outer(a, b=[i for i in y]):
    def inner():
        return sorted(a, key=lambda v: v)
    class Local:
        def method(self):
            global shared
            def shared(): return 1
    return inner

class A:
    class B:
        @property
        def value(self): return 1
        @value.setter
        def value(self, new): pass

if x:
    def either(): pass
else:
    def either(): return 2
"""


def test_sites_tell_names_lines_and_spans() -> None:
    index = index_of(SOURCE)
    names = [site.qualname for site in index.functions]
    assert names == [
        "outer",
        "outer.<locals>.inner",
        "outer.<locals>.Local.method",
        "shared",
        "A.B.value",
        "A.B.value",
        "either",
        "either",
    ]
    outer = index.functions[0]
    assert (outer.first_line, outer.line, outer.body_line, outer.end_line) == (3, 7, 8, 14)
    assert outer.is_async and outer.decorators[0] == "functools.cache" and outer.class_name is None
    text = index.file.text[outer.span.start : outer.span.end]
    assert text.startswith("@functools.cache\n@decorate(") and text.endswith("    return inner")
    assert index.functions[4].class_name == "A.B"
    assert index.node(outer).name == "outer"
    assert index.named("either") == index.functions[6:]
    assert index.named("absent") == ()


def test_a_line_belongs_to_the_innermost_function() -> None:
    index = index_of(SOURCE)

    def name(site: FunctionSite | None) -> str | None:
        return site.qualname if site else None

    assert [name(index.enclosing(line)) for line in (1, 3, 9, 14, 15, 16)] == [
        None,
        "outer",
        "outer.<locals>.inner",
        "outer",
        None,
        None,
    ]
    assert name(index.owners["<lambda>", 9]) == "outer.<locals>.inner"
    # Default values and decorators run where the function is defined.
    assert name(index.owners["<listcomp>", 7]) is None
    assert name(index.owners["<lambda>", 5]) is None


def test_a_semicolon_is_not_part_of_a_function() -> None:
    index = index_of("def f():\n    return 1 ;  # why\n")
    site = index.functions[0]
    assert index.file.text[site.span.start : site.span.end] == "def f():\n    return 1"


IMPORTS = """\
import os.path
import numpy as np
import xml.dom as dom
from math import sqrt, pi as PI
from . import sibling
from ..up import thing
from .mod import *
if TYPE_CHECKING:
    from typing import Any
try:
    import fast
except ImportError:
    fast = None
try:
    from a import either
except ImportError:
    from b import either
def f():
    import local
"""


def test_imports_are_resolved() -> None:
    known = index_of(IMPORTS, "app.core")
    assert known.imports == {
        "os": "os",
        "np": "numpy",
        "dom": "xml.dom",
        "sqrt": "math.sqrt",
        "PI": "math.pi",
        "sibling": "app.core.sibling",
        "thing": "app.up.thing",
        "Any": "typing.Any",
        "fast": "fast",
    }
    assert known.star_imports == ("app.core.mod",)
    assert known.imported["Any"].typing_only and known.imported["fast"].conditional
    unknown = index_of(IMPORTS)
    assert (unknown.imports["sibling"], unknown.imports["thing"]) == (".sibling", "..up.thing")


def test_only_sure_imports_have_a_usable_name() -> None:
    index = index_of(IMPORTS + "import collections\nfrom heapq import heappush\nheappush = 1\n")
    assert available_name(index, "numpy") == "np"
    assert available_name(index, "numpy.zeros") == "np.zeros"
    assert available_name(index, "math.sqrt") == "sqrt"
    assert available_name(index, "collections.deque") == "collections.deque"
    assert available_name(index, "os.path.join") == "os.path.join"
    for absent in ("typing.Any", "fast", "a.either", "heapq.heappush", "heapq", "local", "deque"):
        assert available_name(index, absent) is None


GLOBALS = """\
LIMIT: int = 10
table = {}
table = []
first, second = 1, 2
for i in range(3):
    last = i
total += 1
if (n := len(table)) > 3:
    late: str
squares = [hidden * (leak := hidden) for hidden in table]
with open("f") as handle: pass
try: pass
except OSError as error: pass
match table:
    case [head, *rest]: pass
    case {"k": v, **others}: pass
    case str() as word: pass
def helper(a=(default := 1)): local = 1
class Thing: attribute = 1
def writer():
    global shared, LIMIT
    shared = 1
    LIMIT += 1
del table
"""


def test_top_level_names_count_their_bindings() -> None:
    names = index_of(GLOBALS).globals
    bound = {name: found.bound for name, found in names.items()}
    assert bound == {
        **dict.fromkeys(["first", "second", "i", "last", "total", "n", "squares", "leak", "handle", "error"], 1),
        **dict.fromkeys(["head", "rest", "v", "others", "word", "helper", "default", "Thing", "writer"], 1),
        **{"LIMIT": 2, "table": 3, "late": 0, "shared": 1},
    }


def test_a_name_bound_once_has_a_value() -> None:
    names = index_of("A: list = []\nB = 1\nB = 2\nC, D = 1, 2\ndef f(): pass\nif x:\n    E = 5\n").globals
    given = {name: type(found.value).__name__ for name, found in names.items()}
    assert given == {
        "A": "List",
        "B": "NoneType",
        "C": "NoneType",
        "D": "NoneType",
        "f": "FunctionDef",
        "E": "Constant",
    }
    assert names["A"].annotation is not None
    assert names["E"].conditional and not names["A"].conditional


def test_an_index_of_invalid_python_raises_when_asked() -> None:
    index = index_of("def f(:\n")
    with pytest.raises(UserError, match=r"some\.py:1"):
        _ = index.functions
