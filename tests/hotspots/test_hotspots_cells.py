"""Profiles made inside Jupyter: the kernel's names for cells lead back to the notebook."""

import json
from pathlib import Path

import pytest

from perf_advise.hotspots import find_hot_functions
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, SeenTypes, Unit
from perf_advise.model.pytypes import PyType

SETUP = "import math\nimport sys"
ENERGY = "\ndef energy(n):\n    t = 0.0\n    for i in range(n):\n        t += math.sqrt(i) * i\n    return t\n"
LOOP = "out = []\nfor i in range(1500000):\n    out.append(i % 7)"
# What ipykernel 7.4 and IPython 9.18 call these cells.
SETUP_FILE, ENERGY_FILE, LOOP_FILE = (f"/tmp/ipykernel_77/{n}.py" for n in (473946945, 530515547, 2719634791))
ENERGY_IPYTHON = "<ipython-input-3-6c134f160220>"


def notebook(path: Path, *cells: str) -> Path:
    found = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    path.write_text(json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def profile_of(*costs: FunctionCost, **fields: object) -> Profile:
    return Profile("cProfile", Unit.SECONDS, sum(cost.own for cost in costs), costs, **fields)


def energy(path: str, own: float = 5.0) -> FunctionCost:
    return FunctionCost(Frame(path, "energy", 1), own, own, 1, {4: own})


def found(profile: Profile, root: Path) -> dict[tuple[str, str], tuple[int, dict[int, float]]]:
    result = find_hot_functions(profile, [root], root, 0.01)
    return {(f.path.name, f.qualname): (f.line, dict(f.lines)) for f in result.functions}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    notebook(tmp_path / "analysis.ipynb", SETUP, ENERGY, LOOP)
    return tmp_path


@pytest.mark.parametrize("path", [ENERGY_FILE, ENERGY_IPYTHON, ENERGY_FILE.replace("/", "\\")])
def test_a_function_of_a_cell_is_found_by_the_cell_s_text(root, path) -> None:
    assert found(profile_of(energy(path)), root) == {("analysis.ipynb", "energy"): (4, {7: 1.0})}


def test_the_code_of_all_cells_is_the_notebook_s_own(root) -> None:
    """Lines are those of the notebook's text; some versions of IPython have a name of their own for it."""
    setup = FunctionCost(Frame(SETUP_FILE, "<module>", 1), 1.0, 1.0, 1, {2: 1.0})
    loop = FunctionCost(Frame(LOOP_FILE, "<cell line: 2>", 1), 3.0, 3.0, 1, {3: 3.0})
    assert found(profile_of(setup, loop), root) == {("analysis.ipynb", "<module>"): (1, {2: 0.25, 12: 0.75})}


def test_who_called_and_which_types_were_seen_come_along(root) -> None:
    cell = FunctionCost(Frame(LOOP_FILE, "<module>", 1), 0.0, 5.0, 1)
    edge = CallEdge(cell.frame, energy(ENERGY_FILE).frame, 5.0, 1)
    seen = SeenTypes(ENERGY_FILE, "energy", {"n": PyType("int")})
    result = find_hot_functions(profile_of(energy(ENERGY_FILE), cell, edges=(edge,), types=(seen,)), [root], root, 0.01)
    function = next(f for f in result.functions if f.qualname == "energy")
    assert function.callers == {"<module>": 1.0}
    assert function.types == {"n": PyType("int")}


def test_a_cell_edited_since_is_found_by_its_functions(root) -> None:
    notebook(root / "analysis.ipynb", SETUP, ENERGY.replace("* i", "+ 1"), LOOP)
    assert ("analysis.ipynb", "energy") in found(profile_of(energy(ENERGY_FILE)), root)


def test_two_notebooks_with_the_cell_are_told_apart_by_what_else_ran_in_the_kernel(root) -> None:
    notebook(root / "copy.ipynb", SETUP, ENERGY)
    assert found(profile_of(energy(ENERGY_FILE)), root) == {}
    loop = FunctionCost(Frame(LOOP_FILE, "<module>", 1), 3.0, 3.0, 1)
    assert ("analysis.ipynb", "energy") in found(profile_of(energy(ENERGY_FILE), loop), root)


def test_code_that_no_notebook_holds_stays_where_it_was(root) -> None:
    notebook(root / "analysis.ipynb", SETUP, "def energies(n): return n")
    (root / "damaged.ipynb").write_text("{")
    assert found(profile_of(energy(ENERGY_FILE)), root) == {}
