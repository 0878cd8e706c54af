"""pprof messages against what google's own parser says, and messages written here field by field."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import pprof, protobuf
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

EXPECTED = json.loads((Path(__file__).parents[2] / "fixtures/expected/sampling.json").read_text())


def test_sums_of_googles_parser(profiles: Path) -> None:
    profile = read_profile(profiles / "austin.pprof")
    expected = EXPECTED["austin.pprof"]
    assert (profile.unit, profile.clock) == (Unit.SECONDS, "wall")
    assert profile.total == pytest.approx(expected["total"] * 1e-6)
    functions = {f"{c.frame.path}:{c.frame.name}": c.own for c in profile.functions}
    for function, own in expected["own"].items():
        assert functions[function] == pytest.approx(own * 1e-6), function


@pytest.mark.parametrize(("name", "clock"), [("zprofile-cpu.pprof", "cpu"), ("zprofile-wall.pprof", "wall")])
def test_the_profiler_of_production_fleets(profiles: Path, name: str, clock: str) -> None:
    """Two sample types, of which time is read; another program, in threads; bare names and current lines."""
    profile = read_profile(profiles / name)
    expected = EXPECTED[name]
    assert (profile.unit, profile.clock, profile.seconds) == (Unit.SECONDS, clock, 3.0)
    assert profile.total == pytest.approx(expected["total"] * 1e-9)
    functions = {f"{c.frame.path}:{c.frame.name}": c for c in profile.functions}
    for function, own in expected["own"].items():
        assert functions[function].own == pytest.approx(own * 1e-9), function
        assert sum(functions[function].lines.values()) == pytest.approx(own * 1e-9)


def test_sums_of_the_text_it_was_made_of(profiles: Path, naive) -> None:
    rows = []
    for line in (profiles / "austin.austin").read_text().splitlines():
        if line and not line.startswith("#"):
            stack, weight = line.rsplit(" ", 1)
            parts = [part.rsplit(":", 2) for part in stack.split(";")[2:]]
            rows.append(([((path, name), int(current)) for path, name, current in parts], int(weight)))
    naive(rows).check(read_profile(profiles / "austin.pprof"), 1e-6)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = b""
    while value > 0x7F:
        found += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return found + bytes((value,))


def field(number: int, value: int | bytes | str | list[int]) -> bytes:
    """One field: a varint, or bytes; a list is packed."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, list):
        value = b"".join(map(varint, value))
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(
    values: list[list[int]],
    types: tuple = (("cpu", "nanoseconds"),),
    start: int = 0,
    packed: bool = True,
    default: str = "",
) -> bytes:
    """A profile of one stack, main -> (f inlined in g), in a.py; a sample per item of `values`."""
    strings = ["", "main", "f", "g", "a.py", *(text for pair in types for text in pair)]
    made = b"".join(field(1, field(1, 5 + 2 * i) + field(2, 6 + 2 * i)) for i in range(len(types)))
    for value in values:
        ids = field(1, [2, 1]) if packed else field(1, 2) + field(1, 1)
        made += field(2, ids + (field(2, value) if packed else b"".join(field(2, v) for v in value)))
    made += field(4, field(1, 1) + field(4, field(1, 1) + field(2, 30)))
    made += field(4, field(1, 2) + field(4, field(1, 2) + field(2, 8)) + field(4, field(1, 3) + field(2, 21)))
    for i, name in ((1, 1), (2, 2), (3, 3)):
        made += field(5, field(1, i) + field(2, name) + field(4, 4) + (field(5, start + i) if start else b""))
    made += b"".join(field(6, text) for text in strings)
    made += field(14, strings.index(default)) if default else b""
    return made + field(10, 2_000_000_000)


def sums(profile: Profile) -> dict[str, tuple[float, float]]:
    return {c.frame.name: (c.own, c.cumulative) for c in profile.functions}


@pytest.mark.parametrize("packed", [True, False])
def test_inlined_lines_and_both_ways_of_repeating(read_bytes: Callable[..., Profile], packed: bool) -> None:
    profile = read_bytes(message([[4_000_000_000], [1_000_000_000]], packed=packed))
    assert sums(profile) == {"f": (5, 5), "g": (0, 5), "main": (0, 5)}
    assert {(e.caller.name, e.callee.name) for e in profile.edges} == {("main", "g"), ("g", "f")}
    assert (profile.seconds, profile.clock) == (2, "cpu")
    assert dict(profile.functions[0].lines) == {8: 5}


def test_first_and_current_lines(read_bytes) -> None:
    cost = read_bytes(message([[1]], start=5)).functions[0]
    assert (cost.frame, list(cost.lines)) == (Frame("a.py", "f", 7), [8])


@pytest.mark.parametrize(
    ("types", "column", "unit", "scale"),
    [
        ((("samples", "count"), ("cpu", "nanoseconds")), 1, Unit.SECONDS, 1e-9),
        ((("CPU time", "μs"), ("Wall time", "μs"), ("Allocated memory", "B")), 1, Unit.SECONDS, 1e-6),
        ((("alloc_space", "bytes"), ("inuse_space", "bytes")), 0, Unit.BYTES, 1),
        ((("Allocated memory", "B"), ("Deallocated memory", "B")), 0, Unit.BYTES, 1),
        ((("samples", "count"),), 0, Unit.SAMPLES, 1),
        ((("wall", "milliseconds"),), 0, Unit.SECONDS, 1e-3),
    ],
)
def test_which_sample_type_is_read(read_bytes, types: tuple, column: int, unit: Unit, scale: float) -> None:
    profile = read_bytes(message([[10 * 10**i for i in range(len(types))]], types))
    assert (profile.unit, profile.total) == (unit, pytest.approx(10 * 10**column * scale))


def test_default_sample_type(read_bytes) -> None:
    types = (("cpu", "nanoseconds"), ("delay", "nanoseconds"))
    assert read_bytes(message([[1, 2]], types, default="cpu")).total == pytest.approx(1e-9)
    assert read_bytes(message([[1, 2]], types)).total == pytest.approx(2e-9)


def pushed(*profiles: bytes) -> bytes:
    """A Pyroscope push request of one series."""
    labels = field(1, field(1, "__name__") + field(2, "process_cpu")) + field(1, field(1, "app") + field(2, "x"))
    return field(1, labels + b"".join(field(2, field(1, raw) + field(2, "id")) for raw in profiles))


def test_gzip_and_pyroscope_push_request(read_bytes) -> None:
    plain = message([[3_000_000_000]])
    for data in (
        gzip.compress(plain),
        pushed(plain),
        pushed(gzip.compress(plain)),
        gzip.compress(pushed(gzip.compress(plain))),
    ):
        assert sums(read_bytes(data)) == sums(read_bytes(plain))


def test_push_request_of_several_profiles(read_bytes) -> None:
    memory = message([[700]], (("alloc_space", "bytes"),))
    profile = read_bytes(pushed(message([[1_000_000_000]]), message([[2_000_000_000]]), memory))
    assert profile.total == pytest.approx(3)
    assert any("1 of 3 profiles are in another unit" in warning for warning in profile.warnings)


def test_gzip_bomb_within_a_push_request(read_bytes, monkeypatch) -> None:
    monkeypatch.setattr(pprof, "_LIMIT", 1 << 20)
    with pytest.raises(ProfileError, match="larger than 1 MiB"):
        read_bytes(pushed(gzip.compress(bytes(50 << 20))))


@pytest.mark.parametrize(
    "data",
    [
        message([[-5]]),
        message([[1], [1, 2]]),
        message([[]]),
        message([[1]]) + field(2, field(1, [99]) + field(2, [1])),
        field(1, field(1, 1) + field(2, 99)) + field(6, "") + field(2, field(1, [1]) + field(2, [1])),
        message([[1]])[:-4],
        message([[1]]) + b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        message([[1]]) + b"\x13",
    ],
    ids=["negative", "ragged", "no value", "no location", "no string", "cut", "endless number", "old group"],
)
def test_damage(read_bytes, data: bytes) -> None:
    with pytest.raises(ProfileError):
        read_bytes(data)


def test_a_location_of_many_lines_in_many_samples_is_bounded(read_bytes, monkeypatch) -> None:
    monkeypatch.setattr(pprof, "_MOST_FRAMES", 10_000)
    lines = b"".join(field(4, field(1, 1) + field(2, 9)) for _ in range(600))
    data = message([[1]]) + field(4, field(1, 7) + lines)
    data += b"".join(field(2, field(1, [7] * (i % 40 + 1)) + field(2, [1])) for i in range(300))
    with pytest.raises(ProfileError, match="too many frames"):
        read_bytes(data)


@given(st.lists(st.tuples(st.integers(1, 500), st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300)))))
def test_fields_whole_and_streamed(fields: list) -> None:
    data = b"".join(field(number, value) for number, value in fields)
    assert list(protobuf.fields(data)) == fields
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protobuf, "MIB", 37)
        assert list(protobuf.streamed_fields(io.BytesIO(data))) == fields


@pytest.mark.parametrize("value", [0, 1, -1, 2**63 - 1, -(2**63)])
def test_signed_numbers(value: int) -> None:
    ((_, found),) = protobuf.fields(field(1, value))
    assert protobuf.signed(found) == value
