"""What starting costs, as ratios of CPU time to `python -c pass`, all in one run: python tests/benchmarks/startup.py.

Modules are compiled before the first round, as an installer does, whatever the environment says of byte code.
Budgets (DESIGN section 10): --version 3x, a hook without a hot file 5x, one hot file 45x.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 15

HOT = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""
PROFILE = {
    "version": 1,
    "command": "python main.py",
    "profiler": "cprofile",
    "python": "3.11.7",
    "packages": {},
    "seconds": 12.0,
    "functions": [
        {"path": "hot.py", "qualname": "common", "line": 1, "own": 0.9, "cumulative": 0.9, "calls": 100, "native": 0.0,
         "waiting": 0.0, "hash": "", "lines": {}, "callers": {}, "types": {}}
    ],
}  # fmt: skip


def main() -> None:
    """Print a row per way of starting: ratio, budget, CPU milliseconds."""
    script = Path(sys.executable).with_name("perf-advise")
    tool = [str(script)] if script.exists() else [sys.executable, "-m", "perf_advise"]
    cases = {
        "--version": ([*tool, "--version"], 3.0),
        "cold hook, 20 files": ([*tool, *(f"cold{n}.py" for n in range(20))], 5.0),
        "cold hook, --fix": ([*tool, "--fix", "cold0.py"], 5.0),
        "one hot file": ([*tool, "hot.py"], 45.0),
    }
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder))
        measure([c for c, _ in cases.values()], folder)
        rounds = [measure([c for c, _ in cases.values()], folder) for _ in range(ROUNDS)]
    print(f"CPU time relative to `python -c pass` ({sys.version.split()[0]}, median of {ROUNDS} rounds)")
    for number, (name, (_, budget)) in enumerate(cases.items()):
        ratio = statistics.median(costs[number] / base for base, costs in rounds)
        cost = statistics.median(costs[number] for _, costs in rounds)
        print(f"{name:<22} {ratio:5.1f}x of at most {budget:g}x   {cost * 1000:6.1f} ms   {verdict(ratio, budget)}")


def verdict(ratio: float, budget: float) -> str:
    """In words whether the budget holds."""
    return "holds" if ratio <= budget else "EXCEEDED"


def write_project(root: Path) -> None:
    """A project with one hot file and twenty cold ones."""
    (root / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (root / "hot.py").write_text(HOT)
    for number in range(20):
        (root / f"cold{number}.py").write_text("x = 1\n")
    (root / ".perf-advise").mkdir()
    (root / ".perf-advise" / "profile.json").write_text(json.dumps(PROFILE))


def measure(commands: Sequence[Sequence[str]], folder: str) -> tuple[float, list[float]]:
    """CPU seconds of `python -c pass` and of each command, one after the other."""
    return cpu([sys.executable, "-c", "pass"], folder), [cpu(command, folder) for command in commands]


def environment(folder: str) -> dict[str, str]:
    """The environment of each process: byte code is kept, below `folder`."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"COLUMNS": "100", "PYTHONPYCACHEPREFIX": f"{folder}/.bytecode"}


def cpu(command: Sequence[str], folder: str) -> float:
    """User and system time of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, env=environment(folder))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
