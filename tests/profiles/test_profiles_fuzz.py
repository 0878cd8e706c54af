"""Damage of every kind in every real file: a profile or one line, never a crash, a hang or an eaten memory."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.model.profile import Profile
from perf_advise.profiles.loading import read_profile

FOLDER = Path(__file__).parents[2] / "fixtures" / "profiles"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
WORDS = [b"-1", b"0", b"99999999999999999999", b"nan", b"1e999", b"null", b"[", b"{", b'"', b"\n", b";", b"\xff"]
SMALL = 24_000


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data cut, flipped, spliced, repeated, or with an unlikely word in it; often several of these."""
    for _ in range(rng.randint(1, 3)):
        at, other = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        kind = rng.randrange(6)
        if kind == 0:
            data = data[:other]
        elif kind == 1:
            data = data[:at] + data[other:]
        elif kind == 2:
            data = data[:at] + data[at : at + 300] * rng.randint(2, 20) + data[at:]
        elif kind == 3:
            data = data[:at] + rng.choice(WORDS) + data[at + rng.randrange(8) :]
        elif kind == 4 and data:
            flipped = bytearray(data)
            for _ in range(rng.randint(1, 12)):
                flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            data = bytes(flipped)
        else:
            data = data[:at] + rng.randbytes(rng.randint(1, 9)) + data[at:]
    return data


def check(data: bytes, path: Path) -> None:
    """Reading ends in a sound profile or in one line that names the file."""
    path.write_bytes(data)
    try:
        profile = read_profile(path)
    except UserError as error:
        assert "\n" not in str(error) and str(path) in str(error)
        assert "MemoryError" not in str(error)
        return
    assert isinstance(profile, Profile)
    assert 0 < profile.total < 1e25
    for cost in profile.functions:
        assert isinstance(cost.frame.path, str) and isinstance(cost.frame.name, str)
        assert abs(cost.own) < 1e25 and abs(cost.cumulative) < 1e25
        cost.frame.path.encode(), cost.frame.name.encode()  # printable


def fuzz(path: Path, folder: Path, seed: str, rounds: int) -> None:
    rng = random.Random(f"{seed} {path.name}")
    data = path.read_bytes()
    for _ in range(rounds):
        start = data if len(data) < SMALL or rng.random() < 0.1 else data[: rng.randrange(1, SMALL)]
        check(mutated(start, rng), folder / path.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_damaged_real_file(path: Path, tmp_path: Path) -> None:
    fuzz(path, tmp_path, "short", 12)


@given(st.sampled_from(FILES), st.integers(0, 400), st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_start_of_a_real_file_and_then_anything(tmp_path_factory, path: Path, keep: int, rest: bytes) -> None:
    check(path.read_bytes()[:keep] + rest, tmp_path_factory.getbasetemp() / path.name)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_anything(tmp_path_factory, data: bytes) -> None:
    check(data, tmp_path_factory.getbasetemp() / "anything")


DENSE = """
import resource, sys
from pathlib import Path
from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    read_profile(Path(sys.argv[1]))
except UserError as error:
    sys.exit(f"refused: {error}")
"""
MARSHAL, PICKLE = b"{)\x03", b"(}q\0("
DENSEST = {
    "empty dicts": (MARSHAL, b"{0", 16_000_000),
    "empty lists": (MARSHAL + b"[\0\0\0\1", b"[\0\0\0\0", 6_000_000),
    "nothing": (MARSHAL + b"[\0\0\xc0\1", b"N", 29_000_000),
    "short texts": (MARSHAL + b"[\0\0\x60\0", b"z\2ab", 8_000_000),
    "pickled dicts": (PICKLE, b"}", 30_000_000),
    "pickled lists, kept": (PICKLE, b"]\x94", 15_000_000),
    "pickled tuples": (PICKLE + b"N", b"\x85", 30_000_000),
    "types in types": (b'{"version": 1, "profiler": "", "functions": [', b"{},", 1_300_000),
    "events": (b'{"traceEvents": [{"ph": "X", "cat": "fee"', b',"":[]', 13_000_000),
    "cover": (b"", b"    1: x = 1\n" * 10, 220_000),
    "lines": (b"events: us\nfn=f\n", b"1 1\n2 1\n", 1_000_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", DENSEST)
def test_densest_bytes_fit_in_one_gibibyte(tmp_path: Path, kind: str) -> None:
    """The largest files that are taken at all, made of what becomes the largest objects."""
    start, part, times = DENSEST[kind]
    path = tmp_path / "dense"
    path.write_bytes(start + part * times)
    done = subprocess.run([sys.executable, "-c", DENSE, str(path)], capture_output=True, text=True)
    is_read = kind in ("lines", "cover")
    assert done.returncode == (0 if is_read else 1), done.stderr[-2000:]
    assert is_read or done.stderr.startswith("refused: ")
    assert "MemoryError" not in done.stderr


ENDLESS = {
    "names": ("events: us\n", "fn=({n}) f{n}\n1 1\n", ""),
    "functions without numbers": ("events: us\n", "fn=f{n}\n1 1\n", ""),
    "calls": ("events: us\nfn=f\n", "cfn=g{n}\ncalls=1 1\n1 1\n", ""),
    "cost lines": ("events: us\nfn=f\n", "{n} 1\n", ""),
    "calls by name": (
        '{"traceEvents": [',
        '{{"ph": "X", "cat": "fee", "name": "f{n}", "ts": {n}, "dur": 1}},',
        "{}]}",
    ),
    "threads": (
        '{"traceEvents": [',
        '{{"ph": "X", "cat": "fee", "name": "f", "tid": {n}, "ts": 1, "dur": 1}},',
        "{}]}",
    ),
    "memray frames": (
        "allocator,num_allocations,size,tid,thread_name,stack_trace\n",
        "MALLOC,1,1,1,t,f{n};/a.py;{n}\n",
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENDLESS)
def test_endless_variety_fits_in_one_gibibyte(tmp_path: Path, kind: str) -> None:
    """Streamed formats whose every line brings something new to keep."""
    start, part, end = ENDLESS[kind]
    path = tmp_path / "endless"
    with path.open("w") as stream:
        stream.write(start)
        stream.writelines(part.format(n=n) for n in range(1, 1_100_000))
        stream.write(end)
    done = subprocess.run([sys.executable, "-c", DENSE, str(path)], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("refused: "), done.stderr[-2000:]
    assert "MemoryError" not in done.stderr


LONG = """
import importlib.util, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
spec = importlib.util.spec_from_file_location("fuzzing", sys.argv[1])
fuzzing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzzing)
for path in fuzzing.FILES:
    fuzzing.fuzz(path, Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_long_in_one_gibibyte(tmp_path: Path) -> None:
    """The same at length, in a process that may not have more than 1 GiB; a seed per run, printed on failure."""
    seed = str(random.SystemRandom().randrange(10**9))
    arguments = [sys.executable, "-c", LONG, __file__, str(tmp_path), seed, "250"]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, f"seed {seed}: {done.stderr[-2000:]}"
