"""What `check` costs on a large project, beside tools that read all of it: python tests/benchmarks/large_project.py.

The project is networkx, installed from PyPI into a temporary folder, with a profile in which 20 of its functions are
hot; the peers go into a virtual environment of their own there. All is CPU time of whole processes, children
included, in one run on one machine. The peers read every file and look for other things: their ratio says what
reading only hot functions saves, not which tool is better. Budgets (DESIGN section 10): 0.5 s, 100 MiB, at most a
50th of perflint and a 25th of refurb; the size of the repository counts for nothing.
"""

import argparse
import ast
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "networkx"
HOT = 20
ROUNDS = 7


@dataclass(frozen=True)
class Cost:
    """CPU seconds and the most memory of one process (MiB); `ended` False: stopped at the limit."""

    cpu: float
    memory: float
    ended: bool = True


@dataclass(frozen=True)
class Peer:
    """A tool that reads every file: what to install, how to run it, and how many times our cost it has to be."""

    name: str
    arguments: tuple[str, ...]
    least: float = 0.0


PEERS = (
    Peer("ruff", ("check", "--isolated", "--no-cache", "--select", "PERF,C4,FURB,SIM", "--exit-zero", "-q")),
    Peer("perflint", ("-j1",), 50),
    Peer("refurb", (), 25),
    Peer("fixit", ("lint",)),
)


def main() -> None:
    """Print a line per measure, and per peer how many times our cost it takes."""
    parser = argparse.ArgumentParser(description="CPU time of check on a large project, beside other tools")
    parser.add_argument("--no-peers", action="store_true", help="measure perf-advise alone")
    parser.add_argument("--limit", type=int, default=1200, help="seconds after which a peer is stopped")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, part = write_projects(folder)
        ours = measure_ours(whole, part)
        if not options.no_peers:
            measure_peers(folder, whole, ours, options.limit)


def write_projects(folder: Path) -> tuple[Path, Path]:
    """The large project, and one that has only its files with hot functions; both with the same profile."""
    whole, part = folder / "whole", folder / "part"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(whole), PACKAGE]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    functions = hot_functions(whole)
    profile = json.dumps(profile_of(functions))
    for path in dict.fromkeys(function["path"] for function in functions):
        (part / str(path)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(whole / str(path), part / str(path))
    for root in (whole, part):
        (root / "pyproject.toml").write_text('[project]\nname = "large"\n')
        (root / ".perf-advise").mkdir()
        (root / ".perf-advise" / "profile.json").write_text(profile)
    lines = [len(path.read_bytes().splitlines()) for path in whole.rglob("*.py")]
    print(f"{PACKAGE}: {sum(lines):,} lines in {len(lines)} files; {len(functions)} hot functions")
    return whole, part


def hot_functions(root: Path) -> list[dict[str, object]]:
    """Functions with loops, of 10 to 80 lines, spread evenly over the package."""
    found = [one for path in sorted(root.rglob("*.py")) if "tests" not in path.parts for one in with_loops(path, root)]
    return found[:: len(found) // HOT][:HOT]


def with_loops(path: Path, root: Path) -> Iterator[dict[str, object]]:
    """The top-level functions of a file that have a loop, as rows of a profile."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or not 10 <= (node.end_lineno or 0) - node.lineno <= 80:
            continue
        if any(isinstance(inner, ast.For | ast.While) for inner in ast.walk(node)):
            yield {"path": path.relative_to(root).as_posix(), "qualname": node.name, "line": node.lineno}


def profile_of(functions: Sequence[dict[str, object]]) -> dict[str, object]:
    """A profile in which these functions share the time."""
    rest = {"own": 0.04, "cumulative": 0.04, "calls": 1000, "native": 0.0, "waiting": 0.0, "hash": "",
            "lines": {}, "callers": {}, "types": {}}  # fmt: skip
    return {
        "version": 1, "command": "python main.py", "profiler": "cprofile", "python": "3.11.7", "packages": {},
        "seconds": 60.0, "functions": [function | rest for function in functions],
    }  # fmt: skip


def measure_ours(whole: Path, part: Path) -> float:
    """CPU seconds of `check` on the large project; prints them, the memory, and what the size of the project adds."""
    command = [sys.executable, "-m", "perf_advise", "check", "."]
    pass_command = [sys.executable, "-c", "pass"]
    for root in (whole, part):
        run(command, root)  # compiles the modules
    rounds = [(run(pass_command, whole), run(command, whole), run(command, part)) for _ in range(ROUNDS)]
    least, ours, small = (statistics.median(costs[n].cpu for costs in rounds) for n in range(3))
    memory = max(costs[1].memory for costs in rounds)
    growth = statistics.median(costs[1].cpu / costs[2].cpu for costs in rounds)
    print(f"median of {ROUNDS} rounds, CPU time; `python -c pass` takes {least * 1000:.0f} ms here")
    print(f"check, {HOT} hot functions       {ours:6.2f} s of at most 0.5 s   {verdict(ours <= 0.5)}")
    print(f"  in units of `python -c pass`  {ours / least:5.0f}x")
    print(f"  most memory                {memory:6.0f} MiB of at most 100   {verdict(memory <= 100)}")
    print(f"  only files with hot functions {small:4.2f} s: the rest adds {growth - 1:.0%}   {verdict(growth < 1.1)}")
    return ours


def measure_peers(folder: Path, project: Path, ours: float, limit: int) -> None:
    """A line per peer that could be installed."""
    home = folder / "peers"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    for peer in PEERS:
        install = [str(scripts / "python"), "-m", "pip", "install", "-q", peer.name]
        if subprocess.run(install, capture_output=True).returncode:
            print(f"{peer.name:<10} cannot be installed here")
            continue
        cost = run([str(scripts / peer.name), *peer.arguments, PACKAGE], project, limit)
        if not cost.ended:
            # The time of workers that nobody waited for is lost.
            print(f"{peer.name:<10} was stopped after {limit} s, before its end (--limit)", flush=True)
            continue
        ratio = cost.cpu / ours
        bound = f"of at least {peer.least:g}x   {verdict(ratio >= peer.least)}" if peer.least else ""
        print(f"{peer.name:<10} {cost.cpu:8.2f} s   {ratio:7.1f}x {bound}".rstrip(), flush=True)


def verdict(holds: bool) -> str:
    """In words whether the budget holds."""
    return "holds" if holds else "EXCEEDED"


def run(command: Sequence[str], folder: Path, limit: int = 600) -> Cost:
    """The cost of a process and those that it starts; stopped after `limit` seconds. Exit codes say nothing here:
    each tool has its own for "found something"."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | {"COLUMNS": "100", "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    ended = True

    def stop(*_: object) -> None:
        nonlocal ended
        ended = False
        os.killpg(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit)
    _, _, usage = os.wait4(process.pid, 0)
    signal.alarm(0)
    process.returncode = 0  # waited for, by other means than its own
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, ended)


if __name__ == "__main__":
    main()
