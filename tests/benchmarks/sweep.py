"""Run every rule over packages from PyPI with all functions hot, apply the fixes, run the packages' own tests.

    python tests/benchmarks/sweep.py networkx --tests networkx --pytest "-n 2 -q" [--unsafe] [--one-by-one]

Each package is installed into a folder of its own, its tests are run before and after, and what is new among the
failures is printed with the fixes of the files that it passes through. Prints per package: functions, findings,
fixes, files that no longer compile, files with changes outside of the edits, new test failures.
"""

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.pipeline import check

FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.M)


def install(package: str, folder: Path) -> None:
    """The package and what it needs, without touching this environment."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), package]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def failures(folder: Path, tests: str, arguments: str) -> tuple[set[str], str]:
    """The names of failing tests, and the closing line."""
    command = [sys.executable, "-m", "pytest", "--no-header", "-p", "no:cacheprovider", "-q", *arguments.split(), tests]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."})
    closing = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "no output")
    return {re.sub(r" - .*", "", name) for name in FAILED.findall(done.stdout)}, closing


def apply(root: Path, package: str, unsafe: bool, select: tuple[str, ...]) -> dict[str, object]:
    """Apply all fixes below the package's folder; the figures of one row."""
    paths = (root / package,)
    options = Options(root=root, paths=paths, no_profile=True, fix=True, unsafe_fixes=unsafe, select=select, exclude=())
    start = time.process_time()
    report = check(options)
    by_code = Counter(f.code for f in (*report.findings, *report.applied))
    return {
        "functions": len(report.hot_functions),
        "findings": len(report.findings) + len(report.applied),
        "applied": len(report.applied),
        "refusals": len(report.refusals),
        "seconds": round(time.process_time() - start, 1),
        "crashes": [w for w in report.warnings if " failed on " in w],
        "by_code": dict(sorted(by_code.items())),
        "fixes": [_told(f, root) for f in report.applied],
    }


def _told(finding: Finding, root: Path) -> str:
    differences = finding.fix.differences if finding.fix else ()
    return f"{finding.path.relative_to(root)}:{finding.start.row} {finding.code} {'; '.join(differences)}"


def broken(root: Path, package: str) -> list[str]:
    """Files that no longer compile."""
    bad = []
    for path in (root / package).rglob("*.py"):
        try:
            ast.parse(path.read_bytes())
        except SyntaxError as error:
            bad.append(f"{path.relative_to(root)}:{error.lineno}")
    return bad


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--folder", default="", help="the package's folder, when it has another name")
    parser.add_argument("--tests", default="", help="what pytest runs; nothing: tests are not run")
    parser.add_argument("--pytest", default="", help="arguments for pytest")
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--select", default="", help="codes, comma-separated")
    parser.add_argument("--also", default="pytest,hypothesis", help="packages that the tests need")
    parser.add_argument("--show", action="store_true", help="print each fix")
    options = parser.parse_args()
    folder = options.folder or re.split(r"[=<>\[]", options.package)[0].replace("-", "_")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "site"
        install(options.package, root)
        (root / "pyproject.toml").write_text("")
        before = failures(root, options.tests, options.pytest) if options.tests else (set(), "")
        shutil.copytree(root, Path(place) / "before")
        row = apply(root, folder, options.unsafe, tuple(filter(None, options.select.split(","))))
        fixes = row.pop("fixes")
        print(json.dumps(row, indent=1))
        print("do not compile:", broken(root, folder))
        if options.show:
            print("\n".join(fixes))  # type: ignore[arg-type]
        if options.tests:
            after = failures(root, options.tests, options.pytest)
            print("before:", before[1], "\nafter: ", after[1])
            print("new failures:", sorted(after[0] - before[0]))


if __name__ == "__main__":
    main()
