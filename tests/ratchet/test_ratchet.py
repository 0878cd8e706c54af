"""`perf-advise ratchet` in real git repositories: what fails is new, and nothing else."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from perf_advise.gate import main

OLD = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found


def shared(xs: list[int], ys: list[int]) -> int:
    return sum(xs) + sum(ys)
"""
NEW_IN_SHARED = OLD.replace(
    "    return sum(xs) + sum(ys)\n",
    "    n = 0\n    for x in xs:\n        if x in ys:\n            n += x\n    return n\n",
)
NEW = ["PA501 shared"]
Findings = list[str]


def git(folder: Path, *arguments: str) -> str:
    command = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "-c",
        "init.defaultBranch=main",
        "-C",
        str(folder),
    ]
    return subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, message: str = "work") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)
    return git(folder, "rev-parse", "HEAD")


def write_profile(
    root: Path, functions: dict[str, float], seconds: float = 12.0, name: str = ".perf-advise/profile.json"
) -> Path:
    """`functions` maps `path:qualname` to the own share."""
    rows = [
        {"path": path, "qualname": name, "line": 1, "own": own, "cumulative": own, "calls": 100}
        for path, _, name in (key.rpartition(":") for key in functions)
        for own in [functions[f"{path}:{name}"]]
    ]
    data = {"version": 1, "command": "python main.py", "profiler": "cprofile", "python": "3.11.7", "packages": {},
            "seconds": seconds, "functions": rows}  # fmt: skip
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


def make_project(root: Path, path: str = "hot.py", text: str = OLD) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (root / path).write_text(text, "utf-8")
    write_profile(root, {f"{path}:common": 0.6, f"{path}:shared": 0.3})
    return root / path


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a slow shape on `main`, and a branch checked out."""
    make_project(tmp_path)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    git(tmp_path, "checkout", "-qb", "work")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ratchet(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Findings]]:
    """The exit code, and what is new as `code function`."""

    def run(*arguments: str) -> tuple[int, Findings]:
        code = main(["ratchet", *arguments, "--output-format", "json"])
        out = capsys.readouterr().out
        return code, [f"{f['code']} {f['function']}" for f in json.loads(out)["findings"]] if out else []

    return run


def test_what_was_there_before_does_not_fail(repository: Path, ratchet, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "hot.py").write_text('"""Another docstring."""\n\n' + OLD)
    assert ratchet() == (0, [])
    assert main(["ratchet"]) == 0
    assert (
        capsys.readouterr().out
        == f"compared with main ({git(repository, 'rev-parse', 'main')[:10]}): no new slow shape; 1 known\n"
    )


def test_a_new_shape_fails_committed_or_not(repository: Path, ratchet, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "hot.py").write_text(NEW_IN_SHARED)
    assert ratchet() == (1, NEW)
    commit(repository)
    assert ratchet() == (1, NEW)
    assert ratchet("--exit-zero") == (0, NEW)
    assert main(["ratchet"]) == 1
    shown = capsys.readouterr().out
    assert "1 new slow shape in hot functions; 1 known" in shown and "if x in ys" in shown and "common" not in shown


def test_a_second_shape_in_a_function_that_had_one_is_new(repository: Path, ratchet) -> None:
    again = OLD.replace(
        "    return found\n", "    for x in ys:\n        if x in xs:\n            found += 2\n    return found\n"
    )
    (repository / "hot.py").write_text(again)
    assert ratchet() == (1, ["PA501 common"])


def test_a_shape_that_is_edited_is_not_new(repository: Path, ratchet) -> None:
    (repository / "hot.py").write_text(OLD.replace("ys", "others"))
    assert ratchet() == (0, [])


def test_a_function_with_another_name_is_not_new(repository: Path, ratchet) -> None:
    (repository / "hot.py").write_text(OLD.replace("def common", "def renamed"))
    write_profile(repository, {"hot.py:renamed": 0.9})
    assert ratchet() == (0, [])


def test_code_that_moves_to_another_function_or_file_is_not_new(repository: Path, ratchet) -> None:
    text = OLD.replace("def common", "def both")
    (repository / "other.py").write_text(text)
    (repository / "hot.py").unlink()
    write_profile(repository, {"other.py:both": 0.9})
    assert ratchet() == (1, ["PA501 both"])  # no file of the base speaks of `both`, and git does not know the new file
    commit(repository)
    assert ratchet() == (0, [])  # now it is a file renamed, and the code the same
    (repository / "other.py").unlink()
    (repository / "third.py").write_text(OLD)
    write_profile(repository, {"third.py:common": 0.9})
    assert ratchet() == (0, [])  # a file that git does not know, with a function that the base has


def test_a_copy_of_what_stays_is_new(repository: Path, ratchet) -> None:
    (repository / "copy.py").write_text(OLD)
    (repository / "hot.py").write_text(f"{OLD}\nx = 1\n")
    write_profile(repository, {"copy.py:common": 0.9})
    assert ratchet() == (1, ["PA501 common"])


def test_a_shape_in_a_function_that_only_became_hot_is_not_new(repository: Path, ratchet) -> None:
    write_profile(repository, {"hot.py:shared": 0.9})
    commit(repository)
    git(repository, "checkout", "-qb", "more")
    write_profile(repository, {"hot.py:common": 0.9})
    (repository / "hot.py").write_text(f"{OLD}\nx = 1\n")
    assert ratchet("--base", "work") == (0, [])


def test_a_new_shape_in_a_function_that_is_not_hot_says_nothing(repository: Path, ratchet) -> None:
    write_profile(repository, {"hot.py:common": 0.9})
    (repository / "hot.py").write_text(NEW_IN_SHARED)
    assert ratchet() == (0, [])


def test_a_file_that_is_new_is_new_whole(repository: Path, ratchet) -> None:
    (repository / "fresh.py").write_text(OLD.replace("common", "mine").replace("if x in ys", "if 1 + x in ys"))
    write_profile(repository, {"fresh.py:mine": 0.9})
    assert ratchet() == (1, ["PA501 mine"])


def test_what_the_base_branch_did_since_does_not_count(repository: Path, ratchet) -> None:
    git(repository, "checkout", "-q", "main")
    (repository / "hot.py").write_text(OLD.split("\n\n\n")[1])  # main has dropped the slow function
    commit(repository)
    git(repository, "checkout", "-q", "work")
    (repository / "hot.py").write_text(f"{OLD}\nx = 1\n")
    assert ratchet() == (0, [])


def test_a_base_that_is_no_python_has_no_shapes(repository: Path, ratchet) -> None:
    (repository / "hot.py").write_text("def broken(:\n")
    commit(repository)
    (repository / "hot.py").write_text(OLD)
    assert ratchet("--base", "HEAD") == (1, ["PA501 common"])


@pytest.mark.parametrize("folder", ["packages/ein Projekt", "pa\u00e9/\u65e5\u672c \u8a9e"])
def test_a_project_below_the_top_with_blanks_and_letters_of_all_kinds(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ratchet
) -> None:
    project = tmp_path / folder
    hot = make_project(project, "src/h\u00f6t stuff.py")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.chdir(project)
    hot.write_text(f"{OLD}\nx = 1\n", "utf-8")
    assert ratchet("--base", "HEAD") == (0, [])
    hot.write_text(NEW_IN_SHARED, "utf-8")
    assert ratchet("--base", "HEAD") == (1, NEW)
    monkeypatch.chdir(tmp_path)
    assert ratchet("--base", "HEAD", str(project)) == (1, NEW)


def test_several_projects_of_one_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ratchet, capsys) -> None:
    for name in ("one", "two"):
        make_project(tmp_path / name)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two" / "hot.py").write_text(NEW_IN_SHARED)
    assert ratchet("one", "two", "--base", "HEAD") == (1, NEW)
    assert ratchet("one", "--base", "HEAD") == (0, [])
    main(["ratchet", "one", "two", "--base", "HEAD"])
    assert [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines() if line.startswith("compared")] == [
        "no new slow shape; 1 known", "1 new slow shape in hot functions; 1 known",
    ]  # fmt: skip


def clone(repository: Path, folder: Path, *arguments: str) -> Path:
    subprocess.run(
        ["git", "clone", "-q", *arguments, repository.as_uri(), str(folder)], check=True, capture_output=True
    )
    return folder


def test_a_shallow_clone_that_has_the_base_needs_no_more(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, ratchet
) -> None:
    (repository / "hot.py").write_text(NEW_IN_SHARED)
    commit(repository)
    shallow = clone(repository, tmp_path_factory.mktemp("ci") / "it", "--depth=1", "--branch=work")
    git(shallow, "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    monkeypatch.chdir(shallow)
    assert ratchet("--base", "origin/main") == (1, NEW)
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert ratchet() == (1, NEW)


def test_a_base_that_is_missing_is_one_clear_line(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (repository / "x.py").write_text("")
    commit(repository)
    shallow = clone(repository, tmp_path_factory.mktemp("ci") / "it", "--depth=1", "--branch=work")
    monkeypatch.chdir(shallow)
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert main(["ratchet"]) == 2
    assert capsys.readouterr().err == (
        "perf-advise: the base origin/main is not in this clone; the clone is shallow: `git fetch origin main`, "
        "or clone with full history\n"
    )
    assert main(["ratchet", "--base", "-nonsense"]) == 2
    assert "the base -nonsense is not in this clone" in capsys.readouterr().err


def test_no_repository_no_branch_no_profile_are_each_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["ratchet"]) == 2
    assert "is in no git repository" in capsys.readouterr().err
    git(tmp_path, "init", "-q", "-b", "trunk")
    commit(tmp_path)
    assert main(["ratchet"]) == 2
    assert "name a revision: --base REV" in capsys.readouterr().err
    (tmp_path / ".perf-advise" / "profile.json").unlink()
    assert main(["ratchet", "--base", "trunk"]) == 2
    err = capsys.readouterr().err
    assert "there is no profile" in err and err.count("\n") == 1


# -- two profiles -------------------------------------------------------------------------------------------------


def test_a_function_that_got_slower_fails(repository: Path, ratchet, capsys) -> None:
    old = write_profile(repository, {"hot.py:common": 0.5, "hot.py:shared": 0.5}, 10.0, "old.json")
    write_profile(repository, {"hot.py:common": 0.25, "hot.py:shared": 0.75}, 20.0)
    assert ratchet("--base-profile", str(old)) == (1, ["PA000 shared"])
    assert main(["ratchet", "--base-profile", str(old)]) == 1
    shown = capsys.readouterr().out
    assert "shared takes 15.0 s of its own, 5.0 s at the base: 3.0x, where noise explains 1.2x" in " ".join(
        shown.split()
    )
    assert "1 function slower" in shown and "def shared" in shown


@pytest.mark.parametrize("share", [0.5, 0.6])
def test_noise_is_not_slower(repository: Path, ratchet, share: float) -> None:
    old = write_profile(repository, {"hot.py:common": 0.5, "hot.py:shared": 0.3}, 10.0, "old.json")
    write_profile(repository, {"hot.py:common": share, "hot.py:shared": 0.3}, 10.0)
    assert ratchet("--base-profile", str(old)) == (0, [])


def test_several_runs_a_side_say_what_their_noise_is(repository: Path, ratchet) -> None:
    def side(name: str, shares: list[float]) -> str:
        for number, share in enumerate(shares):
            write_profile(repository, {"hot.py:shared": share}, 10.0, f"{name}/{number}.json")
        return str(repository / name)

    old = side("old", [0.50, 0.52, 0.51])
    assert ratchet("--base-profile", old, "-p", side("same", [0.51, 0.62, 0.66]))[1] == []
    assert ratchet("--base-profile", old, "-p", side("slower", [0.61, 0.62, 0.66]))[1] == ["PA000 shared"]


def test_few_samples_prove_nothing(repository: Path, ratchet) -> None:
    def collapsed(name: str, common: int, shared: int) -> str:
        (repository / name).write_text(
            f"main (main.py:1);common (hot.py:1) {common}\nmain (main.py:1);shared (hot.py:9) {shared}\n"
        )
        return name

    few = collapsed("few.txt", 8, 4), collapsed("few-now.txt", 4, 9)
    many = collapsed("many.txt", 8000, 4000), collapsed("many-now.txt", 4000, 9000)
    assert ratchet("--base-profile", few[0], "-p", few[1])[1] == []
    assert ratchet("--base-profile", many[0], "-p", many[1])[1] == ["PA000 shared"]


def test_a_function_that_the_base_does_not_have_is_not_slower(repository: Path, ratchet) -> None:
    old = write_profile(repository, {"hot.py:common": 0.5}, 10.0, "old.json")
    write_profile(repository, {"hot.py:common": 0.5, "hot.py:shared": 0.5}, 10.0)
    assert ratchet("--base-profile", str(old)) == (0, [])


def test_a_base_profile_that_is_missing_is_one_line(repository: Path, capsys) -> None:
    assert main(["ratchet", "--base-profile", "gone.json"]) == 2
    err = capsys.readouterr().err
    assert "gone.json" in err and err.count("\n") == 1
