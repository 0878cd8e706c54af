"""Files as text: every byte kept, lines as Python counts them, one line for what cannot be read."""

import ast
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Location, Span
from perf_advise.source.lines import LineTable, dominant_newline
from perf_advise.source.text import read_source, source_from_bytes

FILE = Path("some.py")
ENDINGS = ("\n", "\r\n", "\r")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1",
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\n",
        b"\xef\xbb\xbf# coding: utf-8\r\nx = 1\r\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/python\r# vim: set fileencoding=cp1252 :\rx = '\x80'\r",
        b"# coding: utf-8-sig\nx = 1\n",
        b"x = 1\r\ny = 2\rz = 3\n\x0c\nif x:\n\ty\n",
        "x = '\u2028 \x1c \x85'\n".encode(),
        "größe = '\N{SNAKE}'\n".encode(),
    ],
)
def test_bytes_come_back(data: bytes) -> None:
    file = source_from_bytes(FILE, data)
    assert file.encode(()) == data
    assert "\ufeff" not in file.text


def test_the_declared_encoding_is_used_for_reading_and_writing() -> None:
    file = source_from_bytes(FILE, b"# coding: latin-1\nx = '\xe9'\n")
    assert file.text.endswith("'é'\n")
    edit = Edit(FILE, Span(18, 19), "x", "ö")
    assert file.encode((edit,)) == b"# coding: latin-1\n\xf6 = '\xe9'\n"


def test_a_letter_that_the_encoding_lacks_is_a_user_error() -> None:
    file = source_from_bytes(FILE, b"# coding: latin-1\nx = 1\n")
    with pytest.raises(UserError, match=r"some\.py: '→' cannot be written in iso-8859-1"):
        file.encode((Edit(FILE, Span(22, 23), "1", "'→'"),))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x = '\xe9'\n", "not valid utf-8|invalid or missing encoding"),
        (b"# coding: no-such-thing\nx = 1\n", "unknown encoding"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
        (b"# coding: rot13\nk = 1\n", "not valid rot13"),
        (b"# coding: utf-7\n# +AGE-\n", "cannot be written back"),
    ],
)
def test_what_cannot_be_decoded_is_a_user_error(data: bytes, says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        source_from_bytes(FILE, data)
    assert "\n" not in str(error.value)


def test_missing_files_and_folders_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_source(tmp_path / "absent.py")
    with pytest.raises(UserError, match="cannot be read"):
        read_source(tmp_path)


def test_a_syntax_error_names_its_line_once_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    file = source_from_bytes(FILE, b"x = '\\d'\nif x\n    y\n")
    with pytest.raises(UserError, match=r"^some\.py:2: not valid Python \d\.\d+ \("):
        _ = file.tree
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("text", ["(" * 5000 + ")" * 5000, "-" * 100_000 + "1", "x = 1\0"])
def test_nesting_beyond_the_parser_is_a_user_error(text: str) -> None:
    with pytest.raises(UserError, match=r"some\.py"):
        _ = source_from_bytes(FILE, text.encode()).tree


texts = st.lists(st.sampled_from(["a", " ", "é", "\N{SNAKE}", "\x0c", "\x1c", "\u2028", *ENDINGS])).map("".join)


@settings(deadline=None)
@given(texts)
def test_lines_are_those_of_universal_newlines(text: str) -> None:
    lines = LineTable(text)
    assert lines.split() == list(io.StringIO(text, newline=""))
    for offset in range(len(text)):
        line = lines.line_of(offset)
        assert lines.start_of(line) <= offset < max(lines.start_of(line + 1), offset + 1)


@settings(deadline=None)
@given(st.text(alphabet="aé\N{SNAKE}", max_size=8), st.text(alphabet="bü\N{SNAKE}", min_size=1, max_size=8))
def test_ast_columns_become_character_offsets(before: str, name: str) -> None:
    text = f"\r'{before}'; 'x{name}'\n"
    lines = LineTable(text)
    node = ast.parse(text).body[1]
    assert node.end_lineno and node.end_col_offset
    start, end = lines.offset(node.lineno, node.col_offset), lines.offset(node.end_lineno, node.end_col_offset)
    assert text[start:end] == f"'x{name}'"


@settings(deadline=None)
@given(texts.map(lambda text: text.replace("\x1c", "")))
def test_locations_and_line_offsets_are_inverse(text: str) -> None:
    file = source_from_bytes(FILE, text.encode())
    for offset in range(len(file.text) + 1):
        place = file.location(offset)
        assert file.offset_of_line(place.row) + place.column - 1 == offset


def test_locations_count_from_one_in_characters() -> None:
    file = source_from_bytes(FILE, "a\r\n\x0cé = b\n".encode())
    assert file.location(file.text.index("b")) == Location(2, 6)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_most_frequent_line_ending_wins(ending: str) -> None:
    assert dominant_newline(f"a{ending}b{ending}c\n" if ending != "\n" else "a\nb\r\nc\n") == ending
    assert dominant_newline("") == "\n"


@pytest.mark.parametrize(
    ("text", "indent"),
    [
        ("if x:\n  y\n", "  "),
        ("class A:\n\tdef f(self):\n\t\tpass\n", "\t"),
        ("if x: y\nif x:\n   y\n", "   "),
        ("def f():\n    '''\n  a:\n     b'''\n", "    "),
        ("try:\n  a\nexcept E:\n    b\n", "  "),
        ("if x: y\nelse: z\nif x:\n   y\n", "   "),
        ("x = 1\n", "    "),
    ],
)
def test_the_indentation_of_a_file_is_that_of_its_first_block(text: str, indent: str) -> None:
    assert source_from_bytes(FILE, text.encode()).indent == indent


def test_text_and_index_come_without_libcst() -> None:
    code = "import sys, perf_advise.source.text, perf_advise.source.index; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
