"""`check` itself, for who brings options: the command, and plain command lines, which need no parser."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.output import deliver, note, quietly, warn
from perf_advise.cli.progress import Bar
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.report import exit_code, render_all
from perf_advise.source.undo import one_journal


def run_check(paths: Sequence[Path], given: Mapping[str, Any]) -> int:
    """Check the paths, project by project, and deliver the report; the exit code. Raises UserError."""
    projects = options_by_project(paths, given)
    options = projects[0]
    if options.reads_stdin:
        return _check_stdin(options)
    with Bar(options.quiet) as bar:
        reports = [_checked(project, bar) for project in projects]
    warn((warning for report in reports for warning in report.warnings), options.quiet)
    deliver(render_all(reports, projects), options)
    return exit_code(reports, options)


def _checked(options: Options, bar: Bar) -> Report:
    tell = quietly(note, options.quiet)
    if not options.interactive:
        return check(options, bar, tell)
    # Who asks needs the renderer and its screen, which nobody else does before the report.
    from perf_advise.cli.asking import Asker

    asker = Asker(options)
    with one_journal(options.root):
        report = check(replace(options, fix=True), bar, tell, pick=asker.pick)
        asker.offer_dependencies(report.applied)
    return report


def _check_stdin(options: Options) -> int:
    """As ruff has it: under --fix the text as fixed goes to standard output, and the findings to stderr."""
    data = sys.stdin.buffer.read()
    report = check(options, tell=quietly(note, options.quiet), stdin=data)
    warn(report.warnings, options.quiet)
    text = render_all([report], [options])
    if options.fix and not options.diff:
        sys.stdout.buffer.write(report.changes[0].after_bytes if report.changes else data)
        if options.output_file is None:
            sys.stderr.write(text)
            return exit_code([report], options)
    deliver(text, options)
    return exit_code([report], options)
