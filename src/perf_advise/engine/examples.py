"""Run a rule's examples: the fix is the one that the rule promises, and both sides answer alike."""

import hashlib
import importlib.util
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from perf_advise.catalog.loading import LoadedRule
from perf_advise.catalog.ratios import Ratios
from perf_advise.engine.analyse import Analysis, analyse
from perf_advise.engine.apply import apply_fixes
from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions
from perf_advise.model.finding import Finding
from perf_advise.model.hot import Hotness
from perf_advise.model.options import EXECUTORS
from perf_advise.model.profile import Unit
from perf_advise.model.pytypes import parse_pytype
from perf_advise.model.rule import Applicability, Example, Silent

Same = Callable[[object, object], bool]


CALLS = 1000
"""How often each function of an example is called, for rules that speak of measured functions only."""


def example_problems(loaded: LoadedRule, same: Same) -> Iterator[str]:
    """One line per example that does not do what it says."""
    for number, example in enumerate(loaded.rule.examples, 1):
        for problem in _firing(loaded, example, same):
            yield f"{loaded.rule.code} example {number}: {problem}"
    for number, silent in enumerate(loaded.rule.silent, 1):
        for problem in _silence(loaded, silent):
            yield f"{loaded.rule.code} silent example {number}: {problem}"


def fixed(
    loaded: LoadedRule, source: str, types: Mapping[str, str] | None = None, executor: str = EXECUTORS[0]
) -> tuple[Analysis, str]:
    """What the rule says of a module in which every function is hot, and the module after its fixes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "example.py"
        path.write_text(source, "utf-8", newline="")
        views = Views(Path(folder), _target(loaded), executor)
        seen = {name: parse_pytype(text) for name, text in (types or {}).items()}
        everything = all_functions([views.file(path)[0]])
        hot = [replace(f, types=seen, unit=_unit(loaded), calls=CALLS) for f in everything]
        analysis = analyse(hot, lambda _: (loaded,), views, Ratios({}), 0.0)
        applied = apply_fixes(analysis.findings, views, unsafe=True, write=False)
    analysis.warnings += applied.warnings
    return analysis, applied.changes[0].after if applied.changes else source


def _unit(loaded: LoadedRule) -> Unit:
    """Bytes for rules that look at what allocates, seconds for the others."""
    return Unit.BYTES if loaded.rule.hotness is Hotness.ALLOCATION else Unit.SECONDS


def _target(loaded: LoadedRule) -> tuple[int, int]:
    return max(loaded.rule.since, (3, 11))


def _firing(loaded: LoadedRule, example: Example, same: Same) -> Iterator[str]:
    analysis, after = fixed(loaded, example.before, example.types)
    yield from analysis.warnings
    if not analysis.findings:
        why = "; ".join(r.reason for r in analysis.refusals)
        yield f"nothing was found ({why or 'no match'})"
        return
    if after != example.after:
        yield f"the fix gives\n{after}\ninstead of\n{example.after}"
    yield from _wrong_applicability(example, analysis.findings)
    yield from _different_answers(example, same)


def _wrong_applicability(example: Example, findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        got = finding.fix.applicability if finding.fix else Applicability.DISPLAY
        if got is not example.applicability:
            yield f"the fix is {got.name.lower()}, not {example.applicability.name.lower()}"


def _different_answers(example: Example, same: Same) -> Iterator[str]:
    for call in example.calls:
        before, after = answer(example.before, call), answer(example.after, call)
        if not same(before, after):
            yield f"{call} gives {before!r} before and {after!r} after"


def answer(source: str, call: str) -> object:
    """What a call gives in a fresh module of this source: ("value", v), or ("raises", type, args)."""
    try:
        with imported(source) as module:
            return ("value", eval(call, vars(module)))
    except Exception as error:
        return ("raises", type(error), error.args)


@contextmanager
def imported(source: str) -> Iterator[types.ModuleType]:
    """A module of this source in a file of its own, as pools and compilers that cache on disk want it."""
    name = f"perf_advise_example_{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(source, "utf-8", newline="")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            del sys.modules[name]


def _silence(loaded: LoadedRule, silent: Silent) -> Iterator[str]:
    analysis, _ = fixed(loaded, silent.code, silent.types)
    yield from analysis.warnings
    for finding in analysis.findings:
        yield f"{finding.message} (should be silent: {silent.why})"
