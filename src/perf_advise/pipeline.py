"""Profile in, report out: the whole flow as one short function."""

import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TypeVar

from perf_advise.catalog.loading import LoadedRule, built_in_folder, load_rules
from perf_advise.catalog.ratios import Ratios, load_ratios
from perf_advise.catalog.selection import select_rules
from perf_advise.engine.analyse import Analysis, analyse
from perf_advise.engine.apply import Applied, apply_fixes, may_apply
from perf_advise.engine.environment import Environment, with_notes
from perf_advise.engine.kept import Kept
from perf_advise.engine.overlap import choose
from perf_advise.engine.quiet import bound_to, quiet_functions
from perf_advise.engine.suppress import without_suppressed
from perf_advise.engine.targets import target_version
from perf_advise.engine.trials import Tried, tried
from perf_advise.engine.views import Views
from perf_advise.hot_code import hot_in_profile, hot_in_text, load_profiles, stdin_path
from perf_advise.hotspots import HotResult, moved
from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import PROOFS, Options
from perf_advise.model.profile import Profile
from perf_advise.model.report import Report
from perf_advise.source.text import SourceFile, source_from_bytes

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]
Pick = Callable[[Sequence[Finding]], Sequence[Finding]]
_InFile = TypeVar("_InFile", HotFunction, Finding, Refusal)


def check(
    options: Options,
    progress: Progress = lambda done, total: None,
    tell: Tell = lambda line: None,
    stdin: bytes | None = None,
    pick: Pick | None = None,
    kept: Kept | None = None,
) -> Report:
    """Advice for the hot functions under the paths; with `fix`, applied. Raises UserError for what a user can mend.

    `tell` gets a line before a part that takes long or runs the user's program, `progress` how far a part is. `stdin`
    is what standard input gave: it is looked at in place of the file that it passes for, and `fix` writes nothing but
    is in the changes. `pick` chooses among the fixes that may be applied, unsafe ones included. `kept` remembers what
    was said of functions for the next time; with rules of the user's, which may look at anything, it does nothing.
    """
    rules = load_rules(options.rules)
    chosen = select_rules(rules, options.select, options.ignore, options.extend_select)
    profiles = None if options.no_profile else load_profiles(options)
    main = profiles.time or profiles.allocation or profiles.executions if profiles else None
    views = Views(options.root, target_version(options, main), options.executor)
    source = None if stdin is None else source_from_bytes(stdin_path(options), stdin)
    hot = hot_in_profile(options, profiles, views) if source is None else hot_in_text(source, options, profiles, views)
    environment = Environment(options.root, options.python, main.packages if main else {})
    adviser = _Adviser(options, _rules_for(options, chosen), load_ratios(built_in_folder()), main, environment)
    if kept is not None:
        kept.setting = (options, views.target)
    analysis = adviser.advise(hot.functions, views, progress, tell, None if options.rules else kept)
    applied = _apply(options, analysis.findings, views, tell, pick, environment.python)
    if applied.changes and options.fix and not options.diff:
        hot, analysis, source = adviser.advise_again(hot, analysis, applied, source)
    analysis = replace(analysis, findings=_marked(analysis.findings, applied.failed))
    # An editor, which keeps what was said, shows no reasons of functions that nothing is said of.
    bound = partial(bound_to, views) if kept is None else lambda function: ""
    report = _report(options, main, hot, analysis, applied, bound)
    return report if source is None else replace(report, stdin=(source.path, source.text))


@dataclass(frozen=True, slots=True)
class _Adviser:
    """What is the same for the first look at a project and for the one after its fixes."""

    options: Options
    rules_for: Callable[[HotFunction], Iterable[LoadedRule]]
    ratios: Ratios
    profile: Profile | None
    environment: Environment

    def advise(
        self,
        functions: Sequence[HotFunction],
        views: Views,
        progress: Progress = lambda done, total: None,
        tell: Tell | None = None,
        kept: Kept | None = None,
    ) -> Analysis:
        """What the rules say of the functions; without `tell` nothing is proved that is not yet."""
        options = self.options if tell else replace(self.options, prove=False, unused_ignores=False)
        threshold = 0.0 if options.no_profile else options.hot
        analysis = analyse(functions, self.rules_for, views, self.ratios, threshold, progress, kept)
        analysis = without_suppressed(analysis, views, options.unused_ignores)
        findings = _proved(analysis.findings, options, self.profile, views, tell or (lambda line: None), progress)
        return replace(analysis, findings=with_notes(findings, self.environment))

    def advise_again(
        self, hot: HotResult, analysis: Analysis, applied: Applied, stdin: SourceFile | None
    ) -> tuple[HotResult, Analysis, SourceFile | None]:
        """The functions and what is left to say of them, in files that were fixed as they stand now."""
        views = Views(self.options.root, target_version(self.options, self.profile), self.options.executor)
        files = {c.path: source_from_bytes(c.path, c.after_bytes) for c in applied.changes}
        for file in files.values():
            views.put(file)
        functions = {path: tuple(moved(_of(hot.functions, path), file)) for path, file in files.items()}
        now = sorted(
            (f for f in (*_others(hot.functions, files), *(f for fs in functions.values() for f in fs))),
            key=lambda f: (-f.own, -f.cumulative, str(f.path), f.first_line),
        )
        views.learn_costs(now)
        left = self.advise([f for f in now if f.path in files], views)
        merged = Analysis(
            [*_others(analysis.findings, files), *left.findings],
            [*_others(analysis.refusals, files), *left.refusals],
            list(dict.fromkeys((*analysis.warnings, *left.warnings))),
        )
        return replace(hot, functions=tuple(now)), merged, files.get(stdin.path) if stdin else None


def _of(functions: Iterable[HotFunction], path: Path) -> Iterable[HotFunction]:
    return (function for function in functions if function.path == path)


def _others(items: Iterable[_InFile], files: Container[Path]) -> Iterable[_InFile]:
    return (item for item in items if item.path not in files)


def _proved(
    findings: Sequence[Finding],
    options: Options,
    profile: Profile | None,
    views: Views,
    tell: Tell,
    progress: Progress,
) -> Sequence[Finding]:
    if not (options.prove or (options.root / PROOFS).is_file()):
        return findings
    # Where nothing was proved, a look at one hot file need not pay for what proves.
    from perf_advise.proof.session import with_proofs

    return with_proofs(findings, options, profile, lambda path: views.file(path)[0], tell, progress)


def _rules_for(options: Options, chosen: Sequence[LoadedRule]) -> Callable[[HotFunction], Iterable[LoadedRule]]:
    """The rules for a function's file: `per-file-ignores` taken out."""

    def rules_for(function: HotFunction) -> Iterable[LoadedRule]:
        globs = [glob for glob in options.per_file_ignores if _matches(function.path, glob, options.root)]
        ignored = [code for glob in globs for code in options.per_file_ignores[glob]]
        return select_rules(chosen, ignore=ignored) if ignored else chosen

    return rules_for


def _matches(path: Path, glob: str, root: Path) -> bool:
    relative = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return fnmatch(relative, glob) or fnmatch(path.name, glob)


def _apply(
    options: Options, findings: Sequence[Finding], views: Views, tell: Tell, pick: Pick | None, python: Path
) -> Applied:
    if not (options.fix or options.diff):
        return Applied((), ())
    unsafe = options.unsafe_fixes or pick is not None
    chosen: Sequence[Finding] = choose([f for f in findings if may_apply(f, unsafe, options.float_tolerance)])[0]
    if pick is not None:
        chosen = pick(chosen)
    write = options.fix and not options.diff and not options.reads_stdin
    passed = tried(chosen, python) if write else Tried(tuple(chosen))
    applied = _applied(options, passed.findings, views, tell, unsafe, write)
    return replace(applied, warnings=(*passed.warnings, *applied.warnings))


def _applied(
    options: Options, chosen: Sequence[Finding], views: Views, tell: Tell, unsafe: bool, write: bool
) -> Applied:
    apply = partial(apply_fixes, views=views, unsafe=unsafe, write=write, tolerance=options.float_tolerance)
    if options.test is None or not write:
        return apply(chosen)
    # Its import is for the few who ask for it.
    from perf_advise.trial import apply_tested

    return apply_tested(chosen, apply, options.test, options.root, tell)


def _marked(findings: Sequence[Finding], failed: Sequence[Finding]) -> list[Finding]:
    """A fix with which the tests fail is offered no more without a word; it may stand on another line now."""

    def key(finding: Finding) -> tuple[object, ...]:
        return finding.path, finding.function.qualname, finding.code, finding.message

    bad = {key(finding) for finding in failed}
    return [replace(f, note="the tests fail with this fix") if key(f) in bad else f for f in findings]


def _report(
    options: Options,
    profile: Profile | None,
    hot: HotResult,
    analysis: Analysis,
    applied: Applied,
    bound: Callable[[HotFunction], str],
) -> Report:
    done = applied.findings if options.fix and not options.diff else ()
    findings = sorted(analysis.findings, key=_place)
    refusals, chosen = analysis.refusals, bool(options.select or options.ignore)
    return Report(
        root=str(options.root),
        profile=profile,
        hot_functions=hot.functions,
        findings=tuple(findings),
        refusals=tuple(sorted(refusals, key=_place)),
        quiet=() if profile is None else quiet_functions(hot.functions, (*findings, *done), refusals, bound, chosen),
        applied=tuple(sorted(done, key=_place)),
        warnings=(*hot.warnings, *analysis.warnings, *applied.warnings),
        unmapped=len(hot.unmapped),
        unmapped_share=hot.unmapped_share,
        age_seconds=_age(options),
        changes=applied.changes,
    )


def _place(item: Finding | Refusal) -> tuple[object, ...]:
    return (item.path, item.start.cell or 0, item.start, item.code)


def _age(options: Options) -> float | None:
    """Seconds since the profile's file was written."""
    files = [Path(p) for p in options.profiles] or [options.root / ".perf-advise" / "profile.json"]
    ages = [time.time() - f.stat().st_mtime for f in files if f.is_file()]
    return min(ages) if ages and not options.no_profile else None
