"""Long sums of array code over several lines."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from perf_advise.rulekit.arrays.lowered import wrapped

TERMS = ("a[1:n - 1]", "b[:n - 2]", "0.5 * (c[i + 1:] - d)", "np.where(e > 0, f + 1, g)", "-h")


@given(st.lists(st.sampled_from(TERMS), min_size=1, max_size=6), st.sampled_from((" + ", " - ", " * ")))
def test_a_wrapped_assignment_means_the_same(terms: list[str], operator: str) -> None:
    text = f"u[1:n - 1] = {operator.join(terms)}"
    lines = wrapped(text, 30)
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(text))
    assert len(lines) == 1 or all(len(line) < len(text) for line in lines)


def test_a_short_or_augmented_assignment_stays_on_its_line() -> None:
    assert wrapped("u = a + b", 30) == ["u = a + b"]
    assert wrapped("u[1:n - 1] += aaaaaaaaaaaaa + bbbbbbbbbbbb", 30) == ["u[1:n - 1] += aaaaaaaaaaaaa + bbbbbbbbbbbb"]
    assert wrapped("total = np.sum(aaaaaaaaaaaaa + bbbbbbbbbbbb)", 30) == [
        "total = np.sum(aaaaaaaaaaaaa + bbbbbbbbbbbb)"
    ]
