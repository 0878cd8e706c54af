"""New code takes the indentation and line endings of the place it goes to."""

import textwrap

import hypothesis.strategies as st
from hypothesis import given

from perf_advise.engine.layout import indented

BLOCK = "for x in xs:\n    if x:\n        f(x)\nreturn x"


def test_levels_become_the_file_s_own_unit() -> None:
    assert indented(BLOCK, "\t", "\t", "\n") == "for x in xs:\n\t\tif x:\n\t\t\tf(x)\n\treturn x"


def test_line_endings_are_the_file_s_own() -> None:
    assert indented("a\r\nb", "  ", "  ", "\r\n") == "a\r\n  b"


def test_lines_inside_of_strings_stay() -> None:
    code = 'x = """a\n  b\n"""\ny = 1'
    assert indented(code, "    ", "    ", "\n") == 'x = """a\n  b\n"""\n    y = 1'


@given(st.integers(0, 4))
def test_four_spaces_and_a_base_is_plain_indentation(depth: int) -> None:
    base = "    " * depth
    assert base + indented(BLOCK, base, "    ", "\n") == textwrap.indent(BLOCK, base)


def test_lines_of_the_replaced_expression_stay_where_they_are() -> None:
    old = "set(x\n            for x in xs\n            if x)"
    assert indented("{x\n            for x in xs\n            if x}", "        ", "    ", "\n", old).endswith(
        "\n            for x in xs\n            if x}"
    )
