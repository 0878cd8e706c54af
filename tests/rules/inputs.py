"""Generated inputs for the examples of rules: a Hypothesis strategy per type text, adversarial values included."""

from collections.abc import Mapping
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
from hypothesis.extra import numpy as hnp

from perf_advise.model.pytypes import PyType, parse_pytype

SIZES = st.integers(0, 7)
TEXT = st.text(alphabet="ab \n,.01é", max_size=8)

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-5, 5) | st.sampled_from([0, 1, -1, 2**31, 2**62, -(2**63), 2**70]),
    "smallint": st.integers(-9, 9),
    "natural": st.integers(0, 9),
    "bool": st.booleans(),
    "float": st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 0.5, 1e-9, float("nan")]),
    "finite": st.floats(-1e3, 1e3),
    "str": TEXT,
    "bytes": st.binary(max_size=8),
    "NoneType": st.none(),
    "complex": st.complex_numbers(max_magnitude=10),
}


def strategy(text: str) -> st.SearchStrategy[Any]:
    """Values of the type that a text such as `dict[str, list[int]]` or `ndarray[float64, 2d]` names.

    `DataFrame[a: int, b: str]` is a frame with these columns, `Series[float]` a series; `unique` among the parts asks
    for an index without duplicates, `default` for the one of range(n), `filled` for at least one row.
    """
    if text.startswith(("DataFrame[", "Series[")):
        return frames(text)
    if "|" in text and "[" not in text:
        return st.one_of(*(strategy(part) for part in text.split("|")))
    return _of(parse_pytype(text))


def arguments(generated: Mapping[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments for a function; arrays that share a symbol in `ndarray[...]` are of independent sizes."""
    return st.fixed_dictionaries({name: strategy(text) for name, text in generated.items()})


def _of(kind: PyType) -> st.SearchStrategy[Any]:
    if kind.name in SCALARS:
        return SCALARS[kind.name]
    if kind.name == "numpy.ndarray":
        return arrays(kind.dtype or "float64", kind.ndim or 1)
    if kind.name == "tuple" and not kind.homogeneous:
        return st.tuples(*map(_of, kind.args))
    if kind.name == "dict":
        return st.dictionaries(_of(kind.args[0]), _of(kind.args[1]), max_size=6)
    items = _of(kind.args[0])
    makers: dict[str, st.SearchStrategy[Any]] = {
        "list": st.lists(items, max_size=7),
        "tuple": st.lists(items, max_size=7).map(tuple),
        "set": st.sets(items, max_size=7),
        "frozenset": st.frozensets(items, max_size=7),
    }
    return makers[kind.name]


def arrays(dtype: str, ndim: int) -> st.SearchStrategy[Any]:
    """Arrays of small sizes, empty ones, strided and reversed views included."""
    elements: st.SearchStrategy[Any] | None = None
    if dtype == "float64":
        elements = SCALARS["float"]
    elif dtype == "int64":
        elements = st.integers(-9, 9) | st.sampled_from([2**62, -(2**63)])
    whole = hnp.arrays(np.dtype(dtype), st.tuples(*[SIZES] * ndim), elements=elements)
    return st.tuples(whole, st.sampled_from([1, 2, -1])).map(lambda pair: pair[0][:: pair[1]])


INDEXES = ("default", "letters", "reversed", "duplicates")


def frames(text: str) -> st.SearchStrategy[Any]:
    """Frames or series with a default, a shuffled, a text and a duplicate index, empty ones included."""
    kind, _, rest = text.removesuffix("]").partition("[")
    parts = [part.strip() for part in rest.split(",")]
    columns = [part.partition(":")[::2] if ":" in part else ("values", part) for part in parts if part not in MARKS]
    allowed = [i for i in INDEXES if not ("default" in parts and i != "default")]
    allowed = [i for i in allowed if not ("unique" in parts and i == "duplicates")]
    row = st.tuples(*(strategy(type_.strip()) for _, type_ in columns))
    rows = st.lists(row, min_size=1 if "filled" in parts else 0, max_size=7)
    names = [name.strip() for name, _ in columns]
    whole = st.builds(_frame, rows, st.just(names), st.sampled_from(allowed))
    return whole if kind == "DataFrame" else whole.map(lambda frame: frame["values"])


MARKS = ("unique", "default", "filled")


def _frame(rows: list[tuple[Any, ...]], names: list[str], index: str) -> pd.DataFrame:
    count = len(rows)
    labels: dict[str, Any] = {
        "default": range(count),
        "letters": list("hgfedcba"[:count]),
        "reversed": range(count, 0, -1),
        "duplicates": [place // 2 for place in range(count)],
    }
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pd.DataFrame(columns, index=pd.RangeIndex(count) if index == "default" else labels[index])
