"""Notebooks: read as Python, written back with only the source strings of edited cells changed."""

import ast
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Location, Span
from perf_advise.source.edits import apply_edits
from perf_advise.source.imports import import_edits
from perf_advise.source.index import ModuleIndex
from perf_advise.source.magics import readable
from perf_advise.source.notebook import Notebook, notebook_from_bytes
from perf_advise.source.slices import slice_function, slice_module
from perf_advise.source.text import read_source, source_from_bytes

FILE = Path("analysis.ipynb")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
OUTPUT = {"output_type": "stream", "name": "stdout", "text": ['"cells": [{"source": ["x"]}]\n', "é </script> \\\n"]}
STYLES: dict[str, dict[str, Any]] = {
    "jupyter": {"indent": 1, "ensure_ascii": False},
    "escaped": {"indent": 1},
    "line": {},
    "compact": {"separators": (",", ":")},
    "tabs": {"indent": "\t", "sort_keys": True},
}


def content(cells: Sequence[object], /, **changes: object) -> dict[str, object]:
    code = [
        {
            "cell_type": "code",
            "execution_count": 3,
            "id": f"c{n}",
            "metadata": {},
            "outputs": [OUTPUT],
            "source": source,
        }
        for n, source in enumerate(cells)
    ]
    text = {"cell_type": "markdown", "id": "m", "metadata": {"cells": []}, "source": ["# Head\n", "é"]}
    return {"cells": [text, *code], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5, **changes}


def notebook(cells: Sequence[object], style: str = "jupyter", /, **changes: object) -> Notebook:
    return notebook_from_bytes(FILE, json.dumps(content(cells, **changes), **STYLES[style]).encode())


def edit(file: Notebook, old: str, new: str) -> Edit:
    start = file.text.index(old)
    return Edit(FILE, Span(start, start + len(old)), old, new)


def sources(data: bytes) -> list[str]:
    return [cell.source for cell in nbformat.reads(data.decode(), as_version=4).cells if cell.cell_type == "code"]


def as_lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_cells_are_one_text() -> None:
    file = notebook(["a = 1\nb = 2", "", as_lines("é = 3\n"), "c = 4"])
    assert file.text == "a = 1\nb = 2\n\né = 3\n\nc = 4"
    assert file.location(file.text.index("b")) == Location(2, 1, 1)
    assert file.location(file.text.index("3")) == Location(1, 5, 3)
    assert file.location(len(file.text)) == Location(1, 6, 4)
    assert list(ModuleIndex(file).globals) == ["a", "b", "é", "c"]
    assert file.encode(()) == file.data


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("form", [as_lines, str], ids=["lines", "string"])
def test_an_edit_changes_the_lines_it_touches(style: str, form: Any) -> None:
    before = ["x = '\\u2028<\\t\\\\'\ny = 1\nz = 'ü'\n", "for i in x:\n    y += i\nprint(y)"]
    after = ["x = '\\u2028<\\t\\\\'\ny = 'ä'\nz = 'ü'\n", "y += sum(x)\nprint(y)"]
    file = notebook([form(cell) for cell in before], style)
    edits = [edit(file, "1", "'ä'"), edit(file, "for i in x:\n    y += i\n", "y += sum(x)\n")]
    expected = json.dumps(content([form(cell) for cell in after]), **STYLES[style]).encode()
    assert apply_edits(file, edits) == expected


@pytest.mark.parametrize("style", STYLES)
def test_imports_go_to_the_first_cell_that_imports(style: str) -> None:
    cells = ["%matplotlib inline\nx = 1", "%%time\nimport a", "# %%\nimport os\nx = 2", "import sys"]
    file = notebook([as_lines(cell) for cell in cells], style)
    cells[2] = "# %%\nimport os\n\nimport numpy as np\nx = 2"
    expected = json.dumps(content([as_lines(cell) for cell in cells]), **STYLES[style]).encode()
    assert apply_edits(file, import_edits(file, ["import numpy as np"])) == expected


def test_imports_go_to_the_first_cell_when_none_imports() -> None:
    file = notebook(["%%bash\nls", "", as_lines("x = 1"), "y = 2"])
    data = apply_edits(file, import_edits(file, ["import numpy as np"]))
    assert sources(data) == ["%%bash\nls", "", "import numpy as np\n\nx = 1", "y = 2"]
    magic_only = notebook(["%load_ext a", "%%R\nx"])
    data = apply_edits(magic_only, import_edits(magic_only, ["import numpy as np"]))
    assert sources(data) == ["%load_ext a\n\nimport numpy as np", "%%R\nx"]
    only_empty = notebook([[]])
    assert sources(apply_edits(only_empty, import_edits(only_empty, ["import os"]))) == ["import os\n"]


def test_odd_json_stays_as_it_is() -> None:
    data = (
        b'\xef\xbb\xbf {"nbformat":4 , "metadata" :{},\r\n"cells":[ {"source" '
        b': [ "a = 1\\n" ,\r\n\t"b\\u0020= \\"\\/\\"\\n"\r\n , "c = 3" ]'
        b' ,"cell_type":"code","outputs":[{"data":"\\\\"},[],{}]} ] , "nbformat": 4} \n'
    )
    file = notebook_from_bytes(FILE, data)
    assert file.text == 'a = 1\nb = "/"\nc = 3'
    assert file.encode([edit(file, "1", "2")]) == data.replace(b"a = 1", b"a = 2")
    assert file.encode([edit(file, "c = 3", "c = 3\nd = 4")]) == data.replace(b'"c = 3"', b'"c = 3\\n" ,\r\n\t"d = 4"')
    assert file.encode([edit(file, "a = 1\n", "")]) == data.replace(b'"a = 1\\n" ,\r\n\t', b"")
    assert file.encode([edit(file, 'a = 1\nb = "/"\n', 'x\nb = "/"\n')]) == data.replace(b"a = 1", b"x")
    assert file.encode([edit(file, "\nc = 3", "")]).count(b"\\u0020") == 0  # that line was edited
    assert b'"source" : []' in file.encode([edit(file, file.text, "")])


lines = st.sampled_from(
    ["a = 1", "", "é = 'ü'", "b = '\\\\n'", "c = '\\t\"'", "  ", "# </", "d = '\N{SNAKE}'", "e = '\x7f'"]
)
cell_texts = st.lists(lines, min_size=1, max_size=5).map("\n".join)


@settings(deadline=None)
@given(
    st.lists(cell_texts, min_size=1, max_size=3),
    st.sampled_from(sorted(STYLES)),
    st.booleans(),
    st.data(),
)
def test_any_edit_gives_the_source_it_should_and_keeps_all_else(
    cells: list[str], style: str, as_array: bool, data: st.DataObject
) -> None:
    file = notebook([as_lines(cell) if as_array else cell for cell in cells], style)
    number = data.draw(st.integers(0, len(cells) - 1))
    cell = file.cells[number]
    ends = sorted(
        data.draw(st.tuples(st.integers(cell.span.start, cell.span.end), st.integers(cell.span.start, cell.span.end)))
    )
    new = data.draw(st.sampled_from(["", "x", "\n", "x = 'ß'\n", "\ny\nz"]))
    span = Span(*ends)
    result = file.encode([Edit(FILE, span, file.text[span.start : span.end], new)])
    start = cell.span.start
    expected = cells[number][: span.start - start] + new + cells[number][span.end - start :]
    assert sources(result) == [*cells[:number], expected, *cells[number + 1 :]]
    first, last = cell.source.start, cell.source.end
    assert result[:first] == file.data[:first] and result.endswith(file.data[last:])
    old, made = (
        json.loads(raw) for raw in (file.data[first:last], result[first : len(result) - len(file.data) + last])
    )
    assert isinstance(made, list) == as_array and isinstance(old, type(made))


MAGICS = [
    "%matplotlib inline\nimport numpy as np\n%time x = f(1)\nx",
    "!ls -l\nfiles = !ls *.py\na, b = %magic x\nprint(files)",
    "for f in files:\n    !convert {f}\n    %cd ..\nif x:\n  !y\n",
    "np.sum?\n?print\n??len\nx = 1\nnp.*sum*?\n%timeit?\n",
    "x = '''\n%not a magic\n!nor this\n'''\n%a_magic\n",
    "y = (a\n% b)\nz = a \\\n% c\n!really\n",
    "%%time\nx = 1\n!ls\n",
    "%%timeit -n 3 setup()\ntotal = 0\nfor i in x:\n    total += i\n",
    "%%capture out\nprint(1)\n",
    "!pip install \\\n   a b \\\n   c\nx = 1\n",
    "files = !ls \\\n   *.py\n",
    "%load_ext perf_advise\n\n# c\n%%not_first\n",
    "x = 'it''s'; y = \"\\\"\"  # ' \"\n!ls\n",
    "x = f'{a}' '''\n!b'''\n!c\n",
    "a = 5\n%d\n\r\n!x\r\ny = 2\r\n",
    "async def f():\n    !ls\n    await x\nawait f()\n!ls",
]


@pytest.mark.parametrize("source", MAGICS)
def test_magics_become_python_of_the_same_length(source: str) -> None:
    cell = readable(source)
    assert not cell.problem
    tree = ast.parse(cell.text)
    assert len(cell.text) == len(source)
    outside = [(a, b) for n, (a, b) in enumerate(zip(source, cell.text, strict=True)) if not covered(cell.opaque, n)]
    assert all(a == b for a, b in outside)
    # IPython itself replaces the same lines by calls on `get_ipython()`, and all else is the same code.
    theirs = ast.parse(TransformerManager().transform_cell(source.replace("\r\n", "\n")))
    if not source.startswith("%%"):
        assert plain_statements(tree) == plain_statements(theirs)


def covered(spans: Sequence[Span], offset: int) -> bool:
    return any(span.start <= offset < span.end for span in spans)


def plain_statements(tree: ast.Module) -> list[str]:
    """The statements without a magic inside, by their dumps."""
    leaves = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    texts = [ast.unparse(node) for node in leaves]
    return [text for text in texts if "get_ipython" not in text and not text.startswith("_") and "= _" not in text]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("%time x, y = f(z)", {"x", "y"}),
        ("%timeit np.sum(x)", set()),
        ("!echo {x} > y", set()),
        ("%unknown x -o y", {"x", "o", "y"}),
        ("%run other.py", {"*"}),
        ("%pylab inline", {"*"}),
        ("%%capture out\nz = 1", {"out"}),
        ("%%bash --out text\nls $x", {"out", "text"}),
        ("%%cython\ndef fast(x):\n    y = x", {"fast", "y"}),
        ("%%html\n<a href='x'>", set()),
        ("def f(:\n  broken = 1", {"f", "broken"}),
        ("np?", set()),
    ],
)
def test_names_that_magics_may_bind_are_known(source: str, names: set[str]) -> None:
    file = notebook([source, "x = 1"])
    assert file.opaque_names >= names
    assert readable(source).names == names
    index = ModuleIndex(file)
    assert index.globals["x"].bound == (2 if "x" in names else 1)
    assert ("*" in index.star_imports) == ("*" in names)


@pytest.mark.parametrize("source", ["%%bash\nls\nx = 1", "%%html\n<p>", "%%writefile a.py\nx = 1", "%%R\nx <- 1"])
def test_cells_in_other_languages_are_blank(source: str) -> None:
    file = notebook([source, "y = 2"])
    assert file.text.split("\ny")[0].strip() == "" and len(file.text) == len(source) + 6
    assert file.warnings == () and list(ModuleIndex(file).functions) == []


def test_cells_that_do_not_parse_are_left_out_with_a_warning() -> None:
    file = notebook(["x = 1", "def f(:\n    pass", "%%time\nif", "y = 2"])
    assert [line.strip() for line in file.text.splitlines() if line.strip()] == ["x = 1", "y = 2"]
    assert len(file.warnings) == 2
    assert file.warnings[0].startswith("analysis.ipynb: cell 2 left out (not valid Python 3.")
    assert file.tree.body


def test_cells_that_the_editor_calls_another_language_are_blank() -> None:
    whole = content(["select = 1", "y = 2"])
    cells: Any = whole["cells"]
    cells[1]["metadata"] = {"vscode": {"languageId": "sql"}}
    assert notebook_from_bytes(FILE, json.dumps(whole).encode()).text == " " * 10 + "\ny = 2"


def test_lines_that_are_not_python_cannot_be_edited() -> None:
    file = notebook(["x = 1\n!ls\ny = 2\n", "%%bash\nls"])
    for old in ("#ls", "x = 1\n#ls", "#l"):
        with pytest.raises(UserError, match=r"analysis\.ipynb:\d: edit refused: touches a line that is not Python"):
            apply_edits(file, [edit(file, old, "z")])
    between = edit(file, "x = 1\n", "x = 3\n")
    assert sources(apply_edits(file, [between]))[0] == "x = 3\n!ls\ny = 2\n"
    with pytest.raises(UserError, match="not within one cell"):
        file.encode([edit(file, "y = 2\n\n", "")])


def test_top_level_await_and_late_future_imports_are_notebook_code() -> None:
    file = notebook(["x = await f()", "from __future__ import annotations\ny = 1"])
    assert b"y = 2" in apply_edits(file, [edit(file, "1", "2")])


def test_functions_and_cells_are_sliced() -> None:
    file = notebook(["%time g()\ndef f(x):\n    !ls {x}\n    return x  # c", "for i in y:\n    f(i)"])
    piece = slice_function(file, ModuleIndex(file).functions[0])
    assert piece.code(piece.node) == "def f(x):\n    _()#{x}\n    return x"
    whole = slice_module(file)
    assert whole.code(whole.module.body[-1]) == "for i in y:\n    f(i)"
    assert file.location(whole.span(whole.module.body[-1]).start) == Location(1, 1, 2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"metadata": {"kernelspec": {"language": "R", "name": "ir"}}}, "its kernel runs R, not Python; leave it out"),
        ({"metadata": {"language_info": {"name": "julia"}}}, "its kernel runs julia"),
        ({"nbformat": 3}, "notebook format 3, not 4; convert it"),
        ({"nbformat": "x"}, "notebook format x"),
        ({"cells": 5}, "damaged notebook"),
        ({"cells": [5]}, "damaged notebook"),
        ({"cells": [{"cell_type": "code"}]}, "damaged notebook"),
        ({"cells": [{"cell_type": "code", "source": 5}]}, "damaged notebook"),
        ({"cells": [{"cell_type": "code", "source": ["a", 5]}]}, "damaged notebook"),
        ({"metadata": []}, "damaged notebook"),
    ],
)
def test_other_notebooks_are_user_errors(changes: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        notebook(["x = 1"], **changes)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "mine"}},
        {"kernelspec": {"language": "Python"}},
        {"language_info": {"name": "python"}},
    ],
)
def test_notebooks_that_may_be_python_are_read(metadata: dict[str, object]) -> None:
    assert notebook(["x = 1"], metadata=metadata).text == "x = 1"


def test_damage_is_a_user_error_or_harmless(tmp_path: Path) -> None:
    data = json.dumps(content(["x = 1\ny = 'é'", as_lines("z = 3\nw = 4")]), indent=1, ensure_ascii=False).encode()
    whole = sources(data)
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(UserError, match=r"(damaged|not a) notebook"):
            notebook_from_bytes(FILE, data[:end])
    for at in range(0, len(data), 5):
        for byte in (b"\x00", b'"', b"}", b"\xff"):
            try:
                file = notebook_from_bytes(FILE, data[:at] + byte + data[at + 1 :])
            except UserError as error:
                assert "\n" not in str(error)
                continue
            assert file.encode(()) == file.data
            assert len(file.cells) <= len(whole)
    for other in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b"x = 1\n",
        b"\xef\xbb\xbf",
        b'{"cells": []}',
        b"[" * 100_000,
        data + b"x",
    ):
        with pytest.raises(UserError, match=r"analysis\.ipynb: (damaged|not a) notebook"):
            notebook_from_bytes(FILE, other)
    path = tmp_path / "real.ipynb"
    path.write_bytes(data)
    assert read_source(path).text == notebook_from_bytes(path, data).text


def test_a_notebook_without_code_is_empty() -> None:
    file = notebook([])
    assert (file.text, file.regions, file.location(0)) == ("", (), Location(1, 1))
    with pytest.raises(UserError, match="not within one cell"):
        apply_edits(file, import_edits(file, ["import os"]))


def test_large_outputs_are_not_copied() -> None:
    big = "x" * 20_000_000
    many = ["line\n"] * 300_000
    whole = content(["x = 1"])
    cells: Any = whole["cells"]
    cells[1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": many}, {"data": {"image/png": big}}]
    data = json.dumps(whole).encode()
    tracemalloc.start()
    try:
        file = source_from_bytes(FILE, data)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        result = file.encode([Edit(FILE, Span(4, 5), "1", "2")])
        assert tracemalloc.get_traced_memory()[1] < len(data) + 2_000_000
    finally:
        tracemalloc.stop()
    assert result == data.replace(b"x = 1", b"x = 2")
