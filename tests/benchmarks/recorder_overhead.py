"""What recording costs: the same program plain and under each recorder, in turns, CPU time of the whole process.

    python tests/benchmarks/recorder_overhead.py [--rounds 7] [--python PATH]

Prints the median of the ratios to the plain run of the same round. pyinstrument is compared with where the
interpreter has it. The budget of the default recorder is 1.10.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from perf_advise.recording.launch import launch

WORKLOADS = {
    "calls": """
        class Grid:
            def __init__(self, n):
                self.cells = [[(x * y) % 7 for x in range(n)] for y in range(n)]
                self.n = n
            def wrap(self, i):
                return i % self.n
            def at(self, x, y):
                return self.cells[self.wrap(y)][self.wrap(x)]
            def step(self):
                total = 0
                for y in range(self.n):
                    for x in range(self.n):
                        total += self.at(x - 1, y) + self.at(x + 1, y)
                return total
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        grid = Grid(60)
        for _ in range(60 * SCALE):
            grid.step()
        for _ in range(2 * SCALE):
            fib(20)
    """,
    "loops": """
        def energy(points):
            total = 0.0
            for i in range(len(points)):
                for j in range(i + 1, len(points)):
                    dx = points[i] - points[j]
                    total += 1.0 / (dx * dx + 1e-9)
            return total
        def sieve(n):
            flags = [True] * n
            for i in range(2, int(n ** 0.5) + 1):
                if flags[i]:
                    for j in range(i * i, n, i):
                        flags[j] = False
            return sum(flags)
        points = [i * 0.37 % 1.0 for i in range(300)]
        for _ in range(8 * SCALE):
            energy(points)
            sieve(40_000)
    """,
    "deep": """
        def walk(n):
            if n == 0:
                return sum(i * i for i in range(2000))
            return walk(n - 1) + 1
        for _ in range(500 * SCALE):
            walk(200)
    """,
}
Runner = Callable[[str, Path], None]


def main() -> None:
    """Print one line per workload and recorder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=int, default=12)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    runners = recorders(options.python)
    for name, text in WORKLOADS.items():
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, f"{name}.py")
            body = text.replace("SCALE", str(options.scale)).replace("\n        ", "\n")
            script.write_text(body)
            for recorder, ratio in ratios(runners, options.python, script, options.rounds).items():
                print(f"{name:8} {recorder:14} {ratio:6.3f}x", flush=True)


def recorders(python: str) -> dict[str, Runner]:
    """The recorders that this interpreter can run."""
    found: dict[str, Runner] = {
        "sampler": lambda p, script: agent("ticking", p, script),
        "cprofile": lambda p, script: agent("deterministic", p, script),
        "python -m cProfile": lambda p, script: plain(p, script, "-m", "cProfile", "-o", os.devnull),
    }
    if subprocess.run([python, "-c", "import pyinstrument"], capture_output=True).returncode == 0:
        found["pyinstrument"] = lambda p, script: plain(p, script, "-m", "pyinstrument", "-o", os.devnull)
    return found


def ratios(runners: dict[str, Runner], python: str, script: Path, rounds: int) -> dict[str, float]:
    """The median ratio of each runner to the plain run of its round."""
    found: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        base = cpu_of(plain, python, script)
        for name, runner in runners.items():
            found[name].append(cpu_of(runner, python, script) / base)
    return {name: statistics.median(values) for name, values in found.items()}


def cpu_of(run: Callable[[str, Path], None], python: str, script: Path) -> float:
    """CPU seconds of the child."""
    before = os.times()
    run(python, script)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def plain(python: str, script: Path, *options: str) -> None:
    """Run it without us."""
    subprocess.run([python, *options, str(script)], check=True, stdout=subprocess.DEVNULL)


def agent(name: str, python: str, script: Path) -> None:
    """Run it under one of our recorders."""
    with tempfile.TemporaryDirectory() as scratch:
        launch([python, str(script)], agents=[name], scratch=Path(scratch), root=script.parent)


if __name__ == "__main__":
    main()
