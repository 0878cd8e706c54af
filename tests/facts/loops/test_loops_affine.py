"""The normal form of integer expressions: arithmetic, text, and what is refused."""

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.facts.loops.affine import Affine, canonical, parse_affine

NAMES = ("i", "j", "n", "len(a)", "self.n", "k // 2")
VALUES = st.fixed_dictionaries({name: st.integers(-9, 9) for name in NAMES})


def parse(text: str) -> Affine | None:
    return parse_affine(cst.parse_expression(text), symbol)


def symbol(node: cst.BaseExpression) -> Affine | None:
    """Names, calls and attributes stand for integers; floats and divisions do not."""
    floats = isinstance(node, cst.Float) or (
        isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Divide)
    )
    return None if floats else Affine.symbol(canonical(node))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("N - 2 + 1", "N - 1"),
        ("T-1+1", "T"),
        ("i*n+j-1", "i * n + j - 1"),
        ("-i + 5", "5 - i"),
        ("n - 1 - i", "n - i - 1"),
        ("2*(i+1) - 3", "2 * i - 1"),
        ("~i", "-i - 1"),
        ("(2*i + 4) // 2", "i + 2"),
        ("n//2*2 + 1", "2 * (n // 2) + 1"),
        ("i << 2", "4 * i"),
        ("n**2 * i", "i * n**2"),
        ("i - i", "0"),
        ("len( a ) - 1", "len(a) - 1"),
        ("(n if n > 1 else 1) + i", "i + (n if n > 1 else 1)"),
        ("-(i//2)*3 - j", "-3 * (i // 2) - j"),
        ("0x10 + i", "i + 16"),
    ],
)
def test_an_expression_is_printed_as_a_person_would_write_it(source: str, text: str) -> None:
    assert str(parse(source)) == text


@pytest.mark.parametrize("source", ["i * 0.5", "n / 2", "i + 1.0"])
def test_what_is_no_integer_is_refused(source: str) -> None:
    assert parse(source) is None


def test_a_remainder_keeps_a_division_whole() -> None:
    assert str(parse("(i + 1) // 2")) == "(i + 1) // 2"


@st.composite
def texts(draw: st.DrawFn, depth: int = 3) -> str:
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from([*NAMES[:3], "len(a)", "self.n", "(k // 2)", "3", "-1", "0"]))
    op = draw(st.sampled_from(["+", "-", "*"]))
    return f"({draw(texts(depth - 1))} {op} {draw(texts(depth - 1))})"


def evaluated(text: str, values: dict[str, int]) -> int:
    space = {"i": values["i"], "j": values["j"], "n": values["n"], "a": "x" * abs(values["len(a)"])}
    space |= {"len": lambda _: values["len(a)"], "self": type("S", (), {"n": values["self.n"]})}
    return int(eval(text, {"__builtins__": {}}, {**space, "k": 2 * values["k // 2"]}))


@given(texts(), VALUES)
def test_the_normal_form_has_the_same_value(text: str, values: dict[str, int]) -> None:
    found = parse(text)
    if found is not None:
        assert found.evaluate(values) == evaluated(text, values)


@given(texts(), VALUES)
def test_printing_and_parsing_gives_the_same(text: str, values: dict[str, int]) -> None:
    found = parse(text)
    if found is not None:
        assert parse(str(found)) == found
        assert evaluated(str(found), values) == found.evaluate(values)


@given(texts(2), texts(2), VALUES)
def test_substitution_is_evaluation(text: str, inner: str, values: dict[str, int]) -> None:
    whole, part = parse(text), parse(inner)
    if whole is not None and part is not None:
        after = whole.substitute("i", part).evaluate(values)
        assert after == whole.evaluate({**values, "i": part.evaluate(values)})


@given(texts(), VALUES)
def test_a_coefficient_times_its_symbol_and_the_rest_is_all(text: str, values: dict[str, int]) -> None:
    found = parse(text)
    factor = found.coefficient("i") if found is not None else None
    if found is not None and factor is not None:
        rest = found.without("i")
        assert factor.evaluate(values) * values["i"] + rest.evaluate(values) == found.evaluate(values)


def test_a_square_has_no_coefficient() -> None:
    square = parse("i * i + i")
    assert square is not None
    assert square.coefficient("i") is None


def test_a_symbol_that_contains_a_name_varies_with_it() -> None:
    found = parse("starts[i] + 1")
    assert found is not None
    assert "i" in found.names
    assert found.coefficient("i") is None
