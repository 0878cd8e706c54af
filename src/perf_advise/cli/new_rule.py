"""`perf-advise new-rule NAME`: a rule, its examples and a failing test to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.catalog.scaffold import new_rule
from perf_advise.cli.output import say


def command(
    name: Annotated[str, typer.Argument(help="The costly shape in kebab-case: sort-for-minimum.")],
    folder: Annotated[Path, typer.Option(help="Where your rules are.")] = Path("perf_rules"),
    code: Annotated[str, typer.Option(help="A code that no rule has: letters and digits.")] = "MY001",
) -> int:
    """Write the rule and its test, and say what comes next."""
    rule, test = new_rule(name, folder, code)
    say(
        (
            f"wrote {rule} and {test}",
            f"fill in the rule, then: perf-advise rules --test {rule}",
            f'use it everywhere: rules = ["{folder}"] under [tool.perf-advise]',
        )
    )
    return 0
