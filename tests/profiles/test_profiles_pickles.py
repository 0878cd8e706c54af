"""Pickles as data: what the standard pickler writes is read back, what would run or explode is refused."""

import os
import pickle
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.profiles import pickles
from perf_advise.profiles.errors import ProfileError

PLAIN = st.none() | st.booleans() | st.integers(-(2**90), 2**90) | st.floats(allow_nan=False) | st.text()
KEYS = (
    st.text() | st.integers(-(2**90), 2**90) | st.tuples(st.text(), st.integers(0, 9)) | st.tuples(st.tuples(st.text()))
)
VALUES = st.recursive(
    PLAIN,
    lambda v: st.lists(v) | st.tuples(v, v, v) | st.lists(v).map(tuple) | st.dictionaries(KEYS, v),
    max_leaves=25,
)


@given(VALUES, st.integers(1, pickle.HIGHEST_PROTOCOL))
def test_values_are_those_of_pickle(value, protocol) -> None:
    assert pickles.load(pickle.dumps(value, protocol), ()) == value


@given(st.lists(st.integers(-999, 9**20), max_size=5), st.integers(1, pickle.HIGHEST_PROTOCOL))
def test_shared_objects_stay_shared(items, protocol) -> None:
    first, second = pickles.load(pickle.dumps([items, items], protocol), ())
    assert first is second


def test_sets_are_read() -> None:
    assert pickles.load(pickle.dumps({1, "a"}, 4), ()) == {1, "a"}


class Runs:
    def __reduce__(self):
        return os.mkdir, ("was-run",)


class Calls:
    """Pickles as an object of an allowed class with arguments that would run something."""

    def __reduce_ex__(self, protocol):
        return os.system, ("echo was-run",)


HOSTILE = {
    "reduce": pickle.dumps(Runs(), 0),
    "reduce in protocol 4": pickle.dumps([1, Runs()], 4),
    "inside a tuple": pickle.dumps(({}, Calls()), 2),
    "protocol 0 global": b"cos\nsystem\n(S'echo was-run'\ntR.",
    "huge memo": b"\x80\x04Nr\xff\xff\xff\x7f0r\xff\xff\xff\x7f.X",
    "huge text": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",
    "huge number": b"\x80\x04\x8b\xff\xff\xff\x7f.",
    "deep tuple as key": b"\x80\x04}N" + b"\x85" * 200_000 + b"Ns.",
    "shared tuple as key": b"\x80\x04}N\x94" + b"h\x00h\x00\x86\x94" + b"".join(
        b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86\x94" for i in range(1, 120)
    ) + b"Ns.",
    "list as key": b"\x80\x04}]Ns.",
    "another class": b"\x80\x04\x8c\x03app\x8c\x05Other\x93)\x81}b.",
    "no mark": b"\x80\x04u.",
    "empty stack": b".",
    "no end": b"\x80\x04N",
    "reference to nothing": b"\x80\x04h\x05.",
    "state without object": b"\x80\x04N}b.",
    "object without class": b"\x80\x04N)\x81.",
    "extension": b"\x80\x02\x82\x01.",
    "persistent": b"Pfile\n.",
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pickle_is_refused_and_runs_nothing(data: bytes, tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProfileError):
        pickles.load(data, ("app.Allowed",))
    assert not Path("was-run").exists()
    assert capfd.readouterr().out == ""


def test_few_bytes_take_little_memory() -> None:
    """The C unpickler allocates 16 GB for this memo index."""
    tracemalloc.start()
    try:
        assert pickles.load(b"\x80\x04Nr\xff\xff\xff\x3f.", ()) is None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_allowed_class_is_only_a_name() -> None:
    data = b"\x80\x04\x8c\x03app\x8c\x07Allowed\x93)\x81}\x8c\x01aK\x05sb."
    value = pickles.load(data, ("app.Allowed",))
    assert (value.kind, value.state) == ("app.Allowed", {"a": 5})
