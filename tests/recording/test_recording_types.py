"""Types as the agent writes them, and several looks as one."""

import collections
import itertools

from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.pytypes import PyType
from perf_advise.recording.agent.describe import describe, power_of_ten
from perf_advise.recording.seen_types import merge, merge_types, tidied

ATOMS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
HASHABLE = st.one_of(st.booleans(), st.integers(), st.text(max_size=3))
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.tuples(inner, inner),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
    ),
    max_leaves=12,
)


def text_of(value: object) -> str:
    return str(PyType.from_json(describe(value)))


@given(VALUES)
def test_a_description_reads_as_a_type_of_that_name(value: object) -> None:
    data = describe(value)
    assert PyType.from_json(data).to_json() == data
    assert data["name"] == type(value).__name__


@given(st.integers(min_value=0, max_value=10**18))
def test_sizes_are_powers_of_ten(length: int) -> None:
    exponent = power_of_ten(length)
    assert 10**exponent <= max(length, 1) < 10 ** (exponent + 1)


@given(st.integers())
def test_bits_are_enough(value: int) -> None:
    assert describe(value)["bits"] >= value.bit_length()


def test_containers_by_their_elements() -> None:
    assert text_of([1, 2.0, None]) == "list[NoneType, float, int]"
    assert text_of([[1], []]) == "list[list[int], list]"
    assert text_of((1, "a")) == "tuple[int, str]"
    assert text_of(tuple(range(20))) == "tuple[int, ...]"
    assert text_of({"a": [1.0]}) == "dict[str, list[float]]"
    assert text_of({"a": 1, "b": "c"}) == "dict"
    assert text_of({(1, 2): 3}) == "dict"
    assert text_of(collections.deque([1])) == "collections.deque[int]"
    assert text_of(collections.OrderedDict(a=1)) == "collections.OrderedDict"
    assert text_of(range(3)) == "range"
    assert text_of(len) == "builtin_function_or_method"
    assert text_of(itertools.count()) == "itertools.count"


def test_deep_and_cyclic_values_end() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    assert text_of(cycle) == "list[list[list[list[list]]]]"


def test_pandas_by_the_names_that_people_write() -> None:
    import pandas

    assert text_of(pandas.DataFrame({"a": [1]})) == "pandas.DataFrame"
    assert text_of(pandas.Series([1])) == "pandas.Series"


TYPES = st.builds(lambda value: PyType.from_json(describe(value)), VALUES)


@given(TYPES, TYPES)
def test_merging_is_symmetric_and_keeps_what_is_alike(one: PyType, other: PyType) -> None:
    one, other = tidied(one), tidied(other)
    both = merge(one, other)
    assert both == merge(other, one)
    assert merge(one, one) == one == tidied(one)
    if both is not None:
        assert both.name == one.name == other.name
        assert (both.size or 0) >= max(one.size or 0, other.size or 0)


def test_merging_types() -> None:
    def both(one: object, other: object) -> str:
        return str(merge(PyType.from_json(describe(one)), PyType.from_json(describe(other))))

    assert both([1], []) == "list[int]"
    assert str(tidied(PyType.from_json(describe([[], [1]])))) == "list[list[int]]"
    assert both([1], [2.0]) == "list[float, int]"
    assert both((1, 2.0), (3, 4.0)) == "tuple[int, float]"
    assert both((1,), (1, 2)) == "tuple"
    assert both({"a": 1}, {"b": 2.0}) == "dict"
    assert both(1, 1.0) == "None"


def test_a_name_of_two_types_has_none_even_if_one_comes_back() -> None:
    looks = [{"x": PyType("int", bits=8)}, {"x": PyType("float")}, {"x": PyType("int", bits=8), "y": PyType("str")}]
    assert merge_types(looks) == {"y": PyType("str")}
