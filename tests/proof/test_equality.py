"""Strict equality: every pair that must come out different, and every pair that must come out same."""

import collections
import datetime
import decimal
import enum
import functools
import itertools
import math
import pathlib
import re
import threading
import types
import weakref
import zoneinfo
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.proof.agent.comparing import CannotCompare, Different, Tolerance, compare, is_same, render


class Plain:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Liar:
    """Claims to be equal to anything."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return True

    __hash__ = None


class Slotted:
    __slots__ = ("__secret", "a")

    def __init__(self, a, secret=0):
        self.a = a
        self.__secret = secret


class Names(list):
    pass


Pair = collections.namedtuple("Pair", "x y")
Other = collections.namedtuple("Other", "x y")


@dataclass
class Point:
    x: float
    tags: list = field(default_factory=list)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def masked(mask):
    return np.ma.masked_array([1.0, 2.0, 3.0], mask=mask)


def read_only(values):
    array = np.array(values)
    array.flags.writeable = False
    return array


def raised(error, cause):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def shared(value):
    return [value, value]


def with_attrs(frame, **attrs):
    frame.attrs.update(attrs)
    return frame


def frame(**columns):
    return pd.DataFrame(columns)


def noted(error, note):
    error.add_note(note)
    return error


def held_lock():
    lock = threading.Lock()
    lock.acquire()
    return lock


def thread_local(value):
    local = threading.local()
    local.value = value
    return local


def masked_fields(mask):
    return np.ma.array([(1, 2)], mask=mask, dtype="i4,i4")


def dok(column):
    matrix = scipy.sparse.dok_matrix((2, 2))
    matrix[0, column] = 1.0
    return matrix


def levels(names):
    return pd.Series([1], index=pd.MultiIndex.from_tuples([(1, 2)], names=names))


class OwnArray(np.ndarray):
    pass


def taken(iterator, count):
    for _ in range(count):
        next(iterator)
    return iterator


def nested(depth):
    inner = value = []
    for _ in range(depth - 1):
        inner.append([])
        inner = inner[0]
    inner.append(value)
    return value


def padded(fill):
    dtype = np.dtype([("a", "i1"), ("b", "i4")], align=True)
    array = np.frombuffer(bytearray([fill] * 8), dtype=dtype).copy()
    array["a"], array["b"] = 1, 2
    return array


def cached(calls):
    function = functools.lru_cache(abs)
    for number in range(calls):
        function(number)
    return function


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOON = datetime.datetime(2024, 1, 1, 12)
BASE = np.arange(6.0)

DIFFERENT = {
    "exception args": (ValueError("a"), ValueError("b")),
    "exception type": (KeyError("a"), IndexError("a")),
    "exception cause": (raised(ValueError(), KeyError()), raised(ValueError(), IndexError())),
    "True and np.True_": (True, np.True_),
    "True and 1": (True, 1),
    "1 and 1.0": (1, 1.0),
    "int and np.int64": (1, np.int64(1)),
    "np.int32 and np.int64": (np.int32(1), np.int64(1)),
    "float and np.float64": (1.0, np.float64(1.0)),
    "0.0 and 1e-9": ([0.0], [1e-9]),
    "int arrays": (np.array([100000]), np.array([100001])),
    "masks": (masked([0, 0, 1]), masked([0, 1, 0])),
    "fill value": (np.ma.masked_array([1, 2], fill_value=1), np.ma.masked_array([1, 2], fill_value=2)),
    "sign of zero": (0.0, -0.0),
    "sign of zero in a list": ([0.0] * 10, [0.0] * 9 + [-0.0]),
    "sign of zero in an array": (np.array([0.0]), np.array([-0.0])),
    "sign of zero in a complex": (complex(0, 0.0), complex(0, -0.0)),
    "sign of zero in a set": ({0.0, 1.0}, {-0.0, 1.0}),
    "nan and number": (math.nan, 1.0),
    "inf and large": (math.inf, 1e308),
    "dict order": ({1: 1, 2: 2}, {2: 2, 1: 1}),
    "dict keys by type": ({1: "a"}, {True: "a"}),
    "ordered dict": (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1)),
    "Series name": (pd.Series([1], name="a"), pd.Series([1], name="b")),
    "RangeIndex and Index": (pd.Series([1, 2]), pd.Series([1, 2], index=pd.Index([0, 1]))),
    "index values": (pd.Series([1, 2], index=["a", "b"]), pd.Series([1, 2], index=["a", "c"])),
    "column dtype": (frame(a=[1, 2]), frame(a=[1.0, 2.0])),
    "column order": (frame(a=[1], b=[2]), frame(b=[2], a=[1])),
    "attrs": (with_attrs(frame(a=[1]), unit="m"), with_attrs(frame(a=[1]), unit="s")),
    "categories": (pd.Series(["a"], dtype=pd.CategoricalDtype(["a", "b"])), pd.Series(["a"], dtype="category")),
    "None and NaN in an object column": (pd.Series(["a", None], dtype=object), pd.Series(["a", np.nan], dtype=object)),
    "time zone": (pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-01")),
    "frame and series": (frame(a=[1]), pd.Series([1])),
    "aliased list and copies": (shared([1]), [[1], [1]]),
    "copies and aliased list": ([[1], [1]], shared([1])),
    "aliased array": (shared(BASE), [BASE, BASE.copy()]),
    "view and copy": ([BASE, BASE[1:]], [BASE, BASE[1:].copy()]),
    "F and C order": (np.zeros((2, 3), order="F"), np.zeros((2, 3))),
    "strided and dense": (np.arange(6)[::2], np.array([0, 2, 4])),
    "read-only and owned": (read_only([1.0]), np.array([1.0])),
    "array dtype": (np.array([1, 2], dtype="i4"), np.array([1, 2], dtype="i8")),
    "array shape": (np.zeros((1, 3)), np.zeros(3)),
    "array and list": (np.array([1]), [1]),
    "NaT": (np.array(["NaT"], "M8[s]"), np.array(["2020"], "M8[s]")),
    "structured": (np.array([(1, 2.0)], "i4,f8"), np.array([(1, 3.0)], "i4,f8")),
    "object array": (np.array([1, "a"], dtype=object), np.array([True, "a"], dtype=object)),
    "sparse format": (scipy.sparse.csr_matrix(np.eye(2)), scipy.sparse.csc_matrix(np.eye(2))),
    "sparse values": (scipy.sparse.csr_matrix(np.eye(2)), scipy.sparse.csr_matrix(np.eye(2) * 2)),
    "matrix and array": (np.matrix([[1]]), np.array([[1]])),
    "lambdas": (lambda x: x + 1, lambda x: x + 2),
    "lambda defaults": (lambda x=1: x, lambda x=2: x),
    "partial": (functools.partial(int, base=2), functools.partial(int, base=8)),
    "defaultdict factories": (collections.defaultdict(list), collections.defaultdict(int)),
    "Decimal exponent": (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    "Decimal zero": (decimal.Decimal("0"), decimal.Decimal("-0")),
    "zone": (NOON.replace(tzinfo=BERLIN), NOON.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Paris"))),
    "instants that agree": (
        datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC),
        datetime.datetime(2024, 1, 1, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
    ),
    "fold": (NOON, NOON.replace(fold=1)),
    "date and datetime": (datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1)),
    "str and bytes": ("a", b"a"),
    "bytes and bytearray": (b"a", bytearray(b"a")),
    "list and tuple": ([1], (1,)),
    "list and its subclass": ([1], Names([1])),
    "items of a subclass": (Names([1]), Names([2])),
    "named tuples": (Pair(1, 2), Other(1, 2)),
    "fields of a named tuple": (Pair(1, 2), Pair(1, 3)),
    "set elements by type": ({1}, {True}),
    "sets": ({(1, 2), (3, 4)}, {(1, 2), (3, 5)}),
    "frozenset and set": (frozenset({1}), {1}),
    "deque length": (collections.deque([1], maxlen=1), collections.deque([1], maxlen=2)),
    "ranges that are equal": (range(0, 3, 2), range(0, 4, 2)),
    "attributes": (Plain(a=1), Plain(a=2)),
    "missing attribute": (Plain(a=1), Plain()),
    "equality is not trusted": (Liar(1), Liar(2)),
    "slots": (Slotted(1), Slotted(2)),
    "private slots": (Slotted(1, 1), Slotted(1, 2)),
    "dataclass": (Point(1.0, ["a"]), Point(1.0, ["b"])),
    "enum": (Colour.RED, Colour.BLUE),
    "classes": (int, float),
    "generators": ((x for x in [1, 2]), (x for x in [1, 3])),
    "generator lengths": ((x for x in [1, 2]), (x for x in [1])),
    "iterator and generator": (iter([1]), (x for x in [1])),
    "iterators": (iter([1, 2]), iter([1, 3])),
    "counters": (itertools.count(1), itertools.count(2)),
    "paths": (pathlib.Path("a"), pathlib.Path("b")),
    "fractions": (Fraction(1, 2), Fraction(1, 3)),
    "patterns": (re.compile("a"), re.compile("b")),
    "matches": (re.search("a", "ba"), re.search("a", "bba")),
    "bound builtins": ([1].append, [2].append),
    "None and missing": (None, 0),
    "rng state": (np.random.default_rng(1), np.random.default_rng(2)),
    "memoryviews": (memoryview(b"ab"), memoryview(b"ac")),
    "notes of an exception": (noted(ValueError(1), "a"), noted(ValueError(1), "b")),
    "file of an OSError": (OSError(2, "none", "a"), OSError(2, "none", "b")),
    "name of an ImportError": (ImportError("x", name="a"), ImportError("x", name="b")),
    "exception groups": (ExceptionGroup("g", [ValueError(1)]), ExceptionGroup("g", [ValueError(2)])),
    "size of a cache": (functools.lru_cache(maxsize=1)(len), functools.lru_cache(maxsize=2)(len)),
    "lock that is held": (held_lock(), threading.Lock()),
    "thread locals": (thread_local(1), thread_local(2)),
    "weak references": (weakref.ref(BERLIN), weakref.ref(PARIS)),
    "hard mask": (np.ma.array([1.0], hard_mask=True), np.ma.array([1.0])),
    "memory order of a masked array": (np.ma.array(np.zeros((2, 3), order="F")), np.ma.array(np.zeros((2, 3)))),
    "masks of a structured array": (masked_fields([(1, 0)]), masked_fields([(0, 1)])),
    "sparse dictionaries": (dok(0), dok(1)),
    "sparse lists of rows": (dok(0).tolil(), dok(1).tolil()),
    "flags of a frame": (frame(a=[1]).set_flags(allows_duplicate_labels=False), frame(a=[1])),
    "unit of a moment": (pd.Timestamp("2024").as_unit("s"), pd.Timestamp("2024").as_unit("ns")),
    "names of a multi index": (levels(["a", "b"]), levels(["a", "c"])),
    "extension dtype": (pd.Series([1], dtype="Int64"), pd.Series([1])),
    "order of categories": (pd.Categorical(["a"], ordered=True), pd.Categorical(["a"])),
    "subclass of ndarray": (BASE, BASE.view(OwnArray)),
    "array without dimensions": (np.array(1.0), np.float64(1.0)),
    "views of a dict": ({1: 1}.items(), {1: True}.items()),
    "chained maps": (collections.ChainMap({1: 1}, {2: 2}), collections.ChainMap({1: 1, 2: 2})),
    "iterator half taken": (taken(iter([1, 2, 3]), 1), iter([1, 2, 3])),
    "shape of a recursion": (nested(1), nested(2)),
    "simple namespaces": (types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
}


def recursive():
    value = [1]
    value.append(value)
    return value


def equal_generators():
    return (x * 2 for x in range(5))


SAME = {
    "padding of a structured array": (padded(0), padded(255)),
    "masks by field": (masked_fields([(1, 0)]), masked_fields([(1, 0)])),
    "exception groups": (ExceptionGroup("g", [ValueError(1)]), ExceptionGroup("g", [ValueError(1)])),
    "what a cache remembers": (cached(1), cached(2)),
    "missing values of extension dtypes": (pd.array([1, None]), pd.array([1, None])),
    "sets in another order": (set("abcdefgh"), set("hgfedcba")),
    "sets of tuples": ({(i, i + 1) for i in range(500)}, {(i, i + 1) for i in reversed(range(500))}),
    "sets with nan": ({math.nan, 1.0}, {float("nan"), 1.0}),
    "nan": (math.nan, float("nan")),
    "nan in a list": ([math.nan] * 20, [float("nan")] * 20),
    "nan in an array": (np.array([np.nan, 1]), np.array([np.nan, 1])),
    "generators": (equal_generators(), equal_generators()),
    "objects without __eq__": (Plain(a=[1], b=Plain()), Plain(a=[1], b=Plain())),
    "plain objects": (object(), object()),
    "objects in a set": ({Plain(a=1), Plain(a=2)}, {Plain(a=2), Plain(a=1)}),
    "slots": (Slotted(1, 2), Slotted(1, 2)),
    "aliased on both sides": (shared([1]), shared([1])),
    "recursive": (recursive(), recursive()),
    "exceptions": (raised(ValueError(1), KeyError(2)), raised(ValueError(1), KeyError(2))),
    "equal values shared or not": (shared(Fraction(1, 2)), [Fraction(1, 2), Fraction(1, 2)]),
    "strings shared or not": (shared("a" * 50), ["a" * 50, "".join(["a"] * 50)]),
    "maps": (map(abs, [1, -2]), map(abs, [1, -2])),
    "frames": (frame(a=[1, None], b=["x", None]), frame(a=[1, None], b=["x", None])),
    "categoricals": (pd.Series(["a"], dtype="category"), pd.Series(["a"], dtype="category")),
    "multi index": (
        pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    ),
    "masked data do not count": (
        np.ma.masked_array([1.0, 2.0], mask=[0, 1]),
        np.ma.masked_array([1.0, 9.0], mask=[0, 1]),
    ),
    "columns of one buffer or two": (list(np.ones((2, 3))), [np.ones(3), np.ones(3)]),
    "locks": (threading.Lock(), threading.Lock()),
    "paths": (pathlib.Path("a/b"), pathlib.Path("a") / "b"),
    "patterns": (re.compile("a"), re.compile("a")),
    "rng": (np.random.default_rng(1), np.random.default_rng(1)),
    "functions": (lambda x: x + 1, lambda x: x + 1),
    "sparse": (scipy.sparse.csr_matrix(np.eye(2)), scipy.sparse.csr_matrix(np.eye(2))),
    "zones": (NOON.replace(tzinfo=BERLIN), NOON.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_must_be_different(pair):
    with pytest.raises(Different):
        found = compare(*pair)
        if found.beyond:
            raise found.beyond


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_must_be_same(pair):
    found = compare(*pair)
    assert (found.max_ulp, found.beyond) == (0, None)


def test_rounding_is_measured_not_refused():
    total = 0.1 + 0.2
    found = compare([total, 1.0], [0.3, 1.0])
    assert found.max_ulp == 1 and 0 < found.max_relative < 1e-15 and found.beyond is None
    arrays = compare(np.array([1.0, total]), np.array([1.0, 0.3]))
    assert arrays.max_ulp == 1 and arrays.beyond is None


def test_a_tolerance_is_the_users_choice():
    assert compare(1.0, 1.0 + 1e-10).beyond is not None
    assert compare(1.0, 1.0 + 1e-10, Tolerance(relative=1e-9)).beyond is None
    assert compare(np.float32(1), np.float32(1.001)).beyond is not None


def test_the_place_of_a_difference_is_named():
    with pytest.raises(Different) as caught:
        compare({"a": [Plain(x=1), Plain(x=[1, 2])]}, {"a": [Plain(x=1), Plain(x=[1, 3])]})
    assert render(caught.value.path) == "result['a'][1].x[1]"
    assert (caught.value.before, caught.value.after) == (2, 3)


def test_a_view_of_an_argument_is_not_a_copy():
    array = np.arange(4.0)
    other = array.copy()
    with pytest.raises(Different):
        compare({"result": array[:2], "argument": array}, {"result": other[:2].copy(), "argument": other})


def test_an_iterator_can_be_compared_again():
    one, other, third = (iter([1, 2, 3]) for _ in range(3))
    assert is_same(one, other) and is_same(one, third)
    assert not is_same(one, iter([1, 2]))


def test_what_cannot_be_compared_is_said():
    with pytest.raises(CannotCompare):
        compare(iter(int, 1), iter(int, 1))
    first, second = (type("Local", (), {"__qualname__": "f.<locals>.Local"})() for _ in range(2))
    with pytest.raises(CannotCompare):
        compare(first, second)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=12,
)


@given(plain)
def test_a_deep_copy_is_the_same(value):
    import pickle

    assert is_same(value, pickle.loads(pickle.dumps(value)))


@given(plain, plain)
def test_same_never_holds_between_values_that_print_differently(left, right):
    if repr(left) != repr(right):
        assert not is_same(left, right)
