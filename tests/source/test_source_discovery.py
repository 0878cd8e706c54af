"""Which files count, against what git itself says."""

import os
import subprocess
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.source.discovery import Selector, find_sources, project_root


def make(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, *paths: str, **options: object) -> list[str]:
    given = [root / path for path in paths] or [root]
    return [path.relative_to(root).as_posix() for path in find_sources(given, root, **options)]  # type: ignore[arg-type]


def test_python_files_and_notebooks_are_found_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b.py", "a.pyi", "c/d.pyw", "c/e.ipynb", "c/f.txt", "g.PY", "a/z.py", "no_suffix")
    assert found(tmp_path) == ["a.pyi", "b.py", "g.PY", "a/z.py", "c/d.pyw", "c/e.ipynb"]


def test_folders_that_hold_no_work_of_the_project_are_left_out(tmp_path: Path) -> None:
    left_out = (".venv", "venv", "node_modules", "build", "dist", "__pypackages__", "x/site-packages", ".git", ".tox")
    make(tmp_path, "a.py", *(f"{folder}/b.py" for folder in left_out), "builder/c.py")
    assert found(tmp_path) == ["a.py", "builder/c.py"]
    assert "build/b.py" in found(tmp_path, exclude=())


def test_what_is_named_is_taken(tmp_path: Path) -> None:
    make(tmp_path, "build/a.py", "build/dist/b.py", "script", "x.py")
    assert found(tmp_path, "build/a.py", "script") == ["build/a.py", "script"]
    assert found(tmp_path, "build") == ["build/a.py"]
    assert found(tmp_path, "build/a.py", "x.py", force_exclude=True) == ["x.py"]
    assert found(tmp_path, "build", force_exclude=True) == []


def test_a_file_is_given_once(tmp_path: Path) -> None:
    make(tmp_path, "a/b.py")
    (tmp_path / "a" / "link.py").symlink_to("b.py")
    assert found(tmp_path, "a/b.py", "a", ".") == ["a/b.py"]


def test_exclusions_are_names_or_paths(tmp_path: Path) -> None:
    make(tmp_path, "a_test.py", "a.py", "gen/a.py", "src/gen/b.py", "src/keep/c.py", "src/keep/deep/d.py")
    assert found(tmp_path, extend_exclude=("*_test.py", "gen")) == ["a.py", "src/keep/c.py", "src/keep/deep/d.py"]
    assert found(tmp_path, extend_exclude=("src/gen/", "/gen")) == [
        "a.py",
        "a_test.py",
        "src/keep/c.py",
        "src/keep/deep/d.py",
    ]
    assert found(tmp_path, extend_exclude=("src/*/*.py", "gen")) == ["a.py", "a_test.py"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".git/info/exclude").write_text("private.py\nlocal/\n*.shared.py\n")
    make(
        tmp_path,
        ".gitignore",
        text="*.gen.py\n/top/\nout/**\n!out/keep.py\n# c\n\nspace\\ .py\n[ab]z.py\n!*.shared.py\n",
    )
    make(tmp_path, "sub/.gitignore", text="!wanted.gen.py\n*.tmp.py\n/only_here.py\n")
    make(
        tmp_path,
        *("a.py", "x.gen.py", "private.py", "local/a.py", "top/a.py", "sub/top/a.py", "out/a.py", "out/keep.py"),
        *("sub/wanted.gen.py", "sub/other.gen.py", "sub/b.tmp.py", "sub/only_here.py", "sub/deep/only_here.py"),
        *("az.py", "cz.py", "space .py", "ä/ö.py", "sub/deep/deeper/y.gen.py", "sub/private.py", "a.shared.py"),
    )
    return tmp_path


def test_ignored_files_are_those_that_git_ignores(repository: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )
    expected = sorted(name for name in listed.stdout.decode().split("\0") if name.endswith(".py"))
    assert sorted(found(repository, exclude=())) == expected
    assert "sub/wanted.gen.py" in expected and "sub/other.gen.py" not in expected


def test_ignore_files_above_the_project_count_and_can_be_switched_off(repository: Path) -> None:
    inner = repository / "sub"
    assert [path.name for path in find_sources([inner], inner)] == ["wanted.gen.py", "only_here.py", "a.py"]
    assert "other.gen.py" in [path.name for path in find_sources([inner], inner, respect_gitignore=False)]


def test_an_ignored_folder_is_taken_when_named(repository: Path) -> None:
    make(repository, "local/.gitignore", text="b.py\n")
    make(repository, "local/b.py", "local/sub/c.py", "local/sub/d.gen.py")
    assert found(repository, "local") == ["local/a.py", "local/sub/c.py", "local/sub/d.gen.py"]
    assert found(repository, "local/sub") == ["local/sub/c.py", "local/sub/d.gen.py"]
    assert Selector([repository / "local"], repository).takes(repository / "local/sub/c.py")
    assert not Selector([repository / "local"], repository).takes(repository / "local/b.py")


def test_asking_for_a_file_agrees_with_walking(repository: Path) -> None:
    for paths in (["."], ["sub"], ["a.py"], ["out", "local/a.py"]):
        given = [repository / path for path in paths]
        walked = {path.resolve() for path in find_sources(given, repository)}
        selector = Selector(given, repository)
        for file in repository.rglob("*.py"):
            assert selector.takes(file) == (file.resolve() in walked)
        assert not selector.takes(repository / "absent.py")


def test_relative_paths_and_dots_are_understood(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "sub")
    assert [str(path) for path in find_sources([Path("../cz.py"), Path()], Path(".."))][:2] == [
        "../cz.py",
        "wanted.gen.py",
    ]
    assert Selector([Path()], Path("..")).takes(Path("../sub/deep/only_here.py"))
    assert not Selector([Path()], Path("..")).takes(Path("../cz.py"))


def test_loops_of_links_end(tmp_path: Path) -> None:
    make(tmp_path, "a/b.py")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "x.py").symlink_to("x.py")
    assert found(tmp_path) == ["a/b.py"]
    with pytest.raises(UserError, match=r"x\.py: no such file or folder"):
        found(tmp_path, "x.py")


def test_a_link_to_a_folder_is_followed_only_when_named(tmp_path: Path) -> None:
    make(tmp_path, "real/b.py")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path) == ["real/b.py"]
    assert found(tmp_path, "link") == ["link/b.py"]
    assert Selector([tmp_path / "link"], tmp_path).takes(tmp_path / "real/b.py")


def test_a_missing_path_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent: no such file or folder"):
        found(tmp_path, "absent")


def test_a_folder_that_cannot_be_read_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py", "closed/b.py", "z.py")
    scandir = os.scandir

    def denied(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    warnings: list[str] = []
    assert found(tmp_path, warn=warnings.append) == ["a.py", "z.py"]
    assert warnings == [f"{tmp_path / 'closed'}: cannot be read (Permission denied)"]


def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "outer/.git/HEAD", "outer/inner/pyproject.toml", "outer/inner/pkg/a.py", "outer/b.py")
    assert project_root(tmp_path / "outer/inner/pkg/a.py") == tmp_path / "outer/inner"
    assert project_root(tmp_path / "outer/inner") == tmp_path / "outer/inner"
    assert project_root(tmp_path / "outer/b.py") == tmp_path / "outer"
    monkeypatch.chdir(tmp_path / "outer/inner/pkg")
    assert project_root(Path()) == tmp_path / "outer/inner"


def test_without_a_mark_the_folder_itself_is_the_root(tmp_path: Path) -> None:
    make(tmp_path, "x/a.py")
    if any((folder / ".git").exists() or (folder / "pyproject.toml").is_file() for folder in tmp_path.parents):
        pytest.skip("the temporary folder lies in a project")
    assert project_root(tmp_path / "x/a.py") == tmp_path / "x"
    assert project_root(tmp_path / "x/absent/a.py") == tmp_path / "x/absent"
