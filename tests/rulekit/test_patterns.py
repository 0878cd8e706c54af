"""Patterns match structure, not layout; templates keep precedence."""

import ast
from typing import ClassVar

import hypothesis.strategies as st
import libcst as cst
import pytest
from hypothesis import given

from perf_advise.rulekit.patterns import fill_template, match_pattern, same_code


class Names:
    """Resolves the names of these tests as a file with `import numpy as np` would."""

    known: ClassVar = {"bin": "builtins.bin", "sorted": "builtins.sorted", "np.sum": "numpy.sum", "len": "builtins.len"}

    def qualified_name(self, expr: cst.BaseExpression) -> str | None:
        return self.known.get(cst.Module([]).code_for_node(expr))


def bindings(pattern: str, code: str) -> dict[str, str] | None:
    bound = match_pattern(pattern, cst.parse_expression(code), Names())
    return None if bound is None else {k: cst.Module([]).code_for_node(v) for k, v in bound.items()}


@pytest.mark.parametrize(
    ("pattern", "code", "bound"),
    [
        ('bin($x).count("1")', "bin( n ) . count( '1', )", {"x": "n"}),
        ('bin($x).count("1")', "(bin(a ^ b)).count('1')", {"x": "a ^ b"}),
        ("numpy.sum($x)", "np.sum(a[1:])", {"x": "a[1:]"}),
        ("sorted($x)[0]", "sorted(  # smallest\n  xs)[0]", {"x": "xs"}),
        ("$x + $x", "f(a) + f( a )", {"x": "f(a)"}),
        ("$x if $x < $y else $y", "a if a<b else b", {"x": "a", "y": "b"}),
        ("$xs[$i:]", "buf[n:]", {"xs": "buf", "i": "n"}),
        ("len($x) == 0", "len(x) == 0x0", {"x": "x"}),
        ("sorted($x, reverse=True)", "sorted(xs, reverse = True)", {"x": "xs"}),
    ],
)
def test_matches(pattern: str, code: str, bound: dict[str, str]) -> None:
    assert bindings(pattern, code) == bound


@pytest.mark.parametrize(
    ("pattern", "code", "why"),
    [
        ('bin($x).count("1")', "bin(n).count('0')", "another literal"),
        ('bin($x).count("1")', "hex(n).count('1')", "another function"),
        ("numpy.sum($x)", "sum(a)", "the builtin is not numpy's"),
        ("$x + $x", "f(a) + f(b)", "a metavariable is one expression"),
        ("sorted($x)", "sorted(xs, key=f)", "more arguments"),
        ("sorted($x, key=$k)", "sorted(xs, reverse=k)", "another keyword"),
        ("f($x)", "f(x)", "an unknown name matches nothing"),
        ("len($x) == 0", "len(x) == 0.0", "a float is no int"),
        ("$x < 1", "a <= 1", "another operator"),
        ("sorted($x)", "sorted(*xs)", "a starred argument is several"),
    ],
)
def test_does_not_match(pattern: str, code: str, why: str) -> None:
    assert bindings(pattern, code) is None, why


@pytest.mark.parametrize(
    ("template", "code", "filled"),
    [
        ("$x.bit_count()", "a ^ b", "(a ^ b).bit_count()"),
        ("$x.bit_count()", "f(a)", "f(a).bit_count()"),
        ("$x.bit_count()", "5", "(5).bit_count()"),
        ("f($x)", "a ^ b", "f(a ^ b)"),
        ("f($x)", "a, b", "f((a, b))"),
        ("f($x)", "y := 1", "f((y := 1))"),
        ("$x * $x", "a + b", "(a + b) * (a + b)"),
        ("f($x)", "a\n  + b", "f(a\n  + b)"),
    ],
)
def test_template_keeps_precedence(template: str, code: str, filled: str) -> None:
    assert fill_template(template, {"x": code}) == filled


LEAVES = st.sampled_from(["a", "b", "f(a)", "xs[0]", "1", "a.b", "(a, b)", "[a]", "-a"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "*", " and ", "**", "<", " if a else "]), inner).map(
        lambda t: f"({t[0]}{t[1]}{t[2]})"
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, EXPRESSIONS)
def test_filling_is_substitution_in_the_tree(left: str, right: str) -> None:
    """Filling text gives the tree that replacing the nodes would give."""
    bare = left[1:-1] if left.startswith("(") and left.endswith(")") else left
    try:
        ast.parse(f"({bare})", mode="eval")
    except SyntaxError:
        bare = left
    filled = fill_template("$x + f($y) * $x.z", {"x": bare, "y": right})

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            parts = {"X": bare, "Y": right}
            return ast.parse(f"({parts[node.id]})", mode="eval").body if node.id in parts else node

    wanted = Put().visit(ast.parse("X + f(Y) * X.z", mode="eval"))
    assert ast.dump(ast.parse(filled, mode="eval")) == ast.dump(wanted)


@given(EXPRESSIONS)
def test_same_code_ignores_layout(code: str) -> None:
    spaced = code.replace("(", "( ").replace("+", " + ").replace("*", "*")
    assert same_code(cst.parse_expression(code), cst.parse_expression(spaced))
