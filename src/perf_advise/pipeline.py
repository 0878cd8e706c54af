"""Profile in, report out: the whole flow as one short function."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from perf_advise.catalog.loading import LoadedRule, built_in_folder, load_rules
from perf_advise.catalog.ratios import load_ratios
from perf_advise.catalog.selection import select_rules
from perf_advise.engine.analyse import Analysis, analyse
from perf_advise.engine.apply import Applied, apply_fixes
from perf_advise.engine.environment import Environment, with_notes
from perf_advise.engine.quiet import quiet_functions
from perf_advise.engine.suppress import without_suppressed
from perf_advise.engine.targets import target_version
from perf_advise.engine.views import Views
from perf_advise.hotspots import HotResult, all_functions, find_hot_functions
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.hot import HotFunction
from perf_advise.model.names import did_you_mean
from perf_advise.model.options import PROOFS, Options
from perf_advise.model.profile import Profile
from perf_advise.model.report import Report
from perf_advise.profiles.loading import load
from perf_advise.profiles.merging import LoadedProfiles
from perf_advise.rulekit.view import View
from perf_advise.source.discovery import DEFAULT_EXCLUDE, Selector
from perf_advise.source.text import SourceFile

Progress = Callable[[HotFunction], None]
Tell = Callable[[str], None]


def check(options: Options, progress: Progress | None = None, tell: Tell = lambda line: None) -> Report:
    """Advice for the hot functions under the paths; with `fix`, applied. Raises UserError for what a user can mend.

    `tell` gets a line before a part that takes long or runs the user's program.
    """
    rules = load_rules(options.rules)
    chosen = select_rules(rules, options.select, options.ignore, options.extend_select)
    profiles = None if options.no_profile else load_profiles(options)
    main = profiles.time or profiles.allocation or profiles.executions if profiles else None
    views = Views(options.root, target_version(options, main))
    hot = _hot_functions(options, profiles, views)
    ratios = load_ratios(built_in_folder())
    threshold = 0.0 if options.no_profile else options.hot
    analysis = analyse(hot.functions, _rules_for(options, chosen), views, ratios, threshold, progress)
    analysis = without_suppressed(analysis, views, options.unused_ignores)
    environment = Environment(options.root, options.python, main.packages if main else {})
    findings = _proved(analysis.findings, options, main, views, tell)
    analysis = replace(analysis, findings=with_notes(findings, environment))
    applied = _apply(options, analysis, views)
    return _report(options, main, hot, analysis, applied)


def hot_functions(options: Options) -> HotResult:
    """The hot functions under the paths, without advice."""
    profiles = None if options.no_profile else load_profiles(options)
    return _hot_functions(options, profiles, Views(options.root, target_version(options, None)))


def view_of(options: Options, path: Path, qualname: str) -> View:
    """What rules see of one function, hot or not, with the types seen if there is a profile. Raises UserError."""
    views = Views(options.root, target_version(options, None))
    functions = {function.qualname: function for function in all_functions([views.file(path)[0]])}
    if qualname not in functions:
        raise UserError(f"{path} has no function {qualname}", did_you_mean(qualname, functions))
    seen: Iterable[HotFunction] = ()
    if options.profiles or (options.root / ".perf-advise" / "profile.json").is_file():
        seen = hot_functions(replace(options, paths=(path,), hot=0.0)).functions
    types = next((hot.types for hot in seen if hot.qualname == qualname), {})
    return views.of(replace(functions[qualname], types=types))


def load_profiles(options: Options) -> LoadedProfiles:
    """The profiles named with `-p`, or the project's own; raises UserError where there is none."""
    if options.profiles:
        return load([Path(p) for p in options.profiles])
    own = options.root / ".perf-advise" / "profile.json"
    if not own.is_file():
        raise UserError(
            "there is no profile",
            "record one with `perf-advise record -- python your_program.py` and commit .perf-advise/profile.json, "
            "or name one with -p FILE",
        )
    return load([own])


def _hot_functions(options: Options, profiles: LoadedProfiles | None, views: Views) -> HotResult:
    selector = _selector(options)
    if profiles is None:
        return _everything(selector, views)
    found = [
        find_hot_functions(profile, options.paths, options.root, options.hot)
        for profile in (profiles.time, profiles.allocation)
        if profile is not None
    ]
    functions = tuple(f for result in found for f in result.functions if selector.takes(f.path))
    warnings = tuple(w for result in found for w in result.warnings)
    views.learn_costs(functions)
    first = found[0] if found else HotResult(())
    return replace(first, functions=functions, warnings=(*profiles.warnings, *warnings))


def _selector(options: Options) -> Selector:
    for path in options.paths:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
    exclude = DEFAULT_EXCLUDE if options.exclude is None else options.exclude
    return Selector(options.paths, options.root, exclude, options.extend_exclude, force_exclude=options.force_exclude)


def _everything(selector: Selector, views: Views) -> HotResult:
    """Every function of every file under the paths: what `--no-profile` looks at."""
    files: list[SourceFile] = []
    warnings: list[str] = []
    for path in selector.walk(warnings.append):
        try:
            files.append(views.file(path)[0])
        except UserError as error:
            warnings.append(str(error))
    return HotResult(tuple(all_functions(files)), warnings=tuple(warnings))


def _proved(
    findings: Sequence[Finding], options: Options, profile: Profile | None, views: Views, tell: Tell
) -> Sequence[Finding]:
    if not (options.prove or (options.root / PROOFS).is_file()):
        return findings
    # Where nothing was proved, a look at one hot file need not pay for what proves.
    from perf_advise.proof.session import with_proofs

    return with_proofs(findings, options, profile, lambda path: views.file(path)[0], tell)


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


def _apply(options: Options, analysis: Analysis, views: Views) -> Applied:
    if not (options.fix or options.diff):
        return Applied((), ())
    return apply_fixes(analysis.findings, views, options.unsafe_fixes, write=options.fix and not options.diff)


def _report(options: Options, profile: Profile | None, hot: HotResult, analysis: Analysis, applied: Applied) -> Report:
    # By identity: findings hold mappings and so have no hash.
    done = {id(f) for f in applied.findings} if options.fix and not options.diff else set()
    findings = sorted(analysis.findings, key=lambda f: (f.path, f.start.cell or 0, f.start, f.code))
    return Report(
        root=str(options.root),
        profile=profile,
        hot_functions=hot.functions,
        findings=tuple(f for f in findings if id(f) not in done),
        refusals=tuple(sorted(analysis.refusals, key=lambda r: (r.path, r.start.cell or 0, r.start, r.code))),
        quiet=() if profile is None else quiet_functions(hot.functions, analysis.findings, analysis.refusals),
        applied=tuple(f for f in findings if id(f) in done),
        warnings=(*hot.warnings, *analysis.warnings, *applied.warnings),
        unmapped=len(hot.unmapped),
        unmapped_share=hot.unmapped_share,
        age_seconds=_age(options),
        changes=applied.changes,
    )


def _age(options: Options) -> float | None:
    """Seconds since the profile's file was written."""
    files = [Path(p) for p in options.profiles] or [options.root / ".perf-advise" / "profile.json"]
    ages = [time.time() - f.stat().st_mtime for f in files if f.is_file()]
    return min(ages) if ages and not options.no_profile else None
