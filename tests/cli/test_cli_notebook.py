"""Notebooks through the command line."""

import json
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "perf_advise"]
STEPS = (
    "def steps(n):\n    k = 0\n    while n != 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        k += 1\n"
    "    return k\n\n\nprint(max(steps(n) for n in range(1, 50)))"
)


def _notebook(path: Path, *sources: str) -> None:
    cells = [
        {"cell_type": "code", "execution_count": 1, "id": f"c{at}", "metadata": {}, "outputs": [], "source": source}
        for at, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1))


def test_a_kernel_in_a_cell_is_not_cached_on_disk(tmp_path: Path) -> None:
    """Numba was seen to keep results of code that is in no file, and to give them for other code."""
    (tmp_path / "module.py").write_text(STEPS + "\n")
    _notebook(tmp_path / "work.ipynb", STEPS)
    arguments = [*COMMAND, ".", "--no-profile", "--fix", "--unsafe-fixes", "--select", "PA201"]
    subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=False, timeout=300)
    cell = json.loads((tmp_path / "work.ipynb").read_text())["cells"][0]["source"]
    assert "@njit(cache=True)\ndef steps" in (tmp_path / "module.py").read_text()
    assert "@njit\ndef steps" in "".join(cell)
