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
        """The findings whose fixes are wanted."""
        picked: list[Finding] = []
        skipped: set[Path] = set()
        everything = False
        for finding in findings:
            if finding.path in skipped:
                continue
            answer = "y" if everything else self._ask(finding)
            everything = everything or answer == "a"
            if answer in ("y", "a"):
                picked.append(finding)
            elif answer == "s":
                skipped.add(finding.path)
        return picked

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
