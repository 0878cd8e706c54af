"""Edits: what is stale, overlaps, does not compile or reaches further than it says is refused."""

import ast
import textwrap
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Span
from perf_advise.source.edits import apply_edits, edited_text
from perf_advise.source.index import ModuleIndex
from perf_advise.source.lines import LineTable
from perf_advise.source.text import SourceFile, read_source, source_from_bytes
from perf_advise.source.unchanged import first_change

FILE = Path("some.py")
SOURCE = '''\
import a
@decorated
def f(xs):
    y = 1
    for x in xs:
        y += x  # why
    return y
class A:
    def m(self):
        pass
text = """
z = 1
"""
'''


def file_of(text: str) -> SourceFile:
    return source_from_bytes(FILE, text.encode())


def edit(text: str, old: str, new: str) -> Edit:
    start = text.index(old)
    return Edit(FILE, Span(start, start + len(old)), old, new)


def applied(text: str, *edits: Edit) -> str:
    return apply_edits(file_of(text), edits).decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    for x in xs:\n        y += x  # why\n", "    y += sum(xs)\n"),
        ("import a\n", "import a\nimport b\n"),
        ("import a", "import a\nimport b"),
        ("import a\n", "import a\ndef kernel():\n    pass\n"),
        ("@decorated", "@njit\n@decorated"),
        ("@decorated\n", "@decorated\n@njit\n"),
        ("def f(xs)", "def f(xs, k=3)"),
        ("y = 1", "y = 1; z = 2"),
        ("    return y\n", "    return y\n\n\ndef g():\n    pass\n"),
        ("        y += x  # why\n", "        if x:\n            y += x\n"),
        ("for x in xs:", "if xs:"),
        ("z = 1", "z = 2"),
        ("pass", "return 1"),
        ("    return y\n", ""),
    ],
)
def test_edits_change_their_own_bytes_and_no_others(old: str, new: str) -> None:
    assert applied(SOURCE, edit(SOURCE, old, new)) == SOURCE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("y = 1", "y = '''1", "not valid Python"),
        ("y = 1", "y = (1", "not valid Python"),
        ("y = 1", "return 1\nyield", "not valid Python|outside function"),
        ("    y = 1\n", "    y = 1\nif 1:\n", "would move into another block|not valid"),
        ("class A:\n", "", "would move into another block"),
        ("    pass\n", "    pass\ndef swallow():\n    '''\n", "not valid Python|would"),
        ("import a\n", "import a\nx = \\\n", "not valid Python"),
        ("y = 1\n", "y = 1\n    while y: y = 0\n    else:\n        y\n\n    if y:\n", "would move|not valid"),
    ],
)
def test_edits_that_reach_further_are_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as error:
        applied(SOURCE, edit(SOURCE, old, new))
    assert str(error.value).startswith("some.py (edited)")


@pytest.mark.parametrize(
    ("text", "old", "new", "why"),
    [
        ("x = 1\n(y)\n", "x = 1\n", "x = f\\\n", "is lost|would be lost"),
        ("x = 1\n\n[y]\n", "x = 1\n\n", "x = f", "would be lost"),
        ("if a:\n    x\n    y\n", "x\n", "x\nif b:\n", "would move into another block"),
        ("s = '''\nx = 1\n'''\n", "s = '''", "s = 1", "not valid|would"),
        ("a = '''\nx = 1\ny = 2\n'''\nb = '''c'''\n", "a = '''", "a = ''''''", "would become code|not valid"),
    ],
)
def test_neighbours_may_not_be_taken_in(text: str, old: str, new: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        applied(text, edit(text, old, new))


def test_stale_edits_are_refused() -> None:
    stale = Edit(FILE, Span(7, 8), "b", "c")
    with pytest.raises(UserError, match=r"some\.py:1: edit refused: the text has changed since"):
        applied(SOURCE, stale)
    with pytest.raises(UserError, match="the text has changed since"):
        applied("x\n", Edit(FILE, Span(5, 6), "", "y"))


def test_overlapping_edits_are_refused_and_repeated_ones_made_once() -> None:
    whole, part = edit(SOURCE, "y = 1", "y = 2"), edit(SOURCE, "1", "3")
    with pytest.raises(UserError, match=r"some\.py:4: edit refused: overlaps another edit"):
        applied(SOURCE, part, whole)
    first, second = (Edit(FILE, Span(0, 0), "", f"import {name}\n") for name in "bc")
    with pytest.raises(UserError, match="overlaps another edit"):
        applied(SOURCE, first, second)
    assert applied(SOURCE, first, whole, first) == "import b\n" + SOURCE.replace("y = 1", "y = 2")


def test_code_that_parses_but_does_not_compile_is_refused() -> None:
    with pytest.raises(UserError, match="outside function"):
        applied("x = 1\n", edit("x = 1\n", "x = 1", "return 1"))
    with pytest.raises(UserError, match="__future__"):
        applied("x = 1\n", edit("x = 1\n", "x = 1", "x = 1\nfrom __future__ import annotations"))


def test_line_endings_encoding_and_mark_stay() -> None:
    data = b"\xef\xbb\xbf# coding: utf-8\r\nx = '\xc3\xa9'\ry = 2\n\x0cz = 3"
    file = source_from_bytes(FILE, data)
    change = edit(file.text, "2", "4")
    assert apply_edits(file, [change]) == data.replace(b"2", b"4")
    assert edited_text(file, [change]) == file.text.replace("2", "4")


def statements(tree: ast.AST) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_replacing_any_statement_keeps_the_rest(data: st.DataObject) -> None:
    """On real code: any simple statement becomes `pass`, and everything else is byte for byte what it was."""
    file = REAL
    simple = [node for node in statements(file.tree) if isinstance(node, ast.Assign | ast.Return | ast.AugAssign)]
    chosen = data.draw(st.lists(st.sampled_from(range(len(simple))), max_size=6, unique=True))
    edits = []
    for node in (simple[number] for number in chosen):
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = file.lines.offset(node.lineno, node.col_offset)
        end = file.lines.offset(node.end_lineno, node.end_col_offset)
        edits.append(Edit(file.path, Span(start, end), file.text[start:end], "pass"))
    rest = file.text
    for one in sorted(edits, reverse=True):
        rest = rest[: one.span.start] + "pass" + rest[one.span.end :]
    assert apply_edits(file, edits).decode() == rest


@settings(deadline=None)
@given(st.data(), st.sampled_from(["'''", '"""', "(", "[", "\\", "if x:\n", "  ", "\n", "# "]))
def test_text_put_anywhere_never_changes_another_statement(data: st.DataObject, text: str) -> None:
    """Whatever is accepted leaves every statement that the edit does not touch as it was."""
    file = SMALL
    at = data.draw(st.integers(0, len(file.text)))
    try:
        new = apply_edits(file, [Edit(file.path, Span(at, at), "", text)]).decode()
    except UserError:
        return
    warnings.simplefilter("ignore")  # a backslash in a string
    before = [node for node in statements(file.tree) if not reaches(file, node, at)]
    after = {ast.dump(node) for node in statements(ast.parse(new))}
    assert all(ast.dump(node) in after for node in before)


def reaches(file: SourceFile, node: ast.stmt, at: int) -> bool:
    assert node.end_lineno is not None
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    return file.lines.start_of(first) <= at <= file.lines.content_end(node.end_lineno)


REAL = read_source(Path(textwrap.__file__))
SMALL = file_of(SOURCE)


def test_a_function_of_its_own_may_be_added_before_another() -> None:
    site = ModuleIndex(SMALL).functions[0]
    kernel = Edit(FILE, Span(site.span.start, site.span.start), "", "@njit\ndef kernel(xs):\n    return 1\n\n\n")
    assert apply_edits(SMALL, [kernel]).decode().startswith("import a\n@njit\ndef kernel(xs):")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("x = 1\n", "x = 1\n", ""),
        ("x = 1\n", "x = 2\n", "line 1, outside of the edits, would change"),
        ("x = 1\n", "x = True\n", "would change"),
        ("if a:\n    b\n", "if c:\n    b\n", "line 1, outside of the edits, would change"),
        ("if a:\n    b\n", "if a:\n    c\n", "line 2, outside of the edits, would change"),
        ("a\nb\n", "a;b\n", ""),
        ("a\n", "a\nb\n", "line 2, outside of the edits, would become code"),
        ("a\nb\n", "a\n", "line 2, outside of the edits, would be lost"),
        ("@a\ndef f(): b\n", "@c\ndef f(): b\n", "line 2, outside of the edits, would change"),
        ("try:\n  a\nexcept b:\n  c\n", "try:\n  a\nexcept b:\n  d\n", "line 4, outside of the edits, would change"),
        ("match a:\n  case b:\n    c\n", "match a:\n  case b:\n    d\n", "line 3, outside of the edits, would change"),
    ],
)
def test_trees_are_compared_statement_by_statement(old: str, new: str, says: str) -> None:
    change = first_change(ast.parse(old), LineTable(old), ast.parse(new), LineTable(new), ())
    assert change.endswith(says) and bool(change) == bool(says)
