"""A profile's path means the file that shares its longest suffix, and no library file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.hotspots.paths import ProjectFiles, is_nowhere, normalise, shared_suffix
from perf_advise.model.profile import Frame

NAMES = st.sampled_from(["a", "b", "src", "pkg", "mod.py", "x.py"])
PATHS = st.lists(NAMES, min_size=1, max_size=6)


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def found(root: Path, profiled: str, paths: list[Path] | None = None) -> list[str]:
    candidates = ProjectFiles(root, paths or [root]).candidates(profiled)
    return [candidate.path.relative_to(root).as_posix() for candidate in candidates]


@given(PATHS, PATHS)
def test_shared_suffix_is_the_longest_one(one: list[str], other: list[str]) -> None:
    naive = max(n for n in range(min(len(one), len(other)) + 1) if one[len(one) - n :] == other[len(other) - n :])
    assert shared_suffix(one, other) == naive == shared_suffix(other, one)


@given(st.lists(PATHS, min_size=1, max_size=6, unique_by=tuple), PATHS)
def test_candidates_are_all_files_that_share_most(files: list[list[str]], path: list[str]) -> None:
    """Against the plainest way to say it, with files held in memory."""
    wanted = ["/srv", "elsewhere", *path, "mod.py"]
    listed = [(*parts, "mod.py") for parts in files]
    most = max(shared_suffix(wanted, file) for file in listed)
    best = {file for file in listed if shared_suffix(wanted, file) == most}

    class Listed(ProjectFiles):
        _by_name = {"mod.py": listed}  # type: ignore[assignment]  # noqa: RUF012

        def _here(self, path: str) -> Path | None:
            return None

    candidates = Listed(Path("/root"), [Path("/root")]).candidates("/".join(wanted))
    assert {c.path for c in candidates} == {Path("/root", *file) for file in best}
    assert all(c.agreeing == most for c in candidates)


@pytest.mark.parametrize(
    ("profiled", "file"),
    [
        ("/srv/app/src/pkg/mod.py", "src/pkg/mod.py"),
        ("pkg/mod.py", "src/pkg/mod.py"),
        ("./src/pkg/mod.py", "src/pkg/mod.py"),
        ("src/other/../pkg/mod.py", "src/pkg/mod.py"),
        ("C:\\work\\app\\src\\pkg\\mod.py", "src/pkg/mod.py"),
        ("C:\\Work\\App\\SRC\\Pkg\\Mod.py", "src/pkg/mod.py"),
        ("src\\pkg\\mod.py", "src/pkg/mod.py"),
    ],
)
def test_the_same_file_under_other_names(tmp_path: Path, profiled: str, file: str) -> None:
    make(tmp_path, "src/pkg/mod.py", "src/other/mod.py", "tests/mod.py")
    assert found(tmp_path, profiled) == [file]


def test_the_file_itself_needs_no_suffix(tmp_path: Path) -> None:
    make(tmp_path, "mod.py", "pkg/mod.py")
    assert found(tmp_path, str(tmp_path / "mod.py")) == ["mod.py"]
    assert found(tmp_path, "mod.py") == ["mod.py"]


def test_equally_long_suffixes_are_all_told(tmp_path: Path) -> None:
    make(tmp_path, "one/pkg/mod.py", "two/pkg/mod.py", "three/mod.py")
    assert sorted(found(tmp_path, "/srv/pkg/mod.py")) == ["one/pkg/mod.py", "two/pkg/mod.py"]


def test_case_matters_where_it_does(tmp_path: Path) -> None:
    make(tmp_path, "src/pkg/mod.py")
    assert found(tmp_path, "/srv/src/pkg/Mod.py") == []


@pytest.mark.parametrize(
    "profiled",
    [
        "/usr/lib/python3.11/random.py",
        "/srv/app/.venv/lib/python3.11/site-packages/pkg/mod.py",
        "/srv/app/.venv/bin/mod.py",
        "/usr/lib/python3/dist-packages/pkg/mod.py",
        "C:\\Python311\\Lib\\random.py",
        "<frozen importlib._bootstrap>",
        "/srv/app/data.csv",
    ],
)
def test_libraries_are_not_the_project(tmp_path: Path, profiled: str) -> None:
    make(tmp_path, "random.py", "pkg/mod.py", "mod.py", "data.csv")
    assert found(tmp_path, profiled) == []


@pytest.mark.parametrize(
    "profiled",
    [
        "/usr/lib/python3.11/site-packages/pkg/mod.py",
        "C:\\app\\venv\\Lib\\site-packages\\pkg\\mod.py",
        "/usr/lib/python3/dist-packages/pkg-1.0-py3.11.egg/pkg/mod.py",
    ],
)
@pytest.mark.parametrize("base", ["", "src/"])
def test_the_project_s_own_package_was_installed_there(tmp_path: Path, profiled: str, base: str) -> None:
    make(tmp_path, f"{base}pkg/__init__.py", f"{base}pkg/mod.py", "other/pkg/__init__.py", "other/pkg/mod.py")
    (candidate,) = ProjectFiles(tmp_path, [tmp_path]).candidates(profiled)
    assert candidate.path == tmp_path / base / "pkg/mod.py"
    assert not candidate.is_whole  # the names of its functions have the last word


def test_a_copy_installed_inside_the_project_means_the_source(tmp_path: Path) -> None:
    make(tmp_path, "src/pkg/__init__.py", "src/pkg/mod.py", ".venv/lib/python3.11/site-packages/pkg/mod.py")
    make(tmp_path, ".venv/lib/python3.11/site-packages/six.py")
    assert found(tmp_path, str(tmp_path / ".venv/lib/python3.11/site-packages/pkg/mod.py")) == ["src/pkg/mod.py"]
    assert found(tmp_path, str(tmp_path / ".venv/lib/python3.11/site-packages/six.py")) == []


def test_a_package_below_src_is_whole_from_its_first_folder(tmp_path: Path) -> None:
    make(tmp_path, "src/pkg/__init__.py", "src/pkg/sub/__init__.py", "src/pkg/sub/mod.py")
    files = ProjectFiles(tmp_path, [tmp_path])
    (whole,) = files.candidates("/srv/app/pkg/sub/mod.py")
    assert (whole.is_whole, whole.prefix) == (True, "/srv/app")
    (part,) = files.candidates("/srv/app/sub/mod.py")
    assert (part.is_whole, part.prefix) == (False, "")


def test_environments_inside_the_project_are_not_listed(tmp_path: Path) -> None:
    make(tmp_path, "env/pyvenv.cfg", "env/pkg/mod.py", "node_modules/pkg/mod.py", ".hidden/pkg/mod.py")
    assert found(tmp_path, "/srv/pkg/mod.py") == []


def test_only_wanted_files_count(tmp_path: Path) -> None:
    make(tmp_path, "src/a.py", "src/site-packages/b.py")
    files = ProjectFiles(tmp_path, [tmp_path / "src"])
    assert files.is_wanted(tmp_path / "src/a.py")
    assert not files.is_wanted(tmp_path / "src/site-packages/b.py")
    assert not files.is_wanted(tmp_path / "tests/a.py")
    assert ProjectFiles(tmp_path, [tmp_path / "src/a.py"]).is_wanted(tmp_path / "src/a.py")


def test_a_project_that_lies_in_site_packages_is_one_nevertheless(tmp_path: Path) -> None:
    root = tmp_path / "lib/python3.11/site-packages/pkg"
    make(root, "mod.py")
    files = ProjectFiles(root, [root])
    (candidate,) = files.candidates(str(root / "mod.py"))
    assert files.is_wanted(candidate.path)


def test_code_that_lies_in_no_file() -> None:
    assert is_nowhere(Frame("<string>", "poly"))
    assert is_nowhere(Frame("/tmp/ipykernel_12/345.py", "f"))
    assert is_nowhere(Frame("C:\\Temp\\ipykernel_12\\345.py", "f"))
    assert not is_nowhere(Frame("<frozen importlib._bootstrap>", "f"))
    assert not is_nowhere(Frame("~", "len"))
    assert not is_nowhere(Frame("/srv/app/mod.py", "f"))


@given(st.lists(st.sampled_from(["a", "b.py", "src", ".", ".."]), min_size=1, max_size=8))
def test_windows_and_posix_spellings_are_the_same_path(parts: list[str]) -> None:
    parts = ["srv"] + ["x"] * len(parts) + parts  # deep enough for every `..`
    posix, windows = "/" + "/".join(parts), "C:\\" + "\\".join(parts)
    assert normalise(windows) == "C:" + normalise(posix)
    assert normalise(normalise(posix)) == normalise(posix)
    assert "/." not in normalise(posix).replace("/..", "")
