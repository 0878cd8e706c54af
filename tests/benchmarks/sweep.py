"""Run every rule over packages from PyPI with all functions hot, apply all fixes, run the packages' own tests.

    python tests/benchmarks/sweep.py mpmath --tests mpmath --place /tmp/sweep --show findings.txt
    python tests/benchmarks/sweep.py sympy --place /tmp/sweep --only sympy/core sympy/ntheory --beside --limit 900

The package is installed into a folder of its own and looked at once. Then all fixes that go together, safe and unsafe,
are applied to the untouched package, each file has to compile and to be the old one outside of the fixes, and the
package's tests run. For a test that fails, fails again when it is run alone, and does not fail in the untouched
package, the guilty fix is found by halving and named with its applicability. Fixes that clash with others are tried in
a later batch.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_advise.engine.apply import apply_fixes, may_apply
from perf_advise.engine.overlap import choose, edits_of
from perf_advise.engine.views import Views
from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.source.text import read_source

FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.M)
SESSION = "the session itself"


@dataclass(frozen=True)
class Suite:
    """The tests of a package: what pytest gets, and how many seconds one run may take."""

    root: Path
    tests: tuple[str, ...]
    arguments: tuple[str, ...]
    limit: float

    def failures(self, tests: Sequence[str] = ()) -> set[str]:
        """The names of the tests that fail, among `tests` or all of them."""
        chosen = self.tests if SESSION in tests else tuple(tests) or self.tests
        command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
        environment = {**os.environ, "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [*command, *self.arguments, *chosen],
                cwd=self.root, capture_output=True, text=True, env=environment, timeout=self.limit,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            tell(f"stopped after {self.limit:.0f} s")
            return {SESSION}
        tell(next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "no output"))
        return set(FAILED.findall(done.stdout)) or ({SESSION} if done.returncode else set())


@dataclass(frozen=True)
class Trial:
    """The untouched package and the copy that fixes are tried in."""

    pristine: Path
    root: Path
    folder: str
    findings: tuple[Finding, ...]

    def batches(self) -> Iterator[tuple[Finding, ...]]:
        """The fixes that may be applied, in groups of fixes that go together."""
        left = tuple(f for f in self.findings if may_apply(f, unsafe=True))
        while left:
            chosen, left = choose(left)
            yield chosen

    def restore(self) -> None:
        """The untouched package in place of whatever stands there."""
        shutil.rmtree(self.root / self.folder)
        shutil.copytree(self.pristine / self.folder, self.root / self.folder)

    def apply(self, fixes: Sequence[Finding]) -> list[str]:
        """Apply these fixes to the untouched package; what went wrong with that."""
        self.restore()
        views = Views(self.root, sys.version_info[:2])
        expected = dict(_expected(fixes))
        applied = apply_fixes(fixes, views, unsafe=True, write=True)
        wrong = [f"refused: {warning}" for warning in applied.warnings]
        for path, text in expected.items():
            after = path.read_bytes()
            try:
                compile(after, str(path), "exec")
            except SyntaxError as error:
                wrong.append(f"does not compile: {path}:{error.lineno}")
            if after != text and not any(str(path) in warning for warning in applied.warnings):
                wrong.append(f"changed outside of the fixes: {path}")
        return wrong


def _expected(fixes: Sequence[Finding]) -> Iterator[tuple[Path, bytes]]:
    """What each file has to be: the old text with nothing but the edits in it."""
    for path in dict.fromkeys(fix.path for fix in fixes):
        file = read_source(path)
        text = file.text
        for edit in sorted(edits_of(file, [fix for fix in fixes if fix.path == path]), reverse=True):
            text = text[: edit.span.start] + edit.new + text[edit.span.end :]
        yield path, file.encode(()).replace(file.text.encode(), text.encode())


def guilty(fixes: Sequence[Finding], fail: Callable[[Sequence[Finding]], bool]) -> list[Finding]:
    """The fixes that make a test fail: alone, or (a group that cannot be halved) together."""
    if not fixes or not fail(fixes):
        return []
    if len(fixes) == 1:
        return list(fixes)
    half = len(fixes) // 2
    return [*guilty(fixes[:half], fail), *guilty(fixes[half:], fail)] or list(fixes)


def told(finding: Finding, root: Path, diff: bool = False) -> str:
    """One line for a finding, with the old and the new text of its edits on request."""
    fix = finding.fix
    kind = fix.applicability.name.lower() if fix else "display"
    differences = "; ".join(fix.differences) if fix else finding.note
    place = f"{finding.path.relative_to(root)}:{finding.start.row} {finding.function.qualname}"
    line = f"{finding.code} {kind} {place}: {finding.message} [{differences}]"
    edits = fix.own_edits if fix and diff else ()
    return "\n".join([line, *(f"---\n{edit.old}\n+++\n{edit.new}" for edit in edits)])


def tell(line: str) -> None:
    """Progress, with the time."""
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


def look(root: Path, only: Sequence[str], select: str, ignore: str) -> Report:
    """What the rules say of every function below these folders; the package's tests are left out."""

    def progress(done: int, total: int) -> None:
        if done % 200 == 0:
            tell(f"{done} of {total} functions")

    codes = [tuple(filter(None, text.split(","))) for text in (select, ignore)]
    options = Options(
        root=root, paths=tuple(root / name for name in only), no_profile=True, exclude=("tests", "test_*.py"),
        select=codes[0], ignore=codes[1],
    )  # fmt: skip
    return check(options, progress)


def figures(report: Report, seconds: float) -> dict[str, object]:
    """The row of a package before anything is applied."""
    kinds = Counter(f.fix.applicability.name.lower() if f.fix else "display" for f in report.findings)
    return {
        "functions": len(report.hot_functions),
        "findings": len(report.findings),
        **dict(sorted(kinds.items())),
        "refusals": len(report.refusals),
        "cpu_seconds": round(seconds),
        "crashes": [w for w in report.warnings if " failed on " in w],
        "by_code": dict(sorted(Counter(f.code for f in report.findings).items())),
    }


def attempt(trial: Trial, suite: Suite, chosen: Sequence[Finding], number: int) -> None:
    """Apply a batch, run the tests, name the guilty."""
    safe = sum(may_apply(fix, unsafe=False) for fix in chosen)
    print(f"batch {number}: {safe} safe and {len(chosen) - safe} unsafe fixes", flush=True)
    for line in trial.apply(chosen):
        print("  wrong:", line)
    failing = suite.failures() if suite.tests else set()
    again = suite.failures(sorted(failing)) if failing else failing  # on a busy machine a test fails by its clock
    trial.restore()
    before = suite.failures(sorted(again)) if again else again
    new = again - before
    print("  failing without the fixes too:", sorted(before), "\n  new test failures:", sorted(new), flush=True)

    def fail(part: Sequence[Finding]) -> bool:
        trial.apply(part)
        return bool(suite.failures(sorted(new)) - before)

    for fix in guilty(chosen, fail) if new else ():
        print("  guilty:", told(fix, trial.root, diff=True), flush=True)
    trial.restore()


def beside(findings: Sequence[Finding], root: Path) -> tuple[str, ...]:
    """The test modules of the files with fixes, as packages with a `tests` folder beside each module name them."""
    files = dict.fromkeys(f.path for f in findings if may_apply(f, unsafe=True))
    wanted = dict.fromkeys(file.parent / "tests" / f"test_{file.stem.strip('_')}.py" for file in files)
    return tuple(str(path.relative_to(root)) for path in wanted if path.is_file())


def install(package: str, place: Path, alone: bool) -> Path:
    """The package, `alone` or with what it needs, in a folder of its own, without touching this environment."""
    root = place / "site"
    if not root.exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(root), package]
        command += ["--no-deps"] if alone else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (root / "pyproject.toml").write_text("")
        shutil.copytree(root, place / "pristine")
    return root


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--place", type=Path, required=True, help="folder for the copies; kept")
    parser.add_argument("--alone", action="store_true", help="install nothing it needs: this environment has it")
    parser.add_argument("--folder", default="", help="the package's folder, when it has another name")
    parser.add_argument("--only", nargs="*", default=(), help="folders or files to look at; default: all")
    parser.add_argument("--tests", nargs="*", default=(), help="what pytest runs; nothing: tests are not run")
    parser.add_argument("--beside", action="store_true", help="run the tests of the changed modules, not --tests")
    parser.add_argument("--pytest", default="-n 0 --timeout 300", help="arguments for pytest; a test that hangs fails")
    parser.add_argument("--limit", type=float, default=1800, help="seconds that one run of the tests may take")
    parser.add_argument("--select", default="", help="codes, comma-separated")
    parser.add_argument("--ignore", default="", help="codes, comma-separated")
    parser.add_argument("--show", type=Path, help="file that gets every finding with its edits")
    options = parser.parse_args()
    folder = options.folder or re.split(r"[=<>\[]", options.package)[0].replace("-", "_")
    root = install(options.package, options.place / folder, options.alone)
    start = time.process_time()
    report = look(root, options.only or [folder], options.select, options.ignore)
    print(json.dumps(figures(report, time.process_time() - start), indent=1), flush=True)
    if options.show:
        options.show.write_text("\n\n".join(told(f, root, diff=True) for f in report.findings))
    tests = beside(report.findings, root) if options.beside else tuple(options.tests)
    suite = Suite(root, tests, tuple(options.pytest.split()), options.limit)
    trial = Trial(root.with_name("pristine"), root, folder, report.findings)
    trial.restore()
    print("tests:", *suite.tests, flush=True)
    for number, chosen in enumerate(trial.batches(), 1):
        attempt(trial, suite, chosen, number)


if __name__ == "__main__":
    main()
