"""What the densest hostile file of each sampling format may cost: it is read or refused within 1 GiB."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

READ = """
import resource, sys
from pathlib import Path
from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    read_profile(Path(sys.argv[1]))
except UserError as error:
    print(f"refused: {error}")
"""
SPEEDSCOPE = b'{"$schema": "https://www.speedscope.app/file-format-schema.json", "profiles": [{"type": "sampled", '
GECKO = b'{"meta": {"interval": 1, "preprocessedProfileVersion": 1}, "threads": [{"samples": {"stack": ['
EVENT = b'{"cat": "py-spy", "ph": "B", "name": "f", "ts": 1, "pid": 1, "tid": 1},'
VALUE_TYPE = b"\x0a\x04\x08\x01\x10\x02"
FLAME = b"<svg><!-- Flame graph stack visualization -->"
BOX = b'<title>f (1 samples, 1%)</title><rect x="1" width="1" y="1">'

PERF = b"python 1 1.0: 1 cpu:\n\tff py::f:/a.py+0x1 (x)\n"


def numbered(template: bytes, count: int) -> Iterator[bytes]:
    """The template with each number from 0 on, in blocks."""
    for start in range(0, count, 1000):
        yield b"".join(template.replace(b"#", b"%d" % i) for i in range(start, start + 1000))


FILES = {
    "collapsed: functions": lambda: numbered(b"f# (a#.py:1) 1\n", 450_000),
    "collapsed: lines": lambda: numbered(b"f (a.py:#) 1\n", 300_000),
    "collapsed: threads": lambda: numbered(b"thread (#);f (a.py:1) 1\n", 200_000),
    "collapsed: names of 60,000": lambda: numbered(b"f#" + b"x" * 60_000 + b" (a.py:1) 1\n", 2000),
    "collapsed: semicolons": lambda: [b";" * 60_000_000, b" 1\n"],
    "speedscope: empty stacks": lambda: [SPEEDSCOPE, b'"samples": [', b"[]," * 20_000_000, b"[]]}]}"],
    "speedscope: one stack": lambda: [SPEEDSCOPE, b'"weights": [1], "samples": [[', b"999," * 15_000_000, b"1]]}]}"],
    "trace: open frames": lambda: [b"[", *(EVENT * 10_000 for _ in range(170)), b"7]"],
    "gecko: lists": lambda: [GECKO, b"[]," * 20_000_000, b"1]}}]}"],
    "pyinstrument: nodes": lambda: [
        b'{"target_description": "", "root_frame": {"function": "f", "time": 1, "children": [',
        b"{}," * 20_000_000,
        b"{}]}}",
    ],
    "pprof: texts": lambda: [VALUE_TYPE, *(b"\x32\x02ab" * 100_000 for _ in range(80))],
    "pprof: one stack": lambda: [VALUE_TYPE, b"\x12\x84\xda\xc4\x09\x0a\x80\xda\xc4\x09", b"\x01" * 20_000_000],
    "mojo: references": lambda: [
        b"MOJ\x03\x02\x01\x001\0\x0b\x0aa\0\x03\x05\x0a\x0a\x01\x01\x01\x01",
        *(b"\x05\x05" * 100_000 for _ in range(30)),
    ],
    "flame graph: rectangles": lambda: [FLAME, *(BOX * 10_000 for _ in range(90))],
    "perf: brackets": lambda: [
        b"python 1 1.0: 1 cpu:\n\tff py::f:/a.py+0x1 (x)\n",
        *([b"\tff " + b" (" * 400_000 + b")\n"] * 9),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_within_one_gibibyte(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "dense"
    with path.open("wb") as stream:
        for block in FILES[kind]():
            stream.write(block)
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Error" not in done.stdout  # no exception that only the net below the readers caught
