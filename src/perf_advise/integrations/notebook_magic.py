"""`%%advise` in a notebook: profile a cell, and show the advice under it with the rewritten cell ready to paste."""

import cProfile
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding
from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.report.figures import percent

MAGIC = "%%advise"


def register(shell: Any) -> None:
    """Give an IPython shell the cell magic."""

    def advise(line: str, cell: str) -> "CellAdvice | None":
        """Profile the cell, and show what would make it faster."""
        profile = cProfile.Profile()
        profile.enable()
        try:
            result = shell.run_cell(cell, store_history=False)
        finally:
            profile.disable()
        earlier = [str(text) for text in shell.history_manager.input_hist_raw[1:-1]]
        return advice_on(cell, earlier, profile) if result.success else None

    shell.register_magic_function(advise, "cell", "advise")


@dataclass(frozen=True, slots=True)
class CellAdvice:
    """What is shown under the cell: as HTML in a notebook, as text in a terminal. `rewritten` is "" without a fix."""

    findings: tuple[tuple[str, str], ...]
    hottest: tuple[str, ...]
    rewritten: str

    def __repr__(self) -> str:
        """Plain lines."""
        told = [f"{place}  {message}" for place, message in self.findings] or ["no known slow shape in what is hot"]
        paste = ["", "the cell, rewritten:", "", self.rewritten] if self.rewritten else []
        return "\n".join([*self.hottest, "", *told, *paste])

    def _repr_html_(self) -> str:
        rows = "".join(f"<li><code>{escape(place)}</code> {escape(message)}</li>" for place, message in self.findings)
        shape = f"<ul>{rows}</ul>" if rows else "<p>No known slow shape in what is hot.</p>"
        hot = "<br>".join(f"<code>{escape(text)}</code>" for text in self.hottest)
        paste = f"<p>The cell, rewritten:</p><pre>{escape(self.rewritten)}</pre>" if self.rewritten else ""
        return f"<div><p>{hot}</p>{shape}{paste}</div>"


def advice_on(cell: str, earlier: Sequence[str], profile: cProfile.Profile) -> CellAdvice | None:
    """The advice on a cell that was run under a profiler after earlier ones; None where nothing was measured."""
    if not profile.getstats():
        return None
    with TemporaryDirectory(prefix="perf-advise-") as folder:
        notebook, measured = Path(folder, "cells.ipynb"), Path(folder, "cell.pstats")
        notebook.write_text(json.dumps(_notebook([*map(_bare, earlier), cell])), "utf-8")
        profile.dump_stats(measured)
        where = Options(root=Path(folder), paths=(notebook,), profiles=(str(measured),))
        try:
            report = check(replace(where, fix=True, unsafe_fixes=True, diff=True))
        except UserError as error:
            return CellAdvice((), (str(error),), "")
        return _shown(report, len(earlier) + 1)


def _shown(report: Report, number: int) -> CellAdvice:
    rewritten = ""
    for change in report.changes:
        source = json.loads(change.after_bytes)["cells"][number - 1]["source"]
        rewritten = "" if source == json.loads(change.before_bytes)["cells"][number - 1]["source"] else source
    ranked = sorted(report.findings, key=lambda f: (f.start.cell != number, -f.function.own))
    hottest = tuple(f"{percent(f.own)}  {f.qualname}" for f in report.hot_functions[:3] if f.own >= 0.01)
    return CellAdvice(tuple((_place(f, number), _told(f)) for f in ranked), hottest, rewritten)


def _place(finding: Finding, number: int) -> str:
    row = f"line {finding.start.row}"
    return row if finding.start.cell == number else f"cell {finding.start.cell}, {row}"


def _told(finding: Finding) -> str:
    done = finding.fix.message if finding.fix is not None else finding.note
    differences = (
        f" (may differ: {'; '.join(finding.fix.differences)})" if finding.fix and finding.fix.differences else ""
    )
    return f"{finding.code} {finding.message}: {done}{differences}"


def _bare(text: str) -> str:
    """An earlier cell without the magic, whose functions it shares with the others."""
    first, _, rest = text.partition("\n")
    return rest if first.strip().startswith(MAGIC) else text


def _notebook(cells: Sequence[str]) -> dict[str, Any]:
    made: list[dict[str, Any]] = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": text}
        for n, text in enumerate(cells)
    ]
    language = {"language_info": {"name": "python"}}
    return {"cells": made, "metadata": language, "nbformat": 4, "nbformat_minor": 5}
