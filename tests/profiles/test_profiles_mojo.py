"""austin's binary files against the sums that austin-python makes of them, and of its own conversion to text."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import austin_mojo, stacks
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

EXPECTED = json.loads((Path(__file__).parents[2] / "fixtures/expected/sampling.json").read_text())
REAL = [name for name in EXPECTED if name.endswith(".mojo")]


@pytest.mark.parametrize("name", REAL)
def test_sums_of_the_tools_own_reader(profiles: Path, name: str) -> None:
    profile = read_profile(profiles / name)
    expected = EXPECTED[name]
    scale = 1 if profile.unit is Unit.BYTES else 1e-6
    assert profile.unit is (Unit.BYTES if "mem" in name else Unit.SECONDS)
    assert profile.total == pytest.approx(expected["total"] * scale)
    functions = {f"{c.frame.path}:{c.frame.name}": c for c in profile.functions}
    for function, own in expected["own"].items():
        assert functions[function].own == pytest.approx(own * scale), function
    for function, cumulative in expected["cumulative"].items():
        assert functions[function].cumulative == pytest.approx(cumulative * scale), function


def test_austins_own_conversion_to_text(profiles: Path, naive) -> None:
    rows = []
    for line in (profiles / "austin-from-mojo.austin").read_text().splitlines():
        if not line.startswith("#"):
            stack, weight = line.rsplit(" ", 1)
            parts = [part.rsplit(":", 2) for part in stack.split(";")[2:]]
            rows.append(([((path, name), int(current)) for path, name, current in parts], int(weight)))
    profile = read_profile(profiles / "austin.mojo")
    naive(rows).check(profile, 1e-6)
    text = (profiles / "austin-from-mojo.austin").read_text()
    duration = re.search(r"# duration: (\d+)", text)
    assert duration and profile.seconds == int(duration[1]) / 1e6
    assert profile.python == "3.11.7"
    assert set(profile.threads) == {f"{p} {t}" for p, t in re.findall(r"^(P\d+);(T[^; ]+)", text, re.MULTILINE)}


def number(value: int) -> bytes:
    """A number as MOJO has it: 6 bits and the sign first, then 7 at a time."""
    rest = abs(value)
    found = [rest & 0x3F | (0x40 if value < 0 else 0)]
    rest >>= 6
    while rest:
        found[-1] |= 0x80
        found.append(rest & 0x7F)
        rest >>= 7
    return bytes(found)


def text(value: str) -> bytes:
    return value.encode() + b"\0"


class Writer:
    """Writes the events of one version of the format."""

    def __init__(self, version: int, mode: str = "wall") -> None:
        self._version = version
        self.data = b"MOJ" + number(version) + b"\x01" + text("mode") + text(mode)

    def stack(self, thread: str = "1f", pid: int = 7) -> "Writer":
        self.data += b"\x02" + number(pid) + (number(0) if self._version >= 3 else b"") + text(thread)
        return self

    def frame(self, key: int, name: str, line: int, path: str = "/a.py") -> "Writer":
        self.data += b"\x0b" + number(key * 100) + text(path) + b"\x0b" + number(key * 100 + 1) + text(name)
        self.data += b"\x03" + b"".join(map(number, (key, key * 100, key * 100 + 1, line)))
        self.data += b"".join(map(number, (line, 1, 9))) if self._version >= 2 else b""
        return self

    def refer(self, *keys: int) -> "Writer":
        self.data += b"".join(b"\x05" + number(key) for key in keys)
        return self

    def event(self, event: int, *numbers: int) -> "Writer":
        self.data += bytes((event,)) + b"".join(map(number, numbers))
        return self

    def time(self, value: int) -> "Writer":
        return self.event(9, value)


def own(profile: Profile) -> dict[str, float]:
    return {c.frame.name: round(c.own * 1e6) for c in profile.functions if c.own}


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_every_version(read_bytes: Callable[..., Profile], version: int) -> None:
    data = Writer(version).stack().frame(20, "main", 3).frame(21, "f", 12345).refer(20, 21).time(700).data
    data += Writer(version).stack().refer(20).time(5).data[len(Writer(version).data) :]
    profile = read_bytes(data)
    assert own(profile) == {"f": 700, "main": 5}
    assert dict(profile.functions[0].lines) == pytest.approx({12345: 700e-6})
    assert set(profile.threads) == {"P7 T0:31" if version >= 3 else "P7 T31"}


def test_repeated_stack(read_bytes) -> None:
    """Version 4: the stack of the thread's last sample, without the C code on its top, and what follows."""
    writer = Writer(4).stack().frame(20, "main", 3).frame(21, "f", 4).frame(22, "memcpy", 0, "/lib/libc.so.6")
    writer.refer(20, 21, 22).time(10)
    writer.stack("2f").refer(20).time(1000)
    writer.stack().event(13).time(5)
    writer.stack().event(13).refer(22).time(2)
    writer.stack().event(13).time(1)
    profile = read_bytes(writer.data)
    assert own(profile) == {"main": 1000, "f": 18}
    assert {c.frame.name: round(c.native * 1e6) for c in profile.functions} == {"main": 0, "f": 12}


def test_positions_of_tasks_are_not_the_threads_stack(read_bytes) -> None:
    writer = Writer(4).stack().frame(20, "main", 3).frame(21, "task", 4).refer(20)
    writer.event(14, 99, 0, 2).refer(21, 21).event(15, 99, 98).event(16, 99).time(8)
    assert own(read_bytes(writer.data)) == {"main": 8}


def test_idle_time_of_the_full_mode(read_bytes) -> None:
    writer = Writer(3, "full").stack().frame(20, "main", 3).refer(20).time(8).event(10, 4096)
    writer.stack().refer(20).time(30).event(8).event(10, -50)
    (cost,) = read_bytes(writer.data).functions
    assert (round(cost.own * 1e6), round(cost.cpu * 1e6)) == (38, 8)


def test_kernel_invalid_and_collecting_frames(read_bytes) -> None:
    writer = Writer(3).stack().frame(20, "main", 3).refer(20).event(4).event(7)
    writer.data += b"\x06" + text("do_syscall_64")
    (cost,) = read_bytes(writer.time(3).data).functions
    assert (cost.frame, round(cost.own * 1e6), round(cost.native * 1e6)) == (Frame("/a.py", "main"), 3, 3)


def test_same_key_in_another_process_is_another_frame(read_bytes) -> None:
    writer = Writer(3).stack(pid=1).frame(20, "f", 3).refer(20).time(1)
    writer.stack(pid=2).frame(20, "g", 3).refer(20).time(2)
    assert own(read_bytes(writer.data)) == {"f": 1, "g": 2}


def test_file_that_ends_within_a_sample(profiles: Path, read_bytes) -> None:
    data = (profiles / "austin.mojo").read_bytes()
    profile = read_bytes(data[:20_000])
    assert 0 < profile.total < EXPECTED["austin.mojo"]["total"] * 1e-6
    assert any("ends within" in warning for warning in profile.warnings)


def test_newer_version_is_refused_with_the_converter(read_bytes) -> None:
    with pytest.raises(ProfileError, match="version 5") as caught:
        read_bytes(b"MOJ\x05" + Writer(4).data[4:])
    assert "mojo2austin" in caught.value.do


@pytest.mark.parametrize(
    "data",
    [
        Writer(3).refer(20).data,
        Writer(3).stack().refer(20).data,
        Writer(3).stack().event(3, 1, 2, 3, 4, 5, 6, 7).data,
        Writer(3).stack().event(99).data,
        Writer(3).data + b"\x09" + b"\xff" * 30,
        Writer(3).data + b"\x01" + b"x" * 3_000_000,
    ],
    ids=["no sample", "unknown frame", "unknown string", "unknown event", "endless number", "endless string"],
)
def test_damage(read_bytes, data: bytes) -> None:
    with pytest.raises(ProfileError, match="damaged"):
        read_bytes(data)


def test_repeating_a_deep_stack_is_cheap_and_bounded(read_bytes, monkeypatch) -> None:
    writer = Writer(4).stack().frame(20, "r", 3).refer(*[20] * 100_000).time(1)
    writer.data += Writer(4).stack().event(13).time(1).data[len(Writer(4).data) :] * 20_000
    (cost,) = read_bytes(writer.data).functions
    assert (round(cost.own * 1e6), round(cost.cumulative * 1e6)) == (20_001, 20_001)
    monkeypatch.setattr(austin_mojo, "_MOST_REPEATED", 150_000)
    again = Writer(4).stack().event(13).refer(20).time(1).data[len(Writer(4).data) :]
    with pytest.raises(ProfileError, match="repeats"):
        read_bytes(writer.data + again * 3)


def test_stacks_are_summed_in_batches(profiles: Path, monkeypatch) -> None:
    whole = read_profile(profiles / "austin.mojo")
    monkeypatch.setattr(stacks, "_MOST_HELD", 50)
    parts = read_profile(profiles / "austin.mojo")
    assert {c.frame: pytest.approx(c.cumulative) for c in parts.functions} == {
        c.frame: c.cumulative for c in whole.functions
    }
