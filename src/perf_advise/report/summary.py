"""What stands before and after the findings: the run, the quiet functions, the counts, how to apply."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from perf_advise.engine.apply import may_apply, only_rounded
from perf_advise.engine.overlap import choose
from perf_advise.model.finding import Finding
from perf_advise.model.options import DEFAULT_HOT, Options
from perf_advise.model.report import Change, QuietFunction, Report
from perf_advise.model.rule import Applicability
from perf_advise.report.commands import check_command
from perf_advise.report.figures import ago, counted, left_in_words, percent, remaining_share, run_seconds, seconds
from perf_advise.report.headings import heading
from perf_advise.report.lines import Line, Piece, Style, line, wrapped
from perf_advise.report.texts import lines_of, link, place, short


def header(report: Report, width: int) -> Iterator[Line]:
    """The run that was measured: command, time, age, how many hot functions."""
    hot = counted(len(report.hot_functions), "hot function")
    if report.profile is None:
        every = "all " if len(report.hot_functions) > 1 else ""
        taken = counted(len(report.hot_functions), "function")
        yield from wrapped(f"no profile: {every}{taken} taken for hot", width)
        return
    whole = run_seconds(report.profile)
    known = [
        seconds(whole) if whole is not None else "",
        f"recorded {ago(report.age_seconds)}" if report.age_seconds is not None else "",
        hot,
    ]
    text = ", ".join(filter(None, known))
    yield from wrapped(f"{report.profile.command or report.profile.tool}: {text}", width, hang="  ", style="strong")


def quiet_functions(quiet: Sequence[QuietFunction], width: int) -> Iterator[Line]:
    """Hot functions without a finding, with the reason."""
    if quiet:
        yield line(Piece("hot, and no finding:", "strong"))
    for item in quiet:
        yield from heading(item.function, width)
        yield from wrapped(item.reason, width, " " * 6, style="muted")


def statistics(findings: Iterable[Finding], whole: float | None) -> Iterator[Line]:
    """A row per rule: how often, what it would save, whether it has a fix (`[*]` safe, `[-]` unsafe)."""
    by_rule: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.code, finding.name].append(finding)
    for (code, name), group in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        saved = 1 - remaining_share(group)
        cost = f"  saves {seconds(saved * whole) if whole else percent(saved)}" if saved >= 0.005 else ""
        yield line(f"{len(group):>4}  ", Piece(code, "code"), f"  {_mark(group)} {name}", Piece(cost, "good"))


def _mark(findings: Iterable[Finding]) -> str:
    best = max((f.fix.applicability for f in findings if f.fix), default=Applicability.DISPLAY)
    return {Applicability.SAFE: "[*]", Applicability.UNSAFE: "[-]", Applicability.DISPLAY: "[ ]"}[best]


def applied(findings: Sequence[Finding], width: int) -> Iterator[Line]:
    """What `--fix` wrote."""
    for finding in findings:
        where = Piece(place(finding.path, finding.start), "path", link(finding.path, finding.start.row))
        yield line(Piece("fixed ", "good"), Piece(finding.code, "code"), f" {finding.name}  ", where)
    if findings:
        yield line(Piece(f"{counted(len(findings), 'fix', 'fixes')} applied; `perf-advise undo` takes back", "muted"))


def closing(report: Report, options: Options, width: int) -> Iterator[Line]:
    """The counts, what did not fit, and the command that applies what there is."""
    yield from wrapped(_counts(report), width, hang="  ", style="strong")
    if report.unmapped_share >= DEFAULT_HOT:
        lost = f"{percent(report.unmapped_share)} of the profile ({counted(report.unmapped, 'entry', 'entries')})"
        yield from wrapped(f"{lost} fits no function here and was left out", width, hang="  ", style="muted")
    safe, _ = choose([f for f in report.findings if may_apply(f, False, options.float_tolerance)])
    every, aside = choose([f for f in report.findings if may_apply(f, unsafe=True)])
    if options.fix and not options.interactive:  # who is asked may have said no to a safe one
        safe = ()
    if aside:
        names = ", ".join(f"{f.code} in {f.function.qualname}" for f in aside)
        yield from wrapped(f"beside a better fix of the same place: {names}", width, hang="  ", style="muted")
    if safe:
        yield from _offer(safe, "--fix", report, options)
    number, tolerance = only_rounded(report.findings, options.float_tolerance)
    if number:
        said = f"{number} more {'holds' if number == 1 else 'hold'} up to rounding: add --float-tolerance {tolerance}"
        yield from wrapped(said, width, hang="  ", style="muted")
    if len(every) > len(safe) and not (options.fix and options.unsafe_fixes):
        yield from _offer(every, "--fix --unsafe-fixes", report, options)


def _counts(report: Report) -> str:
    refused = f"{len(report.refusals)} refused (--why-not)" if report.refusals else ""
    if not report.findings:
        left = "nothing left" if report.applied else "no finding"
        number = len(report.hot_functions)
        said = f"{left} in {counted(number, 'hot function')}" if number else "no hot function here"
        return "; ".join(filter(None, (said, refused)))
    kinds = [f.fix.applicability if f.fix else Applicability.DISPLAY for f in report.findings]
    proved = sum(f.proof is not None and f.proof.holds for f in report.findings)
    counts = (
        (kinds.count(Applicability.SAFE), "with a safe fix"),
        (kinds.count(Applicability.UNSAFE), "with an unsafe fix"),
        (kinds.count(Applicability.DISPLAY), "to mend by hand"),
        (proved, "proved"),
        (sum(bool(f.missing) for f in report.findings), "in need of a package"),
    )
    said = ", ".join(f"{number} {what}" for number, what in counts if number)
    return "; ".join(filter(None, (f"{counted(len(report.findings), 'finding')}: {said}", refused)))


def _offer(findings: Sequence[Finding], flags: str, report: Report, options: Options) -> Iterator[Line]:
    whole = run_seconds(report.profile)
    left = remaining_share(findings)
    effect = (
        f"{seconds(whole)} -> {left_in_words(findings, seconds(whole * left))}.  " if whole and left < 0.995 else ""
    )
    command = check_command(options)
    yield line(Piece(effect, "good"), f"Apply {len(findings)}: ", Piece(f"{command} {flags}", "strong"))


def patches(changes: Iterable[Change]) -> Iterator[Line]:
    """What `--diff` shows: whole-file unified diffs that `patch` takes."""
    styles: dict[str, Style] = {"+": "added", "-": "removed", "@": "code"}
    for change in changes:
        name = short(change.path)
        before, after = lines_of(change.before), lines_of(change.after)
        for row in difflib.unified_diff(before, after, name, name):
            text = row.removesuffix("\n").removesuffix("\r")
            yield line(Piece(text, styles.get(row[:1], "")))
            if not row.endswith(("\n", "\r")):
                yield line("\\ No newline at end of file")
