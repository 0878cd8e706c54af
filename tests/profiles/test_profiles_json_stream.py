"""JSON in pieces: the same values as `json.loads`, wherever the blocks end."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.profiles import json_stream
from perf_advise.profiles.errors import ProfileError

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(PLAIN, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=8)


class Drips(io.BytesIO):
    """Gives few bytes at a time, so that values, numbers and characters are cut."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(7)


def members(text: str, *streamed: str) -> list[tuple[str, object]]:
    whole = list(json_stream.members(io.BytesIO(text.encode()), streamed))
    assert list(json_stream.members(Drips(text.encode()), streamed)) == whole
    return whole


@given(st.dictionaries(st.text(), VALUES), st.sampled_from([None, 1]))
def test_members_are_those_of_json(value, indent) -> None:
    assert members(json.dumps(value, indent=indent, ensure_ascii=False)) == list(value.items())


@given(st.lists(VALUES), VALUES)
def test_items_come_one_by_one(items, other) -> None:
    text = json.dumps({"a": other, "events": items, "z": other})
    assert members(text, "events") == [("a", other), *(("events", item) for item in items), ("z", other)]
    assert members(json.dumps(items)) == [("", item) for item in items]


@pytest.mark.parametrize("number", ["0", "-0.5", "12.25", "1e5", "1E+5", "2.5e-3", "123456789"])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_number_cut_anywhere(number: str, before: int) -> None:
    assert members(f'{" " * before}{{"a": {number}}}') == [("a", json.loads(number))]
    assert members(f"{' ' * before}[{number},{number}]") == [("", json.loads(number))] * 2


def test_streamed_key_with_another_value_comes_whole() -> None:
    assert members('{"events": {"a": 1}}', "events") == [("events", {"a": 1})]


@pytest.mark.parametrize(
    "text",
    ["", " ", "5", "{", "[", "[1", "[1,", "[1 2]", "[,]", '{"a"}', '{"a": }', "{1: 2}", '{"a": 1 "b": 2}', "[1]]"],
)
def test_damage(text: str) -> None:
    if text == "[1]]":  # what follows the value is not looked at
        assert members(text) == [("", 1)]
        return
    with pytest.raises(ProfileError):
        members(text, "a")


def test_lines_are_not_kept(monkeypatch) -> None:
    """A long array is read with a small buffer: a value above the limit is refused, their sum is not."""
    monkeypatch.setattr(json_stream, "_LARGEST", 3_000_000)
    items = ["x" * 100_000] * 100
    assert len(list(json_stream.members(io.BytesIO(json.dumps({"a": items}).encode()), "a"))) == 100
    with pytest.raises(ProfileError, match="64 MiB"):
        list(json_stream.members(io.BytesIO(json.dumps({"b": items}).encode()), "a"))
