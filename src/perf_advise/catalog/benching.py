"""Measure the benches of rules on an interpreter: old time / new time, over sizes and the losing shape."""

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from perf_advise.catalog.loading import LoadedRule
from perf_advise.catalog.ratios import FILE
from perf_advise.model.errors import UserError
from perf_advise.model.rule import Bench

_TIMEOUT = 180

# Runs in the measured interpreter. Blocks of old and new alternate, so that a drift of the machine hits both;
# the minimum of each is the time that noise did not lengthen.
_SCRIPT = r"""
import gc, importlib.util, json, sys, time
task = json.load(sys.stdin)
if not all(importlib.util.find_spec(name) for name in task["requires"]):
    print(json.dumps(None))
    raise SystemExit
def indented(text):
    return "\n".join("    " + line for line in text.split("\n"))

def compiled(setup, statement):
    loop = "__start = __clock()\nfor __i in range(__repeat):\n" + indented(statement) + "\nreturn __clock() - __start"
    space = {"__clock": time.perf_counter}
    exec("def run(n, __repeat):\n" + indented(setup + "\n" + loop), space)
    return space["run"]

def measure(setup, n):
    before, after = compiled(setup, task["before"]), compiled(setup, task["after"])
    repeat = 1
    while True:
        spent = min(before(n, repeat), after(n, repeat))
        if spent > 0.004 or repeat >= 100000: break
        repeat *= 4 if spent < 0.001 else 2
    best = [float("inf"), float("inf")]
    gc.disable()
    start = time.perf_counter()
    for block in range(25):
        for which in ((0, 1) if block % 2 else (1, 0)):
            best[which] = min(best[which], (before, after)[which](n, repeat))
        if block >= 3 and time.perf_counter() - start > 0.7: break
    gc.enable()
    return best[0] / best[1]
out = {str(n): measure(task["setup"], n) for n in task["sizes"]}
if task["losing"]:
    out["losing"] = measure(task["losing_setup"], task["sizes"][-1])
print(json.dumps(out))
"""


def measure(bench: Bench, python: Path) -> dict[str, float] | None:
    """Ratios by size on one interpreter, `losing` among them; None where it lacks a package of the bench."""
    task = {
        "setup": bench.setup,
        "before": bench.before,
        "after": bench.after,
        "sizes": bench.sizes,
        "losing": bool(bench.losing),
        "losing_setup": f"{bench.setup}\n{bench.losing}",
        "requires": bench.requires,
    }
    try:
        done = subprocess.run(
            [str(python), "-c", _SCRIPT], input=json.dumps(task), capture_output=True, text=True, timeout=_TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"a bench takes over {_TIMEOUT} s on {python.name}", "give it smaller sizes") from None
    if done.returncode:
        raise UserError(f"the bench fails on {python.name}: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, float] | None = json.loads(done.stdout)
    return result and {size: _rounded(ratio) for size, ratio in result.items()}


def bench_rules(
    rules: Sequence[LoadedRule], pythons: Iterable[Path], report: Callable[[str, str, dict[str, float]], None]
) -> dict[str, dict[str, dict[str, float]]]:
    """Measure every rule with a bench on every interpreter; `report` is told each row as it comes."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for python in pythons:
        version = interpreter_version(python)
        for loaded in rules:
            row = measure(loaded.rule.bench, python) if loaded.rule.bench else None
            if row:
                table.setdefault(loaded.rule.code, {})[version] = row
                report(loaded.rule.code, version, row)
    return table


def store(folder: Path, table: dict[str, dict[str, dict[str, float]]]) -> Path:
    """Merge new rows into the folder's stored ratios; one line per rule and version, stable order."""
    path = folder / FILE
    known: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    for code, versions in table.items():
        known.setdefault(code, {}).update(versions)
    path.write_text(_printed(known), "utf-8")
    return path


def interpreter_version(python: Path) -> str:
    """`3.12` for an interpreter; raises UserError where it does not start."""
    command = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"{python} is not a Python that starts ({error})", "name an interpreter") from error


def _rounded(ratio: float) -> float:
    """Two digits are more than a noisy machine can tell."""
    return float(f"{ratio:.2g}") if ratio >= 10 else round(ratio, 2)


def _printed(table: dict[str, Any]) -> str:
    rows = []
    for code in sorted(table):
        versions = ",\n".join(
            f"    {json.dumps(v)}: {json.dumps(table[code][v])}" for v in sorted(table[code], key=_version_key)
        )
        rows.append(f"  {json.dumps(code)}: {{\n{versions}\n  }}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
