"""Memory and time of every reader on damaged files: mutations of each real file, one process per file.

Run by hand: `python tests/benchmarks/reader_fuzz.py [--seconds 3]`. A process may have 1 GiB of address space and
10 s of processor time per mutation; printed are mutations, refusals, the slowest, and how far its peak memory rose
above what reading the file as it is takes. A crash, a hang or a traceback ends the run with the seed that shows it.
"""

import argparse
import importlib.util
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
FUZZING = ROOT / "tests" / "profiles" / "test_profiles_fuzz.py"


def peak() -> float:
    """MiB at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def damage(path: Path, seconds: float, seed: str) -> None:
    """Mutations of one file in this process, for so long; prints one line of result."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    spec = importlib.util.spec_from_file_location("fuzzing", FUZZING)
    assert spec is not None and spec.loader is not None
    fuzzing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzing)
    data, rng = path.read_bytes(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / path.name
        fuzzing.check(data, target)
        usual, slowest, count = peak(), 0.0, 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            signal.setitimer(signal.ITIMER_VIRTUAL, 10)
            before = time.process_time()
            fuzzing.check(fuzzing.mutated(data, rng), target)
            slowest = max(slowest, time.process_time() - before)
            count += 1
    print(f"{count:6} mutations, slowest {slowest:5.2f} s, peak {usual:4.0f} + {peak() - usual:4.0f} MiB")


def main() -> None:
    """All files, or one in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument("--file", type=Path, help="this one, in this process")
    parser.add_argument("--folder", type=Path, default=ROOT / "fixtures" / "profiles")
    options = parser.parse_args()
    if options.file:
        damage(options.file, options.seconds, options.seed)
        return
    print(f"seed {options.seed}", flush=True)
    for path in sorted(p for p in options.folder.rglob("*") if p.is_file()):
        limits = ["--seconds", str(options.seconds), "--seed", options.seed, "--file", str(path)]
        done = subprocess.run([sys.executable, __file__, *limits], capture_output=True, text=True)
        print(f"{path.name:36} {done.stdout.strip() or done.stderr[-1500:]}", flush=True)
        if done.returncode:
            sys.exit(f"{path.name}: exit {done.returncode}")


if __name__ == "__main__":
    main()
