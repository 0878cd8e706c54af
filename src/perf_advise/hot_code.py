"""Which code a run looks at: what the profile marks hot under the paths, or all of it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from perf_advise.engine.targets import target_version
from perf_advise.engine.views import Views
from perf_advise.hotspots import HotResult, all_functions, find_hot_functions, moved
from perf_advise.model.errors import UserError
from perf_advise.model.hot import HotFunction
from perf_advise.model.names import did_you_mean
from perf_advise.model.options import STDIN, Options
from perf_advise.profiles.loading import load
from perf_advise.profiles.merging import LoadedProfiles
from perf_advise.rulekit.view import View
from perf_advise.source.discovery import DEFAULT_EXCLUDE, Selector
from perf_advise.source.root import absolute
from perf_advise.source.text import SourceFile


def stdin_path(options: Options) -> Path:
    """The path that standard input passes for; raises UserError where the profile cannot tell which file it is."""
    if options.stdin_filename is not None:
        return absolute(options.stdin_filename)
    if options.no_profile:
        return absolute(STDIN)
    raise UserError("which file standard input is has to be known to look it up in the profile", "add --stdin-filename")


def hot_in_text(source: SourceFile, options: Options, profiles: LoadedProfiles | None, views: Views) -> HotResult:
    """The hot functions of standard input: those of the file on disk that it is an edited copy of."""
    if profiles is None:
        views.put(source)
        return HotResult(tuple(all_functions([source])))
    if not source.path.is_file():
        views.put(source)
        return HotResult((), warnings=(f"{source.path}: no such file, so nothing of the profile is about it",))
    found = hot_in_profile(replace(options, paths=(source.path,)), profiles, views)
    if found.functions and views.file(source.path)[0] == source:  # an editor saves before it asks
        return found
    views.put(source)
    functions = tuple(moved(found.functions, source))
    views.learn_costs(functions)
    return replace(found, functions=functions)


def hot_functions(options: Options) -> HotResult:
    """The hot functions under the paths, without advice."""
    profiles = None if options.no_profile else load_profiles(options)
    return hot_in_profile(options, profiles, Views(options.root, target_version(options, None)))


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


def hot_in_profile(options: Options, profiles: LoadedProfiles | None, views: Views) -> HotResult:
    """What the profiles mark hot under the paths; without any, every function of every file."""
    selector = _selector(options)
    if profiles is None:
        return _everything(selector, views, options.paths)
    found = [
        find_hot_functions(profile, options.paths, options.root, options.hot)
        for profile in (profiles.time, profiles.allocation)
        if profile is not None
    ]
    functions = tuple(f for result in found for f in result.functions if selector.takes(f.path))
    warnings = tuple(w for result in found for w in result.warnings)
    views.learn_costs(functions)
    hot = {function.path for function in functions}
    for file in (file for result in found for file in result.files if file.path in hot):
        views.put(file)
    first = found[0] if found else HotResult(())
    if options.profiles and not functions:
        places = ", ".join(map(str, options.paths))
        warnings = (*warnings, f"nothing under {places} is hot in the profile; was it made of this program?")
    return replace(first, functions=functions, warnings=(*profiles.warnings, *warnings))


def _selector(options: Options) -> Selector:
    for path in options.paths:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
    exclude = DEFAULT_EXCLUDE if options.exclude is None else options.exclude
    return Selector(options.paths, options.root, exclude, options.extend_exclude, force_exclude=options.force_exclude)


def _everything(selector: Selector, views: Views, paths: Iterable[Path]) -> HotResult:
    """Every function of every file under the paths: what `--no-profile` looks at."""
    files: list[SourceFile] = []
    warnings: list[str] = []
    for path in selector.walk(warnings.append):
        try:
            files.append(views.file(path)[0])
        except UserError as error:
            warnings.append(str(error))
    if not files and not warnings:
        places = ", ".join(map(str, paths))
        warnings.append(f"no Python file or notebook under {places}, or all are excluded")
    return HotResult(tuple(all_functions(files)), warnings=tuple(warnings))
