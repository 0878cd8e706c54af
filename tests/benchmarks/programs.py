"""How much faster small programs get, and whether they stay right: the tool against `@njit` everywhere and an expert.

Each program of `fixtures/programs` is profiled with cProfile, copied and changed by `--fix --unsafe-fixes` (with `--safe`: recorded,
then `--prove --fix`). Output must be the same; numbers may differ by rounding, and by how much is printed.
Ratios of CPU time: cold is a whole process with an empty Numba cache, warm is the program's second run within
one process. A program without an expert version should be left alone.

    python tests/benchmarks/programs.py [--safe] [--advice] [--keep FOLDER] [--store FILE] [NAME...]

All of them take about half an hour. With `--store` each result is written as it comes, and a second run goes on
from there; a program that cannot be measured is told and does not end the run.
"""

import argparse
import ast
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parents[2] / "fixtures" / "programs"
TOLERANCE = 1e-6
ENOUGH = 0.95
LONGEST = 300
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|inf|nan)")
TWICE = """
import contextlib, io, sys, time
code = compile(open(sys.argv[1]).read(), sys.argv[1], "exec")
for again in range(2):
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, {"__name__": "__main__", "__file__": sys.argv[1]})
print(time.process_time() - start)
"""


@dataclass(frozen=True)
class Outcome:
    """One version of a program: what it printed, CPU seconds; `cold` and `warm` are nan where it failed."""

    output: str
    cold: float = math.nan
    warm: float = math.nan

    @property
    def failed(self) -> bool:
        return math.isnan(self.cold)


@dataclass(frozen=True)
class Row:
    """A program with its versions, and the codes of the fixes that were applied to it."""

    name: str
    before: Outcome
    versions: dict[str, Outcome]
    fixes: str

    def difference(self, version: str) -> float:
        """The largest relative difference of a number printed; inf where the output is another one."""
        after = self.versions[version]
        return math.inf if after.failed else difference(self.before.output, after.output)


def difference(one: str, other: str) -> float:
    """How far the numbers of two texts are apart; inf where anything else differs, or whole numbers do."""
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return math.inf
    largest = 0.0
    for a, b in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True):
        if a != b and (a.lstrip("+-").isdigit() or b.lstrip("+-").isdigit()):
            return math.inf
        if a != b:
            largest = max(largest, abs(float(a) - float(b)) / max(abs(float(a)), 1e-12))
    return largest if largest <= TOLERANCE else math.inf


# -- running --------------------------------------------------------------------------------------------------------


def environment(cache: Path) -> dict[str, str]:
    """One thread each, so that CPU time is comparable; a Numba cache of its own; warnings of Numba kept out."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    return {**os.environ, **threads, "NUMBA_CACHE_DIR": str(cache), "PYTHONWARNINGS": "ignore"}


def run(program: Path) -> Outcome:
    """A whole process with nothing cached, then one that runs the program twice."""
    with tempfile.TemporaryDirectory() as cache:
        env = environment(Path(cache))
        before = os.times()
        done = called([sys.executable, str(program)], env)
        after = os.times()
        if done.returncode:
            return Outcome(done.stderr.strip().rpartition("\n")[2])
        cold = after.children_user + after.children_system - before.children_user - before.children_system
        again = called([sys.executable, "-c", TWICE, str(program)], env)
        return Outcome(done.stdout, cold, float(again.stdout or "nan"))


def called(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the command did; one that takes too long failed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"stopped after {LONGEST} s")


def advise(program: Path, safe: bool) -> str:
    """Profile the program, let the tool change it in place; the codes of the fixes and the refusals that name Numba."""
    folder = program.parent
    (folder / "pyproject.toml").write_text("")
    if safe:
        tool(folder, "record", "--", sys.executable, str(program))
        said = tool(folder, "--prove", "--fix", program.name)
    else:
        profile = folder / "program.prof"
        command = [sys.executable, "-m", "cProfile", "-o", profile, program]
        subprocess.run(command, capture_output=True, check=True, cwd=folder)
        said = tool(folder, "-p", str(profile), "--why-not", "--fix", "--unsafe-fixes", program.name)
    (folder / "said.txt").write_text(said)
    return ",".join(dict.fromkeys(applied(said)))


def applied(said: str) -> list[str]:
    """The codes of the fixes in what the tool said."""
    return re.findall(r"^\s*(?:fixed|applied)\b.*?(PA\d+)", said, re.M)


def tool(folder: Path, *arguments: str) -> str:
    """What the command prints; warnings and errors included."""
    command = [sys.executable, "-m", "perf_advise", *arguments]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, check=False
    ).stdout


def decorated(source: str) -> str:
    """The source with `@njit` on every module-level function."""
    lines = source.splitlines()
    tree = ast.parse(source)
    for node in reversed(tree.body):
        if isinstance(node, ast.FunctionDef):
            lines.insert(node.lineno - 1, "@__import__('numba').njit")
    return "\n".join(lines) + "\n"


# -- the table ------------------------------------------------------------------------------------------------------


def measure(name: str, folder: Path, options: argparse.Namespace) -> Row:
    """The program before and after."""
    source = (PROGRAMS / f"{name}.py").read_text()
    paths = {kind: folder / kind / f"{name}.py" for kind in ("before", "tool", "njit", "expert")}
    for path in paths.values():
        path.parent.mkdir(parents=True)
        path.write_text(source)
    fixes = advise(paths["tool"], options.safe)
    changed = paths["tool"].read_text() != source
    if options.advice:
        return Row(name, Outcome(""), {}, fixes or ("changed" if changed else "-"))
    paths["njit"].write_text(decorated(source))
    expert = PROGRAMS / "expert" / f"{name}.py"
    before = run(paths["before"])
    versions = {"tool": run(paths["tool"]) if changed else before, "njit": run(paths["njit"])}
    if expert.exists():
        paths["expert"].write_text(expert.read_text())
    versions["expert"] = run(paths["expert"]) if expert.exists() else before
    return Row(name, before, versions, fixes or ("changed" if changed else "-"))


def line(row: Row) -> str:
    """One row of the table."""
    cells = [f"{row.name:16} {row.before.cold:6.2f}"]
    for version, after in row.versions.items():
        off = row.difference(version)
        word = "BROKEN" if math.isinf(off) else f"{off:.0e}" if off else "same"
        cells.append(f"{row.before.cold / after.cold:7.2f} {row.before.warm / after.warm:8.2f} {word:7}")
    return "  ".join([*cells, row.fixes])


def stored(path: Path | None) -> dict[str, Row]:
    """The rows of an earlier run, by the names of their programs."""
    if path is None or not path.exists():
        return {}
    kept = map(json.loads, path.read_text().splitlines())
    return {row["name"]: row_of(row) for row in kept}


def row_of(kept: dict[str, Any]) -> Row:
    """A row as it was written."""
    versions = {name: Outcome(**outcome) for name, outcome in kept["versions"].items()}
    return Row(kept["name"], Outcome(**kept["before"]), versions, kept["fixes"])


def store(path: Path | None, row: Row) -> None:
    """Write a row behind those that are there."""
    if path is not None:
        with path.open("a") as out:
            out.write(json.dumps(asdict(row)) + "\n")


def geometric_mean(ratios: Iterable[float]) -> float:
    """A failed version counts as the program unchanged."""
    logs = [math.log(ratio) if ratio > 0 and math.isfinite(ratio) else 0.0 for ratio in ratios]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def summary(rows: Sequence[Row]) -> list[str]:
    """Geometric means, broken and slower programs of each version."""
    out = []
    for version in rows[0].versions:
        right = [row for row in rows if not math.isinf(row.difference(version))]
        time: dict[str, Callable[[Outcome], float]] = {"cold": lambda o: o.cold, "warm": lambda o: o.warm}
        means = []
        for word, of in time.items():
            ratios = [of(row.before) / of(row.versions[version]) if row in right else 1.0 for row in rows]
            means.append(f"{word} {geometric_mean(ratios):.2f}x ({sum(r < ENOUGH for r in ratios)} slower)")
        broken = [row.name for row in rows if row not in right]
        out.append(f"{version:7} {', '.join(means)}, {len(broken)} broken {' '.join(broken)}")
    return out


def main() -> int:
    """Print the table; 1 where the tool broke a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--safe", action="store_true", help="record, prove, and apply only what is shown")
    parser.add_argument("--advice", action="store_true", help="only which fixes are applied; nothing is timed")
    parser.add_argument("--keep", type=Path, help="leave the changed programs and what was said in this folder")
    parser.add_argument("--store", type=Path, help="write each result to this file; those in it are not measured again")
    options = parser.parse_args()
    names = options.names or sorted(path.stem for path in PROGRAMS.glob("*.py"))
    print(f"{'':16} {'CPU s':>6}" + "".join(f"  {v + ' cold':>12}  {'warm':10}" for v in ("tool", "njit", "expert")))
    rows = list(measured(names, options))
    if options.advice:
        return 0
    if rows:
        print("\n".join(["", *summary(rows)]))
    unmeasured = len(names) - len(rows)
    return int(unmeasured > 0 or any(math.isinf(row.difference("tool")) for row in rows))


def measured(names: Iterable[str], options: argparse.Namespace) -> Iterator[Row]:
    """The rows, each printed as it comes; a program that cannot be measured is told."""
    done = stored(options.store)
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            folder = (options.keep or Path(temporary)) / name
            shutil.rmtree(folder, ignore_errors=True)
            try:
                row = done.get(name) or measure(name, folder, options)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"{name:16} not measured: {error}", flush=True)
                continue
            if name not in done and not options.advice:
                store(options.store, row)
            print(f"{name:16} {row.fixes}" if options.advice else line(row), flush=True)
            yield row


if __name__ == "__main__":
    sys.exit(main())
