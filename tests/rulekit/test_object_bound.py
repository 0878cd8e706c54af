"""Code that is bound to objects is told what runs it faster, after a look at what it imports."""

from pathlib import Path

import pytest

from perf_advise.engine.quiet import quiet_functions
from perf_advise.hot_code import view_of
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.rulekit.object_bound import object_bound

TASK = """
class Task:
    def step(self, board):
        self.count += 1
        if self.state and board.open:
            self.state = False
            board.seen += 1
        return self.next


def total(rows, n):
    s = 0
    for i in range(n):
        for j in range(n):
            s += rows[i][j] * rows[j][i]
    return s
"""


def said(folder: Path, source: str, qualname: str = "Task.step") -> str:
    (folder / "app.py").write_text(source, "utf-8")
    return object_bound(view_of(Options(root=folder, no_profile=True), folder / "app.py", qualname))


def test_pypy_where_no_c_extension_is_imported(tmp_path: Path) -> None:
    text = said(tmp_path, f"import json\n{TASK}")
    assert "`self.count`" in text
    assert "PyPy" in text
    assert "cythonize" not in text


def test_another_compiler_beside_a_c_extension(tmp_path: Path) -> None:
    assert "PyPy loses on `numpy`" in said(tmp_path, f"import numpy as np\n{TASK}")
    assert "`cythonize -i -3 app.py`" in said(tmp_path, f"from scipy import linalg\n{TASK}")
    annotated = TASK.replace("board):", 'board: "Board") -> "Task":')
    assert "`mypyc app.py`" in said(tmp_path, f"import numpy\n{annotated}")


def test_a_c_extension_that_another_module_of_the_project_imports(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "parts.py").write_text("import lxml.etree\n\nSIZE = 3\n", "utf-8")
    assert "PyPy loses on `lxml`" in said(tmp_path, f"from parts import SIZE\n{TASK}")


def test_loops_over_numbers_are_not_bound_to_objects(tmp_path: Path) -> None:
    assert said(tmp_path, TASK, "total") == ""


@pytest.mark.parametrize(("own", "reason"), [(0.4, "bound to objects"), (0.01, "no slow shape that is known here")])
def test_it_is_the_reason_of_hot_functions_without_a_finding(own: float, reason: str) -> None:
    function = HotFunction(Path("app.py"), "Task.step", 3, 3, 8, own, own)
    assert quiet_functions([function], [], [], lambda _: "bound to objects")[0].reason == reason
    waiting = HotFunction(Path("app.py"), "Task.step", 3, 3, 8, own, own, waiting=own)
    assert "waiting" in quiet_functions([waiting], [], [], lambda _: "bound to objects")[0].reason
