"""Modules of a project by their names, in the layouts that projects have."""

from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.source.project import Project


def write(root: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Project(root)


LAYOUTS = {
    "flat": {"app/__init__.py": "", "app/core/__init__.py": "a = 1", "app/core/grid.py": "from ..util import x\n"},
    "src": {
        "src/app/__init__.py": "",
        "src/app/core/__init__.py": "a = 1",
        "src/app/core/grid.py": "from ..util import x\n",
    },
    "namespace": {"src/app/core/__init__.py": "a = 1", "src/app/core/grid.py": "from ..util import x\n"},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_modules_are_found_in_each_layout(tmp_path: Path, layout: str) -> None:
    project = write(tmp_path, LAYOUTS[layout])
    found = project.module("app.core.grid")
    assert found is not None
    file, index = found
    assert file.path == (tmp_path / ("" if layout == "flat" else "src") / "app/core/grid.py").resolve()
    assert index.imports == {"x": "app.util.x"}
    assert project.dotted_name(file.path) == "app.core.grid"
    package = project.module("app.core")
    assert package is not None and package[0].text == "a = 1"
    assert project.dotted_name(package[0].path) == "app.core"
    assert project.module("app.core") is package


def test_what_is_not_the_projects_is_not_found(tmp_path: Path) -> None:
    project = write(tmp_path, {"app/__init__.py": "", "bad.py": "def f(:\n"})
    for name in ("numpy", "app.absent", "bad", "", "..app", "app/__init__", "a b"):
        assert project.module(name) is None


def test_a_script_sees_its_neighbours_once_it_is_known(tmp_path: Path) -> None:
    project = write(tmp_path, {"scripts/run.py": "import helper\n", "scripts/helper.py": "x = 1\n"})
    assert project.module("helper") is None
    assert project.dotted_name(tmp_path / "scripts/run.py") == "run"
    assert project.module("helper") is not None


def test_a_package_in_a_folder_of_its_own_is_found_once_known(tmp_path: Path) -> None:
    project = write(
        tmp_path, {"services/web/api/__init__.py": "", "services/web/api/views.py": "from . import models\n"}
    )
    _, index = project.file(tmp_path / "services/web/api/views.py")
    assert index.imports == {"models": "api.models"}
    assert project.module("api.views") is not None


def test_relative_imports_of_a_package_start_in_it(tmp_path: Path) -> None:
    project = write(tmp_path, {"app/__init__.py": "from . import a\nfrom .b import c\n"})
    assert project.file(tmp_path / "app/__init__.py")[1].imports == {"a": "app.a", "c": "app.b.c"}


def test_a_file_is_read_once_until_it_is_forgotten(tmp_path: Path) -> None:
    project = write(tmp_path, {"a.py": "x = 1\n"})
    path = tmp_path / "a.py"
    first = project.file(path)
    path.write_text("x = 2\n")
    assert project.file(path) is first
    project.forget(path)
    assert project.file(path)[0].text == "x = 2\n"


def test_failures_are_told_each_time(tmp_path: Path) -> None:
    project = write(tmp_path, {"bad.py": "def f(:\n"})
    for path, says in ((tmp_path / "bad.py", "bad.py:1: not valid Python"), (tmp_path / "absent.py", "no such file")):
        for _ in range(2):
            with pytest.raises(UserError, match=says):
                project.file(path)


def test_the_search_for_modules_has_a_budget(tmp_path: Path) -> None:
    write(tmp_path, {f"m{number}.py": "" for number in range(4)})
    project = Project(tmp_path, budget=2)
    assert [project.module(f"m{number}") is not None for number in range(4)] == [True, True, False, False]
    assert project.module("m0") is not None
    assert project.file(tmp_path / "m3.py")[0].text == ""


def test_a_notebook_has_no_name(tmp_path: Path) -> None:
    assert write(tmp_path, {}).dotted_name(tmp_path / "analysis.ipynb") == ""
