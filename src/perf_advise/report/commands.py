"""The command line that says the same again."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from perf_advise.model.options import DEFAULT_HOT, Options
from perf_advise.report.texts import short


def check_command(options: Options) -> str:
    """`perf-advise` with the paths and the profile of this run, to put flags behind."""
    return shlex.join(["perf-advise", *map(str, options.paths), *_profiles(options)])


def _profiles(options: Options) -> Iterator[str]:
    for profile in options.profiles:
        yield from ("-p", short(Path(profile)))
    if options.no_profile:
        yield "--no-profile"
    if options.hot != DEFAULT_HOT:
        yield from ("--hot", f"{options.hot * 100:g}%")
