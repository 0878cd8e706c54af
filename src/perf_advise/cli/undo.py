"""`perf-advise undo`: take back what the last `--fix` or `optimize` applied."""

from pathlib import Path
from typing import Annotated

import typer

from perf_advise.cli.output import say, warn
from perf_advise.report.texts import short
from perf_advise.source.root import project_root
from perf_advise.source.undo import undo


def command(
    path: Annotated[Path, typer.Argument(help="A path of the project; by default the current one.")] = Path(),
) -> int:
    """Give the files of the project their old text back, except those changed since."""
    restored = undo(project_root(path))
    say(f"restored {short(path)}" for path in restored.paths)
    if not restored.paths and not restored.kept:
        say(["nothing to restore: the files are as they were before"])
    warn(restored.kept)
    return 2 if restored.kept else 0
