"""Long lines of array code over several lines."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from perf_advise.rulekit.arrays.wrapping import wrapped

LEAVES = st.sampled_from(("a[1:n - 1]", "b[:n - 2, 1:columns - 1]", "limit", "0.5", "g(i, ', (')", "-h"))
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+ - * / < &".split()), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("np.where({}, {}, {})".format, inner, inner, inner),
        st.builds("({}).sum()".format, inner),
    ),
    max_leaves=12,
)


@given(st.sampled_from(("u[1:n - 1] = ", "s += ", "t *= ")), EXPRESSIONS)
def test_a_wrapped_assignment_means_the_same(head: str, value: str) -> None:
    lines = wrapped(head + value, 30)
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(head + value))
    assert all(line.strip() for line in lines)


def test_what_fits_stays_on_its_line() -> None:
    assert wrapped("u = a + b", 30) == ["u = a + b"]
    assert wrapped("u[1:n - 1] += aaaaaaaaaaaaa[bbbbbbbbbbbb]", 30) == ["u[1:n - 1] += aaaaaaaaaaaaa[bbbbbbbbbbbb]"]


def test_it_is_broken_at_sums_and_then_inside_of_calls() -> None:
    assert wrapped("u[1:] = rate * (aaaaaaaaaaaaa + bbbbbbbbbbbb) - 4.0 * ccccccccc", 30) == [
        "u[1:] = (",
        "    rate * (",
        "        aaaaaaaaaaaaa",
        "        + bbbbbbbbbbbb",
        "    )",
        "    - 4.0 * ccccccccc",
        ")",
    ]
    assert wrapped("total += np.where(aaaaaaaaaaaaa, bbbbbbbbbbbb, 0.0).sum()", 30) == [
        "total += np.where(",
        "    aaaaaaaaaaaaa,",
        "    bbbbbbbbbbbb,",
        "    0.0,",
        ").sum()",
    ]
