"""`--interactive`: each fix shown, and asked about, before anything is written."""

import sys
from collections.abc import Sequence
from pathlib import Path

from perf_advise.catalog.loading import built_in_folder, load_rules
from perf_advise.catalog.ratios import load_ratios
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.report.blocks import Blocks
from perf_advise.report.painting import paint
from perf_advise.report.rule_pages import page
from perf_advise.report.screen import screen_for
from perf_advise.source.dependencies import declaration
from perf_advise.source.undo import Change, write_files

_QUESTION = "apply this fix? [y]es, [n]o, [a]ll that follow, [w]hy, [s]kip this file: "


class Asker:
    """Asks on the terminal; end of input means no to the rest."""

    def __init__(self, options: Options) -> None:
        """Raises UserError where there is no one to ask."""
        if not sys.stdin.isatty():
            raise UserError("--interactive asks about each fix, and standard input is no terminal", "leave it out")
        self._options = options
        self._screen = screen_for(options)

    def pick(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings whose fixes are wanted, as they were given; asked about in the order of the report."""
        picked: list[Finding] = []
        skipped: set[Path] = set()
        everything = False
        for finding in sorted(findings, key=_heat):
            if finding.path in skipped:
                continue
            answer = "y" if everything else self._ask(finding)
            everything = everything or answer == "a"
            if answer in ("y", "a"):
                picked.append(finding)
            elif answer == "s":
                skipped.add(finding.path)
        return [finding for finding in findings if finding in picked]

    def offer_dependencies(self, applied: Sequence[Finding]) -> None:
        """Ask whether the packages that the applied fixes import are to be declared, and declare them."""
        needed = dict.fromkeys(name for finding in applied if finding.fix for name in finding.fix.packages)
        declared = declaration(self._options.root)
        for package in declared.lacks(needed) if declared else ():
            new = declared.with_package(package) if declared else None
            if declared is None or new is None:
                return
            sys.stdout.write(f'add "{package}" to the dependencies in {declared.path.name}? [y]es, [n]o: ')
            sys.stdout.flush()
            if sys.stdin.readline().strip().lower()[:1] == "y":
                change = Change(declared.path, declared.text.encode(), new.encode())
                for failure in write_files(self._options.root, [change]).failures:
                    raise failure
                declared = declaration(self._options.root)

    def _ask(self, finding: Finding) -> str:
        report = Report(str(self._options.root), None, (finding.function,), (finding,))
        sys.stdout.write(paint(Blocks(report, self._options, self._screen).finding(finding), self._screen))
        while True:
            sys.stdout.write(_QUESTION)
            sys.stdout.flush()
            line = sys.stdin.readline()
            answer = line.strip().lower()[:1] if line else "n"
            if answer == "w":
                self._explain(finding)
            elif answer in tuple("ynas"):
                return answer

    def _explain(self, finding: Finding) -> None:
        rule = next(r for r in load_rules(self._options.rules) if r.rule.code == finding.code)
        sys.stdout.write(paint(page(rule, load_ratios(built_in_folder()), self._screen.text_width), self._screen))


def _heat(finding: Finding) -> tuple[object, ...]:
    """Sorts the hottest function first, and what is in one function from above."""
    function = finding.function
    return (-function.own, -function.cumulative, str(function.path), function.first_line, finding.span)
