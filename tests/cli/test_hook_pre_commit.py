"""The hooks under the real pre-commit, in a real git repository, installed from this checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SHIPPED = ("src", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

HOT = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""

pytestmark = pytest.mark.slow  # the first run installs the package and what it depends on


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Path]:
    """The checkout as it stands, committed in a repository of its own; its revision; pre-commit's home."""
    copy = tmp_path_factory.mktemp("tool")
    for name in SHIPPED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "as it stands")
    return copy, git(copy, "rev-parse", "HEAD"), tmp_path_factory.mktemp("home")


class Repository:
    """A user's repository with the hooks configured."""

    def __init__(self, root: Path, tool: tuple[Path, str, Path]) -> None:
        self.root = root
        copy, revision, self._home = tool
        git(root, "init", "-q")
        hooks = "[{id: perf-advise}, {id: perf-advise-fix, stages: [manual]}]"
        (root / ".pre-commit-config.yaml").write_text(f"repos:\n- repo: {copy}\n  rev: {revision}\n  hooks: {hooks}\n")
        (root / "pyproject.toml").write_text('[project]\nname = "p"\n')
        (root / "hot file é.py").write_text(HOT, "utf-8")
        (root / "cold.py").write_text("def f():\n    return 1\n")
        git(root, "add", "-A")

    def profile(self, text: str = HOT) -> None:
        """A committed profile in which `common` is hot."""
        function = {
            "path": "hot file é.py", "qualname": "common", "line": 1, "own": 0.9, "cumulative": 0.9, "calls": 100,
            "native": 0.0, "waiting": 0.0, "hash": "", "lines": {}, "callers": {}, "types": {},
        }  # fmt: skip
        profile = {
            "version": 1, "command": "python main.py", "profiler": "cprofile", "python": "3.11.7", "packages": {},
            "seconds": 12.0, "functions": [function],
        }  # fmt: skip
        (self.root / ".perf-advise").mkdir()
        (self.root / ".perf-advise" / "profile.json").write_text(json.dumps(profile))
        git(self.root, "add", "-A")

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of `pre-commit run`."""
        command = [sys.executable, "-m", "pre_commit", "run", "--verbose", *arguments]
        environment = os.environ | {"PRE_COMMIT_HOME": str(self._home)}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path: Path, tool: tuple[Path, str, Path]) -> Repository:
    return Repository(tmp_path, tool)


@pytest.mark.timeout(600)
def test_without_a_profile_it_says_how_to_make_one(repository: Repository) -> None:
    code, said = repository.run()
    assert code == 1
    assert "there is no profile; record one with `perf-advise record -- python" in said
    assert "commit .perf-advise/profile.json" in said


def test_a_hot_file_fails_with_advice(repository: Repository) -> None:
    repository.profile()
    code, said = repository.run()
    assert code == 1
    assert "PA501" in said
    assert "hot file é.py:4:" in said


def test_cold_files_pass(repository: Repository) -> None:
    repository.profile()
    code, said = repository.run("--files", "cold.py")
    assert code == 0
    assert "no hot function in 1 file" in said


def test_the_fixing_hook_changes_the_file_and_then_passes(repository: Repository) -> None:
    repository.profile()
    arguments = ("perf-advise-fix", "--hook-stage", "manual", "--all-files")
    code, said = repository.run(*arguments)
    assert code == 1
    assert "files were modified by this hook" in said
    assert "set(ys)" in (repository.root / "hot file é.py").read_text("utf-8")
    git(repository.root, "add", "-A")
    assert repository.run(*arguments)[0] == 0


def test_a_file_changed_since_the_profile_is_still_found(repository: Repository) -> None:
    repository.profile()
    path = repository.root / "hot file é.py"
    path.write_text("# a new line\n\n" + HOT, "utf-8")
    git(repository.root, "add", "-A")
    code, said = repository.run()
    assert code == 1
    assert "hot file é.py:6:" in said


def test_staged_content_is_what_counts(repository: Repository) -> None:
    """pre-commit puts unstaged changes aside: the mended file is not staged, so the advice stands."""
    repository.profile()
    git(repository.root, "commit", "-q", "-m", "all", "--no-verify")
    path = repository.root / "hot file é.py"
    path.write_text(HOT + "\n", "utf-8")
    git(repository.root, "add", "-A")
    path.write_text("x = 1\n", "utf-8")
    code, said = repository.run()
    assert code == 1
    assert "PA501" in said
    assert path.read_text("utf-8") == "x = 1\n"
