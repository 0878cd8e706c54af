"""Which expressions are frames and series, for sure."""

from collections.abc import Callable

import libcst as cst
import pytest

from perf_advise.facts import Facts
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Truth

FactsOf = Callable[..., Facts]
HEAD = "import pandas as pd\nfrom pandas import read_csv\nimport numpy as np\n"
FRAMES = [
    "pd.DataFrame({'a': [1]})", "read_csv('x.csv')", "df", "df[['a', 'b']]", "df[df['a'] > 1]", "df[df.a == p]",
    "df[~(df['a'] > 1) & (df.b < p)]", "df[1:3]", "df.dropna()", "df.sort_values('a').head(3)", "df.merge(df)",
    "df.loc[df['a'] > 0]", "df * 2", "pd.concat([df, df])", "df.groupby('a').sum()", "df.assign(c=1).copy()",
    "pd.merge(df, p)", "[g for _, g in df.groupby('a')][0]", "df.T", "df.groupby(['a'])[['b']].mean()",
]  # fmt: skip
SERIES = [
    "df['a']", "df.price", "df['a'] + 1", "df.a * df['b']", "df['a'] > 1", "-df['a']", "df['a'].fillna(0)", "s",
    "s.map(str)", "df.sum()", "pd.Series([1])", "df.groupby('a')['b'].mean()", "[r for _, r in df.iterrows()][0]",
    "1 - s", "np.zeros(3) * s", "pd.to_datetime(df['a'])", "df['a'][df['a'] > 1]", "s.loc[s > 1]",
]  # fmt: skip
UNKNOWN = [
    ("df[p]", "a column, columns or rows"), ("df.loc[p]", "a row or rows"), ("df.iloc[0]", "not followed"),
    ("p['a']", "nothing is known of p"), ("df.values", "an array of unknown dtype, or of objects"),
    ("df.apply(p)", "a frame or a series"), ("s.apply(p)", "a series or a frame"), ("df.shape[0]", "not followed"),
    ("pd.read_csv('x', chunksize=5)", "an iterator of frames"), ("df.drop('a', inplace=True)", "None"),
    ("df.sum(axis=None)", "a number"), ("s.sum()", "a number"), ("next(iter(df))", "a label"), ("df.count", "a method"),
    ("p * s", "p decides"), ("s.reset_index()", "a frame, unless dropped"),
]  # fmt: skip


def answer(facts_of: FactsOf, expr: str, *names: str) -> Truth:
    facts = facts_of(f"{HEAD}\ndef f(p, df: pd.DataFrame, s: pd.Series):\n    return {expr}\n")
    value = next(n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return))
    assert value is not None
    return facts.is_type(value, *names).truth


@pytest.mark.parametrize("expr", FRAMES)
def test_frames_are_known(facts_of: FactsOf, expr: str) -> None:
    assert answer(facts_of, expr, "pandas.DataFrame") is Truth.YES


@pytest.mark.parametrize("expr", SERIES)
def test_series_are_known(facts_of: FactsOf, expr: str) -> None:
    assert answer(facts_of, expr, "pandas.Series") is Truth.YES


@pytest.mark.parametrize(("expr", "why"), UNKNOWN)
def test_what_may_be_something_else_is_unknown(facts_of: FactsOf, expr: str, why: str) -> None:
    assert answer(facts_of, expr, "pandas.DataFrame", "pandas.Series") is not Truth.YES, why


def test_what_unknown_code_does_to_a_list_of_frames_is_not_guessed(facts_of: FactsOf) -> None:
    body = "    xs = [1]\n    df.apply(xs.append)\n    return xs[0]\n"
    facts = facts_of(f"{HEAD}\ndef f(df: pd.DataFrame):\n{body}")
    value = [n.value for n in walk(facts.slice.node) if isinstance(n, cst.Return)][-1]
    assert value is not None
    assert facts.is_type(value, "int").truth is Truth.UNKNOWN


def test_a_lambda_that_pandas_calls_at_once_sees_the_variables_around_it(facts_of: FactsOf) -> None:
    facts = facts_of(f"{HEAD}\ndef f(s: pd.Series, known: list[str]):\n    return s.map(lambda x: x in known)\n")
    names = [n for n in walk(facts.slice.node) if isinstance(n, cst.Name) and n.value == "known"]
    assert facts.is_type(names[-1], "list").truth is Truth.YES
