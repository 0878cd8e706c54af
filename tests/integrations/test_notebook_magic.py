"""`%%advise` in a real kernel."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

HELPER = """def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found"""
USE = "xs = list(range(3000))\nprint(common(xs, list(range(0, 9000, 3))))"


def outputs_of(tmp_path: Path, *cells: str) -> list[list[Any]]:
    """What each cell shows after `%load_ext perf_advise`."""
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(text) for text in ("%load_ext perf_advise", *cells)]
    environment = dict(os.environ)
    client = NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    return [cell.outputs for cell in book.cells[1:]]


def shown(outputs: list[Any]) -> tuple[str, str]:
    """Text and HTML of the advice."""
    data = next(output.data for output in outputs if "data" in output)
    return data["text/plain"], data["text/html"]


def test_a_cell_that_defines_and_runs_gets_its_rewrite(tmp_path: Path) -> None:
    (outputs,) = outputs_of(tmp_path, f"%%advise\n{HELPER}\n\n{USE}")
    assert outputs[0].text == "1000\n"
    text, page = shown(outputs)
    assert "PA501" in text and "    ys_set = set(ys)\n" in text
    assert "%%advise" not in text.split("rewritten:")[1]
    assert "if x in ys_set" in page


def test_a_function_of_an_earlier_cell_is_named_with_its_cell(tmp_path: Path) -> None:
    _, outputs = outputs_of(tmp_path, HELPER, f"%%advise\n{USE}")
    text, page = shown(outputs)
    assert "cell 2, line 4  PA501" in text
    assert "rewritten" not in page


def test_a_cell_that_fails_shows_its_own_error_only(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="ZeroDivisionError"):
        outputs_of(tmp_path, "%%advise\n1 / 0", "1 / 0")
