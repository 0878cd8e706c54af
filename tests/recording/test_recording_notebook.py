"""`record -- analysis.ipynb`: its cells run in a real kernel, and are found again in the notebook."""

import json
import sys
from pathlib import Path

import pytest

from perf_advise.hotspots import find_hot_functions
from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.command import resolve
from perf_advise.recording.recorder import record

CELLS = (
    "import math",
    "def energy(n):\n    t = 0.0\n    for i in range(n):\n        t += math.sqrt(i) * i\n    return t",
    "%%time\nprint(energy(2_000_000) > 0)",
    "out = []\nfor i in range(2_000_000):\n    out.append(i % 7)",
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, *cells: str, kernel: str = "python3", language: str = "python") -> None:
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": c, "execution_count": None} for c in cells]
    text = {"cell_type": "markdown", "metadata": {}, "source": "# text"}
    spec = {"kernelspec": {"name": kernel, "language": language, "display_name": kernel}}
    path.write_text(json.dumps({"cells": [text, *code], "metadata": spec, "nbformat": 4, "nbformat_minor": 4}))


@pytest.fixture
def kernel() -> None:
    for name in ("nbclient", "ipykernel"):
        pytest.importorskip(name)


def test_cells_are_measured_in_their_notebook(root: Path, kernel: None, capfd: pytest.CaptureFixture[str]) -> None:
    write(root / "analysis.ipynb", *CELLS)
    before = (root / "analysis.ipynb").read_bytes()
    result = record(["analysis.ipynb"], root)
    assert result.exit_code == 0
    assert capfd.readouterr().out.startswith("True\n")
    assert (root / "analysis.ipynb").read_bytes() == before
    functions = find_hot_functions(read_profile(result.path), [root], root, 0.05).functions
    hot = {function.qualname: function for function in functions}
    assert set(hot) == {"energy", "<module>"}
    assert {function.path.name for function in functions} == {"analysis.ipynb"}
    assert set(hot["energy"].lines) <= {4, 5}
    assert hot["energy"].types["t"].name == "float"
    assert not hot["energy"].stale
    assert hot["<module>"].cumulative > hot["energy"].own


@pytest.mark.parametrize(
    ("cell", "said"), [("1 / 0", "cell 2: ZeroDivisionError: division by zero"), ("for x in", "cell 2: SyntaxError: ")]
)
def test_a_cell_that_fails_is_one_line(root: Path, kernel: None, capfd: pytest.CaptureFixture[str], cell, said) -> None:
    write(root / "a.ipynb", "x = 1", cell, "print('not reached')")
    assert record(["a.ipynb"], root).exit_code == 1
    written = capfd.readouterr()
    (line,) = written.err.splitlines()
    assert said in line
    assert written.out == ""


def test_a_kernel_that_is_missing_is_one_line(root: Path, kernel: None, capfd: pytest.CaptureFixture[str]) -> None:
    write(root / "a.ipynb", "x = 1", kernel="nowhere-to-be-found")
    assert record(["a.ipynb"], root).exit_code == 2
    assert "its kernel nowhere-to-be-found is not installed" in capfd.readouterr().err


def test_what_cannot_be_run_is_told_before_anything_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "julia.ipynb", "x = 1", language="julia")
    write(root / "good.ipynb", "x = 1")
    (root / "damaged.ipynb").write_text("{")
    for name, said in (("julia", "runs julia, not Python"), ("damaged", "damaged notebook"), ("gone", "gone.ipynb")):
        with pytest.raises(UserError, match=said):
            resolve([f"{name}.ipynb"], root)
    with pytest.raises(UserError, match="takes no arguments"):
        resolve(["good.ipynb", "-x"], root)
    monkeypatch.setattr("perf_advise.recording.command.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"takes nbclient.*; pip install 'perf-advise\[notebook\]'"):
        resolve(["good.ipynb"], root)


def test_another_interpreter_needs_a_kernel(root: Path, kernel: None) -> None:
    write(root / "good.ipynb", "x = 1")
    bare = root / "python"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    with pytest.raises(UserError, match="has no ipykernel"):
        resolve(["good.ipynb"], root, bare)
    bare.write_text("#!/bin/sh\nexit 0\n")
    assert resolve(["good.ipynb"], root, bare)[-2:] == ("good.ipynb", str(bare))
    assert resolve(["good.ipynb"], root, Path(sys.executable))[-1] == "good.ipynb"
