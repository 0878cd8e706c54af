"""How fast collapsed stacks are read: the time against reading and splitting the same lines, and peak memory.

Run by hand: `python tests/benchmarks/collapsed_rate.py [--mib 1024]`. Files are made: the stacks of a real
profile again and again (what a sampler that does not merge writes), stacks of a call tree with usual paths
(most with a long common beginning), and the worst cases: all different, shallow and deep. All sides run in
processes of their own, alternately; printed are the median ratios.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
REAL = ROOT / "fixtures" / "profiles" / "pyspy-raw.txt"

PLAIN = """
import resource, sys, time
began = time.process_time()
with open(sys.argv[1], "rb") as stream:
    for line in stream:
        stack, weight = line.rsplit(b" ", 1)
"""
SPLIT = PLAIN + "        frames = stack.split(b';')\n"
READ = """
import resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from perf_advise.profiles.loading import read_profile
began = time.process_time()
read_profile(Path(sys.argv[1]))
"""
REPORT = "print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"


def run(code: str, path: Path) -> tuple[float, float]:
    """CPU seconds and peak MiB of one process."""
    command = [sys.executable, "-c", code + REPORT, str(path), str(ROOT / "src")]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def write(path: Path, blocks: Iterable[bytes], size: int) -> None:
    """Blocks until the size is reached."""
    written = 0
    with path.open("wb") as stream:
        for block in blocks:
            written += stream.write(block)
            if written >= size:
                return


def repeated() -> Iterable[bytes]:
    """A real file, over and over, its lines in another order each time."""
    lines = REAL.read_bytes().splitlines(keepends=True)
    while True:
        random.shuffle(lines)
        yield b"".join(lines) * 8


def stacks(depth: int, lines: int, likely: float) -> Iterable[bytes]:
    """Stacks of 3,000 functions that call seven others, each at `lines` lines, some of them `likely` hot."""
    frames = [b"function_%d (package/module_%d.py:" % (i, i % 100) for i in range(3000)]
    while True:
        block = []
        for _ in range(1000):
            stack, called = [], 0
            for _ in range(random.randint(depth // 2, depth)):
                is_usual = random.random() < likely
                stack.append(frames[called] + b"%d)" % (1 if is_usual else random.randint(1, lines)))
                called = (called * 7 + (1 if is_usual else random.randint(1, 7))) % len(frames)
            block.append(b";".join(stack) + b" 1\n")
        yield b"".join(block)


def main() -> None:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="part of the name of the files to make")
    options = parser.parse_args()
    random.seed(1)
    shapes = {
        "a real file repeated": repeated(),
        "a call tree, 20-40 deep": stacks(40, lines=5, likely=0.9),
        "all stacks different, 5-10 deep": stacks(10, lines=40, likely=0),
        "all stacks different, 30-60 deep": stacks(60, lines=40, likely=0),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, blocks in shapes.items():
            if options.only not in name:
                continue
            path = Path(folder) / "stacks.txt"
            write(path, blocks, options.mib << 20)
            print(f"{name}: {measure(path, options.rounds)}", flush=True)


def measure(path: Path, rounds: int) -> str:
    """One line of result."""
    runs = [(run(PLAIN, path), run(SPLIT, path), run(READ, path)) for _ in range(rounds)]
    plain = statistics.median(read[0] / plain[0] for plain, _, read in runs)
    split = statistics.median(read[0] / split[0] for _, split, read in runs)
    peak = max(read[1] for _, _, read in runs)
    rate = path.stat().st_size / statistics.median(read[0] for _, _, read in runs) / 1e6
    return f"{plain:.1f}x lines and rsplit, {split:.1f}x with frames split; {rate:.0f} MB/s; peak {peak:.0f} MiB"


if __name__ == "__main__":
    start = time.monotonic()
    main()
    print(f"took {time.monotonic() - start:.0f} s")
