"""The doorstep answers the cold cases itself, with next to nothing imported, and hands over all others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perf_advise import __version__, gate

# What would break the budget of the doorstep: found by importing each next to `python -c pass`.
HEAVY = {"typer", "click", "rich", "libcst", "astroid", "numpy", "argparse", "dataclasses", "pathlib", "inspect",
         "importlib.metadata", "typing", "perf_advise.cli", "perf_advise.model", "subprocess"}  # fmt: skip

PROBE = """
import sys
before = set(sys.modules)  # what site and its .pth files bring along is none of ours
from perf_advise.gate import main
code = main(sys.argv[1:])
print("imported", *sorted(set(sys.modules) - before))
sys.exit(code)
"""


def imported(cwd: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """Exit code, what was said, and the modules that a run imported, in a fresh interpreter without site."""
    source = str(Path(gate.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROBE, *arguments],
        cwd=cwd, capture_output=True, text=True, env={"PYTHONPATH": source},
    )  # fmt: skip
    said, _, modules = done.stdout.rpartition("imported ")
    return done.returncode, said + done.stderr, set(modules.split())


def write_project(root: Path, configuration: str = "", **shares: float) -> Path:
    """A project with three files and a profile in which the named ones are hot."""
    (root / "pyproject.toml").write_text(f'[project]\nname = "p"\n{configuration}')
    (root / "src").mkdir()
    for name in ("hot", "warm", "cold"):
        (root / "src" / f"{name}.py").write_text("def f():\n    pass\n")
    functions = [
        {"path": f"src/{name}.py", "qualname": "f", "line": 1, "own": share, "cumulative": share}
        for name, share in shares.items()
    ]
    (root / ".perf-advise").mkdir()
    (root / ".perf-advise" / "profile.json").write_text(json.dumps({"version": 1, "functions": functions}))
    return root


def test_version_imports_nothing_heavy(tmp_path: Path) -> None:
    code, said, modules = imported(tmp_path, "--version")
    assert (code, said.strip()) == (0, f"perf-advise {__version__}")
    assert not modules & (HEAVY | {"json", "re"})


@pytest.mark.parametrize("flags", [(), ("--fix",), ("check",), ("--force-exclude", "--fix", "--unsafe-fixes")])
def test_cold_hook_imports_nothing_heavy(tmp_path: Path, flags: tuple[str, ...]) -> None:
    root = write_project(tmp_path, hot=0.5)
    code, said, modules = imported(root, *flags, "src/cold.py", "src/warm.py")
    assert code == 0
    assert said.strip() == "no hot function in 2 files (.perf-advise/profile.json)"
    assert not modules & (HEAVY | {"tomllib"})


def test_configuration_that_matters_not_costs_no_more_than_tomllib(tmp_path: Path) -> None:
    root = write_project(tmp_path, '[tool.perf-advise]\nignore = ["PA9"]\nhot = "5%"\n', hot=0.5)
    code, _, modules = imported(root, "src/cold.py")
    assert code == 0
    assert "tomllib" in modules
    assert not modules & (HEAVY - {"typing"})


def test_quiet_says_nothing(tmp_path: Path) -> None:
    code, said, _ = imported(write_project(tmp_path, hot=0.5), "-q", "src/cold.py")
    assert (code, said) == (0, "")


def is_answered(root: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.chdir(root)
    files = gate.plain_files(list(arguments))
    return bool(files) and gate.named_files(files) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("src/hot.py",),
        ("src/cold.py", "src/hot.py"),
        ("src",),
        (".",),
        ("src/missing.py",),
        ("src/cold.py", "--why-not"),
        ("src/cold.py", "--output-format", "json"),
        ("src/cold.py", "-p", "other.prof"),
        ("-",),
        (),
    ],
)
def test_everything_else_is_handed_over(
    tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path, hot=0.5)
    assert is_answered(root, "src/cold.py", monkeypatch=monkeypatch)
    assert not is_answered(root, *arguments, monkeypatch=monkeypatch)


def test_a_share_below_one_percent_is_cold_unless_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, warm=0.005)
    assert is_answered(root, "src/warm.py", monkeypatch=monkeypatch)
    (root / "perf-advise.toml").write_text('hot = "0.1%"\n')
    assert not is_answered(root, "src/warm.py", monkeypatch=monkeypatch)


@pytest.mark.parametrize(
    "configuration",
    ["[tool.perf-advise]\noutput-format = 'json'\n", "[tool.perf-advise]\nslect = ['PA1']\n", "[tool.perf-advise\n"],
)
def test_configuration_that_matters_is_handed_over(
    tmp_path: Path, configuration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path, configuration, hot=0.5)
    assert not is_answered(root, "src/cold.py", monkeypatch=monkeypatch)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 2, "functions": []}', '{"version": 1, "functions": [{}]}', "\x00\xff"]
)
def test_a_damaged_profile_is_handed_over(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, hot=0.5)
    (root / ".perf-advise" / "profile.json").write_text(text, "latin-1")
    assert not is_answered(root, "src/cold.py", monkeypatch=monkeypatch)


def test_each_file_is_asked_of_its_own_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, shares in (("one", {"hot": 0.5}), ("two", {"cold": 0.5})):
        (tmp_path / name).mkdir()
        write_project(tmp_path / name, **shares)
    assert is_answered(tmp_path, "one/src/cold.py", "two/src/hot.py", monkeypatch=monkeypatch)
    assert not is_answered(tmp_path, "one/src/cold.py", "two/src/cold.py", monkeypatch=monkeypatch)


def test_spaces_and_other_letters_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my projet été"
    folder.mkdir()
    root = write_project(folder, hot=0.5)
    assert is_answered(root, "src/cold.py", monkeypatch=monkeypatch)
    assert not is_answered(root, str(root / "src" / "hot.py"), monkeypatch=monkeypatch)


def test_the_root_is_that_of_the_command_line(tmp_path: Path) -> None:
    from perf_advise.source.root import project_root

    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("")
    for folder in (tmp_path, tmp_path / "a", tmp_path / "a" / "b"):
        assert gate.project_root(str(folder), {}) == str(project_root(folder))


def test_beside_a_hot_file_only_named_files_are_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, hot=0.5, warm=0.005)
    monkeypatch.chdir(root)
    handed: list[list[str]] = []
    monkeypatch.setattr("perf_advise.cli.plain.run", lambda arguments: handed.append(arguments) or 1)
    assert gate.answer(["check", "--force-exclude", "src/cold.py", "src/hot.py", "src/warm.py"]) == 1
    assert handed == [["check", "--force-exclude", "src/hot.py", "src/warm.py"]]
    gate.answer(["check", "src/hot.py", "src/missing.py"])
    assert handed[1] == ["check", "src/hot.py", "src/missing.py"]
