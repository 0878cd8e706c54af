"""`perf-advise explain CODE`: one rule, whole."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.catalog.loading import built_in_folder, load_rules
from perf_advise.catalog.ratios import load_ratios
from perf_advise.catalog.selection import find_rule
from perf_advise.cli.configuration import configured
from perf_advise.cli.output import show
from perf_advise.report.rule_pages import page
from perf_advise.report.screen import screen_for


def codes(incomplete: str) -> list[str]:
    """The codes or names of rules that begin so, for the shell."""
    names = [name for loaded in load_rules() for name in (loaded.rule.code, loaded.rule.name)]
    return sorted(name for name in names if name.lower().startswith(incomplete.lower()))


def command(
    rule: Annotated[str, typer.Argument(metavar="CODE", autocompletion=codes, help="A code or a name.")],
    rules: Annotated[list[Path] | None, typer.Option(metavar="FOLDER", help="A folder of rules of your own.")] = None,
) -> int:
    """What the rule finds, why that is slow, when the fix is not the same or not faster; examples; gains."""
    options = configured(rules)
    loaded = find_rule(rule, load_rules(options.rules))
    screen = screen_for(options)
    show(page(loaded, load_ratios(built_in_folder()), screen.text_width), screen)
    return 0
